"""What was decoded is not decoded again a moment later, and what is kept is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from endoscope_app.media import frame_run, recent_frames
from endoscope_app.media.decoder import Decoded, decode_from
from endoscope_app.media.opening_here import open_here
from endoscope_app.media.recent_frames import RecentFrames
from endoscope_app.media.video import VideoSource
from tests.endoscope_app import clips

COUNT, GROUP = 160, 40


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The packets whose frames were decoded, as it goes."""
    numbers: list[int] = []

    def counted(*given: object, **named: object) -> Iterator[Decoded]:
        for one in decode_from(*given, **named):  # type: ignore[arg-type]
            numbers.append(one.number)
            yield one

    monkeypatch.setattr(frame_run, "decode_from", counted)
    return numbers


@pytest.fixture
def source(tmp_path: Path) -> Iterator[VideoSource]:
    path = clips.make_clip(tmp_path / "groups.mp4", COUNT, gop=GROUP, b_frames=2)
    with open_here(path) as opened:
        assert isinstance(opened, VideoSource)
        yield opened


def test_a_walk_backwards_decodes_each_group_once(source: VideoSource, decoded: list[int]) -> None:
    for index in range(COUNT - 1, -1, -1):
        assert clips.read_number(source.read(index).image) == index
    # The group of the first frame twice: a jump does not know yet that steps back follow
    assert len(decoded) <= COUNT + GROUP


def test_fast_backwards_decodes_each_group_once(source: VideoSource, decoded: list[int]) -> None:
    for index in range(COUNT - 1, -1, -4):
        assert clips.read_number(source.read(index).image) == index
    assert len(decoded) <= COUNT + GROUP


def test_a_seek_into_what_was_just_seen_decodes_nothing(
    source: VideoSource, decoded: list[int]
) -> None:
    for index in range(100):
        source.read(index)
    before = len(decoded)
    for index in (60, 99, 75, 61, 98):
        assert clips.read_number(source.read(index).image) == index
    assert len(decoded) == before


def test_what_is_kept_stays_within_its_bytes(
    source: VideoSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = 10 * source.info.width * source.info.height * 3 // 2
    monkeypatch.setattr(recent_frames, "MOST_BYTES", bound)
    held = source._recent
    for index in [*range(COUNT), *range(COUNT - 1, -1, -1)]:
        assert clips.read_number(source.read(index).image) == index
        assert held.size <= bound
    assert len(held) > recent_frames.FEWEST_FRAMES


def test_of_huge_frames_the_one_before_is_kept(
    source: VideoSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_frames, "MOST_BYTES", 1)
    held = source._recent
    for index in range(20):
        source.read(index)
    assert len(held) == recent_frames.FEWEST_FRAMES
    assert RecentFrames.room_for(held.get(19)) == 2  # type: ignore[arg-type]
