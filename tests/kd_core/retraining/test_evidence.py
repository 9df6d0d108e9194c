"""What a comparison of candidate and active model says, against numbers from pencil and paper."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kd_core.retraining.evidence import Notes, PairedPredictions, evidence_of
from kd_core.retraining.flicker import flicker, in_time
from kd_core.schema.estimate import Estimate
from kd_core.schema.evidence import ComparedPart, Evidence, Flicker

CLASSES = ("cecum", "polyps")


def pair(
    active: list[int],
    candidate: list[int],
    truth: list[int],
    sequences: tuple[tuple[int, ...], ...] = (),
) -> PairedPredictions:
    def sure(called: list[int]) -> NDArray[np.float64]:
        return np.eye(len(CLASSES))[called]

    return PairedPredictions(
        sure(active), sure(candidate), np.array(truth), np.arange(len(truth)).astype(str), sequences
    )


def held_out(evidence: Evidence) -> ComparedPart:
    assert evidence.held_out is not None
    return evidence.held_out


def known_before(evidence: Evidence) -> ComparedPart:
    assert evidence.known_before is not None
    return evidence.known_before


def numbers(estimate: Estimate | None) -> tuple[float | None, ...]:
    assert estimate is not None
    return estimate.value, estimate.low, estimate.high


def test_the_evidence_by_hand() -> None:
    truth = [0] * 20 + [1] * 20
    # 20 wrong; all of them right now, one broken
    new = pair([0] * 20 + [0] * 20, [0] * 19 + [1] + [1] * 20, truth)
    old = pair(truth, [0] * 20 + [1] * 19 + [0], truth)  # one of twenty polyps lost: 5 points
    made = evidence_of(new, old, CLASSES)
    part = held_out(made)
    assert (part.corrected, part.broken, part.wrong_before) == (20, 1, 20)
    assert part.accuracy.verdict == "better"
    assert made.recall_lost == pytest.approx({"cecum": 0.0, "polyps": 5.0})
    assert made.needs_reason == ("polyps",)
    assert made.verdict == "mixed"
    fixed = "20 of 20 wrong frames are now right, 1 right one now wrong"
    wanted = f"Better on the held-out procedures ({fixed}), but Polyp lost 5.0 points of recall."
    assert made.sentence == wanted


def test_the_same_predictions_prove_nothing_and_no_held_out_procedure_is_said() -> None:
    truth = [0, 1] * 10
    same = pair(truth, truth, truth)
    assert evidence_of(same, same, CLASSES).verdict == "undecided"
    alone = evidence_of(None, same, CLASSES)
    assert alone.held_out is None
    assert (
        alone.sentence
        == "Not proved: no procedure is held out yet. On what was known before, no class lost any"
        " recall."
    )


def test_the_sentence_names_every_class_that_lost_and_a_proved_loss_of_old_knowledge() -> None:
    truth = [0] * 20 + [1] * 20
    better = pair([1] * 20 + [0] * 20, truth, truth)
    # Two of twenty, and eight of twenty: ten of forty in all
    loses = pair(truth, [0] * 18 + [1] * 2 + [1] * 12 + [0] * 8, truth)
    made = evidence_of(better, loses, CLASSES)
    lost = (
        "Polyp lost 40.0 and Caecum lost 10.0 points of recall, and what was known before is"
        " recognised worse (-25.0 points of accuracy)"
    )
    assert made.sentence.endswith(f", but {lost}.")
    assert sorted(made.needs_reason) == ["cecum", "polyps"]


@pytest.mark.parametrize(
    ("patients", "procedures", "scope"),
    [
        (1, 1, "on this procedure only"),
        (1, 3, "on these 3 procedures of 1 patient only"),
        (5, 5, "on these 5 procedures only"),
    ],
)
def test_of_fewer_than_six_patients_nothing_is_better_and_the_sentence_says_of_which(
    patients: int, procedures: int, scope: str
) -> None:
    truth = [0, 1] * 24
    groups = np.array([str(number % patients) for number in range(len(truth))])
    new = pair([1 - label for label in truth], truth, truth)._replace(groups=groups)
    made = evidence_of(new, pair(truth, truth, truth), CLASSES, Notes(procedures=procedures))
    assert made.verdict == "undecided"
    fixed = "48 of 48 wrong frames are now right, 0 right ones now wrong"
    assert made.sentence == f"Not proved better: {fixed}, {scope}; no class lost any recall."
    assert (held_out(made).patients, held_out(made).procedures) == (patients, procedures)


def test_what_cannot_be_named_yet_is_said_first_and_what_a_teacher_has_seen_is_listed() -> None:
    truth = [0, 1] * 10
    made = evidence_of(
        None,
        pair(truth, truth, truth),
        CLASSES,
        Notes({"ileum": "only 4 frames show it"}, ("f1.png",)),
    )
    assert made.sentence.startswith(
        "Terminal ileum cannot be named yet: only 4 frames show it. Not proved: every held-out"
        " frame"
    )
    assert made.not_yet_named == {"ileum": "only 4 frames show it"}
    assert made.seen_by_teachers == ("f1.png",)


def test_accuracy_is_judged_alone_and_all_other_rows_together() -> None:
    """Seven frames of forty are right now, none is broken: exchanged at random that comes with a
    chance of 2 / 2^7 = .016, which accuracy alone may be judged by and four rows may not.
    """
    truth = [0] * 20 + [1] * 20
    better = pair([1] * 7 + [0] * 13 + [1] * 20, truth, truth)
    made = evidence_of(better, pair(truth, truth, truth), CLASSES)
    part = held_out(made)
    assert part.accuracy.verdict == "better"
    assert part.recall["cecum"].verdict == "undecided"
    assert part.macro_f1.verdict == "undecided"
    low = part.recall["cecum"].difference.low
    assert low is not None
    assert low > 0  # by itself it would have been said


def test_a_worse_candidate_is_called_worse() -> None:
    truth = [0, 1] * 20
    worse = pair(truth, [1 - label for label in truth], truth)
    assert evidence_of(worse, pair(truth, truth, truth), CLASSES).verdict == "worse"


def test_a_recall_has_wilsons_interval_for_both_models_by_hand() -> None:
    """Wilson with z^2 = 3.8415. 10 of 10: low 1 / (1 + .38415) = .7225. 8 of 10: middle (.8 +
    .19207) / 1.38415 = .7167, half 1.96 * sqrt(.016 + .0096036) / 1.38415 = .2266.
    """
    truth = [1] * 10
    made = evidence_of(None, pair([0] * 2 + [1] * 8, truth, truth), CLASSES)
    recall = known_before(made).recall
    assert list(recall) == ["polyps"]
    sides = recall["polyps"].intervals
    assert sides is not None
    assert numbers(sides.active) == pytest.approx((0.8, 0.4902, 0.9433), abs=2e-4)
    assert numbers(sides.candidate) == pytest.approx((1.0, 0.7225, 1.0), abs=2e-4)
    assert (recall["polyps"].active, recall["polyps"].candidate) == (0.8, 1.0)


def test_calibration_of_four_frames_by_hand() -> None:
    """Active: .9 and .9 in one bin, one of them right: 2/4 * |.5 - .9| = .2; .6 wrong: 1/4 * .6 =
    .15; .75 right: 1/4 * .25 = .0625. The candidate is sure and right of all four: 0.
    """
    active = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.25, 0.75]])
    truth = np.array([0, 1, 1, 1])
    four = PairedPredictions(active, np.eye(2)[truth], truth, np.arange(4).astype(str))
    made = known_before(evidence_of(None, four, CLASSES)).calibration
    assert made is not None
    assert (made.active, made.candidate) == pytest.approx((0.4125, 0.0))


def test_flicker_by_hand() -> None:
    """p in time is 2, 0, 1: called 1, 0, 0, one change in two. q: 3, 4, called 1, 1, none in one.

    One of three, and r has no neighbour.
    """
    called = np.array([0, 0, 1, 1, 1, 0])
    assert flicker(called, ((2, 0, 1), (3, 4), (5,))) == pytest.approx(1000 / 3)
    assert flicker(called, ((0,), (5,))) is None
    assert flicker(called, ()) is None


def test_flicker_is_of_the_held_out_procedures_alone_and_stands_beside_that_of_the_labels() -> None:
    truth = [0, 0, 1, 1, 1]
    new = pair([0, 1, 0, 1, 0], truth, truth, ((0, 1, 2, 3, 4),))
    made = evidence_of(new, pair(truth, truth, truth), CLASSES)
    assert held_out(made).flicker_per_1000 == Flicker(1000.0, 250.0, 250.0)
    assert known_before(made).flicker_per_1000 is None


def test_time_is_read_from_the_files_name_and_not_from_its_folder_which_is_a_class() -> None:
    names = (
        "polyps/x-f000012-p480",
        "cecum/x-f000013-p520",
        "a/y-f9",
        "polyps/x-f1000000-p9",
        "z/x-f999999-p8",
    )
    assert in_time([f"/l/{name}.png" for name in names], ("p", "p", "q", "p", "p")) == (
        (0, 1, 4, 3),
        (2,),
    )


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("pq")), max_size=30))
def test_every_frame_has_one_place_in_time_and_flicker_is_that_of_a_plain_loop(
    rows: list[tuple[int, str]],
) -> None:
    paths = [f"/l/{label}/f{number}.png" for number, (label, _) in enumerate(rows)]
    made = in_time(paths, [group for _, group in rows])
    assert sorted(place for places in made for place in places) == list(range(len(rows)))
    called = np.array([label for label, _ in rows], np.int64)
    changes = neighbours = 0
    for group in "pq":
        row = [label for label, name in rows if name == group]
        for before, after in itertools.pairwise(row):
            neighbours += 1
            changes += before != after
    wanted = 1000 * changes / neighbours if neighbours else None
    assert flicker(called, made) == (None if wanted is None else pytest.approx(wanted))
