"""Exact frames where containers mislead: hidden packets, joined parts, recovery points, missing
and repeated stamps.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from endoscope_app.media.opening import OpeningStopped, open_source
from tests.endoscope_app import clips
from tests.present import present

from .test_media_video import assert_exact

COUNT = 60
INTRA_REFRESH = {"x264-params": "intra-refresh=1:keyint=20:scenecut=0"}


def rewritten(
    source: Path,
    target: Path,
    change: Callable[[int, av.Packet[Any]], None],
    options: dict[str, str] | None = None,
) -> Path:
    """Copy packets with stamps changed by ``change(number, packet)``."""
    with av.open(str(source)) as reader, av.open(str(target), "w", options=options or {}) as writer:
        stream = reader.streams.video[0]
        copy = writer.add_stream_from_template(stream)
        packets = [packet for packet in reader.demux(stream) if packet.dts is not None]
        for number, packet in enumerate(packets):
            change(number, packet)
            packet.stream = copy
            writer.mux(packet)
    return target


def joined(target: Path, *parts: Path) -> Path:
    target.write_bytes(b"".join(part.read_bytes() for part in parts))
    return target


@pytest.mark.parametrize("first", [5, 17, 30])
@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_an_edit_list_may_begin_anywhere(tmp_path: Path, first: int, codec: str) -> None:
    whole = clips.make_clip(tmp_path / "whole.mp4", COUNT, codec=codec)
    with av.open(str(whole)) as container:
        tick = round(1 / 25 / present(container.streams.video[0].time_base))

    def earlier(_: int, packet: av.Packet[Any]) -> None:
        packet.pts = present(packet.pts) - first * tick
        packet.dts = present(packet.dts) - first * tick

    trimmed = rewritten(whole, tmp_path / "trimmed.mp4", earlier, {"avoid_negative_ts": "disabled"})
    with av.open(str(trimmed)) as container:
        assert any(packet.is_discard for packet in container.demux(video=0))
    with open_source(trimmed) as source:
        assert_exact(source, list(range(first, COUNT)))
        assert source.info.notes == ()


@pytest.mark.parametrize("codec", ["libx264", "mpeg2video"])
def test_parts_that_repeat_are_all_there(tmp_path: Path, codec: str) -> None:
    part = clips.make_clip(tmp_path / "a.ts", COUNT, codec=codec, b_frames=2)
    with open_source(joined(tmp_path / "twice.ts", part, part)) as source:
        assert_exact(source, [*range(COUNT), *range(COUNT)])
        assert source.info.stamp_kind == "position"
        assert source.info.duration_ms == pytest.approx(2 * COUNT * 40)
        assert not source.info.damaged


def test_parts_that_overlap_are_shown_one_after_the_other(tmp_path: Path) -> None:
    first = clips.make_clip(tmp_path / "a.ts", COUNT)
    with av.open(str(first)) as container:
        tick = round(1 / 25 / present(container.streams.video[0].time_base))
    second = clips.remux(
        clips.make_clip(tmp_path / "b.ts", 40), tmp_path / "late.ts", shift=50 * tick + tick // 2
    )
    with open_source(joined(tmp_path / "overlap.ts", first, second)) as source:
        assert_exact(source, [*range(COUNT), *range(40)])


@pytest.mark.parametrize("name", ["refresh.ts", "refresh.mkv", "refresh.mp4"])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_intra_refresh_seeks_to_whole_frames(tmp_path: Path, name: str, b_frames: int) -> None:
    path = clips.make_clip(tmp_path / name, 100, gop=20, b_frames=b_frames, options=INTRA_REFRESH)
    with open_source(path) as source:
        assert_exact(source, list(range(100)))
        in_order = [source.read(index).image.copy() for index in range(100)]
    for index in (99, 61, 37, 20):
        with open_source(path) as source:
            assert np.array_equal(source.read(index).image, in_order[index]), index


def test_repeated_stamps_keep_the_time_of_the_container(tmp_path: Path) -> None:
    whole = clips.make_clip(
        tmp_path / "whole.mkv", COUNT, codec="mjpeg", pix_fmt="yuvj420p", b_frames=0
    )

    def paired(number: int, packet: av.Packet[Any]) -> None:
        packet.pts = packet.dts = number // 2 * 80

    with open_source(rewritten(whole, tmp_path / "pairs.mkv", paired)) as source:
        assert_exact(source, list(range(COUNT)))
        assert source.info.duration_ms == pytest.approx(COUNT * 40)
        assert source.info.stamp_kind == "position"


def test_a_single_repeated_stamp_moves_no_other(tmp_path: Path) -> None:
    whole = clips.make_clip(
        tmp_path / "whole.mkv", COUNT, codec="mjpeg", pix_fmt="yuvj420p", b_frames=0
    )

    def repeated(number: int, packet: av.Packet[Any]) -> None:
        packet.pts = packet.dts = (number - (number == 20)) * 40

    with open_source(rewritten(whole, tmp_path / "single.mkv", repeated)) as source:
        assert_exact(source, list(range(COUNT)))
        assert [source.time_ms(index) for index in (19, 20, 21, 59)] == pytest.approx(
            [760, 800, 840, 2360], abs=1
        )


def test_frames_of_constant_size_without_own_positions_are_told_apart(tmp_path: Path) -> None:
    path = clips.make_clip(
        tmp_path / "raw.avi", COUNT, codec="rawvideo", pix_fmt="yuv420p", b_frames=0, size=(64, 48)
    )
    with open_source(path) as source:
        assert_exact(source, list(range(COUNT)))


def test_looking_through_a_file_reports_and_can_be_stopped(tmp_path: Path) -> None:
    part = clips.make_clip(tmp_path / "a.ts", COUNT)
    path = joined(tmp_path / "many.ts", *[part] * 20)
    shares: list[float] = []
    with open_source(path, progress=shares.append) as source:
        assert source.info.frame_count == 20 * COUNT
    assert len(shares) > 3
    assert shares == sorted(shares)
    stop_after = iter([False, False])
    with pytest.raises(OpeningStopped):
        open_source(path, should_stop=lambda: next(stop_after, True))


def test_a_full_decode_while_opening_reports_and_can_be_stopped(tmp_path: Path) -> None:
    """Stamps that repeat in a stream with B-frames do not tell the order: everything has to be
    decoded.
    """
    whole = clips.make_clip(tmp_path / "whole.mp4", 300, b_frames=2)
    with av.open(str(whole)) as container:
        step = round(Fraction(1, 10) / present(container.streams.video[0].time_base))

    def coarse(number: int, packet: av.Packet[Any]) -> None:
        packet.pts = present(packet.pts) // step * step + step
        packet.dts = number

    path = rewritten(whole, tmp_path / "coarse.mkv", coarse)
    shares: list[float] = []
    with open_source(path, progress=shares.append) as source:
        assert_exact(source, list(range(300)))
    assert any(0.5 < share < 1.0 for share in shares)
    with pytest.raises(OpeningStopped):
        open_source(path, should_stop=lambda: bool(shares) and shares.pop() < 0.99)


def test_a_file_that_grows_while_open_keeps_its_frames(tmp_path: Path) -> None:
    part = clips.make_clip(tmp_path / "a.ts", COUNT)
    path = joined(tmp_path / "growing.ts", part)
    with open_source(path) as source:
        joined(path, part, part)
        assert [index for index, _ in source.small_frames(30, COUNT, 64)] == list(range(30, COUNT))


def test_opening_an_ordinary_file_decodes_little(tmp_path: Path) -> None:
    path = clips.make_clip(tmp_path / "long.mp4", 1500, size=(64, 48))
    began = time.process_time()
    with open_source(path) as source:
        opening = time.process_time() - began
        began = time.process_time()
        assert sum(1 for _ in source.small_frames(0, 1500, 48)) == 1500
        assert opening < time.process_time() - began
