"""Suspect labels, held against a plain loop over random labels and models."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from endoscope_app.labels.errors.contradictions import find_label_errors

#: Few values, so that ties and thresholds are met often.
LEVELS = [0.0, 0.25, 0.5, 0.75, 0.8, 1.0]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[int], list[NDArray[Any]], float]:
    frames, classes, models = (
        draw(st.integers(0, 12)),
        draw(st.integers(1, 4)),
        draw(st.integers(1, 3)),
    )
    labels = draw(st.lists(st.integers(-1, classes - 1), min_size=frames, max_size=frames))
    value = st.one_of(st.sampled_from(LEVELS), st.just(math.nan))
    row = st.lists(value, min_size=classes, max_size=classes)
    tables: list[NDArray[Any]] = [
        np.array(draw(st.lists(row, min_size=frames, max_size=frames)), np.float64).reshape(
            frames, classes
        )
        for _ in range(models)
    ]
    return labels, tables, draw(st.sampled_from([0.0, 0.5, 0.8, 1.0]))


def by_loop(
    labels: list[int], tables: list[NDArray[np.float64]], threshold: float
) -> list[tuple[int, float, int]]:
    found = []
    for frame, label in enumerate(labels):
        if label < 0:
            continue
        said: list[tuple[int, float]] = []
        for table in tables:
            row = [float(value) for value in table[frame]]
            if any(math.isnan(value) for value in row):
                break
            best = max(row)
            if row.index(best) == label or best < threshold:
                break
            said.append((row.index(best), best))
        if len(said) < len(tables):
            continue
        ballots: dict[int, list[float]] = {}
        for code, value in said:
            ballots.setdefault(code, []).append(value)
        rival = min(ballots, key=lambda code: (-len(ballots[code]), -sum(ballots[code]), code))
        found.append((frame, sum(value for _, value in said) / len(said), rival))
    return sorted(found, key=lambda one: (-round(one[1], 9), one[0]))


@given(cases())
def test_suspects_are_those_that_a_plain_loop_finds(
    case: tuple[list[int], list[NDArray[Any]], float],
) -> None:
    labels, tables, threshold = case
    contradictions = find_label_errors(np.array(labels, np.int64), tables, threshold)
    expected = by_loop(labels, tables, threshold)
    assert sorted(contradictions.frames.tolist()) == sorted(frame for frame, _, _ in expected)
    assert np.allclose(contradictions.confidence, [sure for _, sure, _ in expected])
    rivals = {frame: rival for frame, _, rival in expected}
    assert [
        rivals[frame] for frame in contradictions.frames.tolist()
    ] == contradictions.rival.tolist()


def test_one_model_that_agrees_or_hesitates_or_has_not_looked_clears_a_label() -> None:
    against = np.array([[0.1, 0.9]] * 4)
    other = np.array([[0.05, 0.95], [0.9, 0.1], [0.3, 0.7], [math.nan, math.nan]])
    contradictions = find_label_errors(np.zeros(4, np.int64), [against, other], 0.8)
    assert contradictions.frames.tolist() == [0]
    assert contradictions.confidence.tolist() == pytest.approx([0.925])
    assert contradictions.rival.tolist() == [1]


@pytest.mark.parametrize(
    ("labels", "shapes"),
    [
        ([0, 0], []),
        ([0, 0], [(3, 2)]),
        ([0, 0], [(2, 2), (2, 3)]),
        ([0, 2], [(2, 2)]),
        ([0], [(1,)]),
    ],
)
def test_what_does_not_fit_together_is_refused(
    labels: list[int], shapes: list[tuple[int, ...]]
) -> None:
    with pytest.raises(ValueError, match=r"model|label"):
        find_label_errors(np.array(labels), [np.zeros(shape) for shape in shapes])
