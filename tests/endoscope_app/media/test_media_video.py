"""Every index of every kind of clip always gives the frame with that number, in any order, and
small_frames agrees.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from endoscope_app.media.opening import open_source
from endoscope_app.media.source import FrameSource
from tests.endoscope_app import clips

SMALL = 64
COUNT = 60


def vfr_pts(count: int) -> list[int]:
    stamps, now = [], 0
    for number in range(count):
        stamps.append(now)
        now += (20, 40, 33, 120, 41)[number % 5]
    return stamps


def late(path: Path) -> Path:
    whole = clips.make_clip(path.with_name("whole.mp4"), COUNT)
    return clips.remux(whole, path, shift=900_000)


CLIPS: dict[str, Callable[[Path], Path]] = {
    "b_frames.mp4": lambda p: clips.make_clip(p, COUNT, b_frames=3),
    "open_gop.mkv": lambda p: clips.make_clip(
        p, COUNT, b_frames=3, options={"x264-params": "open-gop=1:bframes=3:keyint=12:b-adapt=0"}
    ),
    "one_keyframe.mkv": lambda p: clips.make_clip(p, COUNT, gop=1000),
    "ntsc.mp4": lambda p: clips.make_clip(p, COUNT, rate=Fraction(30000, 1001)),
    "vfr.mp4": lambda p: clips.make_clip(p, COUNT, pts=vfr_pts(COUNT), time_base=Fraction(1, 1000)),
    "vfr.mkv": lambda p: clips.make_clip(p, COUNT, pts=vfr_pts(COUNT), time_base=Fraction(1, 1000)),
    "late.ts": late,
    "late.mkv": late,
    "mpeg2.mpg": lambda p: clips.make_clip(p, COUNT, codec="mpeg2video"),
    "mpeg2.ts": lambda p: clips.make_clip(p, COUNT, codec="mpeg2video"),
    "h264.ts": lambda p: clips.make_clip(p, COUNT, b_frames=3),
    "h264.avi": lambda p: clips.make_clip(p, COUNT, b_frames=3),
    "mpeg4.avi": lambda p: clips.make_clip(p, COUNT, codec="mpeg4"),
    "mjpeg.avi": lambda p: clips.make_clip(p, COUNT, codec="mjpeg", pix_fmt="yuvj420p", b_frames=0),
    "vp9.webm": lambda p: clips.make_clip(
        p, 30, codec="libvpx-vp9", options={"deadline": "realtime", "cpu-used": "8"}
    ),
    "vp8_hidden.webm": lambda p: clips.make_clip(
        p,
        COUNT,
        codec="libvpx",
        options={"auto-alt-ref": "1", "lag-in-frames": "16", "deadline": "good", "cpu-used": "5"},
    ),
    "odd.mp4": lambda p: clips.make_clip(p, COUNT, size=(321, 243), pix_fmt="yuv444p"),
    "odd.avi": lambda p: clips.make_clip(
        p, COUNT, codec="mjpeg", size=(321, 243), pix_fmt="yuvj420p", b_frames=0
    ),
    "raw.h264": lambda p: clips.make_clip(p, COUNT, b_frames=2),
    "interlaced.mpg": lambda p: clips.make_clip(
        p, COUNT, codec="mpeg2video", interlaced=True, options={"flags": "+ildct+ilme"}
    ),
    "mbaff.ts": lambda p: clips.make_clip(
        p, COUNT, interlaced=True, options={"flags": "+ildct+ilme"}
    ),
    "grüße mit lücke 🎥.mp4": lambda p: clips.make_clip(p, 20),
}


def assert_exact(source: FrameSource, expected: list[int]) -> None:
    """Random reads, reads in order, reads backwards, and small frames in halves all find
    ``expected``.
    """
    count = source.info.frame_count
    assert count == len(expected)
    order = list(range(count))
    random.Random(3).shuffle(order)
    backwards = list(range(count - 1, max(count - 20, -1), -1))
    for index in [*order, *range(count), *backwards]:
        frame = source.read(index)
        assert frame.index == index
        assert frame.image.shape == (source.info.height, source.info.width, 4)
        assert frame.image.flags.c_contiguous
        assert clips.read_number(frame.image) == expected[index], index
    for start, stop in source.segments(2, 0):
        small = [
            (index, clips.read_number(image))
            for index, image in source.small_frames(start, stop, SMALL)
        ]
        assert small == [(index, expected[index]) for index in range(start, stop)]
    times = [source.time_ms(index) for index in range(count)]
    assert times[0] == 0
    assert all(later > earlier for earlier, later in itertools.pairwise(times))
    assert [source.index_at(time) for time in times] == list(range(count))


@pytest.mark.parametrize("name", CLIPS)
def test_every_index_finds_its_frame(tmp_path: Path, name: str) -> None:
    path = CLIPS[name](tmp_path / name)
    with open_source(path) as source:
        assert source.info.notes == ()
        assert_exact(source, list(range(source.info.frame_count)))
        assert source.info.frame_count in (COUNT, 30, 20)
