"""The speed of the frames that play, from when they were painted."""

from __future__ import annotations

import numpy as np
import pytest

from endoscope_app.media.source import Frame
from endoscope_app.viewing.inference_thread import ClassifiedFrame, DecodedFrame
from endoscope_app.viewing.live_speed import LiveSpeedCount


def frame(index: int, *, playing: bool = True, infer_ms: float = 6.0) -> ClassifiedFrame:
    image = np.zeros((1, 1, 4), np.uint8)
    decoded = DecodedFrame(1, Frame(index, 40.0 * index, image), 3.0, 0.0, playing)
    return ClassifiedFrame(decoded, None, None, infer_ms)


def test_the_rate_is_that_of_the_frames_that_play() -> None:
    count = LiveSpeedCount(lambda: 0)
    assert count.painted(frame(0, playing=False), 1.0, 0.0).per_second is None
    for index in range(1, 40):
        speed = count.painted(frame(index), 2.0, 10.0 + 0.04 * index)
    assert speed.per_second == pytest.approx(25.0)
    assert (speed.decode_ms, speed.infer_ms, speed.draw_ms) == (3.0, 6.0, 2.0)
    assert (speed.shown, speed.dropped, speed.keeps_up) == (40, 0, True)
    assert count.painted(frame(40, playing=False), 2.0, 99.0).per_second is None


def test_a_frame_that_is_painted_again_counts_once_and_a_replaced_one_is_dropped() -> None:
    lost = [5]
    count = LiveSpeedCount(lambda: lost[0])
    first, second = frame(0), frame(1)
    count.painted(first, 1.0, 0.0)
    assert count.painted(first, 1.0, 0.1).shown == 1
    count.replaced(first.decoded)
    assert count.dropped == 0
    count.replaced(second.decoded)
    lost[0] += 2
    speed = count.painted(frame(2), 1.0, 0.2)
    assert (speed.dropped, speed.keeps_up) == (3, False)
    assert count.painted(frame(3), 1.0, 0.3).keeps_up
    count.restart()
    assert (count.shown, count.dropped) == (0, 0)
