"""Files that are broken, odd or not videos at all: a sentence, or the frames that are left."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.media import fingerprint
from endoscope_app.media.opening import open_source
from tests.endoscope_app import clips

from .test_media_video import assert_exact


def test_truncated_mp4_plays_up_to_the_damage(tmp_path: Path) -> None:
    path = clips.make_clip(
        tmp_path / "cut.mp4", 75, b_frames=2, container_options={"movflags": "faststart"}
    )
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    with open_source(path) as source:
        count = source.info.frame_count
        assert 20 < count < 75
        seconds = int(source.info.duration_ms / 1000)
        assert source.info.notes == (
            f"The file is damaged after 0:{seconds:02d}; {count} of 75 frames can be read.",
        )
        expected = [clips.read_number(source.read(index).image) for index in range(count)]
        assert expected == sorted(set(expected))
        assert expected[: count - 4] == list(range(count - 4))
        assert_exact(source, expected)


def test_stream_cut_at_the_head_starts_at_its_first_keyframe(tmp_path: Path) -> None:
    for name in ("whole.ts", "whole_mpeg2.ts"):
        codec = "libx264" if name == "whole.ts" else "mpeg2video"
        whole = clips.make_clip(
            tmp_path / name,
            60,
            codec=codec,
            options={"x264-params": "open-gop=1"} if codec == "libx264" else {},
        )
        cut = clips.remux(whole, tmp_path / f"cut_{name}", skip=5)
        with open_source(cut) as source:
            first = clips.read_number(source.read(0).image)
            assert 5 < first <= 14
            assert_exact(source, list(range(first, 60)))


def test_transport_stream_cut_in_the_middle_of_a_packet(tmp_path: Path) -> None:
    whole = clips.make_clip(tmp_path / "whole.ts", 60, codec="mpeg2video")
    data = whole.read_bytes()
    cut = tmp_path / "torn.ts"
    cut.write_bytes(data[len(data) // 5 + 7 :])
    with open_source(cut) as source:
        first = clips.read_number(source.read(0).image)
        assert_exact(source, list(range(first, 60)))


def test_damage_in_the_middle_is_passed_over(tmp_path: Path) -> None:
    path = clips.make_clip(tmp_path / "hole.mp4", 75, codec="mpeg4", b_frames=0)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    path.write_bytes(bytes(data))
    with open_source(path) as source:
        last = source.info.frame_count - 1
        assert clips.read_number(source.read(last).image) == 74
        assert clips.read_number(source.read(0).image) == 0
        shown = [index for index, _ in source.small_frames(0, last + 1, 64)]
        assert shown[-1] == last
        assert len(shown) > 50


def test_unfinished_mp4_is_named(tmp_path: Path) -> None:
    path = clips.make_clip(tmp_path / "unfinished.mp4", 30)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"moov") - 4])
    with pytest.raises(AppError, match="table of contents") as caught:
        open_source(path)
    assert caught.value.way_out


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "notes.mp4", "notes.mpg", "notes.avi", "empty.mp4", "zeros.ts", "gone.mp4"],
)
def test_what_is_no_video_gets_one_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    contents = {
        "notes": b"This is a report, not a video.\n" * 40,
        "empty": b"",
        "zeros": bytes(20_000),
    }
    if name != "gone.mp4":
        path.write_bytes(contents[path.stem])
    with pytest.raises(AppError) as caught:
        open_source(path)
    assert path.name in caught.value.sentence
    assert caught.value.sentence.endswith(".")
    assert caught.value.way_out


def test_a_file_that_vanishes_keeps_playing_and_analysis_says_so(tmp_path: Path) -> None:
    path = clips.make_clip(tmp_path / "vanishing.mp4", 60)
    with open_source(path) as source:
        source.read(0)
        path.rename(tmp_path / "elsewhere.mp4")
        with pytest.raises(AppError, match="no longer there"):
            next(iter(source.small_frames(0, 10, 64)))
        if os.name == "posix":
            assert clips.read_number(source.read(50).image) == 50


def test_a_file_replaced_by_another_is_an_error_and_no_wrong_picture(tmp_path: Path) -> None:
    path = clips.make_clip(tmp_path / "a.mp4", 60)
    with open_source(path) as source:
        os.replace(clips.make_clip(tmp_path / "b.mp4", 40, size=(160, 96)), path)
        with pytest.raises(AppError):
            list(source.small_frames(24, 30, 64))


def test_index_outside_and_use_after_close(tmp_path: Path) -> None:
    source = open_source(clips.make_clip(tmp_path / "a.mp4", 20))
    for index in (-1, 20):
        with pytest.raises(IndexError):
            source.read(index)
        with pytest.raises(IndexError):
            source.time_ms(index)
    assert source.index_at(-5) == 0
    assert source.index_at(1e9) == 19
    assert list(source.small_frames(20, 30, 64)) == []
    assert source.segments(2, 20) == []
    source.close()
    source.close()


def test_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    data = bytearray(np.random.default_rng(0).integers(0, 256, 6 << 20, dtype=np.uint8).tobytes())
    path.write_bytes(data)
    first = fingerprint.of_file(path)
    assert fingerprint.of_file(path.rename(tmp_path / "b.bin")) == first
    data[-1] ^= 1
    path.write_bytes(data)
    assert fingerprint.of_file(path) != first


def test_one_picture_is_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "still.jpg"
    cv2.imencode(".jpg", np.full((40, 60, 3), 90, np.uint8))[1].tofile(path)
    with open_source(path) as source:
        assert (source.info.kind, source.info.frame_count, source.info.width) == ("folder", 1, 60)


def broken_somewhere(data: bytes, trial: int, chance: np.random.Generator) -> bytes:
    """Bytes lost, repeated from elsewhere, or overwritten by noise."""
    place, other = (int(number) for number in chance.integers(len(data) // 8, len(data), 2))
    if trial % 3 == 0:
        return data[:place] + data[place + 900 :]
    if trial % 3 == 1:
        return data[:place] + data[other : other + 900] + data[place:]
    return (
        data[:place] + chance.integers(0, 256, 200, dtype=np.uint8).tobytes() + data[place + 200 :]
    )


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.ts", "libx264"), ("a.avi", "mjpeg"), ("a.mpg", "mpeg2video")],
)
def test_whatever_is_broken_single_reads_and_analysis_show_the_same(
    tmp_path: Path, name: str, codec: str
) -> None:
    layout = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = clips.make_clip(
        tmp_path / name, 40, codec=codec, size=(160, 96), pix_fmt=layout, b_frames=0
    )
    data = path.read_bytes()
    chance = np.random.default_rng(11)
    opened = 0
    for trial in range(6):
        path.write_bytes(broken_somewhere(data, trial, chance))
        try:
            source = open_source(path)
        except AppError:
            continue
        with source:
            opened += 1
            count = source.info.frame_count
            parts = [source.small_frames(start, stop, 96) for start, stop in source.segments(2)]
            analysed = {index: clips.read_number(image) for part in parts for index, image in part}
            for index in (count - 1, count // 2, 0, count // 3):
                try:
                    assert clips.read_number(source.read(index).image) == analysed[index], (
                        trial,
                        index,
                    )
                except AppError:
                    assert index not in analysed
    assert opened
