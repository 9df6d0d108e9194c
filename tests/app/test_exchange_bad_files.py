"""A file that is not what it should be: one sentence, what is expected instead, and no word of what the file holds."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from endoscope_app.errors import AppError
from endoscope_app.store.exchange import (
    class_folders,
    coco_format,
    csv_format,
    cvat_format,
    detect,
    files,
    json_format,
    label_studio_format,
)
from tests.app.exchange_documents import small

FORMATS = {
    "csv": csv_format, "json": json_format, "coco": coco_format, "cvat": cvat_format, "label studio": label_studio_format,
}  # fmt: skip
SECRET = "Jane Doe"
BAD = {
    "empty": b"",
    "spaces": b" \n",
    "binary": bytes(range(256)) * 20,
    "not utf-8": b"label,procedure,frame,pts\n\xff\xfe,a,1,1\n",
    "nul": b"\0" * 1000,
    "text": b"Jane Doe has a polyp.\n",
    "json string": b'"Jane Doe"',
    "another object": b'{"patient": "Jane Doe"}',
    "another list": b'["Jane Doe"]',
    "deep": b"[" * 100_000,
    "deep object": b'{"images":' * 100_000,
    "html": b"<html><body>Jane Doe</body></html>",
    "entity": b'<!DOCTYPE a [<!ENTITY x "Jane Doe">]><annotations>&x;</annotations>',
    "another doctype": b'<annotations></annotations><!doctype html>',
    "utf-16 xml": '<?xml version="1.0" encoding="utf-16"?><annotations/>'.encode("utf-16"),
    "newer": b'{"format": "endoscope-app labels", "version": 2}',
    "number": b'{"format":"endoscope-app labels","version":1,"procedures":[{"fingerprint":"Jane Doe","frames":[[1e999,0,0,"class","x"]]}]}',
    "huge pts": b'{"format":"endoscope-app labels","version":1,"procedures":[{"fingerprint":"a","frames":[[%d,0,0,"class","x"]]}]}' % 2**63,
    "kind": b'{"format":"endoscope-app labels","version":1,"procedures":[{"fingerprint":"a","frames":[[1,0,0,"Jane Doe","x"]]}]}',
    "unusable with class": b"label,procedure,frame,pts,kind\nJane Doe,a,1,1,nonsense\n",
    "frame twice": b"label,procedure,frame,pts\nJane Doe,a,1,1\nx,a,1,1\n",
    "negative frame": b"label,procedure,frame,pts\nJane Doe,a,-1,1\n",
    "no number": b"label,procedure,frame,pts\nx,a,Jane Doe,1\n",
    "very long number": b"label,procedure,frame,pts\nx,a," + b"9" * 5000 + b",1\n",
    "short row": b"label,procedure,frame,pts\nJane Doe\n",
    "open quote": b'label,procedure,frame,pts\n"Jane Doe,a,1,1\n',
    "no categories": b'{"images": [], "annotations": [{"id": 1, "image_id": 4, "category_id": 5}], "categories": []}',
    "range backwards": b'<annotations><meta><source>Jane Doe</source></meta><track label="x"><box frame="Jane Doe"/></track></annotations>',
}  # fmt: skip


def said(read: Callable[[Path], object], path: Path) -> AppError:
    """The error of reading, after a look at everything that a log could print of it."""
    with pytest.raises(AppError) as caught:
        read(path)
    error = caught.value
    printed = "".join(traceback.format_exception(error))
    assert SECRET not in printed.replace("test_exchange", "") or SECRET in str(path)
    assert SECRET not in error.sentence + error.way_out + error.detail
    assert error.sentence.endswith(".")
    assert "xpected" in error.way_out or error.way_out == files.ANY_FORMAT or "Update" in error.way_out
    assert "\n" not in str(error)
    return error


@pytest.mark.parametrize("name", BAD)
def test_no_reader_takes_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(BAD[name])
    said(detect.read, path)
    for module in FORMATS.values():
        said(module.read, path)


def short(text: bytes) -> bool:
    """Whether the last line has fewer cells than a whole one."""
    if b"\n" not in text:
        return b",pts" not in text
    return 0 < text.rsplit(b"\n", 1)[1].count(b",") < len(csv_format.COLUMNS) - 1


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_was_cut_off_is_refused_wherever_the_cut_is(tmp_path: Path, name: str) -> None:
    FORMATS[name].write(small(), tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes().rstrip()
    cut = tmp_path / "cut"
    # a CSV that ends with a whole row or in the name at the end of one cannot be told from a shorter one, nor can its header
    ends = range(1, len(whole), 7) if name != "csv" else [end for end in range(1, len(whole)) if short(whole[:end])]
    for end in ends:
        cut.write_bytes(whole[:end])
        said(FORMATS[name].read, cut)
        said(detect.read, cut)


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
    for name, module in FORMATS.items():
        path = tmp_path / "labels.txt"
        module.write(small(), path)
        assert detect.detect(path) == name
        for other in FORMATS.values():
            if other is not module:
                assert other.EXPECTED in said(other.read, path).way_out


def test_a_place_that_may_not_be_written_is_said_in_words_about_the_export(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for module in FORMATS.values():
        with pytest.raises(AppError, match="The labels could not be exported to this place"):
            module.write(small(), tmp_path / "file" / "labels")
