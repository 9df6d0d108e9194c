"""Labelling by real key presses in the real window, and finding everything again in a new
process.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from endoscope_app.labels.library.label_store import LabelStore
from kd_core.schema.model_card import read_card
from kd_core.schema.taxonomy import display_name
from tests.window.driven import REPOSITORY, driven

SECOND = display_name(read_card(REPOSITORY / "resources" / "models" / "student").classes[1])

pytestmark = [
    pytest.mark.slow,
    pytest.mark.window,
    pytest.mark.timeout(420),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb is for Linux"),
]


def run(display: str, data: Path, what: str) -> dict[str, Any]:
    return driven(display, "label_driver", data, what, seconds=400)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def first(display: str, data: Path) -> dict[str, Any]:
    """The run that labels."""
    return run(display, data, "label")


@pytest.fixture(scope="module")
def second(display: str, data: Path, first: dict[str, Any]) -> dict[str, Any]:
    """A new process on the same data folder."""
    return run(display, data, "look")


def test_keys_label_undo_and_mark_a_range(first: dict[str, Any]) -> None:
    assert first["with_both"] == [[0, "class", SECOND], [3, "unusable", ""]]
    assert first["undone"] == [[0, "class", SECOND]]
    assert first["marked"] == [5, 9]
    assert first["library"]["frames"] == [[0, "class", SECOND]]
    # Enter gives the class that was given last
    assert first["library"]["ranges"] == [[5, 9, SECOND]]
    assert first["library"]["undo_in_menu"] == f"Undo: {SECOND} on 0:00.2–0:00.3"


def test_the_review_list_opens_by_its_key_and_shows_the_label(first: dict[str, Any]) -> None:
    assert first["list"]["rows"] > 100
    assert first["list"]["you"] == {"0": SECOND, "3": "–"}
    assert first["list"]["picture"] > 400


def test_a_new_process_finds_everything_again_and_undo_goes_on(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert second["library"] == first["library"]
    assert second["library"]["reader"] == "Dr. Window"
    assert second["list"] == first["list"]
    assert second["after_undo"]["ranges"] == []
    assert second["after_undo"]["frames"] == [[0, "class", SECOND]]
    assert second["after_undo"]["undo"] == f"{SECOND} at 0:00.0"


def test_the_library_on_disk_holds_what_the_window_showed(
    data: Path, second: dict[str, Any]
) -> None:
    with LabelStore(data / "labels") as store:
        (where,) = store.read.labelled_procedures()
        # Done again before the end
        assert [(one.first_index, one.last_index) for one in store.read.ranges(where)] == [(5, 9)]
        assert [one.frame_index for one in store.read.frame_labels(where)] == [0]
        written = [row.reader for row in store.read.journal_rows()]
    assert "Dr. Window" in written
    # Also of the frame whose label was undone
    assert len(list((data / "labels" / "frames").rglob("*.png"))) == 2
