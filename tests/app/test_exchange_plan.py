"""An import: counted before it is written, written as one act, taken back by one undo."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from endoscope_app.errors import AppError
from endoscope_app.store.exchange import json_format
from endoscope_app.store.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    assemble,
    collect,
)
from endoscope_app.store.exchange.plan import Choices, Counts, import_act, plan_import
from endoscope_app.store.labels import class_edits, edits
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.store.labels.records import CLASSES_SCOPE, FrameLabel, RangeLabel
from tests.app.label_library import CECUM, OTHER, POLYPS, PROCEDURE, READER, STOOL, everything, label, labelled, library, moment

FILM = PROCEDURE.fingerprint


def said(index: int, name: str | None = "polyps", film: str = FILM) -> ExchangeFrame:
    return ExchangeFrame(film, Moment(index * 40, index), "class" if name is not None else "unusable", name)


def span(first: int, last: int, name: str = "polyps", film: str = FILM) -> ExchangeRange:
    return ExchangeRange(film, Moment(first * 40, first), Moment(last * 40, last), name)


def of(frames: Iterable[ExchangeFrame], ranges: Iterable[ExchangeRange] = (), classes: Iterable[ExchangeClass] = ()) -> ExchangeDocument:
    return assemble(classes, (), frames, ranges)


def bring_in(store: LabelStore, document: ExchangeDocument) -> str:
    plan = plan_import(store, document)
    return store.apply(import_act(plan, plan.choices, store), READER).title


def test_the_preview_counts_every_label_once(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        label(store, 1, POLYPS)
        label(store, 2, CECUM)
        label(store, 3, POLYPS)
        store.apply(edits.add_range(store, FILM, moment(5), moment(9), POLYPS, store.new_id("range_labels")), READER)
        frames = [said(1), said(2), said(3, None), said(4), said(6, "lesion"), said(7, film="ef" * 20), said(5000)]
        ranges = [span(5, 9), span(5, 10), span(4990, 5001), span(0, 2, "lesion", "ef" * 20)]
        plan = plan_import(store, replace(of(frames, ranges), unplaced=3))
        assert plan.counts() == Counts(
            new=3, same=2, conflicts=2, left_out=0, unknown_classes={"lesion": 2}, unknown_procedures={"ef" * 20: 2},
            beyond_end=2, without_place=3,
        )  # fmt: skip
        left = Choices("keep mine", {**plan.choices.classes, "lesion": "leave out"})
        assert (plan.counts(left).new, plan.counts(left).left_out) == (2, 1)


@pytest.mark.parametrize("conflicts", ["keep mine", "take theirs"])
def test_one_undo_takes_all_back_and_nothing_is_written_before(tmp_path: Path, conflicts: Literal["keep mine", "take theirs"]) -> None:
    with library(tmp_path) as store:
        label(store, 2, CECUM)
        before, journal = everything(store), len(list(store.journal_rows()))
        frames = [said(1), said(2), said(3, None), said(4, "lesion")]
        document = of(frames, [span(5, 9), span(5, 9)], [ExchangeClass("lesion", "#123456", True)])
        plan = plan_import(store, document)
        act = import_act(plan, replace(plan.choices, conflicts=conflicts), store)
        assert everything(store) == before
        assert len(list(store.journal_rows())) == journal
        title = store.apply(act, READER).title
        assert title == store.undo_title(FILM) == ("import 5 labels" if conflicts == "take theirs" else "import 4 labels")
        made = next(one for one in store.classes() if one.name == "lesion")
        assert (made.colour, made.retired, made.place) == ("#123456", True, 3)
        assert labelled(store) == {1: POLYPS, 2: POLYPS if conflicts == "take theirs" else CECUM, 3: None, 4: made.id}
        assert [(one.first_index, one.last_index, one.class_id) for one in store.ranges(FILM)] == [(5, 9, POLYPS)]
        assert plan_import(store, document).counts().new == 0
        store.undo(READER, FILM)
        store.undo(READER, CLASSES_SCOPE)
        assert everything(store) == before
        store.redo(READER, CLASSES_SCOPE)
        store.redo(READER, FILM)
        assert labelled(store)[4] == made.id


def test_a_title_says_how_many_labels(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        assert bring_in(store, of([said(1)])) == "import 1 label"
        assert bring_in(store, of(said(index) for index in range(2, 1206))) == "import 1,204 labels"
        entries = len(list(store.journal_rows()))
        assert bring_in(store, of([said(1)])) == ""
        assert len(list(store.journal_rows())) == entries


def test_class_names_find_theirs_by_case_alias_and_merge(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        store.apply(class_edits.merge_classes(store, [STOOL], CECUM), READER)
        names = ["POLYPS", " polyp", "Normal-Cecum", "stool", "other"]
        plan = plan_import(store, of([said(n, name) for n, name in enumerate(names)]))
        assert [plan.choices.classes[name] for name in names] == [POLYPS, POLYPS, CECUM, CECUM, "new"]


def test_a_label_of_a_class_that_was_merged_is_the_same_label(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        label(store, 1, STOOL)
        store.apply(edits.add_range(store, FILM, moment(5), moment(9), STOOL, store.new_id("range_labels")), READER)
        store.apply(class_edits.merge_classes(store, [STOOL], CECUM), READER)
        assert {one.class_name for one in collect(store).labels()} == {"cecum"}
        counts = plan_import(store, collect(store)).counts()
        assert (counts.new, counts.same, counts.conflicts) == (0, 2, 0)


def test_the_reader_maps_classes_as_they_like(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        document = of([said(1, "a"), said(2, "b"), said(3, "c"), said(4, "C "), said(5)])
        choices = Choices("keep mine", {"a": STOOL, "b": "leave out", "c": "new", "C ": "new", "polyps": CECUM})
        store.apply(import_act(plan_import(store, document), choices, store), READER)
        new = store.classes()[-1]
        assert (new.name, new.id) == ("c", 4) or (new.name, new.id) == ("C", 4)
        assert labelled(store) == {1: STOOL, 3: new.id, 4: new.id, 5: CECUM}
        with pytest.raises(ValueError, match="no class 99"):
            import_act(plan_import(store, document), Choices("keep mine", {"a": 99}), store)
        with pytest.raises(AppError, match="already a class called polyps"):
            import_act(plan_import(store, document), Choices("keep mine", {"polyps": "new"}), store)


def test_a_plan_that_the_labels_have_overtaken_writes_nothing(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        plan = plan_import(store, of([said(1), said(2)]))
        label(store, 2, CECUM)
        before = everything(store)
        with pytest.raises(AppError, match="changed in the meantime"):
            store.apply(import_act(plan, plan.choices, store), READER)
        assert everything(store) == before


def test_procedures_are_found_by_the_start_of_a_fingerprint_or_by_name(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        numbered = [ExchangeFrame(f"name:{name}", Moment(None, 7), "class", "polyps") for name in ("Colon 2", "x")]
        document = of([said(1, film="abababababab"), said(2, film="ababa"), *numbered])
        assert plan_import(store, document).counts().without_place == 1
        plan = plan_import(store, document, pts_of=lambda film, index: index * 40 if film == OTHER.fingerprint else None)
        assert (plan.counts().new, plan.counts().without_place) == (2, 0)
        assert plan.counts().unknown_procedures == {"ababa": 1, "name:x": 1}
        store.apply(import_act(plan, plan.choices, store), READER)
        assert [one.pts for one in store.frame_labels(OTHER.fingerprint)] == [280]
        assert list(labelled(store)) == [1]


def test_two_labels_of_a_frame_under_two_names_of_its_procedure_do_not_stop_the_import(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        plan = plan_import(store, of([said(1), said(1, "cecum", "abababababab")]))
        assert (plan.counts().new, plan.counts().without_place) == (1, 1)
        store.apply(import_act(plan, plan.choices, store), READER)


def test_a_kept_picture_is_named_only_where_it_is_here(tmp_path: Path) -> None:
    hashes = [hashlib.sha256(text).hexdigest() for text in (b"a", b"b")]
    with library(tmp_path) as store:
        store.apply(edits.label_frames(store, FILM, [moment(9, "mine")], CECUM), READER)
        frames = [replace(said(index), picture=picture) for index, picture in ((1, hashes[0]), (2, hashes[1]), (3, "../x"), (9, hashes[0]))]
        plan = plan_import(store, of(frames), has_picture=lambda found: found == hashes[0])
        store.apply(import_act(plan, replace(plan.choices, conflicts="take theirs"), store), READER)
        assert [one.png for one in store.frame_labels(FILM)] == [hashes[0], None, None, "mine"]


def test_a_library_moves_through_json_into_an_empty_one(tmp_path: Path) -> None:
    with library(tmp_path / "one") as store:
        label(store, 1, CECUM)
        store.apply(edits.agree(store, FILM, moment(2), POLYPS), READER)
        store.apply(edits.mark_unusable(store, OTHER.fingerprint, [moment(3)]), READER)
        store.apply(edits.add_range(store, FILM, moment(5), moment(9), STOOL, store.new_id("range_labels")), READER)
        json_format.write(collect(store), tmp_path / "labels.json")
        colours = [(one.name, one.colour) for one in store.classes()]
    document = json_format.read(tmp_path / "labels.json")
    assert [one.at.seconds for one in document.frames] == [0.04, 0.08, 0.12]
    with LabelStore(tmp_path / "two") as store:
        assert plan_import(store, document).counts().unknown_procedures == {FILM: 3, OTHER.fingerprint: 1}
        store.apply(edits.compound("x", [edits.register_procedure(store, one) for one in (PROCEDURE, OTHER)]), READER)
        assert bring_in(store, document) == "import 4 labels"
        assert [(one.name, one.colour) for one in store.classes()] == colours
        assert store.frame_labels(FILM) == [FrameLabel(40, 1, "class", 2), FrameLabel(80, 2, "agreed", 1)]
        assert store.frame_labels(OTHER.fingerprint) == [FrameLabel(120, 3, "unusable", None)]
        assert store.ranges(FILM) == [RangeLabel(1, 200, 360, 5, 9, 3)]
        assert collect(store) == document


def test_what_is_collected_holds_names_only_where_the_reader_asked_and_paths_never(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        label(store, 1)
        other = ExchangeProcedure(OTHER.fingerprint, "", 4000, 160.0)
        assert collect(store).procedures == (ExchangeProcedure(FILM, "", 5000, 200.0), other)
        named = collect(store, [FILM, "ff" * 20], "name", lambda film, index: index / 10)
        assert named.procedures == (ExchangeProcedure(FILM, "colon 1", 5000, 200.0),)
        assert named.frames == (ExchangeFrame(FILM, Moment(40, 1, 0.1), "class", "polyps"),)
