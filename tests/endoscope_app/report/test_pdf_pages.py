"""Where the pages of a report break, read back from the PDF."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.report.pdf_pages import as_pdf
from tests.pdf_text import pdf_pages

COUNT = 14


def findings(columns: int, rows: int) -> str:
    """A heading before every seventh, then a picture with its words in a table of its own."""
    _, jpeg = cv2.imencode(".jpg", np.full((rows, columns, 3), 120, np.uint8))
    source = "data:image/jpeg;base64," + base64.b64encode(jpeg.tobytes()).decode()
    parts = ["<html><body>"]
    for number in range(1, COUNT + 1):
        if number % 7 == 1:
            parts.append(f"<h2>Group {number}</h2>")
        parts.append(
            f'<table width="100%"><tr><td><img src="{source}" width="{columns}" height="{rows}">'
            f"</td><td><h3>Number {number}.</h3></td></tr></table>"
        )
    return "".join([*parts, "</body></html>"])


@pytest.mark.parametrize("rows", [90, 208, 330, 480])
def test_no_page_break_parts_a_picture_from_its_words(qtbot: QtBot, rows: int) -> None:
    names = tuple(f"Number {number}." for number in range(1, COUNT + 1))
    pages = pdf_pages(as_pdf(findings(260, rows)), names)
    assert sum(len(page.pictures) for page in pages) == COUNT
    for page in pages:
        tops = sorted(top for _, _, _, top in page.pictures)
        beside = sorted(top for _, _, _, top in page.places.values())
        assert len(tops) == len(beside) > 0
        for picture, words in zip(tops, beside, strict=True):
            assert abs(picture - words) < 20, "words stand at the picture's upper edge"
    for page in pages:
        said = [line for line in page.lines if line.startswith(("Group", "Number"))]
        assert said[-1].startswith("Number"), "no heading is left alone"
