"""Acts are named by class and by the recording's own time, stills by their number."""

from __future__ import annotations

import numpy as np
import pytest

from endoscope_app.labels.act_wording import by_key, taken_back
from endoscope_app.labels.frame_places import FramePlaces, changed_place
from endoscope_app.labels.library.records import FrameLabel, RangeLabel, RowChange

#: 25 frames a second, then 2.5: the times are the file's, never frames over an average rate.
TIMES = np.concatenate([np.arange(100) * 40.0, 4000.0 + np.arange(50) * 400.0])
FILM, STILLS = FramePlaces(TIMES, False), FramePlaces(np.arange(60, dtype=np.float64) * 1000, True)


@pytest.mark.parametrize(
    ("index", "words"),
    [(0, "0:00.0"), (99, "0:03.9"), (101, "0:04.4"), (149, "0:23.6"), (150, "frame 150")],
)
def test_a_frame_is_named_by_its_own_time(index: int, words: str) -> None:
    assert FILM.at(index) == words


def test_ranges_say_both_ends_and_how_many_frames() -> None:
    assert FILM.span(99, 101) == "0:03.9–0:04.4"
    assert FILM.span(99, 99) == "0:03.9"
    assert FILM.frames(99, 101) == "3 frames"
    assert FILM.frames(99, 99) == "1 frame"


def test_stills_are_numbered() -> None:
    assert STILLS.at(12) == "image 12"
    assert STILLS.span(1, 40) == "images 1–40"
    assert STILLS.frames(1, 40) == "40 images"
    assert FramePlaces(np.arange(5000, dtype=np.float64), True).at(1204) == "image 1,204"


def test_what_was_taken_back_names_its_place_once() -> None:
    assert taken_back("undo", "Polyp at 0:12.4", "0:12.4") == "Undone at 0:12.4: Polyp."
    assert (
        taken_back("redo", "Polyp on 0:10.0–0:14.0", "0:10.0–0:14.0")
        == "Done again at 0:10.0–0:14.0: Polyp."
    )
    assert (
        taken_back("undo", "look at this at 0:12.4", "0:12.4") == "Undone at 0:12.4: look at this."
    )
    # Written by an older version
    assert taken_back("undo", "polyps on 310", "0:12.4") == "Undone at 0:12.4: polyps on 310."
    assert taken_back("undo", "give a patient", "") == "Undone: give a patient."


def test_the_place_of_a_change_is_of_this_procedure_alone() -> None:
    def row(where: str, index: int) -> RowChange:
        return RowChange("frame_labels", where, FrameLabel(index * 40, index, "class", 1), None)

    span = RowChange("range_labels", "here", None, RangeLabel(1, 0, 0, 20, 30, 1))
    assert changed_place([row("elsewhere", 3), row("here", 10)], "here", FILM) == ("0:00.4", 10)
    assert changed_place([span], "here", FILM) == ("0:00.8–0:01.2", 20)
    assert changed_place([span, row("here", 10)], "here", FILM) == ("0:00.4", 10)
    assert changed_place([row("elsewhere", 3)], "here", FILM) == ("", None)


def test_an_echo_says_the_key() -> None:
    assert by_key("3") == " · by key 3"
    assert by_key("") == ""
