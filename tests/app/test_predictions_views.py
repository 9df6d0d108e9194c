"""Smoothing and findings, by hand and against plain loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endoscope_app.predictions.events import Finding, findings, flips_per_1000
from endoscope_app.predictions.smoothing import smooth


def loop_smooth(values, window, known):
    out = np.zeros(values.shape)
    for frame in range(len(values)):
        if known[frame]:
            near = range(max(0, frame - (window - 1) // 2), min(len(values), frame + window // 2 + 1))
            out[frame] = np.mean([values[other] for other in near if known[other]], axis=0)
    return out


def loop_findings(smoothed, known, minimum, threshold):
    found, start = [], 0
    label = [int(row.argmax()) if ok and row.max() >= threshold else -1 for row, ok in zip(smoothed, known, strict=True)]
    for frame in range(1, len(label) + 1):
        if frame == len(label) or label[frame] != label[start]:
            if label[start] >= 0 and frame - start >= minimum:
                run = smoothed[start:frame, label[start]]
                found.append((label[start], start, frame, start + int(run.argmax()), pytest.approx(run.mean())))
            start = frame
    return found


def test_smoothing_by_hand():
    values = np.array([[1, 0], [0, 1], [1, 0], [1, 0]], np.float32)
    np.testing.assert_allclose(smooth(values, 3)[:, 0], [0.5, 2 / 3, 2 / 3, 1])
    np.testing.assert_array_equal(smooth(values, 1), values)


def test_unknown_frames_neither_give_nor_get():
    values = np.array([[1, 0], [0, 0], [0, 1]], np.float32)
    np.testing.assert_allclose(smooth(values, 3), [[1, 0], [0, 0], [0, 1]])
    values[1] = np.nan
    np.testing.assert_allclose(smooth(values, 3), [[1, 0], [0, 0], [0, 1]])
    known = np.array([True, False, True])
    np.testing.assert_allclose(smooth(np.ones((3, 2)), 3, known), [[1, 1], [0, 0], [1, 1]])


def test_smoothing_leaves_its_input_alone_and_takes_nothing():
    values = np.array([[0.2, np.nan]])
    smooth(values, 5)
    assert np.isnan(values[0, 1])
    assert smooth(np.empty((0, 3), np.float16), 5).shape == (0, 3)
    with pytest.raises(ValueError, match="at least one frame"):
        smooth(values, 0)


def test_findings_by_hand():
    labels = np.array([0, 0, 0, 1, 0, 2, 2, 2, 2, -1, 2])
    known = np.ones(11, bool)
    assert findings(labels, known, 3, 0.5) == [Finding(0, 0, 3, 0, 1.0), Finding(2, 5, 9, 5, 1.0)]
    assert findings(labels, np.arange(11) != 6, 2, 0.5) == [Finding(0, 0, 3, 0, 1.0), Finding(2, 7, 9, 7, 1.0)]
    assert findings(labels, np.zeros(11, bool), 1, 0.5) == []


def test_findings_of_probabilities_by_hand():
    smoothed = np.array([[0.6, 0.4], [0.9, 0.1], [0.55, 0.45], [0.1, 0.9], [0.2, 0.8]], np.float32)
    found = findings(smoothed, np.ones(5, bool), 2, 0.6)
    assert [(one.label, one.start, one.stop, one.peak_index) for one in found] == [(0, 0, 2, 1), (1, 3, 5, 3)]
    assert found[0].mean_probability == pytest.approx(0.75)
    assert found[1].frames == 2
    assert findings(np.empty((0, 2)), np.empty(0, bool), 1, 0.5) == []
    assert findings(np.empty(0, np.int16), np.empty(0, bool), 1, 0.5) == []


def test_smoothing_merges_a_flickering_finding():
    labels = np.array([0] * 20 + [1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1] + [0] * 20)
    values = np.where(labels[:, None] == np.arange(2), 0.95, 0.05)
    known = np.ones(len(labels), bool)
    assert [one for one in findings(values, known, 6, 0.5) if one.label == 1] == []
    merged = [one for one in findings(smooth(values, 5), known, 6, 0.5) if one.label == 1]
    assert [(one.start, one.stop) for one in merged] == [(20, 32)]


def test_flips():
    assert flips_per_1000(np.array([0, 0, 1, 1, 0])) == 500
    assert flips_per_1000(np.array([0, -1, 1, 1])) == 0
    assert flips_per_1000(np.array([], np.int16)) == 0
    assert flips_per_1000(np.array([3])) == 0


rows = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100), st.booleans()), max_size=60)


@settings(max_examples=80, deadline=None)
@given(rows, st.integers(1, 20))
def test_smoothing_against_a_plain_loop(given_rows, window):
    values = np.array([(one / 100, other / 100) for one, other, _ in given_rows], float).reshape(-1, 2)
    known = np.array([ok for *_, ok in given_rows], bool)
    np.testing.assert_allclose(smooth(values, window, known), loop_smooth(values, window, known), atol=1e-6)


@settings(max_examples=80, deadline=None)
@given(rows, st.integers(1, 6), st.sampled_from([0.0, 0.3, 0.5, 0.9]))
def test_findings_against_a_plain_loop(given_rows, minimum, threshold):
    values = np.array([(one / 100, other / 100) for one, other, _ in given_rows], float).reshape(-1, 2)
    known = np.array([ok for *_, ok in given_rows], bool)
    found = [(one.label, one.start, one.stop, one.peak_index, one.mean_probability) for one in findings(values, known, minimum, threshold)]
    assert found == loop_findings(values, known, minimum, threshold)
