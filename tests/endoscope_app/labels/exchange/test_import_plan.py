"""An import: counted before it is written, written as one act, taken back by one undo."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    Unread,
)
from endoscope_app.labels.exchange.import_act import import_act
from endoscope_app.labels.exchange.import_choice import ImportChoice, ImportCounts
from endoscope_app.labels.exchange.import_plan import plan_import
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.records import CLASSES_SCOPE
from tests.endoscope_app.import_plans import (
    KEY,
    bring_in,
    document_of,
    frame_of,
    planned,
    range_of,
    stamps,
)
from tests.endoscope_app.label_library import (
    CECUM,
    OTHER,
    POLYPS,
    READER,
    STOOL,
    everything,
    label,
    labelled,
    library,
    moment,
)


def test_the_preview_counts_every_label_once(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        label(store, 1, POLYPS)
        label(store, 2, CECUM)
        label(store, 3, POLYPS)
        store.apply(
            edits.add_range(
                store.read, KEY, moment(5), moment(9), POLYPS, store.new_id("range_labels")
            ),
            READER,
        )
        frames = [
            frame_of(1),
            frame_of(2),
            frame_of(3, None),
            frame_of(4),
            frame_of(6, "lesion"),
            frame_of(7, film="fe" * 20),
            frame_of(5000),
        ]
        ranges = [
            range_of(5, 9),
            range_of(5, 10),
            range_of(4990, 5001),
            range_of(0, 2, "lesion", "fe" * 20),
        ]
        plan = planned(
            store,
            replace(document_of(frames, ranges), unread=(Unread("row 7", "it has no label"),) * 3),
        )
        assert plan.counts() == ImportCounts(
            new=3,
            same=2,
            conflicts=2,
            left_out=0,
            unknown_classes={"lesion": 2},
            unknown_procedures={"fe" * 20: 2},
            beyond_end=2,
            without_place=3,
        )
        left = ImportChoice(False, {**plan.choice.classes, "lesion": "leave out"})
        assert (plan.counts(left).new, plan.counts(left).left_out) == (2, 1)


@pytest.mark.parametrize("take_theirs", [False, True])
def test_one_undo_takes_all_back_and_nothing_is_written_before(
    tmp_path: Path, take_theirs: bool
) -> None:
    with library(tmp_path) as store:
        label(store, 2, CECUM)
        before, journal = everything(store), len(list(store.read.journal_rows()))
        frames = [frame_of(1), frame_of(2), frame_of(3, None), frame_of(4, "lesion")]
        document = document_of(
            frames, [range_of(5, 9), range_of(5, 9)], [ExchangeClass("lesion", "#123456", True)]
        )
        plan = planned(store, document)
        act = import_act(plan, replace(plan.choice, take_theirs=take_theirs), store)
        assert everything(store) == before
        assert len(list(store.read.journal_rows())) == journal
        title = store.apply(act, READER).title
        assert (
            title
            == store.read.undo_title(KEY)
            == ("import 5 labels" if take_theirs else "import 4 labels")
        )
        made = next(
            label_class for label_class in store.read.classes() if label_class.name == "lesion"
        )
        assert (made.colour, made.retired, made.place) == ("#123456", True, 3)
        assert labelled(store) == {
            1: POLYPS,
            2: POLYPS if take_theirs else CECUM,
            3: None,
            4: made.id,
        }
        assert [
            (span.first_index, span.last_index, span.class_id) for span in store.read.ranges(KEY)
        ] == [(5, 9, POLYPS)]
        assert planned(store, document).counts().new == 0
        store.undo(READER, KEY)
        store.undo(READER, CLASSES_SCOPE)
        assert everything(store) == before
        store.redo(READER, CLASSES_SCOPE)
        store.redo(READER, KEY)
        assert labelled(store)[4] == made.id


def test_an_import_into_two_procedures_is_taken_back_in_each_by_itself(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        bring_in(
            store, document_of([frame_of(1), frame_of(2), frame_of(3, film=OTHER.fingerprint)])
        )
        assert store.read.undo_title(KEY).startswith("import 3 labels")
        store.undo(READER, OTHER.fingerprint)
        assert (sorted(labelled(store)), store.read.frame_labels(OTHER.fingerprint)) == ([1, 2], [])
        store.undo(READER, KEY)
        assert labelled(store) == {}


def test_a_title_says_how_many_labels(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        assert bring_in(store, document_of([frame_of(1)])) == "import 1 label"
        assert (
            bring_in(store, document_of(frame_of(index) for index in range(2, 1206)))
            == "import 1,204 labels"
        )
        entries = len(list(store.read.journal_rows()))
        assert bring_in(store, document_of([frame_of(1)])) == ""
        assert len(list(store.read.journal_rows())) == entries


def test_the_reader_maps_classes_as_they_like(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        document = document_of(
            [frame_of(1, "a"), frame_of(2, "b"), frame_of(3, "c"), frame_of(4, "C "), frame_of(5)]
        )
        choices = ImportChoice(
            False, {"a": STOOL, "b": "leave out", "c": "new", "C ": "new", "polyps": CECUM}
        )
        store.apply(import_act(planned(store, document), choices, store), READER)
        new = store.read.classes()[-1]
        assert (new.name, new.id) == ("c", 4) or (new.name, new.id) == ("C", 4)
        assert labelled(store) == {1: STOOL, 3: new.id, 4: new.id, 5: CECUM}
        with pytest.raises(ValueError, match="no class 99"):
            import_act(planned(store, document), ImportChoice(False, {"a": 99}), store)
        with pytest.raises(AppError, match="already a class called polyps"):
            import_act(planned(store, document), ImportChoice(False, {"polyps": "new"}), store)


def test_a_plan_that_the_labels_have_overtaken_writes_nothing(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        plan = planned(store, document_of([frame_of(1), frame_of(2)]))
        label(store, 2, CECUM)
        before = everything(store)
        with pytest.raises(AppError, match="changed in the meantime"):
            store.apply(import_act(plan, plan.choice, store), READER)
        assert everything(store) == before


def test_a_range_that_stands_already_in_other_pieces_is_the_same(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        for first, last in ((5, 9), (10, 14)):
            store.apply(
                edits.add_range(
                    store.read,
                    KEY,
                    moment(first),
                    moment(last),
                    POLYPS,
                    store.new_id("range_labels"),
                ),
                READER,
            )
        spans = [range_of(5, 14), range_of(6, 8), range_of(6, 15), range_of(6, 8, "cecum")]
        plan = planned(store, document_of((), spans))
        assert (plan.counts().same, plan.counts().new) == (2, 2)


def test_a_kept_picture_is_named_only_where_it_is_here(tmp_path: Path) -> None:
    hashes = [hashlib.sha256(text).hexdigest() for text in (b"a", b"b")]
    with library(tmp_path) as store:
        store.apply(edits.label_frames(store.read, KEY, [moment(9, "mine")], CECUM), READER)
        frames = [
            replace(frame_of(index), picture=picture)
            for index, picture in ((1, hashes[0]), (2, hashes[1]), (3, "../x"), (9, hashes[0]))
        ]
        plan = plan_import(
            store.read, document_of(frames), stamps, has_image=lambda found: found == hashes[0]
        )
        store.apply(import_act(plan, replace(plan.choice, take_theirs=True), store), READER)
        assert [label.png for label in store.read.frame_labels(KEY)] == [
            hashes[0],
            None,
            None,
            "mine",
        ]
