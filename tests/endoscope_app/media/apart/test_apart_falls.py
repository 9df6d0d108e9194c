"""A file that fells its decoder costs a sentence: while it is opened, one frame, or a run."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.media.apart.apart_opening import Opening
from endoscope_app.media.opening import OpeningStopped, open_source
from tests.endoscope_app.clips import read_number
from tests.endoscope_app.process_tree import below, wait_for_end

from .conftest import COUNT, GOP, named

SENTENCES = {
    "crash": "made the decoder crash",
    "abort": "made the decoder crash",
    "loop": "kept the decoder busy for too long",
    "bomb": "needs more memory than decoding may take",
    "fault": "made the decoder crash",
    "garbage": "made the decoder crash",
    "endless": "made the decoder crash",
}


KEYS = list(range(0, COUNT, GOP))


@pytest.fixture(autouse=True)
def _hostile(hostile: Opening) -> None:
    """Every file here is opened by the tests' opener."""


@pytest.mark.parametrize("act", SENTENCES)
def test_a_file_that_fells_its_decoder_while_it_is_opened_is_refused_in_a_sentence(
    clip: Path, tmp_path: Path, act: str
) -> None:
    path = named(clip, tmp_path, f"open-{act}")
    with pytest.raises(AppError) as caught:
        open_source(path)
    assert caught.value.sentence == f"“{path.name}” {SENTENCES[act]}."
    assert "Copy the file again" in caught.value.way_out
    assert "Jane" not in str(caught.value) + caught.value.detail
    with open_source(clip) as source:
        assert source.info.frame_count == COUNT


@pytest.mark.parametrize("act", SENTENCES)
def test_a_frame_that_fells_the_decoder_is_told_of_and_the_others_are_read(
    clip: Path, tmp_path: Path, act: str
) -> None:
    with open_source(named(clip, tmp_path, f"read-{act}-7")) as source:
        assert read_number(source.read(6).image) == 6
        for _ in range(2):
            with pytest.raises(AppError) as caught:
                source.read(7)
            assert caught.value.sentence == f"Frame 7 of “read-{act}-7.mp4” {SENTENCES[act]}."
            assert "another frame" in caught.value.way_out
        for index in (8, 39, 0):
            assert read_number(source.read(index).image) == index


@pytest.mark.parametrize("act", SENTENCES)
def test_an_analysis_goes_on_at_the_next_keyframe(clip: Path, tmp_path: Path, act: str) -> None:
    with open_source(named(clip, tmp_path, f"small-{act}-19")) as source:
        seen = [index for index, _ in source.small_frames(0, COUNT, 96)]
        assert seen == [*range(19), *range(3 * GOP, COUNT)]
        # The frames on screen are read by another process, which goes on
        assert read_number(source.read(19).image) == 19


def test_a_run_that_falls_ends_no_other(clip: Path, tmp_path: Path) -> None:
    with open_source(named(clip, tmp_path, "small-crash-3")) as source:
        other = source.small_frames(GOP, COUNT, 96)
        assert next(other)[0] == GOP
        assert [index for index, _ in source.small_frames(0, GOP, 96)] == [0, 1, 2]
        assert [index for index, _ in other] == list(range(GOP + 1, COUNT))


def test_a_hang_ends_the_others_processes_too_and_they_go_on_where_they_were(
    clip: Path, tmp_path: Path
) -> None:
    with open_source(named(clip, tmp_path, "read-loop-7")) as source:
        run = source.small_frames(0, COUNT, 96)
        assert next(run)[0] == 0
        with pytest.raises(AppError, match="too long"):
            source.read(7)
        assert [index for index, _ in run] == list(range(1, COUNT))


def test_a_file_that_hangs_again_and_again_is_given_up(clip: Path, tmp_path: Path) -> None:
    path = named(clip, tmp_path, "small-loop-1")
    with open_source(path) as source:
        for _ in range(3):
            assert [index for index, _ in source.small_frames(0, GOP, 96)] == [0]
        with pytest.raises(AppError) as caught:
            list(source.small_frames(0, GOP, 96))
        assert caught.value.sentence == f"“{path.name}” kept the decoder busy for too long."


@pytest.mark.parametrize("lie", ["nan", "endless", "wide", "nameless", "kind", "notes"])
def test_what_cannot_be_true_of_a_file_is_refused(clip: Path, tmp_path: Path, lie: str) -> None:
    with pytest.raises(AppError, match="made the decoder crash"):
        open_source(named(clip, tmp_path, f"lies-{lie}"))


def test_processes_that_decode_can_only_compute_and_read(clip: Path, tmp_path: Path) -> None:
    path = named(clip, tmp_path, "denied")
    with pytest.raises(AppError) as caught:
        open_source(path)
    assert caught.value.sentence == "It did: ."
    assert path.read_bytes() == clip.read_bytes()
    assert [entry.name for entry in tmp_path.iterdir()] == ["denied.mp4"]


def test_processes_killed_from_outside_are_made_anew(hostile: Opening, clip: Path) -> None:
    with open_source(clip) as source:
        source.read(0)
        run = source.small_frames(0, COUNT, 96)
        assert next(run)[0] == 0
        killed = below(hostile.nursery().pid)
        assert len(killed) == 3
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        assert wait_for_end(killed) == set()
        assert [index for index, _ in run] == list(range(1, COUNT))
        assert read_number(source.read(5).image) == 5
    nursery = hostile.nursery().pid
    os.kill(nursery, signal.SIGKILL)
    assert wait_for_end({nursery}) == set()
    with open_source(clip) as source:
        assert read_number(source.read(5).image) == 5


def test_an_opening_that_is_not_wanted_any_more_is_left_at_once(
    hostile: Opening, clip: Path, tmp_path: Path
) -> None:
    stop = threading.Event()
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        if asked == 3:
            stop.set()
        return stop.is_set()

    with pytest.raises(OpeningStopped):
        open_source(named(clip, tmp_path, "open-loop"), should_stop=should_stop)
    assert asked == 3
    assert below(hostile.nursery().pid) == set()


def test_a_file_that_another_took_the_place_of_is_not_gone_on_with(
    hostile: Opening, clip: Path, tmp_path: Path
) -> None:
    path = named(clip, tmp_path, "clip")
    with open_source(path) as source:
        images = [source.read(0).image]
        killed = below(hostile.nursery().pid)
        path.write_bytes(path.read_bytes()[:-1])
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(AppError, match="could not be read"):
            source.read(1)
        assert read_number(np.asarray(images[0])) == 0


@pytest.mark.parametrize("act", ["crash", "fault", "garbage"])
def test_a_key_frame_that_fells_the_decoder_is_left_out_of_a_quick_look(
    clip: Path, tmp_path: Path, act: str
) -> None:
    with open_source(named(clip, tmp_path, f"key-{act}-16")) as source:
        found = [(index, read_number(image)) for index, image in source.key_images(KEYS, 96)]
    assert found == [(key, key) for key in KEYS if key != 16]
