"""Frames that FFmpeg leaves out of a damaged file without a word are said: torn Matroska
elements, packets that give no frame.
"""

from __future__ import annotations

import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import pytest

from endoscope_app.media.matroska import first_break
from endoscope_app.media.opening import open_source
from tests.endoscope_app import clips

from .test_media_video import assert_exact

COUNT = 150


def frames_by_ffprobe(path: Path) -> int:
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed")
    options = [
        "-v",
        "quiet",
        "-count_frames",
        "-select_streams",
        "v:0",
        "-show_entries",
        "stream=nb_read_frames",
        "-of",
        "csv=p=0",
    ]
    return int(
        subprocess.run(
            ["ffprobe", *options, str(path)], capture_output=True, text=True, check=True
        ).stdout
    )


def torn_at(path: Path, frame: int) -> int:
    """Overwrite the head of the element that holds a frame; its byte position."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(container.streams.video[0]) if packet.size]
    position = packets[frame].pos
    assert position is not None
    data = bytearray(path.read_bytes())
    data[position - 8 : position + 8] = bytes(16)
    path.write_bytes(data)
    return position


@pytest.mark.parametrize("name", ["clusters.mkv", "clusters.webm"])
def test_a_torn_element_inside_is_damage_and_its_place_is_said(tmp_path: Path, name: str) -> None:
    codec = "libx264" if name.endswith("mkv") else "libvpx"
    options = {"cluster_time_limit": "1000"}
    path = clips.make_clip(
        tmp_path / name, COUNT, codec=codec, b_frames=0, container_options=options
    )
    assert first_break(path) is None
    with open_source(path) as source:
        assert (source.info.damaged, source.info.notes, source.info.frame_count) == (
            False,
            (),
            COUNT,
        )
    position = torn_at(path, 60)
    torn = first_break(path)
    assert torn is not None
    assert abs(torn - position) < 64
    left = frames_by_ffprobe(path)
    assert 60 < left < COUNT
    with open_source(path) as source:
        assert source.info.frame_count == left
        assert source.info.damaged
        assert source.info.notes == (f"The file is damaged after 0:02; {left} frames can be read.",)
        assert clips.read_number(source.read(left - 1).image) == COUNT - 1


def test_a_torn_end_of_a_recording_of_one_cluster_is_damage(tmp_path: Path) -> None:
    path = clips.make_clip(tmp_path / "one.webm", 100, codec="libvpx", b_frames=0)
    torn_at(path, 40)
    with open_source(path) as source:
        assert source.info.frame_count == frames_by_ffprobe(path) < 100
        assert source.info.damaged
        assert source.info.notes


def test_a_pause_in_an_intact_file_is_no_damage(tmp_path: Path) -> None:
    pts = [index * 40 + (index >= 50) * 3000 for index in range(100)]
    path = clips.make_clip(
        tmp_path / "pause.mkv", 100, pts=pts, time_base=Fraction(1, 1000), b_frames=0
    )
    with open_source(path) as source:
        assert source.info.duration_ms == pytest.approx(7000, abs=2)
        assert (source.info.damaged, source.info.notes) == (False, ())


def test_an_unfinished_live_recording_has_open_sizes_and_no_break(tmp_path: Path) -> None:
    path = clips.make_clip(
        tmp_path / "live.mkv",
        80,
        b_frames=0,
        container_options={"live": "1", "cluster_time_limit": "1000"},
    )
    assert first_break(path) is None


def test_packets_that_give_no_frame_in_a_decoded_file_are_damage(tmp_path: Path) -> None:
    path = clips.make_clip(tmp_path / "lost.mp4", 60, codec="libsvtav1", b_frames=0, gop=120)
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(container.streams.video[0]) if packet.size]
    position, size = packets[24].pos, packets[24].size
    assert position is not None
    data = bytearray(path.read_bytes())
    data[position : position + size] = bytes([0xFF]) * size
    path.write_bytes(data)
    with open_source(path) as source:
        assert source.info.frame_count < 60
        assert source.info.damaged
        assert source.info.notes[0].startswith("The file is damaged after 0:0")


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.wmv", "msmpeg4"), ("a.flv", "libx264"), ("a.ts", "libx264"), ("a.mpg", "mpeg2video")],
)
def test_a_copy_of_full_length_that_ends_in_zeros_is_damage(
    tmp_path: Path, name: str, codec: str
) -> None:
    path = clips.make_clip(tmp_path / name, 75, codec=codec, gop=2, b_frames=0)
    with open_source(path) as source:
        assert (source.info.damaged, source.info.notes) == (False, ())
    data = path.read_bytes()
    kept = len(data) * 6 // 10
    assert len(data) - kept > 8192
    path.write_bytes(data[:kept] + bytes(len(data) - kept))
    with open_source(path) as source:
        assert 20 < source.info.frame_count < 75
        assert source.info.damaged
        assert source.info.notes[0].startswith("The file is damaged after 0:01; ")


def test_black_raw_video_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "black.y4m"
    frame = b"FRAME\n" + bytes(160 * 120 * 3 // 2)
    path.write_bytes(b"YUV4MPEG2 W160 H120 F25:1 Ip A1:1 C420jpeg\n" + frame * 10)
    with open_source(path) as source:
        assert (source.info.frame_count, source.info.damaged) == (10, False)


def test_two_recordings_put_together_in_one_matroska_file_are_both_shown(tmp_path: Path) -> None:
    parts = [
        clips.make_clip(tmp_path / f"{place}.mkv", count, b_frames=2)
        for place, count in enumerate((40, 30))
    ]
    path = tmp_path / "both.mkv"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert frames_by_ffprobe(path) == 70
    with open_source(path) as source:
        assert (source.info.damaged, source.info.frame_count) == (False, 70)
        assert_exact(source, [*range(40), *range(30)])
