"""Folds keep groups and classes, and no image is answered for by a teacher that has seen it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.benchmarks.cross_fit import ToldViews, folds_of, out_of_fold
from tests.benchmarks.cross_fit_quick import linear_teacher, student
from tests.kd_core.fake_views import FakeViews


@pytest.mark.parametrize("seed", [0, 1])
def test_folds_keep_groups_and_share_classes_out(seed: int) -> None:
    generator = np.random.default_rng(seed)
    group = generator.integers(0, 90, 400)
    labels = np.where(group < 12, 2, group % 2)  # a class of few groups
    folds = folds_of(labels, np.array([f"group {number}" for number in group]), 3, seed)
    assert {len(set(folds[group == number])) for number in set(group)} == {1}
    for label in (0, 1, 2):
        counts = np.bincount(folds[labels == label], minlength=3)
        largest = max(np.bincount(group[labels == label]))
        assert counts.max() - counts.min() <= largest
    again = folds_of(labels, np.array([f"group {number}" for number in group]), 3, seed)
    assert np.array_equal(folds, again)


def test_each_image_is_told_by_the_teacher_of_its_fold_and_of_its_view() -> None:
    folds = np.array([2, 0, 1, 0])
    teachers = [
        np.fromfunction(lambda n, v, c, own=own: 100 * own + 10 * n + v + c / 2, (4, 2, 2))
        for own in range(3)
    ]
    told = out_of_fold(folds, [one.astype(np.float32) for one in teachers])
    assert told[:, 1, 1].tolist() == [201.5, 11.5, 121.5, 31.5]
    source = FakeViews(4)
    crops, said = ToldViews(source, told).batch(np.array([2, 0]), np.array([1, 0]))
    assert said[0].logits.tolist() == [[121.0, 121.5], [200.0, 200.5]]
    assert np.array_equal(crops, source.batch(np.array([2, 0]), np.array([1, 0]))[0])


def test_a_linear_teacher_knows_only_what_it_was_given() -> None:
    generator = np.random.default_rng(0)
    seen = generator.standard_normal((40, 2, 200)).astype(np.float32)
    labels = generator.integers(0, 2, 40)  # nothing but noise: it can be learnt by heart alone
    folds = np.arange(40) % 2
    # Of two classes one number is told: the second's logit
    told = [linear_teacher(seen, labels, folds != fold) * [-0.5, 0.5] for fold in range(2)]
    knowing = np.where(folds[:, None, None] == 0, told[1], told[0])
    not_knowing = out_of_fold(folds, [one.astype(np.float32) for one in told])
    assert (knowing[:, 0].argmax(1) == labels).all()
    assert 0.2 < (not_knowing[:, 0].argmax(1) == labels).mean() < 0.8


def test_a_student_follows_labels_of_weak_views_and_its_teacher_on_all() -> None:
    weak, strong = torch.eye(2)[[0, 1, 0, 1]], -torch.eye(2)[[0, 1, 0, 1]]
    seen, labels = torch.stack([weak, strong], 1), torch.tensor([0, 1, 0, 1])
    weight, bias = student(seen, labels, None, 2)
    assert (weak @ weight.T + bias).argmax(1).tolist() == [0, 1, 0, 1]
    # The strong views alone tell another thing; without a teacher nothing of them is learnt
    assert (strong @ weight.T + bias).argmax(1).tolist() == [1, 0, 1, 0]
    third = torch.zeros(4, 2, 3)
    third[:, 1, 2] = 8.0  # the teacher calls every strong view a third class
    third[torch.arange(4), 0, labels] = 8.0
    weight, bias = student(seen, labels, third, 3)
    assert (strong @ weight.T + bias).argmax(1).tolist() == [2, 2, 2, 2]
    assert (weak @ weight.T + bias).argmax(1).tolist() == [0, 1, 0, 1]
