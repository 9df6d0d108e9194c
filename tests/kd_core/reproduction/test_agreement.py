"""Accuracy where the teachers agree and where they do not, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kd_core.reproduction.agreement import ORACLE, agreement
from tests.present import present


def test_accuracy_on_all_and_where_teachers_disagree_with_the_oracle_beside_it() -> None:
    """Of five images the teachers disagree on three; on two of these one is right, on one none."""
    truth = np.array([0, 1, 2, 0, 1])
    predicted = {
        "teacher a": [np.array([0, 1, 2, 1, 0])],
        "teacher b": [np.array([0, 1, 0, 0, 2])],
        "student": [np.array([0, 0, 2, 0, 1])],
    }
    made = agreement(truth, predicted, ["teacher a", "teacher b"])
    assert made.share.mean == pytest.approx(3 / 5)
    found = {name: (row.all.mean, present(row.disagreeing).mean) for name, row in made.rows.items()}
    assert found == {
        "teacher a": pytest.approx((3 / 5, 1 / 3)),
        "teacher b": pytest.approx((3 / 5, 1 / 3)),
        "student": pytest.approx((4 / 5, 1.0)),
        ORACLE: pytest.approx((4 / 5, 2 / 3)),
    }


def test_every_seed_has_its_own_teachers_and_one_without_disagreement_says_nothing() -> None:
    truth = np.array([0, 1])
    right, wrong = np.array([0, 1]), np.array([0, 0])
    made = agreement(
        truth, {"a": [right, right], "b": [right, wrong], "s": [wrong, right]}, ["a", "b"]
    )
    assert made.share.values == [0.0, 0.5]
    assert made.rows["s"].all.values == [0.5, 1.0]
    assert present(made.rows["s"].disagreeing).values == [1.0]
    alike = agreement(truth, {"a": [right], "b": [right]}, ["a", "b"])
    assert alike.rows["a"].disagreeing is None
