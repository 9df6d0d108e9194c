"""A class that a retraining has taken recall from gets it back by its bias, and the evidence does
not flatter: what a shift is settled on is not what it is counted on.
"""

from __future__ import annotations

import copy
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from kd_core.artifacts.checkpoint import load_student
from kd_core.artifacts.replay import read_replay
from kd_core.retraining.class_shift import class_shift, shifted_apart
from kd_core.retraining.comparison import compare_with_base
from kd_core.retraining.mixed_weights import mix_weights
from kd_core.retraining.recipe import Base, RetrainingRecipe, Sides
from kd_core.schema.config import TrainConfig
from kd_core.schema.held_out import HeldOut
from kd_core.schema.model_card import read_card, write_card
from kd_core.schema.model_origin import TrainingNotes
from kd_core.training.validation import replayed_logits
from kd_core.vision.head_probabilities import softmax
from tests.kd_core.retrained import retrained

Logits = NDArray[np.float32]


def drifted(
    seed: int, classes: int = 4, each: int = 60
) -> tuple[Logits, Logits, NDArray[np.int64]]:
    """A candidate that has come to name the last class too seldom, and the model before it."""
    random = np.random.default_rng(seed)
    truth = np.repeat(np.arange(classes), each)
    before = random.normal(size=(len(truth), classes)).astype(np.float32)
    before[np.arange(len(truth)), truth] += 2.5
    after = before + random.normal(scale=0.2, size=before.shape).astype(np.float32)
    after[:, -1] -= 1.0
    return after, before, truth


def recalls(logits: Logits, truth: NDArray[np.int64]) -> NDArray[np.float64]:
    named = logits.argmax(axis=1)
    return np.array([100 * (named[truth == index] == index).mean() for index in np.unique(truth)])


@pytest.mark.parametrize("seed", range(5))
def test_the_class_that_lost_is_raised_until_none_has_lost_more_than_two_points(seed: int) -> None:
    after, before, truth = drifted(seed)
    had = recalls(before, truth)
    assert (had - recalls(after, truth)).max() > 10
    shift = class_shift(after, before, truth)
    assert (had - recalls(after + shift, truth)).max() <= 2.0
    assert shift.argmax() == 3
    assert shift.sum() == pytest.approx(0.0, abs=1e-5)


def test_where_no_class_lost_nothing_is_moved() -> None:
    after, before, truth = drifted(0)
    assert not class_shift(before, before, truth).any()
    assert class_shift(after, after, truth).tolist() == [0, 0, 0, 0]


def test_a_class_that_the_images_do_not_show_keeps_its_place_among_the_others() -> None:
    after, before, truth = drifted(1)
    new = np.full((len(truth), 1), -3.0, np.float32)
    shift = class_shift(np.hstack([after, new]), before, truth)
    assert shift[4] == 0.0
    assert shift[:4].any()
    assert shift[:4].sum() == pytest.approx(0.0, abs=1e-5)


def test_what_cannot_be_mended_ends_with_what_lost_least() -> None:
    """No bias tells apart two images that look alike and are of two classes."""
    truth = np.array([0, 1])
    before = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    shift = class_shift(np.zeros((2, 2), np.float32), before, truth)
    assert np.isfinite(shift).all()
    assert abs(shift).max() <= 1.5


def test_each_half_is_moved_by_what_the_other_half_asks_for() -> None:
    after, before, truth = drifted(2)
    moved = shifted_apart(after, before, truth)
    second = np.arange(len(truth)) % 2 == 1  # 60 of each class: every second is in the other half
    for here in (second, ~second):
        other = class_shift(after[~here], before[~here], truth[~here])
        np.testing.assert_allclose(moved[here], after[here] + other, rtol=1e-6)
    # on what it was not settled on, recall is back too, if not as exactly
    assert (recalls(before, truth) - recalls(moved, truth)).max() < 6


def test_a_retraining_shifts_its_head_and_its_card_and_evidence_say_so(tmp_path: Path) -> None:
    made = retrained(tmp_path)
    student, card = load_student(made.base)
    stored = read_replay(made.replay, student)
    out = made.out.parent / "new"
    recipe = RetrainingRecipe(
        TrainConfig(),
        made.data,
        out,
        [],
        Base(student, card),
        stored,
        Sides(made.out.parent / "held-out.json", HeldOut(("q",), ("p",))),
        "student",
    )
    learner = recipe.learner()
    with torch.no_grad():
        learner.head.bias[0] -= 0.7  # two of three frames of the first class are lost
    mixed = copy.deepcopy(learner)
    mix_weights(mixed, student)
    unshifted = replayed_logits(mixed, stored)
    finished = recipe.finish(learner, TrainingNotes(scheme="none"))
    shift = finished.card.training.class_shift
    assert shift[card.classes[0]] > 0 > shift[card.classes[1]]
    new, _ = load_student(out)
    told = np.array([shift.get(name, 0.0) for name in finished.card.classes], np.float32)
    np.testing.assert_allclose(replayed_logits(new, stored), unshifted + told, atol=1e-3)

    evidence = compare_with_base(made.base, out, made.replay, made.labels, made.data).evidence
    truth = stored.labels[stored.held_out].numpy()
    apart = shifted_apart(unshifted, replayed_logits(student, stored), truth)
    counted = softmax(apart / np.float32(finished.card.temperature)).argmax(axis=1)
    assert evidence.known_before is not None
    assert evidence.known_before.accuracy.candidate == pytest.approx((counted == truth).mean())

    # without a shift the candidate is counted as it is
    plain = msgspec.structs.replace(
        read_card(out),
        training=msgspec.structs.replace(finished.card.training, class_shift={}),
    )
    write_card(out, plain)
    evidence = compare_with_base(made.base, out, made.replay, made.labels, made.data).evidence
    asis = replayed_logits(new, stored).argmax(axis=1)
    assert evidence.known_before is not None
    assert evidence.known_before.accuracy.candidate == pytest.approx((asis == truth).mean())
