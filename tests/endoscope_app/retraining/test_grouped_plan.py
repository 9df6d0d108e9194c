"""What the plan counts where the model names a class of each class group: a frame in the row of
each of its classes, and once among the frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from endoscope_app.labels.exchange.training_selection import RangeSampling, select
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.plan.learning_plan import LearningPlan
from endoscope_app.retraining.plan.library_tally import tally
from endoscope_app.retraining.plan.plan_making import learning_plan
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.retraining.starting_point import StartingModel
from tests.endoscope_app.label_library import (
    CECUM,
    OTHER,
    POLYPS,
    PROCEDURE,
    READER,
    STOOL,
    library,
    moment,
)

#: "stool", of the group Preparation, is a class that it does not know.
CLASSES = ("cecum", "polyps")
ALL = RangeSampling(1, thin=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    """In both procedures stool from 0 to 19 and polyps from 10 to 14; in the first caecum on 3, and
    5 is none of the classes.
    """
    with library(tmp_path / "labels", grouped=True) as grouped:
        for film in (PROCEDURE, OTHER):
            for first, last, class_id in ((0, 19, STOOL), (10, 14, POLYPS)):
                number = grouped.new_id("range_labels")
                ends = moment(first), moment(last)
                act = edits.add_range(grouped.read, film.fingerprint, *ends, class_id, number)
                grouped.apply(act, READER)
        key = PROCEDURE.fingerprint
        grouped.apply(edits.label_frames(grouped.read, key, [moment(3)], CECUM), READER)
        grouped.apply(edits.mark_unusable(grouped.read, key, [moment(5)]), READER)
        yield grouped


def planned(
    store: LabelStore, root: Path, *, groups: bool, before: tuple[str, ...] = ()
) -> LearningPlan:
    model = StartingModel(Path("m"), "base-1", CLASSES, groups)
    counted = tally(select(store.read, ALL), before, all_groups=groups)
    return learning_plan(counted, model, RunFolders(root / "runs"), (), (OTHER.fingerprint,))


def rows(plan: LearningPlan) -> list[tuple[str, int, int, int]]:
    return [(row.name, row.learnt, row.fresh, row.held_out) for row in plan.classes]


def test_a_frame_counts_in_the_row_of_each_of_its_classes_and_once_among_the_frames(
    store: LabelStore, tmp_path: Path
) -> None:
    plan = planned(store, tmp_path, groups=True)
    # of 0 to 19 the frame 5 is none of the classes
    assert rows(plan) == [("cecum", 1, 1, 0), ("polyps", 5, 10, 5), ("stool", 19, 39, 20)]
    assert (plan.learnt, plan.held_out, plan.fresh, plan.none_of_these) == (19, 20, 39, (1, 0))
    assert plan.frames == 40
    assert [row.labels for row in plan.procedures] == [20, 20]
    assert plan.sentence().startswith(
        "19 labelled frames of 1 procedure to learn from. 20 frames of 1 procedure kept for"
        " checking. Of all frames, 39 are new"
    )
    note = next(note for note in plan.notes if "several groups" in note)
    assert "11 frames have labels of several groups." in note
    assert "the row of each of its classes" in note


def test_a_model_with_one_answer_counts_each_frame_by_its_first_group(
    store: LabelStore, tmp_path: Path
) -> None:
    plan = planned(store, tmp_path, groups=False)
    assert rows(plan) == [("cecum", 1, 1, 0), ("polyps", 5, 10, 5), ("stool", 13, 28, 15)]
    assert (plan.learnt, plan.held_out, plan.fresh) == (19, 20, 39)


def test_a_label_of_a_later_group_that_is_new_makes_the_frame_new(
    store: LabelStore, tmp_path: Path
) -> None:
    known = select(store.read, ALL).label_ids(all_groups=True)
    assert planned(store, tmp_path, groups=True, before=known).fresh == 0
    act = edits.label_frames(store.read, PROCEDURE.fingerprint, [moment(12)], CECUM)
    store.apply(act, READER)
    plan = planned(store, tmp_path, groups=True, before=known)
    fresh = {row.name: row.fresh for row in plan.classes}
    assert (plan.fresh, fresh) == (1, {"cecum": 1, "polyps": 0, "stool": 0})


def test_a_new_class_that_only_later_groups_show_is_taught_or_left_out_by_its_own_count(
    store: LabelStore, tmp_path: Path
) -> None:
    """Frames that show a polyp beside it stay, without the class that is left out."""
    for film in (PROCEDURE, OTHER):
        (stool,) = [span for span in store.read.ranges(film.fingerprint) if span.class_id == STOOL]
        store.apply(edits.delete_range(store.read, stool.id), READER)
    act = edits.label_frames(
        store.read, PROCEDURE.fingerprint, [moment(frame) for frame in range(10, 14)], STOOL
    )
    store.apply(act, READER)
    plan = planned(store, tmp_path, groups=True)
    assert rows(plan) == [("cecum", 1, 1, 0), ("polyps", 5, 10, 5)]
    assert "Too few frames to learn a new class, so they are left out: stool 4." in plan.warnings
    assert plan.learnt == 6
