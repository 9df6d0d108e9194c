"""Smoothing and findings by the frames' own times, by hand and against plain loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from endoscope_app.analysis.findings import Finding, find_findings, findings
from endoscope_app.analysis.smoothing import smooth
from endoscope_app.media.frame_times import FrameTimes
from tests.endoscope_app.frame_times import steady, times_of

HALF = np.array([0.5, 0.5])


def all_known(values: NDArray[Any] | list[Any]) -> NDArray[Any]:
    return np.ones(len(values), bool)


def loop_parts(times: FrameTimes) -> list[int]:
    return [sum(1 for gap in times.gaps if gap < frame) for frame in range(len(times))]


def loop_smooth(
    values: NDArray[Any], times: FrameTimes, window_ms: float, known: NDArray[Any]
) -> NDArray[Any]:
    out, part = np.zeros(values.shape), loop_parts(times)
    for frame in range(len(values)):
        if not known[frame]:
            continue
        near = [
            other
            for other in range(len(values))
            if known[other]
            and part[other] == part[frame]
            and (
                other == frame
                or (
                    window_ms
                    and abs(times.times_ms[other] - times.times_ms[frame]) <= window_ms / 2 + 1
                )
            )
        ]
        out[frame] = np.mean([values[other] for other in near], axis=0)
    return out


def loop_findings(
    smoothed: NDArray[Any],
    known: NDArray[Any],
    times: FrameTimes,
    minimum_ms: float,
    threshold: float,
) -> list[tuple[Any, ...]]:
    found, start, part = [], 0, loop_parts(times)
    label = [
        int(row.argmax()) if ok and row.max() >= threshold else -1
        for row, ok in zip(smoothed, known, strict=True)
    ]
    for frame in range(1, len(label) + 1):
        if frame == len(label) or label[frame] != label[start] or part[frame] != part[start]:
            lasts = (
                times.times_ms[frame - 1] + times.durations_ms[frame - 1] - times.times_ms[start]
            )
            if label[start] >= 0 and lasts >= minimum_ms - 1:
                run = smoothed[start:frame, label[start]]
                found.append(
                    (
                        label[start],
                        start,
                        frame,
                        start + int(run.argmax()),
                        pytest.approx(run.mean()),
                    )
                )
            start = frame
    return found


def plain(found: list[Finding]) -> list[tuple[int, int, int]]:
    return [(finding.label, finding.start, finding.stop) for finding in found]


def test_times_durations_and_pauses_by_hand() -> None:
    times = times_of([0, 40, 80, 120, 5120, 5160, 5200])
    assert times.gaps.tolist() == [3]
    assert times.durations_ms.tolist() == [40] * 7
    assert times.playing_ms.tolist() == [0, 40, 80, 120, 160, 200, 240]
    assert times.pause_ms(3) == 4960
    assert (times.paused_between(0, 3), times.paused_between(3, 4), times.paused_between(4, 6)) == (
        0,
        4960,
        0,
    )
    assert times.span_ms(2, 6) == 5200 - 80


def test_a_variable_rate_has_each_frame_as_long_as_it_is_shown() -> None:
    times = times_of([0, 40, 80, 480, 880])
    assert times.durations_ms.tolist() == [40, 40, 400, 400, 400]
    assert times.gaps.tolist() == []


@pytest.mark.parametrize("milliseconds", [[], [0.0], [0.0, 0.0], [0.0, 5000.0]])
def test_few_frames_have_a_length(milliseconds: list[float]) -> None:
    times = times_of(milliseconds)
    assert (times.durations_ms > 0).all() or times.durations_ms.tolist() == [0, 0]
    values = np.full((len(milliseconds), 2), 0.5, np.float32)
    assert smooth(values, times, 1000, all_known(values)).shape == values.shape


def test_smoothing_by_hand() -> None:
    values = np.array([[1, 0], [0, 1], [1, 0], [1, 0]], np.float32)
    np.testing.assert_allclose(
        smooth(values, steady(4), 80, all_known(values))[:, 0], [0.5, 2 / 3, 2 / 3, 1]
    )
    np.testing.assert_array_equal(smooth(values, steady(4), 0, all_known(values)), values)


def test_smoothing_reaches_as_far_in_time_where_frames_are_rarer() -> None:
    values = np.array([[1, 0], [0, 1], [1, 0], [0, 1], [1, 0]], np.float32)
    times = times_of([0, 40, 80, 480, 880])
    # 100 ms around: three frames at 25 per second, one at 2.5 per second
    np.testing.assert_allclose(
        smooth(values, times, 100, all_known(values))[:, 0], [1 / 2, 2 / 3, 1 / 2, 0, 1]
    )


def test_nothing_is_smoothed_over_a_gap() -> None:
    values = np.array([[1, 0]] * 3 + [[0, 1]] * 3, np.float32)
    times = times_of([0, 40, 80, 4000, 4040, 4080])
    np.testing.assert_array_equal(smooth(values, times, 60_000, all_known(values)), values)


def test_unknown_frames_neither_give_nor_get() -> None:
    known = np.array([True, False, True])
    np.testing.assert_allclose(
        smooth(np.ones((3, 2)), steady(3), 80, known), [[1, 1], [0, 0], [1, 1]]
    )
    values = np.array([[1, 0], [np.nan, 0], [0, 1]], np.float32)
    np.testing.assert_allclose(smooth(values, steady(3), 80, known), [[1, 0], [0, 0], [0, 1]])
    assert np.isnan(values[1, 0])


def test_findings_of_probabilities_by_hand() -> None:
    smoothed = np.array([[0.6, 0.4], [0.9, 0.1], [0.55, 0.45], [0.1, 0.9], [0.2, 0.8]], np.float32)
    found = findings(smoothed, all_known(smoothed), steady(5), 80, np.array([0.6, 0.6]))
    assert [(one.label, one.start, one.stop, one.peak_index) for one in found] == [
        (0, 0, 2, 1),
        (1, 3, 5, 3),
    ]
    assert found[0].mean_probability == pytest.approx(0.75)
    assert findings(smoothed, np.arange(5) != 4, steady(5), 80, np.array([0.6, 0.95])) == found[:1]
    assert findings(np.empty((0, 2)), np.empty(0, bool), steady(0), 1, HALF) == []


def test_a_finding_is_as_long_as_its_frames_are_shown_and_ends_at_a_gap() -> None:
    values = np.tile(np.array([[0.95, 0.05]], np.float32), (10, 1))
    # 20 frames per second, two hours of pause in the middle: 250 ms on either side
    times = times_of([0, 50, 100, 150, 200, 7_200_000, 7_200_050, 7_200_100, 7_200_150, 7_200_200])
    assert plain(find_findings(values, all_known(values), HALF, times, 1.0, 0.25)) == [
        (0, 0, 5),
        (0, 5, 10),
    ]
    assert find_findings(values, all_known(values), HALF, times, 1.0, 0.3) == []
    # by an average rate of one frame in 12 minutes, one frame would have been enough
    rare = times_of(np.arange(10, dtype=np.float64) * 400)
    assert plain(find_findings(values, all_known(values), HALF, rare, 0.0, 4.0)) == [(0, 0, 10)]
    assert find_findings(values, all_known(values), HALF, rare, 0.0, 4.1) == []


def test_smoothing_merges_a_flickering_finding() -> None:
    labels = np.array([0] * 20 + [1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1] + [0] * 20)
    values = np.where(labels[:, None] == np.arange(2), 0.95, 0.05)
    times = steady(len(labels))
    assert [
        finding
        for finding in findings(values, all_known(values), times, 240, HALF)
        if finding.label == 1
    ] == []
    merged = findings(
        smooth(values, times, 160, all_known(values)), all_known(values), times, 240, HALF
    )
    assert [(one.start, one.stop) for one in merged if one.label == 1] == [(20, 32)]


rows = st.lists(
    st.tuples(
        st.integers(0, 100),
        st.integers(0, 100),
        st.booleans(),
        st.sampled_from([0, 20, 40, 41, 400, 999, 5000]),
    ),
    max_size=60,
)


def drawn(given_rows: Any) -> tuple[NDArray[Any], NDArray[Any], FrameTimes]:
    values = np.array([(one / 100, other / 100) for one, other, *_ in given_rows], float).reshape(
        -1, 2
    )
    known = np.array([row[2] for row in given_rows], bool)
    return values, known, times_of(np.cumsum([row[3] for row in given_rows]))


@settings(max_examples=80, deadline=None)
@given(rows, st.sampled_from([0, 40, 100, 1000, 20_000]))
def test_smoothing_against_a_plain_loop(given_rows: Any, window_ms: float) -> None:
    values, known, times = drawn(given_rows)
    np.testing.assert_allclose(
        smooth(values, times, window_ms, known),
        loop_smooth(values, times, window_ms, known),
        atol=1e-6,
    )


@settings(max_examples=80, deadline=None)
@given(rows, st.sampled_from([1, 80, 500, 2000]), st.sampled_from([0.0, 0.3, 0.5, 0.9]))
def test_findings_against_a_plain_loop(
    given_rows: Any, minimum_ms: float, threshold: float
) -> None:
    values, known, times = drawn(given_rows)
    found = [
        (finding.label, finding.start, finding.stop, finding.peak_index, finding.mean_probability)
        for finding in findings(values, known, times, minimum_ms, np.full(2, threshold))
    ]
    assert found == loop_findings(values, known, times, minimum_ms, threshold)
