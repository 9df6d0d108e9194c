"""A frame has one label of each group: given, replaced, taken off, undone and kept apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.labels.label_tally import Tally, counts_of
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library import label_placing as placing
from endoscope_app.labels.library.effective_labels import GROUPS, effective
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import CLASSES_SCOPE, Act, FrameLabel
from kd_core.schema.class_groups import ClassGroup
from tests.endoscope_app.label_library import (
    CECUM,
    OTHER,
    POLYPS,
    PROCEDURE,
    READER,
    STOOL,
    label,
    library,
    moment,
    said,
)
from tests.endoscope_app.older_library import take_back

KEY = PROCEDURE.fingerprint


def held(store: LabelStore, index: int, key: str = KEY) -> set[int | None]:
    return {each.class_id for each in store.read.labels_at(key, index * 40)}


def write(store: LabelStore, act: Act) -> None:
    store.apply(act, READER)


def given(store: LabelStore, first: int, last: int, class_id: int) -> None:
    number = store.new_id("range_labels")
    write(store, edits.add_range(store.read, KEY, moment(first), moment(last), class_id, number))


def test_a_class_replaces_only_the_label_of_its_group_and_undo_goes_step_by_step(
    tmp_path: Path,
) -> None:
    with library(tmp_path, grouped=True) as store:
        lesion = store.new_id("classes")
        write(store, class_edits.add_class(store.read, "lesion", "#00ffff", lesion))
        shown = moment(7, "a" * 64)
        write(store, edits.label_frames(store.read, KEY, [shown], POLYPS))
        label(store, 7, STOOL)
        label(store, 7, lesion)
        assert held(store, 7) == {lesion, STOOL}
        assert {each.png for each in store.read.labels_at(KEY, 280)} == {"a" * 64}
        for before in ({POLYPS, STOOL}, {POLYPS}, set()):
            store.undo(READER, KEY)
            assert held(store, 7) == before
        for _ in range(3):
            store.redo(READER, KEY)
        assert held(store, 7) == {lesion, STOOL}
    with LabelStore(tmp_path) as store:
        assert held(store, 7) == {lesion, STOOL}


def test_unusable_is_of_the_whole_frame_and_a_class_ends_it(tmp_path: Path) -> None:
    with library(tmp_path, grouped=True) as store:
        label(store, 7, POLYPS)
        label(store, 7, STOOL)
        write(store, edits.mark_unusable(store.read, KEY, [moment(7)]))
        assert held(store, 7) == {None}
        store.undo(READER, KEY)
        assert held(store, 7) == {POLYPS, STOOL}
        store.redo(READER, KEY)
        label(store, 7, CECUM)
        assert held(store, 7) == {CECUM}
        write(store, edits.agree(store.read, KEY, moment(7), POLYPS))
        assert [each.kind for each in store.read.labels_at(KEY, 280)] == ["class", "agreed"]


def test_one_label_is_taken_off_or_all(tmp_path: Path) -> None:
    with library(tmp_path, grouped=True) as store:
        label(store, 7, POLYPS)
        label(store, 7, STOOL)
        first = store.read.labels_at(KEY, 280)[0]
        write(store, edits.clear_label(store.read, KEY, first))
        assert held(store, 7) == {STOOL}
        label(store, 7, CECUM)
        write(store, edits.clear_frames(store.read, KEY, [280]))
        assert held(store, 7) == set()
        store.undo(READER, KEY)
        assert held(store, 7) == {STOOL, CECUM}


def test_a_range_covers_only_its_own_group_and_nothing_covers_an_unusable_frame(
    tmp_path: Path,
) -> None:
    with library(tmp_path, grouped=True) as store:
        given(store, 0, 9, STOOL)
        given(store, 4, 6, POLYPS)
        label(store, 5, CECUM)
        label(store, 6, STOOL)
        write(store, edits.mark_unusable(store.read, KEY, [moment(8)]))
        labels = effective(store.read, KEY, 12)
        said_of = {
            frame: {GROUPS[lane].value for lane in np.flatnonzero(labels.class_id[:, frame] >= 0)}
            for frame in range(12)
        }
        prepared, with_polyp = {"Preparation"}, {"Pathology", "Preparation"}
        assert said_of == {
            **dict.fromkeys((0, 1, 2, 3, 7, 9), prepared),
            **dict.fromkeys((4, 6), with_polyp),
            5: {"Pathology", "Landmarks", "Preparation"},
            **{frame: set() for frame in (8, 10, 11)},
        }
        counts = counts_of(labels)
        assert counts.by_class == {POLYPS: 3, CECUM: 1, STOOL: 9}
        assert (counts.labelled, counts.beside, counts.unusable, counts.from_ranges) == (
            10,
            4,
            1,
            7,
        )


def test_frames_with_two_labels_are_counted_once(tmp_path: Path) -> None:
    with library(tmp_path, grouped=True) as store:
        for index, classes in {1: (POLYPS, STOOL), 2: (POLYPS,), 3: (STOOL, CECUM, POLYPS)}.items():
            for class_id in classes:
                label(store, index, class_id)
        tally = Tally()
        tally.read(store.read)
        by_database = tally.of(KEY)
        tally.read_one(store.read, KEY)
        assert (by_database, by_database.labelled) == (tally.of(KEY), 3)


def test_the_model_is_right_with_any_label_of_the_frame(tmp_path: Path) -> None:
    with library(tmp_path, grouped=True) as store:
        act = edits.label_frames(store.read, KEY, [moment(1)], POLYPS)
        store.apply(act, said("polyps"))
        store.apply(edits.label_frames(store.read, KEY, [moment(1)], STOOL), said("polyps"))
        store.apply(edits.label_frames(store.read, KEY, [moment(2)], STOOL), said("polyps"))
        numbers = store.read.statistics()
        assert (numbers.compared, numbers.agreeing) == (2, 1)


def test_classes_are_not_put_into_one_group_where_a_frame_has_both(tmp_path: Path) -> None:
    with library(tmp_path, grouped=True) as store:
        label(store, 1, POLYPS)
        label(store, 1, STOOL)
        act = class_edits.regroup_class(store.read, STOOL, ClassGroup.PATHOLOGY)
        with pytest.raises(AppError, match="1 frame has labels that would then be of one group"):
            store.apply(act, READER)
        assert store.read.groups()[STOOL] == ClassGroup.PREPARATION
        write(store, class_edits.merge_classes(store.read, [POLYPS], STOOL))  # says the same twice
        label(store, 1, STOOL)
        assert len(store.read.labels_at(KEY, 40)) == 1
        store.undo(READER, KEY)
        store.undo(READER, CLASSES_SCOPE)
        assert held(store, 1) == {POLYPS, STOOL}


def test_all_labels_of_a_frame_are_carried_to_changed_content(tmp_path: Path) -> None:
    with library(tmp_path, grouped=True) as store:
        label(store, 1, POLYPS)
        label(store, 1, STOOL)
        done = placing.carry_over(store.read, KEY, OTHER, placing.by_stamp([0, 40, 80]))
        assert (done.carried, done.taken) == (2, 0)
        write(store, done.act)
        assert held(store, 1, OTHER.fingerprint) == {POLYPS, STOOL}


def test_a_library_from_before_keeps_its_labels_and_their_undo(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        label(store, 1, POLYPS)
        label(store, 1, CECUM)
    take_back(tmp_path / "labels.sqlite", 7)
    with LabelStore(tmp_path) as store:
        assert store.read.frame_labels(KEY) == [FrameLabel(40, 1, "class", CECUM)]
        store.undo(READER, KEY)
        assert held(store, 1) == {POLYPS}


def test_labels_of_a_frame_that_is_gone_stay_together(tmp_path: Path) -> None:
    with library(tmp_path, grouped=True) as store:
        for index in (5, 6):
            label(store, index, POLYPS)
            label(store, index, STOOL)
        stamps = [frame * 40 for frame in range(20) if frame not in (5, 6)]
        write(store, placing.settle(store.read, KEY, stamps))
        gone = [(each.pts, each.frame_index) for each in store.read.frame_labels(KEY)]
        assert sorted(gone) == [(200, 18), (200, 18), (240, 19), (240, 19)]
        assert not counts_of(effective(store.read, KEY, len(stamps))).labelled


def test_undo_over_every_migration_step_leaves_no_frame_with_two_of_a_group(tmp_path: Path) -> None:
    for version in (4, 5, 6, 7):
        folder = tmp_path / str(version)
        with library(folder, grouped=True) as store:
            label(store, 1, POLYPS)
            write(store, edits.mark_unusable(store.read, KEY, [moment(1)]))
            write(store, class_edits.merge_classes(store.read, [CECUM], POLYPS))
        take_back(folder / "labels.sqlite", version)
        with LabelStore(folder) as store:
            store.undo(READER, KEY)
            label(store, 1, CECUM)
            assert held(store, 1) == {CECUM}, "of the group that it was merged into"
            store.undo(READER, KEY)
            assert held(store, 1) == {POLYPS}
            store.undo(READER, CLASSES_SCOPE)
            label(store, 1, CECUM)
            assert held(store, 1) == {POLYPS, CECUM}
            store.redo(READER, CLASSES_SCOPE)
            label(store, 1, POLYPS)
            assert held(store, 1) == {POLYPS}, "two that say the same give way to one"
