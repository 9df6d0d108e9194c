"""A clinician's day in the real window by keys alone, from the worklist to a signed report of 40
findings: what it took, and what is left of it in the library and on paper.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from endoscope_app.__main__ import main as run_command
from endoscope_app.base.paths import demo_clip
from tests.endoscope_app.clips import repeated
from tests.pdf_text import PdfPage, pdf_pages
from tests.window.driven import driven

pytestmark = [
    pytest.mark.slow,
    pytest.mark.window,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb is for Linux"),
]
MOST_KEYS = 60
#: The demo, and the procedure assembled from real frames, twice in a row: its findings at least.
RECORDINGS = {"demo": 3, "assembled": 40}


@pytest.fixture(scope="module", params=RECORDINGS)
def recording(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(recording: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp(recording)


@pytest.fixture(scope="module")
def seen(
    display: str, recording: str, folder: Path, request: pytest.FixtureRequest
) -> dict[str, Any]:
    recordings = folder / "recordings"
    recordings.mkdir()
    if recording == "demo":
        shutil.copy(demo_clip(), recordings / "procedure.mp4")
    else:
        source = request.getfixturevalue("shared_data") / "procedures" / "procedure.mp4"
        repeated(source, recordings / "procedure.mp4", 2)
    assert run_command(["add", str(recordings), "--data-dir", str(folder / "data")]) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))  # where the dialog proposes to save
        return driven(display, "day_driver", folder / "data", folder / "report.pdf", seconds=850)


@pytest.fixture(scope="module")
def pages(seen: dict[str, Any], folder: Path) -> list[PdfPage]:
    return pdf_pages((folder / "report.pdf").read_bytes())


def library(folder: Path, question: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "data" / "labels" / "labels.sqlite") as open_library:
        rows = open_library.execute(question).fetchall()
    open_library.close()
    return rows


def test_forty_findings_take_fewer_than_sixty_keys(seen: dict[str, Any], recording: str) -> None:
    """From opening the procedure to its line that says signed, letters of the text and answers to
    questions among them.
    """
    assert seen["segments"] >= RECORDINGS[recording]
    assert len(seen["pressed"]) < MOST_KEYS, seen["pressed"]
    assert seen["pressed"][0] == "Return"
    assert seen["pressed"][-1] == "Ctrl+Home"
    assert {"N", "T", "Shift+Return", "Ctrl+Return", "Ctrl+Shift+R", "Alt+S", "Alt+P"} <= set(
        seen["pressed"]
    )


def test_even_one_key_a_finding_would_do(seen: dict[str, Any]) -> None:
    """No finding needs more than one: without accepting whole classes it is Enter for each."""
    counted = Counter(seen["pressed"])
    bulk = counted["Shift+Return"] + seen["asked"]
    text = len("flat, 6 mm") + 2  # T and Enter
    rest = len(seen["pressed"]) - bulk - text - seen["pathology"]
    assert seen["segments"] + rest < MOST_KEYS


def test_every_finding_is_a_labelled_range_of_its_reader(
    seen: dict[str, Any], folder: Path
) -> None:
    ranges = library(folder, "SELECT first_index, last_index FROM range_labels")
    assert len(ranges) == seen["segments"]
    states = library(folder, "SELECT DISTINCT state FROM segments")
    assert states == [("accepted",)]
    texts = library(folder, "SELECT text FROM segments WHERE text <> ''")
    assert texts == [("flat, 6 mm",)]
    readers = library(
        folder,
        "SELECT DISTINCT reader FROM journal JOIN journal_rows USING (sequence)"
        " WHERE table_name = 'segments'",
    )
    assert readers == [("Dr. Day",)]
    assert library(folder, "SELECT left_open FROM reviews") == [(0,)]
    assert library(folder, "SELECT state FROM worklist") == [("signed",)]
    assert seen["line"][4] == "Signed"


def test_the_signed_pdf_says_what_was_found(
    seen: dict[str, Any], pages: list[PdfPage], folder: Path
) -> None:
    text = "\n".join(line for page in pages for line in page.lines)
    for said in ("P-07", "Dr. Day", "version 1", "flat, 6 mm", "every segment decided"):
        assert said in text, said
    numbers = re.findall(r"^(\d+)\. .+, \d+:\d\d\.\d", text, re.MULTILINE)
    assert [int(number) for number in numbers] == list(range(1, seen["segments"] + 1))
    assert text.count("model's proposal, accepted") == seen["segments"]
    assert all(any("Not a medical device" in line for line in page.lines[-3:]) for page in pages)
    kept = next((folder / "data" / "reports").glob("*/version-001/report.pdf"))
    assert kept.read_bytes() == (folder / "report.pdf").read_bytes()


def test_each_picture_stands_on_the_page_of_its_words(pages: list[PdfPage]) -> None:
    for page in pages:
        headings = [line for line in page.lines if re.match(r"\d+\. .+, \d+:\d\d", line)]
        assert len(headings) == len(page.pictures)


def test_nothing_of_the_day_reaches_the_log(seen: dict[str, Any], folder: Path) -> None:
    for log in (folder / "data").glob("*.log"):
        assert "procedure" not in log.read_text()
        assert "P-07" not in log.read_text()
