"""Times out of stamps that repeat, are missing, contradict each other, or start again."""

from __future__ import annotations

import numpy as np
import pytest

from endoscope_app.media.clock import presentation_times
from endoscope_app.media.gaps import gaps
from endoscope_app.media.packet_table import NO_TIMESTAMP

NONE = NO_TIMESTAMP
HOUR = 3_600_000


def times(*stamps: int, ms_per_tick: float = 1.0) -> list[float]:
    ticks = np.array(stamps, dtype=np.int64)
    found = presentation_times(ticks, np.full(len(ticks), NONE, dtype=np.int64), ms_per_tick, 40.0)
    assert (np.diff(found) > 0).all()
    return [round(float(time), 3) for time in found]


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        ((100, 140, 180), [0, 40, 80]),
        ((0, 40, 40, 120, 160), [0, 40, 80, 120, 160]),  # one repeated
        ((0, 0, 80, 80, 160, 160), [0, 40, 80, 120, 160, 200]),  # every stamp twice
        ((NONE, NONE, 80, 120, 160), [0, 40, 80, 120, 160]),  # none at the front
        ((0, 40, NONE, NONE, 160), [0, 40, 80, 120, 160]),
        ((0, 40, 99_000_000, 120, 160), [0, 40, 80, 120, 160]),  # one far in the future
        ((5000, 5040, 5080, 5120, 0, 40), [0, 40, 80, 120, 160, 200]),
        ((NONE, NONE, NONE), [0, 40, 80]),
        ((7,), [0]),
        ((3, 3, 3), [0, 40, 80]),
    ],
)
def test_times(stamps: tuple[int, ...], expected: list[float]) -> None:
    assert times(*stamps) == pytest.approx(expected)


def test_a_clock_that_starts_again_goes_on_from_the_join() -> None:
    part = list(range(0, 4000, 40))
    assert times(*part, *part) == pytest.approx(list(range(0, 8000, 40)))


def test_a_restart_that_ffmpeg_takes_for_a_wrap_is_no_day() -> None:
    ticks = [9_000_000 + 3600 * frame for frame in range(20)]
    restarted = [(1 << 33) + 3600 * frame for frame in range(20)]
    assert times(*ticks, *restarted, ms_per_tick=1 / 90) == pytest.approx(list(range(0, 1600, 40)))


def test_a_pause_of_an_hour_stays() -> None:
    found = np.array(times(*range(0, 400, 40), *range(HOUR, HOUR + 400, 40)))
    assert found[10] == HOUR
    assert gaps(found).tolist() == [9]


def test_gaps_are_far_longer_than_the_usual_step() -> None:
    assert gaps(np.array([0.0, 2000.0, 4000.0, 6000.0])).tolist() == []  # a time lapse
    assert gaps(np.array([0.0, 40.0, 1030.0, 1070.0])).tolist() == []  # under a second
    assert gaps(np.array([0.0, 40.0, 1050.0, 1090.0])).tolist() == [1]
    assert gaps(np.array([0.0])).tolist() == []
