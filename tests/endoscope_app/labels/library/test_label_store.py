"""The label library: what acts do, and that undo puts back exactly what was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library import label_placing as placing
from endoscope_app.labels.library import library_schema as schema
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import (
    CLASSES_SCOPE,
    Act,
    FrameLabel,
    FrameMoment,
    LabelClass,
    Procedure,
    RangeLabel,
    RowChange,
)
from tests.endoscope_app.label_library import (
    CECUM,
    OTHER,
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
)

FILM = PROCEDURE.fingerprint
PNG = "0" * 64


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with library(tmp_path) as opened:
        yield opened


def test_a_library_is_as_the_brief_says_on_disk(tmp_path: Path, store: LabelStore) -> None:
    label(store, 1)
    assert (tmp_path / "labels.sqlite-wal").exists()
    connection = store._open_connection()
    asked = [
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "user_version")
    ]
    assert asked == ["wal", 2, 1, schema.VERSION]
    tables = connection.execute(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE"
        " 'sqlite_%'"
    ).fetchall()
    assert {name for name, _ in tables} >= {"frame_labels", "range_labels", "journal", "segments"}
    assert all(strict for _, strict in tables)


def test_a_frame_gets_a_class_and_another_one_and_loses_it(store: LabelStore) -> None:
    store.apply(edits.label_frames(store.read, FILM, [moment(7, PNG)], POLYPS), READER)
    assert store.read.labels_at(FILM, 280) == [FrameLabel(280, 7, "class", POLYPS, PNG)]
    label(store, 7, CECUM)
    assert store.read.labels_at(FILM, 280) == [FrameLabel(280, 7, "class", CECUM, PNG)]
    changes = store.apply(edits.clear_frames(store.read, FILM, [280, 280, 320]), READER)
    assert changes.rows == (
        RowChange("frame_labels", FILM, FrameLabel(280, 7, "class", CECUM, PNG), None),
    )
    assert changes.fingerprints() == {FILM}
    assert store.read.frame_labels(FILM) == []


def test_reviewed_keeps_the_models_class_and_unusable_none(store: LabelStore) -> None:
    store.apply(edits.agree(store.read, FILM, moment(9), CECUM), READER)
    store.apply(edits.mark_unusable(store.read, FILM, [moment(3)]), READER)
    assert store.read.frame_labels(FILM) == [
        FrameLabel(120, 3, "unusable", None),
        FrameLabel(360, 9, "agreed", CECUM),
    ]
    arrays = store.read.label_arrays(FILM)
    assert [list(a) for a in (arrays.pts, arrays.frame_index, arrays.class_id, arrays.kind)] == [
        [120, 360],
        [3, 9],
        [-1, CECUM],
        [2, 1],
    ]


def test_a_range_is_trimmed_split_and_taken_away(store: LabelStore) -> None:
    first, second = store.new_id("range_labels"), store.new_id("range_labels")
    store.apply(edits.add_range(store.read, FILM, moment(100), moment(200), POLYPS, first), READER)
    store.apply(edits.change_range(store.read, first, first=moment(110)), READER)
    store.apply(edits.split_range(store.read, first, moment(149), moment(150), second), READER)
    assert store.read.ranges(FILM) == [
        RangeLabel(first, 4400, 5960, 110, 149, POLYPS),
        RangeLabel(second, 6000, 8000, 150, 200, POLYPS),
    ]
    with pytest.raises(AppError, match="only be split inside itself"):
        edits.split_range(store.read, first, moment(149), moment(150), 9)
    store.apply(edits.delete_range(store.read, first), READER)
    assert [span.id for span in store.read.ranges(FILM)] == [second]
    for _ in range(4):
        store.undo(READER, FILM)
    assert store.read.ranges(FILM) == []
    assert store.new_id("range_labels") > second


def test_an_act_that_changes_nothing_writes_nothing(store: LabelStore) -> None:
    label(store, 5)
    store.undo(READER, FILM)
    before = list(store.read.journal_rows())
    for act in (
        edits.clear_frames(store.read, FILM, [1]),
        class_edits.recolour_class(store.read, POLYPS, "#FF0000"),
        edits.register_procedure(store.read, PROCEDURE),
        class_edits.reorder_classes(store.read, [POLYPS]),
    ):
        assert not store.apply(act, READER)
    assert list(store.read.journal_rows()) == before
    assert store.read.redo_title(FILM) == "polyps on 5"


def test_noting_where_a_file_lies_is_journalled_but_neither_undone_nor_in_the_way_of_redo(
    store: LabelStore,
) -> None:
    label(store, 1)
    store.undo(READER, FILM)
    moved = Procedure(FILM, "colon 1", "/archive/colon 1.mp4", 5000, 200.0)
    store.apply(edits.register_procedure(store.read, moved), READER)
    assert store.read.redo_title(FILM) == "polyps on 1"
    store.redo(READER, FILM)
    store.undo(READER, FILM)
    assert store.read.procedure(FILM) == moved
    assert [row.table for row in store.read.journal_rows()].count("procedures") == 3


def test_a_file_name_that_is_no_valid_text_passes_unharmed(
    tmp_path: Path, store: LabelStore
) -> None:
    odd = Procedure("ef" * 20, "a\udcff\ud800", "/x/a\udcff\ud800.mp4", 1, 0.0)
    store.apply(edits.register_procedure(store.read, odd), READER)
    assert store.read.procedure("ef" * 20) == odd
    store.export_history_csv(tmp_path / "journal.csv")
    assert "\\udcff" in (tmp_path / "journal.csv").read_text()


def test_labels_of_a_changed_file_are_carried_over_and_none_is_lost(store: LabelStore) -> None:
    label(store, 1, POLYPS)
    label(store, 2, CECUM)
    store.apply(edits.add_range(store.read, FILM, moment(5), moment(9), STOOL, 1), READER)
    store.apply(edits.label_frames(store.read, OTHER.fingerprint, [moment(2)], STOOL), READER)
    before = everything(store)
    store.apply(placing.carry_over(store.read, FILM, OTHER, FrameMoment).act, READER)
    assert store.read.undo_title(OTHER.fingerprint) == "carry 2 labels over"
    assert [
        (label.frame_index, label.class_id) for label in store.read.frame_labels(OTHER.fingerprint)
    ] == [
        (1, POLYPS),
        (2, STOOL),
    ]
    assert [span.id for span in store.read.ranges(OTHER.fingerprint)] == [1]
    assert labelled(store) == {2: CECUM}
    assert store.read.labelled_procedures() == {FILM, OTHER.fingerprint}
    store.undo(READER, OTHER.fingerprint)
    assert everything(store) == before
    store.redo(READER, OTHER.fingerprint)
    assert labelled(store) == {2: CECUM}


def test_classes_are_renamed_recoloured_reordered_retired_and_brought_back(
    store: LabelStore,
) -> None:
    store.apply(class_edits.rename_class(store.read, CECUM, "  caecum "), READER)
    store.apply(class_edits.recolour_class(store.read, CECUM, "#ABCDEF"), READER)
    store.apply(class_edits.reorder_classes(store.read, [STOOL, CECUM]), READER)
    store.apply(class_edits.retire_class(store.read, POLYPS), READER)
    assert store.read.classes() == [
        LabelClass(STOOL, "stool", "#0000ff", 0),
        LabelClass(CECUM, "caecum", "#abcdef", 1, key="cecum", class_group="Pathology"),
        LabelClass(POLYPS, "polyps", "#ff0000", 2, retired=True),
    ]
    store.apply(class_edits.bring_back(store.read, POLYPS), READER)
    assert not store.read.label_class(POLYPS).retired
    with pytest.raises(AppError, match="already a class called caecum"):
        class_edits.add_class(store.read, "CAECUM", "#000000", 9)
    with pytest.raises(AppError, match="needs a name"):
        class_edits.rename_class(store.read, POLYPS, " ")


def test_merged_classes_count_as_one_and_undo_tells_them_apart_again(store: LabelStore) -> None:
    for index, class_id in enumerate((POLYPS, CECUM, STOOL, STOOL)):
        label(store, index, class_id)
    store.apply(class_edits.merge_classes(store.read, [STOOL], CECUM), READER)
    store.apply(class_edits.merge_classes(store.read, [CECUM], POLYPS), READER)
    assert store.read.resolved_class(STOOL).id == POLYPS
    assert store.read.frame_counts(FILM) == {POLYPS: 4}
    assert labelled(store) == {0: POLYPS, 1: CECUM, 2: STOOL, 3: STOOL}
    for into in (STOOL, CECUM):
        with pytest.raises(AppError, match="merged into itself"):
            class_edits.merge_classes(store.read, [POLYPS], into)
    store.undo(READER, CLASSES_SCOPE)
    assert store.read.frame_counts() == {POLYPS: 1, CECUM: 3}


def test_an_import_is_one_act_whose_later_line_holds(store: LabelStore) -> None:
    new = store.new_id("classes")
    acts = [
        class_edits.add_class(store.read, "ileum", "#111111", new),
        edits.label_frames(store.read, FILM, [moment(1), moment(2)], new),
        edits.label_frames(store.read, FILM, [moment(2)], POLYPS),
        edits.add_range(store.read, FILM, moment(4), moment(8), new, store.new_id("range_labels")),
    ]
    changes = store.apply(edits.compound("import 3 labels", acts), READER)
    assert len(changes.rows) == 4
    assert labelled(store) == {1: new, 2: POLYPS}
    assert store.read.undo_title(FILM) == "import 3 labels"
    with pytest.raises(
        AppError, match="The class ileum still has labels, so the undo was not done"
    ):
        store.undo(READER, CLASSES_SCOPE)
    store.undo(READER, FILM)
    assert (labelled(store), store.read.ranges(FILM), len(store.read.classes())) == ({}, [], 4)
    store.undo(READER, CLASSES_SCOPE)
    assert len(store.read.classes()) == 3
    with pytest.raises(
        AppError, match="class of these labels has been undone, so the redo was not done"
    ):
        store.redo(READER, FILM)
    store.redo(READER, CLASSES_SCOPE)
    store.redo(READER, FILM)
    assert labelled(store) == {1: new, 2: POLYPS}


def test_an_act_built_before_another_one_is_refused_and_nothing_of_it_is_written(
    store: LabelStore,
) -> None:
    late = edits.label_frames(store.read, FILM, [moment(1), moment(2)], CECUM)
    label(store, 2)
    with pytest.raises(AppError, match="changed in the meantime"):
        store.apply(late, READER)
    assert labelled(store) == {2: POLYPS}
    assert store.read.undo_title(FILM) == "polyps on 2"


def test_a_label_of_an_unknown_class_or_procedure_is_a_bug_and_is_not_written(
    store: LabelStore,
) -> None:
    before = list(store.read.journal_rows())
    bad = FrameLabel(0, 0, "class", 77)
    for act in (
        Act("x", (RowChange("frame_labels", FILM, None, bad),)),
        edits.label_frames(store.read, "99" * 20, [moment(1)], POLYPS),
    ):
        with pytest.raises(sqlite3.IntegrityError):
            store.apply(act, READER)
    assert list(store.read.journal_rows()) == before
    label(store, 1)
    assert labelled(store) == {1: POLYPS}


def test_the_nearest_labels_are_found_among_frames_and_ranges(store: LabelStore) -> None:
    for index in (10, 30):
        label(store, index)
    store.apply(edits.add_range(store.read, FILM, moment(20), moment(25), CECUM, 1), READER)
    assert [store.read.next_label(FILM, at) for at in (0, 10, 20, 30)] == [10, 20, 30, None]
    assert [store.read.previous_label(FILM, at) for at in (40, 30, 20, 10)] == [30, 20, 10, None]


def test_a_closed_library_says_so(tmp_path: Path) -> None:
    store = LabelStore(tmp_path)
    store.close()
    store.close()
    with pytest.raises(AppError, match="closed"):
        store.read.classes()


def test_records_that_mean_nothing_cannot_be_made() -> None:
    for kind, class_id in (("class", None), ("agreed", None), ("unusable", 1), ("other", 1)):
        with pytest.raises(ValueError, match="cannot have the class"):
            FrameLabel(0, 0, kind, class_id)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="before it begins"):
        RangeLabel(1, 4, 5, 1, 0, 1)
    with pytest.raises(ValueError, match="outside undo"):
        Act(
            "x",
            (RowChange("frame_labels", FILM, None, FrameLabel(0, 0, "unusable", None)),),
            undoable=False,
        )
    with pytest.raises(ValueError, match="hexadecimal"):
        class_edits._colour("red")
    assert isinstance(Clock()(), datetime)
