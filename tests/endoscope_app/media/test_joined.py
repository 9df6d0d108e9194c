"""Several files as one procedure: exact frames, one time axis, stamps that never meet, and files
that are away or damaged.
"""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.media.opening import PartRefused, open_joined, open_source
from endoscope_app.media.part_list import MEMORY_NAME, read_part_list, write_part_list
from endoscope_app.media.part_memory import KnownPart, recall, remember
from endoscope_app.media.source import FrameSource
from endoscope_app.media.source_times import times_of
from tests.endoscope_app.clips import make_clip, read_number, remux
from tests.endoscope_app.media.test_media_spoiled import damaged_copy

COUNTS = (30, 24, 18)


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """Three files of other codecs, sizes and rates."""
    folder = tmp_path / "in"
    folder.mkdir()
    return [
        make_clip(folder / "part1.mp4", COUNTS[0]),
        make_clip(folder / "part2.avi", COUNTS[1], codec="mpeg4", size=(256, 160), b_frames=0),
        make_clip(folder / "part10.mkv", COUNTS[2], rate=30),
    ]


@pytest.fixture
def joined(tmp_path: Path, parts: list[Path]) -> Path:
    return write_part_list(tmp_path / "joined", parts)


def stamps_of(source: FrameSource) -> list[int]:
    return [source.stamp(index) for index in range(source.info.frame_count)]


def numbers() -> list[int]:
    return [number for count in COUNTS for number in range(count)]


def test_every_frame_is_the_one_of_its_file_forwards_backwards_and_at_random(joined: Path) -> None:
    with open_source(joined) as source:
        expected = numbers()
        assert source.info.frame_count == len(expected)
        orders = (
            list(range(len(expected))),
            list(reversed(range(len(expected)))),
            [53, 54, 29, 30, 31, 0, 71, 28],
        )
        for index in itertools.chain(*orders):
            frame = source.read(index)
            assert (frame.index, read_number(frame.image)) == (index, expected[index])
            assert frame.time_ms == source.time_ms(index)
        assert source.read(35).image.shape[:2] == (160, 256)
        pieces = source.segments(8)
        assert [first for first, _ in pieces] == [0, *(last for _, last in pieces[:-1])]
        for first, last in (*pieces, (25, 60)):
            seen = list(source.small_frames(first, last, 96))
            assert [index for index, _ in seen] == list(range(first, last))
            assert [read_number(image) for _, image in seen] == expected[first:last]


def test_times_follow_one_another_and_a_border_is_a_gap_of_unknown_length(joined: Path) -> None:
    with open_source(joined) as source:
        times = times_of(source)
        assert source.info.parts[1].begin_ms == pytest.approx(30 * 40.0)
        assert source.info.parts[2].begin_ms == pytest.approx(54 * 40.0)
        assert source.info.duration_ms == pytest.approx(54 * 40 + 18 * 1000 / 30, abs=2)
        assert times.gaps.tolist() == [29, 53]
        assert [times.pause_ms(gap) for gap in (29, 53)] == [0.0, 0.0]
        assert bool((np.diff(times.times_ms) > 0).all())
        assert source.index_at(source.time_ms(40) + 1) == 40
        assert "do not say how much time lies between" in " ".join(source.info.notes)


