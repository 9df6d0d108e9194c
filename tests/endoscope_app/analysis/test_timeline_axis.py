"""Where frames lie along the timeline: by their own times, with gaps that are seen, and bounded
work.
"""

import numpy as np
import pytest

from endoscope_app.analysis.timeline.axis import Axis
from endoscope_app.analysis.timeline.geometry import Scale, ticks
from tests.endoscope_app.frame_times import steady, times_of


def vfr() -> Axis:
    """100 frames at 25 per second, then 20 at 2.5 per second: 4 s and 8 s."""
    times = np.concatenate((np.arange(100) * 40.0, 4000 + np.arange(20) * 400.0))
    return Axis(120, times_of(times))


def paused() -> Axis:
    """100 frames, an hour of pause, 100 frames."""
    times = np.concatenate((np.arange(100) * 40.0, 3_604_000 + np.arange(100) * 40.0))
    return Axis(200, times_of(times))


@pytest.mark.parametrize("interval_ms", [40.0, 1001 / 30, 1000 / 60])
def test_one_rate_lies_frame_by_frame_even_where_the_container_rounds(interval_ms: float) -> None:
    axis = Axis(500, times_of(np.round(np.arange(500, dtype=np.float64) * interval_ms)))
    assert axis.length == 500
    places = np.linspace(0, 500, 1234, dtype=np.float64)
    np.testing.assert_allclose(axis.frames(places), places)
    assert [axis.at(3.25), axis.end(3)] == [3.25, 4]


def test_stills_lie_frame_by_frame() -> None:
    axis = Axis(7)
    assert (axis.length, axis.at(6.5), axis.frame(6.5), axis.end(6)) == (7, 6.5, 6.5, 7)


def test_a_frame_that_is_shown_ten_times_as_long_is_ten_times_as_wide() -> None:
    axis = vfr()
    assert axis.length == pytest.approx(12_000 / axis.unit_ms)
    assert axis.at(100) == pytest.approx(axis.length / 3)
    assert axis.end(119) - axis.at(119) == pytest.approx(10 * (axis.end(5) - axis.at(5)))
    for frame in (0, 3.5, 99.9, 100, 101, 119.99):
        assert axis.frame(axis.at(frame)) == pytest.approx(frame)


def test_ticks_stand_at_the_frames_own_times() -> None:
    axis = vfr()
    scale = Scale(0, axis.length, 0, 1200, axis)
    labelled = {label: x for x, label in ticks(scale, 90) if label}
    assert labelled["0:04"] == pytest.approx(400)
    assert labelled["0:04"] == pytest.approx(scale.x(100))
    assert labelled["0:12"] == pytest.approx(1200)


def test_a_gap_is_narrow_and_nothing_lies_in_it() -> None:
    axis = paused()
    ((gap,), (begin,), (end,)) = axis.gap_spans(0, axis.length)
    assert gap == 99
    assert begin == axis.end(99) == 100
    assert end == axis.at(100)
    assert end - begin == pytest.approx(0.02 * 200)
    inside = axis.frames(np.array([begin + 0.1, end - 0.1]))
    assert np.floor(inside).tolist() == [99, 100]
    assert len(axis.gap_spans(0, 50)[0]) == 0


def test_times_behind_a_gap_count_on_and_no_tick_stands_in_it() -> None:
    axis = paused()
    scale = Scale(0, axis.length, 0, 1000, axis)
    found = list(ticks(scale, 100))
    behind = ["1:00:04", "1:00:05", "1:00:06", "1:00:07", "1:00:08"]
    assert [label for _, label in found if label] == [
        "0:00",
        "0:01",
        "0:02",
        "0:03",
        "0:04",
        *behind,
    ]
    left, right = scale.across(axis.end(99)), scale.across(axis.at(100))
    assert not [x for x, _ in found if left + 0.01 < x < right - 0.01]
    assert len(found) < 100


def test_many_gaps_do_not_crowd_out_the_frames() -> None:
    times = np.cumsum(np.where(np.arange(12_000) % 100 == 99, 60_000.0, 40.0))
    axis = Axis(12_000, times_of(times))
    assert len(axis.gaps) == 120
    assert axis.length <= 12_000 * 1.26
    assert len(list(ticks(Scale(0, axis.length, 0, 1000, axis), 90))) < 1000


def test_frames_of_no_length_are_still_found() -> None:
    axis = Axis(100, times_of(np.repeat(np.arange(50) * 40.0, 2)))
    assert (np.diff([axis.at(frame) for frame in range(101)]) > 0).all()
    assert [int(axis.frame(axis.at(frame + 0.5))) for frame in range(100)] == list(range(100))


def test_as_many_times_as_frames() -> None:
    with pytest.raises(ValueError, match="4 times for 5 frames"):
        Axis(5, steady(4))
