"""Collected inputs that once gave a wrong frame, time or stream; the right values were read
with ffmpeg and ffprobe.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.media.gaps import gaps
from endoscope_app.media.opening import open_source

FULL_RANGE_DIGITS = 12


def number_of(image: NDArray[np.uint8]) -> int:
    """The number drawn on the collected clips: twelve black or white blocks in two rows over
    the upper third.
    """
    grey = image[..., :3].mean(axis=2)
    height, width = grey.shape[0] // 6, grey.shape[1] // 6
    number = 0
    for bit in range(FULL_RANGE_DIGITS):
        row, column = divmod(bit, 6)
        block = grey[
            row * height + height * 3 // 10 : row * height + height * 7 // 10,
            column * width + width * 3 // 10 : column * width + width * 7 // 10,
        ]
        number |= int(block.mean() > 127) << bit
    return number


@dataclass(frozen=True)
class Case:
    numbers: list[int]  # drawn on the frames, by ffmpeg's own decode
    last_ms: float  # time of the last frame
    duration_ms: float
    damaged: bool = False
    gap_after: tuple[int, ...] = ()


BLANK_THEN = [0] * 80 + list(range(60)) + [0] * 80 + list(range(200, 260))
CASES = {
    "base.mp4": Case(list(range(120)), 4760, 4800),
    "edit_list_mid_gop_12_frames_lost.mp4": Case(list(range(38, 120)), 3240, 3280),
    "edit_list_mid_gop_refused.mp4": Case(list(range(100, 300)), 7960, 8000),
    "same_part_twice.ts": Case([*range(100), *range(100)], 7960, 8000),
    "clock_restarts_after_same_blank_screen.ts": Case(BLANK_THEN, 11160, 11200),
    "ts_join_one_second_overlap.ts": Case(list(range(200)), 7960, 8000),
    "ts_join_one_hour_gap.ts": Case(list(range(200)), 3607880, 3607920, gap_after=(99,)),
    "every_stamp_twice.mkv": Case(list(range(100)), 3960, 4000),
    "intra_refresh_seek.ts": Case(list(range(150)), 5960, 6000),
    "mkv_first_packets_without_stamp.mkv": Case(list(range(120)), 4760, 4800),
    "mkv_cut_at_60_percent.mkv": Case(list(range(72)), 2840, 2880, damaged=True),
    "two_video_streams_preview_first.mkv": Case(list(range(120)), 4760, 4800),
    "thumbnail_track_first.mp4": Case(list(range(120)), 4760, 4800),
}


@pytest.mark.parametrize("name", CASES)
def test_every_frame_is_ffmpegs_whichever_way_it_is_read(shared_cases: Path, name: str) -> None:
    case = CASES[name]
    with open_source(shared_cases / name) as source:
        count = source.info.frame_count
        assert count == len(case.numbers)
        order = list(range(count))
        # Every frame in order; across joins and ends also backwards, and some anywhere.
        shuffled = random.Random(5).sample(order, 30)
        for way in (order, order[: count // 2 + 4][:-14:-1], order[:-14:-1], shuffled):
            assert [number_of(source.read(index).image) for index in way] == [
                case.numbers[index] for index in way
            ]
        for start, stop in source.segments(3):
            small = [
                (index, number_of(image)) for index, image in source.small_frames(start, stop, 96)
            ]
            assert small == [(index, case.numbers[index]) for index in range(start, stop)]
        times = np.array([source.time_ms(index) for index in order])
        assert times[-1] == pytest.approx(case.last_ms, abs=1)
        assert source.info.duration_ms == pytest.approx(case.duration_ms, abs=1)
        assert (np.diff(times) > 0).all()
        assert tuple(gaps(times)) == case.gap_after
        assert source.info.fps == pytest.approx(25.0, abs=0.1)
        assert len({source.stamp(index) for index in order}) == count
        assert source.info.damaged == case.damaged
        assert source.corrupt_frames() == frozenset()


def test_variable_rate_has_each_frame_at_its_own_time(shared_cases: Path) -> None:
    with open_source(shared_cases / "vfr_25_then_2.5_fps.mp4") as source:
        assert source.info.frame_count == 200
        assert source.time_ms(100) == pytest.approx(4000.0)
        assert source.time_ms(101) == pytest.approx(4400.0)
        assert source.index_at(4399.9) == 100


def test_the_preview_is_offered_and_said(shared_cases: Path) -> None:
    path = shared_cases / "two_video_streams_preview_first.mkv"
    with open_source(path) as source:
        assert [
            (choice.index, choice.width, choice.is_default, choice.is_chosen)
            for choice in source.info.streams
        ] == [
            (0, 160, False, False),
            (1, 320, True, True),
        ]
        assert any("2 video streams" in note for note in source.info.notes)
    with open_source(path, stream=0) as source:
        assert (source.info.width, source.info.frame_count) == (160, 24)


def test_a_circle_stays_round_when_the_size_changes(shared_cases: Path) -> None:
    with open_source(shared_cases / "resolution_change_circle.ts") as source:
        size = (source.info.height, source.info.width)
        assert source.info.frame_count == 100
        shapes = []
        for image in (
            source.read(20).image[..., :3],
            source.read(80).image[..., :3],
            dict(source.small_frames(80, 81, size[0]))[80],
        ):
            assert image.shape[:2] == size
            bright = np.argwhere(image.min(axis=2) > 150)
            height, width = np.ptp(bright, axis=0) + 1
            shapes.append(width / height)
        assert shapes == pytest.approx([1.0, 1.0, 1.0], abs=0.05)


@pytest.mark.parametrize("name", ["stills.zip", "csv_min.csv", "cvat_task.xml", "README.md"])
def test_what_is_no_recording_gets_a_sentence(shared_cases: Path, name: str) -> None:
    with pytest.raises(AppError, match=name) as caught:
        open_source(shared_cases / name)
    assert caught.value.way_out