def test_a_clock_that_goes_on_joins_without_a_gap_and_a_pause_keeps_its_length(
    tmp_path: Path,
) -> None:
    whole = make_clip(tmp_path / "part1.ts", 30)
    second = 90_000  # ticks of the format's clock
    on = remux(whole, tmp_path / "part2.ts", shift=second * 12 // 10)
    later = remux(whole, tmp_path / "part3.ts", shift=second * 74 // 10)
    with open_joined([whole, on, later]) as source:
        times = times_of(source)
        assert times.gaps.tolist() == [59]
        assert times.pause_ms(59) == pytest.approx(5000, abs=2)
        assert [part.is_continued for part in source.info.parts] == [False, True, False]
        assert source.info.notes == ()


def test_stamps_and_identity_are_of_the_contents_in_their_order(
    tmp_path: Path, joined: Path, parts: list[Path]
) -> None:
    with open_source(joined) as source:
        stamps, identity = stamps_of(source), source.info.fingerprint
        assert min(stamps) > 0
        assert len(set(stamps)) == len(stamps)
    moved = [Path(shutil.move(path, tmp_path / f"moved {path.name}")) for path in parts]
    with open_joined(moved) as source:
        assert (stamps_of(source), source.info.fingerprint) == (stamps, identity)
    with open_joined([moved[1], moved[0], moved[2]]) as source:
        assert source.info.fingerprint != identity
        assert stamps_of(source)[:24] == stamps[30:54]
    with open_joined([moved[0], moved[0]]) as source:
        assert source.info.frame_count == 60
        assert len(set(stamps_of(source))) == 60
        assert stamps_of(source)[:30] == stamps[:30]


def test_a_file_whose_stamps_repeat_is_a_part_like_any_other(shared_cases: Path) -> None:
    case = shared_cases / "same_part_twice.ts"
    with open_source(case) as alone, open_joined([case, case]) as source:
        count = alone.info.frame_count
        assert alone.info.stamp_kind == "position"
        assert source.info.frame_count == 2 * count
        assert len(set(stamps_of(source))) == 2 * count
        for index in (0, count - 1):
            assert np.array_equal(source.read(count + index).image, alone.read(index).image)


def test_a_file_that_is_away_keeps_its_place_and_everything_comes_back_with_it(
    joined: Path, parts: list[Path]
) -> None:
    with open_source(joined) as source:
        stamps, before = stamps_of(source), source.info
    aside = parts[1].with_suffix(".aside")
    shutil.move(parts[1], aside)
    with open_source(joined) as source:
        info = source.info
        assert (info.fingerprint, info.frame_count) == (before.fingerprint, before.frame_count)
        assert (info.width, info.height) == (before.width, before.height)
        assert stamps_of(source) == stamps
        assert [part.is_missing for part in info.parts] == [False, True, False]
        assert info.damaged
        assert "part2.avi” cannot be read now: its 24 frames are a gap" in info.notes[0]
        with pytest.raises(AppError, match=r"part2\.avi"):
            source.read(30)
        assert read_number(source.read(54).image) == 0
        assert source.segments(1) == [(0, 30), (54, 72)]
        seen = [index for index, _ in source.small_frames(0, 72, 96)]
        assert seen == [*range(30), *range(54, 72)]
        assert times_of(source).gaps.tolist() == [29, 53]
    shutil.move(aside, parts[1])
    with open_source(joined) as source:
        assert source.info == before


def test_a_file_that_was_never_opened_is_refused_by_its_place(
    tmp_path: Path, parts: list[Path]
) -> None:
    parts[2].write_bytes(b"")
    joined = write_part_list(tmp_path / "joined", parts)
    with pytest.raises(PartRefused, match=r"Part 3 of 3 cannot be opened: “part10\.mkv” is empty"):
        open_source(joined)
    with pytest.raises(PartRefused):
        open_joined(parts)
    for path in parts[:2]:
        path.unlink()
    with pytest.raises(PartRefused, match="Part 1 of 3"):
        open_source(joined)


def test_where_every_file_is_away_the_first_is_named(joined: Path, parts: list[Path]) -> None:
    open_source(joined).close()
    for path in parts:
        path.unlink()
    with pytest.raises(PartRefused, match="part1"):
        open_source(joined)


def test_a_damaged_part_says_so_and_its_frames_are_known_by_their_number_in_all(
    tmp_path: Path,
) -> None:
    whole = make_clip(tmp_path / "part1.ts", 30)
    intact = make_clip(tmp_path / "part2.mp4", 60, codec="mpeg4", gop=20, b_frames=0)
    damaged = damaged_copy(intact, 30)
    with open_joined([whole, damaged]) as source, open_source(damaged) as alone:
        seen = [index for index, _ in alone.small_frames(0, 60, 96)]
        assert [index for index, _ in source.small_frames(0, 90, 96)] == [
            *range(30),
            *(30 + index for index in seen),
        ]
        assert alone.corrupt_frames()
        assert source.corrupt_frames() == {30 + frame for frame in alone.corrupt_frames()}


def test_a_list_is_found_again_by_its_files_and_a_damaged_one_is_a_sentence(
    tmp_path: Path, joined: Path, parts: list[Path]
) -> None:
    assert write_part_list(tmp_path / "joined", parts) == joined
    assert joined.name == "part1.mp4 to part10.mkv (3 parts)"
    assert read_part_list(joined) == parts
    assert write_part_list(tmp_path / "joined", parts[::-1]) != joined
    long = [tmp_path / f"{'ä' * 120}{number}.mp4" for number in range(2)]
    assert len(write_part_list(tmp_path / "joined", long).name.encode()) < 255
    text = joined.read_text()
    for broken in (text[:-4], text.replace(json.dumps(str(parts[0])), "3")):
        joined.write_text(broken)
        with pytest.raises(AppError, match="is damaged"):
            open_source(joined)


def test_a_list_with_names_that_no_file_can_have_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b'{"endoscope-app parts": 1, "files": ["/\\ud800", "/b"]}')
    with pytest.raises(AppError, match="is damaged"):
        read_part_list(path)


def test_a_memory_of_parts_with_a_damaged_byte_stops_nothing(joined: Path) -> None:
    """Whichever byte it is: deflated numbers, a header of numpy's, a field of the archive."""
    parts = []
    for path in read_part_list(joined):
        with open_source(path) as source:
            parts.append(KnownPart.of(source))
    remember(joined, parts)
    memory = joined.parent / MEMORY_NAME
    content = memory.read_bytes()
    for place in range(0, len(content), 23):
        for byte in (0, 9, 255):
            memory.write_bytes(content[:place] + bytes([byte]) + content[place + 1 :])
            assert len(recall(joined, len(parts))) == len(parts)
