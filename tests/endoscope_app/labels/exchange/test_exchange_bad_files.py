"""A file that is not what it should be: one sentence, what is expected instead, and no word of
what the file holds.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import (
    class_folders,
    coco_format,
    coco_reading,
    csv_format,
    cvat_format,
    cvat_reading,
    json_format,
    label_studio_format,
    label_studio_reading,
    reading_wording,
)
from endoscope_app.labels.exchange import format_detection as detect
from tests.endoscope_app.exchange_documents import small

FORMATS = {
    "csv": csv_format,
    "json": json_format,
    "coco": coco_reading,
    "cvat": cvat_reading,
    "label studio": label_studio_reading,
}
WRITERS = {
    "csv": csv_format.write,
    "json": json_format.write,
    "coco": coco_format.write,
    "cvat": cvat_format.write,
    "label studio": label_studio_format.write_images,
}
EXPECTED = {
    "csv": reading_wording.EXPECTED_CSV,
    "json": reading_wording.EXPECTED_JSON,
    "coco": reading_wording.EXPECTED_COCO,
    "cvat": reading_wording.EXPECTED_CVAT,
    "label studio": reading_wording.EXPECTED_LABEL_STUDIO,
}
SECRET = "Jane Doe"
BAD = {
    "empty": b"",
    "spaces": b" \n",
    "binary": bytes(range(256)) * 20,
    "nul": b"\0" * 1000,
    "text": b"Jane Doe has a polyp.\n",
    "json string": b'"Jane Doe"',
    "another object": b'{"patient": "Jane Doe"}',
    "another list": b'["Jane Doe"]',
    "deep": b"[" * 100_000,
    "deep object": b'{"images":' * 100_000,
    "html": b"<html><body>Jane Doe</body></html>",
    "deep elements": b"<annotations>" + b"<a>" * 300_000,
    "deep elements, closed": b"<annotations>" + b"<a>" * 90_000 + b"</a>" * 90_000,
    "entity": b'<!DOCTYPE a [<!ENTITY x "Jane Doe">]><annotations>&x;</annotations>',
    "another doctype": b"<annotations></annotations><!doctype html>",
    "newer": b'{"format": "endoscope-app labels", "version": 2}',
}
JSON = (
    b'{"format":"endoscope-app'
    b' labels","version":1,"procedures":[{"fingerprint":"a","frames":[%s,[7,7,0,"class","x"]]}]}'
)
TABLE = b"label,procedure,frame,pts,kind\n%s\nx,a,7,7,\n"
ODD = {
    "number": JSON % b'["Jane Doe",0,1e999,"class","x"]',
    "huge pts": JSON % (b'[%d,0,0,"class","x"]' % 2**63),
    "kind in json": JSON % b'[1,0,0,"Jane Doe","x"]',
    "kind": TABLE % b"Jane Doe,a,1,1,nonsense",
    "negative frame": TABLE % b"Jane Doe,a,-1,1,",
    "no number": TABLE % b"x,a,Jane Doe,1,",
    "very long number": TABLE % (b"x,a," + b"9" * 5000 + b",1,"),
    "huge number": TABLE % b"x,a,1,9223372036854775808,",
    "short row": TABLE % b"Jane Doe",
    "long row": TABLE % b"x,a,1,1,,Jane Doe",
    "open quote": TABLE % b'"Jane Doe,a,1,1,',
    "no label": TABLE % b",a,1,1,",
    "no such category": (
        b'{"categories": [{"id": 1, "name": "x"}], "images": [{"id": 1, "file_name":'
        b' "frame_000007"}], "annotations": [{"image_id": 4, "category_id": 5, "note": "Jane Doe"},'
        b' {"image_id": 1, "category_id": 1}]}'
    ),
    "odd annotation": (
        b'{"categories": [{"id": 1, "name": "x"}], "images": [{"id": 1, "file_name":'
        b' "frame_000007"}], "annotations": ["Jane Doe", {"image_id": 1, "category_id": 1}]}'
    ),
    "odd track": (
        b'<annotations><meta><source>Jane Doe</source></meta><track label="x"><box frame="Jane'
        b' Doe"/></track><image id="7" name="frame_000007"><tag label="x"/></image></annotations>'
    ),
    "image without a number": (
        b'<annotations><image id="a" name="Jane Doe.png"><tag label="x"/></image>'
        b'<image id="7" name="frame_000007"><tag label="x"/></image></annotations>'
    ),
    "odd task": (
        b'[{"data": "Jane Doe"}, {"data": {"image": "frame_000007.png"}, "annotations":'
        b' [{"result": [{"type": "choices", "value": {"choices": ["x"]}}]}]}]'
    ),
}
"""One entry of two that cannot be understood."""


@pytest.mark.parametrize("name", ODD)
def test_one_odd_entry_is_named_and_the_other_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(ODD[name])
    document = detect.read(path)
    assert [(frame.at.frame_index, frame.class_name) for frame in document.frames] == [(7, "x")]
    assert not document.ranges
    assert len(document.unread) == 1
    assert document.unread[0].where
    assert SECRET not in document.unread[0].where + document.unread[0].reason


def said(read: Callable[[Path], object], path: Path) -> AppError:
    """The error of reading, after a look at everything that a log could print of it."""
    with pytest.raises(AppError) as caught:
        read(path)
    error = caught.value
    printed = "".join(traceback.format_exception(error))
    assert SECRET not in printed.replace("test_exchange", "") or SECRET in str(path)
    assert SECRET not in error.sentence + error.way_out + error.detail
    assert error.sentence.endswith(".")
    assert (
        "xpected" in error.way_out
        or error.way_out == reading_wording.ANY_FORMAT
        or "Update" in error.way_out
    )
    assert "\n" not in str(error)
    return error


@pytest.mark.parametrize("name", BAD)
def test_no_reader_takes_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(BAD[name])
    said(detect.read, path)
    for module in FORMATS.values():
        said(module.read, path)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_was_cut_off_is_refused_or_its_last_row_named_wherever_the_cut_is(
    tmp_path: Path, name: str
) -> None:
    WRITERS[name](small(), tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes().rstrip()
    cut = tmp_path / "cut"
    for end in range(4, len(whole), 7):
        part = whole[:end]
        cut.write_bytes(part)
        if name != "csv" or b"label" not in part:
            said(FORMATS[name].read, cut)
            said(detect.read, cut)
        elif b"\n" in part:
            rows = part.decode("utf-8-sig").splitlines()
            document = detect.read(cut)
            assert document.label_count() + len(document.unread) == len(rows) - 1
            # a table that ends with a whole row, or in its last cell, cannot be told from a shorter
            # one
            is_short = (
                not part.endswith(b"\n") and rows[-1].count(",") < len(csv_format.COLUMNS) - 1
            )
            assert [one.where for one in document.unread] == (
                [f"row {len(rows)}"] if is_short else []
            )


def test_200_megabytes_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.write(b'{"format":')
        file.truncate(200_000_000)
    for read in (detect.read, *(module.read for module in FORMATS.values())):
        assert "160 MB" in said(read, path).sentence


def test_what_is_missing_or_a_folder_is_said(tmp_path: Path) -> None:
    for module in FORMATS.values():
        assert "cannot be read" in said(module.read, tmp_path / "missing").sentence
        assert "cannot be read" in said(module.read, tmp_path).sentence
    assert "manifest.csv" in said(detect.detect, tmp_path).sentence
    assert "manifest.csv" in said(class_folders.read, tmp_path).sentence


def test_one_format_is_not_read_as_another(tmp_path: Path) -> None:
    for name in FORMATS:
        path = tmp_path / "labels.txt"
        WRITERS[name](small(), path)
        assert detect.detect(path) == name
        for other, reader in FORMATS.items():
            if other != name:
                assert EXPECTED[other] in said(reader.read, path).way_out


def test_a_place_that_may_not_be_written_is_said_in_words_about_the_export(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for write in WRITERS.values():
        with pytest.raises(AppError, match="The labels could not be exported to this place"):
            write(small(), tmp_path / "file" / "labels")
