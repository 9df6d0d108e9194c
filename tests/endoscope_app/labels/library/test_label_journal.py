"""Undo, redo and the journal that both live in: it tells everything, in order, for ever."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import CLASSES_SCOPE, Act, Changes, Context, FrameMoment
from tests.endoscope_app.label_library import (
    CECUM,
    POLYPS,
    PROCEDURE,
    READER,
    STOOL,
    Clock,
    everything,
    label,
    labelled,
    library,
    moment,
    said,
)

FILM = PROCEDURE.fingerprint


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with library(tmp_path) as opened:
        yield opened


def test_the_menu_says_what_was_done(store: LabelStore) -> None:
    def titled(act: Act) -> str:
        return store.read.undo_title(store.apply(act, READER).scope)

    assert (
        titled(edits.label_frames(store.read, FILM, [moment(i) for i in range(1204, 1261)], POLYPS))
        == "polyps on 1,204-1,260"
    )
    assert (
        titled(edits.label_frames(store.read, FILM, [moment(3), moment(5)], POLYPS))
        == "polyps on 2 frames"
    )
    assert titled(edits.agree(store.read, FILM, moment(88), CECUM)) == "reviewed 88"
    assert titled(edits.mark_unusable(store.read, FILM, [moment(4)])) == "none of these on 4"
    assert titled(edits.clear_frames(store.read, FILM, [88 * 40])) == "clear 88"
    assert titled(class_edits.rename_class(store.read, CECUM, "caecum")) == "rename cecum to caecum"
    assert (
        titled(edits.add_range(store.read, FILM, moment(20), moment(10), STOOL, 1))
        == "stool on 10-20"
    )
    assert titled(edits.change_range(store.read, 1, last=moment(18))) == "trim 10-20 to 10-18"
    assert titled(edits.change_range(store.read, 1, class_id=CECUM)) == "caecum on 10-18"
    store.undo(READER, FILM)
    assert (store.read.undo_title(FILM), store.read.redo_title(FILM)) == (
        "trim 10-20 to 10-18",
        "caecum on 10-18",
    )


def test_an_id_is_never_given_twice(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        store.undo(READER, CLASSES_SCOPE)
        assert store.new_id("classes") == 4
    with LabelStore(tmp_path) as store:
        assert store.new_id("classes") == 4
        assert store.new_id("classes") == 5


def test_undo_and_redo_go_all_the_way_and_survive_a_restart(tmp_path: Path) -> None:
    states = []
    with library(tmp_path) as store:
        start = everything(store)
        for index, class_id in [(1, POLYPS), (2, CECUM), (1, STOOL), (3, STOOL), (2, POLYPS)]:
            states.append(everything(store))
            label(store, index, class_id)
        end = everything(store)
    for state in reversed(states):
        with LabelStore(tmp_path) as store:
            assert store.undo(READER, FILM)
            assert everything(store) == state
    assert states[0] == start
    for state in [*states[1:], end]:
        with LabelStore(tmp_path) as store:
            assert store.redo(READER, FILM)
            assert everything(store) == state
            assert store.read.labels_at(FILM, 40)
    with LabelStore(tmp_path) as store:
        assert store.redo(READER, FILM) == Changes(None, "", ())


def test_a_new_act_after_undo_ends_what_could_be_redone(store: LabelStore) -> None:
    label(store, 1)
    label(store, 2)
    store.undo(READER, FILM)
    store.undo(READER, FILM)
    store.redo(READER, FILM)
    assert store.read.redo_title(FILM) == "polyps on 2"
    label(store, 3)
    assert store.read.redo_title(FILM) == ""
    assert not store.redo(READER, FILM)
    store.undo(READER, FILM)
    store.undo(READER, FILM)
    assert labelled(store) == {}
    assert store.read.undo_title(FILM) == ""
    assert store.read.undo_title(CLASSES_SCOPE) == "add class stool"


def test_undo_ends_where_the_library_began(store: LabelStore) -> None:
    assert not store.undo(READER, FILM)
    for _ in range(3):
        assert store.undo(READER, CLASSES_SCOPE)
    assert store.read.undo_title(CLASSES_SCOPE) == ""
    assert not store.undo(READER, CLASSES_SCOPE)
    assert store.read.classes() == []
    assert len(store.read.procedures()) == 2


def test_the_journal_tells_who_when_what_and_what_the_model_said(store: LabelStore) -> None:
    label(store, 7, POLYPS, said("cecum", 0.75, 3.5))
    store.undo(Context("Dr. Other", "hidden"), FILM)
    done, undone = list(store.read.journal_rows())[-2:]
    assert (done.kind, done.title, done.reader, done.ai_visible) == (
        "do",
        "polyps on 7",
        "Dr. Example",
        "on request",
    )
    assert (done.model_version, done.model_class, done.probability, done.seconds_spent) == (
        "student-1",
        "cecum",
        0.75,
        3.5,
    )
    assert (done.when_utc, done.table, done.fingerprint, done.key) == (
        "2025-03-04T05:06:07.089Z",
        "frame_labels",
        FILM,
        "280",
    )
    assert (done.before, done.after) == (
        None,
        '{"pts":280,"frame_index":7,"kind":"class","class_id":1,"png":null,"slot":0}',
    )
    assert (undone.kind, undone.act_id, undone.sequence) == ("undo", done.act_id, done.sequence + 1)
    assert (undone.reader, undone.before, undone.after) == ("Dr. Other", done.after, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET reader = 'x'",
        "DELETE FROM journal",
        "UPDATE journal_rows SET after = NULL",
        "DELETE FROM journal_rows WHERE sequence = 1",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE sequence = 1",
        "INSERT OR REPLACE INTO journal_rows SELECT * FROM journal_rows WHERE sequence = 1",
        (
            "INSERT OR REPLACE INTO journal_rows SELECT * FROM journal_rows WHERE sequence ="
            " (SELECT max(sequence) FROM journal)"
        ),
    ],
)
def test_nothing_edits_or_deletes_the_journal(store: LabelStore, statement: str) -> None:
    before = list(store.read.journal_rows())
    with pytest.raises(sqlite3.IntegrityError, match="never edited"):
        store._open_connection().execute(statement)
    assert list(store.read.journal_rows()) == before


def test_a_clock_set_back_reorders_nothing(tmp_path: Path) -> None:
    clock = Clock()
    with library(tmp_path, clock) as store:
        label(store, 1)
        clock.move(days=-4000)
        label(store, 2)
        store.undo(READER, FILM)
        label(store, 3)
        store.undo(READER, FILM)
        assert store.read.undo_title(FILM) == "polyps on 1"
        rows = list(store.read.journal_rows())
    assert [row.sequence for row in rows] == sorted(row.sequence for row in rows)
    assert rows[-1].when_utc < rows[0].when_utc
    assert [row.title for row in rows[-4:]] == [
        "polyps on 2",
        "polyps on 2",
        "polyps on 3",
        "polyps on 3",
    ]


def test_statistics_count_labels_time_and_agreement(store: LabelStore) -> None:
    label(store, 1, POLYPS, said("polyps"))
    label(store, 2, POLYPS, said("cecum"))
    store.apply(class_edits.rename_class(store.read, CECUM, "caecum"), READER)
    label(store, 3, CECUM, said("cecum"))
    store.apply(edits.agree(store.read, FILM, moment(4), STOOL), said("stool"))
    label(store, 5, POLYPS, said("stool"))
    label(store, 5, STOOL, said("stool"))
    store.apply(edits.mark_unusable(store.read, FILM, [moment(6)]), said("stool"))
    label(store, 7, POLYPS, said("polyps"))
    store.apply(edits.clear_frames(store.read, FILM, [280]), READER)
    label(store, 8, POLYPS, said("polyps"))
    store.undo(READER, FILM)
    label(store, 2, CECUM, said("cecum"))
    store.undo(READER, FILM)
    store.apply(edits.add_range(store.read, FILM, moment(20), moment(25), CECUM, 1), READER)
    statistics = store.read.statistics()
    assert (statistics.frames_per_class, statistics.ranges_per_class) == (
        {POLYPS: 2, CECUM: 1, STOOL: 2},
        {CECUM: 1},
    )
    assert (statistics.agreed, statistics.unusable, statistics.seconds_spent) == (1, 1, 20.0)
    assert (statistics.compared, statistics.agreeing) == (5, 4)


def test_the_journal_as_csv_names_the_classes_of_that_time_and_runs_no_formula(
    tmp_path: Path, store: LabelStore
) -> None:
    label(store, 1, CECUM)
    store.apply(class_edits.rename_class(store.read, CECUM, '=HYPERLINK("x")'), READER)
    store.apply(edits.clear_frames(store.read, FILM, [40]), Context("@evil", "always"))
    store.apply(edits.label_frames(store.read, FILM, [FrameMoment(-40, 0)], POLYPS), READER)
    store.export_history_csv(tmp_path / "journal.csv")
    # By it Excel knows the umlauts
    assert (tmp_path / "journal.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "journal.csv").open(newline="", encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(list(store.read.journal_rows()))
    assert (lines[-4]["class_before"], lines[-4]["class_after"]) == ("", "cecum")
    assert lines[-2]["class_before"] == '\'=HYPERLINK("x")'
    assert (lines[-2]["reader"], lines[-1]["key"]) == ("'@evil", "-40")
    assert not any(cell.startswith(("=", "+", "@")) for line in lines for cell in line.values())


def test_the_readers_name_is_kept(tmp_path: Path) -> None:
    with LabelStore(tmp_path) as store:
        assert store.read.reader_name() == ""
        store.set_reader_name(" Dr.  Example ")
    with LabelStore(tmp_path) as store:
        assert store.read.reader_name() == "Dr. Example"


@pytest.mark.parametrize(
    "name", ["=1+1", " =1+1", "\u3000@cmd", "\uff1d1+1", "\uff0b1", "-x", "\t=1"]
)
def test_no_class_name_becomes_a_formula_in_the_journal_csv(
    tmp_path: Path, store: LabelStore, name: str
) -> None:
    store.apply(
        edits.register_procedure(store.read, replace(PROCEDURE, fingerprint="ee" * 20, name="x")),
        Context(name, "always"),
    )
    store.export_history_csv(tmp_path / "journal.csv")
    with (tmp_path / "journal.csv").open(newline="", encoding="utf-8-sig") as file:
        assert list(csv.DictReader(file))[-1]["reader"] == f"'{name}"
