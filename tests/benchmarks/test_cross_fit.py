"""Folds keep groups and classes, and no image is answered for by a teacher that has seen it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.cross_fit import ToldViews, folds_of, out_of_fold
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
