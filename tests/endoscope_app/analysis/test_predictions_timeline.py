"""The timeline and its pyramid: right against a plain loop, and as cheap at 120,000 frames as
at 10,000.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from endoscope_app.analysis.pyramid import FACTOR
from endoscope_app.analysis.timeline_data import Timeline
from tests.endoscope_app.frame_times import even
from tests.present import present


def probabilities(frames: int, classes: int = 4, seed: int = 0) -> NDArray[Any]:
    values = np.random.default_rng(seed).random((frames, classes)).astype(np.float32) ** 3
    return np.asarray(values / values.sum(axis=1, keepdims=True))


def one_hot(labels: list[int], classes: int = 3, top: float = 0.9) -> NDArray[Any]:
    values = np.full((len(labels), classes), (1 - top) / (classes - 1), np.float32)
    values[np.arange(len(labels)), labels] = top
    return values


def test_a_new_timeline_knows_nothing() -> None:
    timeline = Timeline(10, 3)
    assert timeline.known_count == 0
    assert timeline.probabilities(4) is None
    assert timeline.labels().tolist() == [-1] * 10
    assert timeline.window(even(0, 10, 5)).label.tolist() == [-1] * 5


def test_writing_out_of_order_and_twice_counts_each_frame_once() -> None:
    timeline = Timeline(10, 3)
    timeline.write(4, one_hot([1, 2, 0]))
    timeline.write(0, one_hot([0, 0, 0, 0, 2]))
    assert timeline.known_count == 7
    assert timeline.labels().tolist() == [0, 0, 0, 0, 2, 2, 0, -1, -1, -1]
    assert [timeline.is_known(index) for index in (-1, 0, 6, 7, 10)] == [
        False,
        True,
        True,
        False,
        False,
    ]
    timeline.write(7, one_hot([0, 0, 0]))
    np.testing.assert_allclose(present(timeline.probabilities(4)), [0.05, 0.05, 0.9], atol=1e-3)


@pytest.mark.parametrize(
    ("start", "values"),
    [
        (8, one_hot([0, 0, 0])),
        (-1, one_hot([0])),
        (0, one_hot([0], classes=4)),
        (0, np.full((1, 3), np.nan, np.float32)),
    ],
)
def test_writing_nonsense_is_refused(start: int, values: Any) -> None:
    with pytest.raises(ValueError, match=r"outside|expected|finite"):
        Timeline(10, 3).write(start, values)


def test_restored_equals_written() -> None:
    written = Timeline(100, 4)
    written.write(20, probabilities(30))
    restored = Timeline.restored(written.raw.copy(), written.known.copy())
    assert restored.known_count == 30
    assert (restored.labels() == written.labels()).all()
    for one, other in zip(
        vars(restored.window(even(0, 100, 7))).values(),
        vars(written.window(even(0, 100, 7))).values(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_a_window_by_hand() -> None:
    timeline = Timeline(8, 3)
    timeline.write(0, one_hot([0, 0, 0, 1, 2, 2]))
    seen = timeline.window(even(0, 8, 2))  # 0 0 0 1 | 2 2 ? ?
    assert seen.label.tolist() == [0, 2]
    np.testing.assert_allclose(seen.confidence, [(3 * 0.9 + 0.05) / 4, 0.9], atol=1e-3)
    assert seen.uncertain.tolist() == [0, 0]


def test_more_columns_than_frames_show_the_frame_under_each() -> None:
    timeline = Timeline(3, 3)
    timeline.write(0, one_hot([2, 0, 1]))
    assert timeline.window(even(0, 3, 12)).label.tolist() == [2] * 4 + [0] * 4 + [1] * 4
    assert timeline.window(even(0.5, 2.5, 4)).label.tolist() == [2, 0, 0, 1]


def test_outside_the_recording_nothing_is_known() -> None:
    timeline = Timeline(10, 3)
    timeline.write(0, one_hot([1] * 10))
    assert timeline.window(even(-10, 20, 3)).label.tolist() == [-1, 1, -1]
    assert timeline.window(even(-5, 15, 80)).label.tolist() == [-1] * 20 + [1] * 40 + [-1] * 20
    assert timeline.window(even(100, 200, 4)).label.tolist() == [-1] * 4
    assert timeline.window(even(10, 10.5, 4)).label.tolist() == [-1] * 4


def test_weak_and_close_answers_are_uncertain() -> None:
    timeline = Timeline(4, 3)
    timeline.write(
        0,
        np.array(
            [[0.45, 0.3, 0.25], [0.52, 0.44, 0.04], [0.9, 0.05, 0.05], [0.6, 0.3, 0.1]], np.float32
        ),
    )
    assert timeline.window(even(0, 4, 4)).uncertain.tolist() == [1, 1, 0, 0]
    assert timeline.window(even(0, 4, 1)).uncertain.tolist() == [0.5]


@pytest.mark.parametrize("start", range(60_000, 60_009))
def test_a_finding_of_six_frames_shows_when_120_000_are_seen(start: int) -> None:
    timeline = Timeline(120_000, 3)
    labels = np.zeros(120_000, int)
    labels[start : start + 6] = 2
    timeline.write(0, one_hot(labels.tolist()))
    seen = timeline.window(even(0, 120_000, 1000))
    assert set(np.flatnonzero(seen.peak_label == 2)) <= {499, 500}
    assert (seen.peak_label == 2).any()
    assert seen.peak_share.max() > 0


def test_a_flicker_of_one_frame_does_not() -> None:
    timeline = Timeline(12_000, 3)
    labels = np.zeros(12_000, int)
    labels[6001] = 2
    timeline.write(0, one_hot(labels.tolist()))
    assert (timeline.window(even(0, 12_000, 100)).peak_label == -1).all()
    assert 2 in timeline.window(even(5990, 6010, 20)).label


def test_one_class_is_enough() -> None:
    timeline = Timeline(40, 1)
    timeline.write(0, np.ones((40, 1), np.float32))
    seen = timeline.window(even(0, 40, 3))
    assert seen.label.tolist() == [0, 0, 0]
    assert seen.peak_label.tolist() == [-1, -1, -1]


def test_no_frames() -> None:
    timeline = Timeline(0, 3)
    timeline.write(0, np.empty((0, 3), np.float32))
    assert timeline.window(even(0, 1, 5)).label.tolist() == [-1] * 5


def test_the_cost_follows_the_columns_not_the_frames() -> None:
    timeline = Timeline(120_000, 8)
    timeline.write(0, probabilities(120_000, 8))
    for first, last in [
        (0, 120_000),
        (30_000, 90_000),
        (59_000.3, 61_200.7),
        (5, 1800),
        (17.2, 40.1),
    ]:
        for columns in (300, 1900):
            assert timeline.window(even(first, last, columns)).touched <= FACTOR * columns + 2


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_against_a_plain_loop(data: st.DataObject) -> None:
    frames = data.draw(st.integers(1, 400))
    timeline = Timeline(frames, 3)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, frames - 1))
        count = data.draw(st.integers(0, frames - start))
        timeline.write(start, probabilities(count, 3, data.draw(st.integers(0, 99))))
    columns = data.draw(st.integers(1, 40))
    size = 4 ** data.draw(st.integers(0, 3))
    # Aligned with the buckets, so the loop is exact
    seen = timeline.window(even(0, columns * size, columns))
    for column in range(columns):
        chunk = slice(column * size, (column + 1) * size)
        known = timeline.known[chunk]
        if not known.any():
            assert seen.label[column] == -1
            assert seen.confidence[column] == 0
            continue
        values = timeline.raw[chunk][known].astype(np.float64)
        top = np.sort(values, axis=1)
        assert values.sum(axis=0)[seen.label[column]] == pytest.approx(
            values.sum(axis=0).max(), abs=1e-4
        )
        assert seen.confidence[column] == pytest.approx(values.mean(axis=0).max(), abs=1e-5)
        unsure = (top[:, -1] < 0.5) | (
            (top[:, -1] - top[:, -2]).astype(np.float32) < np.float32(0.15)
        )
        assert seen.uncertain[column] == pytest.approx(unsure.mean(), abs=1e-6)
        assert timeline.labels()[chunk][known].tolist() == values.argmax(axis=1).tolist()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3000), st.floats(-50, 3000), st.floats(0.5, 4000), st.integers(1, 200))
def test_any_window_shows_every_known_part(
    frames: int, first: float, span: float, columns: int
) -> None:
    timeline = Timeline(frames, 3)
    timeline.write(0, probabilities(frames, 3))
    seen = timeline.window(even(first, first + span, columns))
    centre = first + (np.arange(columns) + 0.5) * span / columns
    inside = (centre > 0) & (centre < frames)
    assert (seen.label[inside] >= 0).all()
    assert len(seen) == columns


def test_a_column_shows_the_frames_between_its_edges_however_wide_its_neighbours_are() -> None:
    timeline = Timeline(104, 3)
    timeline.write(0, one_hot([0] * 100 + [1, 2, 1, 2]))
    edges = np.array([0, 50, 100, 100.5, 101, 101.5, 102, 103, 104])
    assert timeline.window(edges).label.tolist() == [0, 0, 1, 1, 2, 2, 1, 2]


def test_columns_of_unequal_width_cost_no_more_for_a_longer_recording() -> None:
    timeline = Timeline(120_000, 8)
    timeline.write(0, probabilities(120_000, 8))
    edges = np.concatenate((np.linspace(0, 119_000, 500), np.linspace(119_000, 120_000, 501)[1:]))
    assert timeline.window(edges).touched <= 16 * 1000 + 2


def test_edges_that_fall_or_enclose_nothing_are_refused() -> None:
    for edges in ([0.0, 2.0, 1.0], [1.0, 1.0], [0.0], [0.0, np.nan]):
        with pytest.raises(ValueError, match="no window"):
            Timeline(10, 3).window(np.array(edges))
