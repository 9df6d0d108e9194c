"""Every format gives back what it was given, whatever names are in it, but for what its module says is lost."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from endoscope_app.store.exchange import coco_format, csv_format, cvat_format, detect, json_format, label_studio_format
from endoscope_app.store.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    assemble,
)
from tests.app.exchange_documents import documents, small

Carried = Callable[[ExchangeDocument], ExchangeDocument]
quick = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def back(document: ExchangeDocument, write: Callable[[ExchangeDocument, Path], None], name: str) -> ExchangeDocument:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.bin"
        write(document, path)
        assert [one.name for one in Path(folder).iterdir()] == ["labels.bin"]
        assert detect.detect(path) == name
        return detect.read(path)


@quick
@given(documents())
def test_json_loses_nothing(document: ExchangeDocument) -> None:
    assert back(document, json_format.write, "json") == document


@quick
@given(documents())
def test_coco_loses_nothing(document: ExchangeDocument) -> None:
    assert back(document, coco_format.write, "coco") == document


@quick
@given(documents())
def test_csv_loses_only_classes_and_procedures_beside_their_labels(document: ExchangeDocument) -> None:
    used = {label.fingerprint for label in document.labels()}
    films = [ExchangeProcedure(one.fingerprint, one.name) for one in document.procedures if one.fingerprint in used]
    assert back(document, csv_format.write, "csv") == assemble((), films, document.frames, document.ranges)


@quick
@given(documents())
def test_label_studio_loses_only_colours_order_and_classes_without_a_label(document: ExchangeDocument) -> None:
    expected = assemble((), document.procedures, document.frames, document.ranges)
    assert back(document, label_studio_format.write, "label studio") == expected


@quick
@given(documents())
def test_cvat_loses_only_retirement_lengths_and_control_characters(document: ExchangeDocument) -> None:
    visible = str.maketrans({**{code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n\r"}, 0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD})
    frames = [replace(one, class_name=one.class_name and one.class_name.translate(visible)) for one in document.frames]
    ranges = [replace(one, class_name=one.class_name.translate(visible)) for one in document.ranges]
    classes = [ExchangeClass(one.name.translate(visible), one.colour) for one in document.classes]
    assert back(document, cvat_format.write, "cvat") == assemble(classes, (), frames, ranges)


def test_a_frame_that_is_only_known_by_its_number_stays_so() -> None:
    frames = [ExchangeFrame("ab" * 20, Moment(None, 7), "class", "polyps")]
    ranges = [ExchangeRange("ab" * 20, Moment(None, 7), Moment(None, 9), "polyps")]
    document = assemble((), (), frames, ranges)
    formats = [
        ("json", json_format.write), ("coco", coco_format.write), ("csv", csv_format.write),
        ("cvat", cvat_format.write), ("label studio", label_studio_format.write),
    ]  # fmt: skip
    for name, write in formats:
        assert back(document, write, name) == document, name


def test_a_spreadsheet_finds_no_formula_in_any_cell(tmp_path: Path) -> None:
    names = ["=1+1", "+x", "-x", "@x", "\t=x", "\r=x", "\n=x", "polyps"]
    frames = [ExchangeFrame("ab" * 20, Moment(n, n), "class", name) for n, name in enumerate(names)]
    csv_format.write(assemble((), [ExchangeProcedure("ab" * 20, "=film")], frames, ()), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == ["'=1+1", "'+x", "'-x", "'@x", "'\t=x", "'\r=x", "'\n=x", "polyps"]
    assert {row["procedure_name"] for row in rows} == {"'=film"}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_csv_that_a_spreadsheet_saved_in_its_own_way_is_read(tmp_path: Path, separator: str) -> None:
    lines = ["label,procedure,pts,frame,time_seconds", "polyps,abababab,400,10,0.4", ",,,,"]
    text = "\r\n".join(line.replace(",", separator).replace("0.4", "0,4") for line in lines)
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert detect.detect(tmp_path / "a.csv") == "csv"
    assert csv_format.read(tmp_path / "a.csv").frames == (ExchangeFrame("abababab", Moment(400, 10, 0.4), "class", "polyps"),)


def test_a_name_is_in_no_file_unless_it_is_in_the_document(tmp_path: Path) -> None:
    named = small()
    nameless = assemble(named.classes, [replace(one, name="") for one in named.procedures], named.frames, named.ranges)
    for write in (json_format.write, coco_format.write, csv_format.write, cvat_format.write, label_studio_format.write):
        write(named, tmp_path / "a")
        assert b"colon" in (tmp_path / "a").read_bytes()
        write(nameless, tmp_path / "a")
        assert b"colon" not in (tmp_path / "a").read_bytes()
