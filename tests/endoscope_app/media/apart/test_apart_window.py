"""What a reader sees of a file that fells its decoder: a sentence, and everything else goes on."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from endoscope_app.media.apart.apart_opening import Opening
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.clips import read_number

from .conftest import named


@pytest.fixture(autouse=True)
def _hostile(hostile: Opening) -> None:
    """Every file here is opened by the tests' opener."""


def shown_number(session: Session) -> int:
    frame = session.app.prediction_view.frame
    assert frame is not None
    return read_number(frame.image)


def test_the_player_says_why_a_frame_is_not_shown_and_goes_on(
    session: Session, clip: Path, tmp_path: Path
) -> None:
    session.open(named(clip, tmp_path, "read-crash-2"))
    session.press("Right")
    session.until(lambda: session.on_screen() == 1, "frame 1")
    session.press("Right")
    session.until(lambda: "made the decoder crash" in session.message(), "the sentence")
    assert "Frame 2 of “read-crash-2.mp4”" in session.message()
    assert "Go to another frame" in session.message()
    session.press("Right")
    session.until(lambda: session.on_screen() == 3, "frame 3")
    assert shown_number(session) == 3


def test_a_file_that_cannot_be_opened_leaves_the_one_that_was(
    session: Session, clip: Path, tmp_path: Path
) -> None:
    session.open(named(clip, tmp_path, "well"))
    session.app.open(named(clip, tmp_path, "open-crash"))
    session.until(lambda: "“open-crash.mp4” made the decoder crash" in session.message())
    session.press("End")
    session.until(lambda: session.on_screen() == 39, "the last frame")
    assert shown_number(session) == 39


def test_the_queue_says_so_in_its_line_and_goes_on_to_the_next(
    session: Session, clip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "procedures"
    folder.mkdir()
    for name in ("open-crash", "small-crash-19", "well"):
        named(clip, folder, name)
    (folder / "stills").mkdir()
    cv2.imwrite(str(folder / "stills" / "1.png"), np.full((60, 80, 3), 99, np.uint8))
    worklist = session.app.worklist
    worklist.adding.take([folder])
    session.until(
        lambda: (
            len(worklist.view.entries) == 4
            and not any(entry.wanted and not entry.trouble for entry in worklist.view.entries)
        ),
        "the end of the queue",
    )
    crashed, damaged, well, stills = worklist.view.entries
    assert "made the decoder crash" in crashed.trouble
    for entry in (damaged, well, stills):
        assert (entry.state, entry.trouble) == ("analysed", "")
