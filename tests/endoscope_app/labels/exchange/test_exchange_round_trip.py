"""Every format gives back what it was given, whatever names are in it, but for what its module
says is lost.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from endoscope_app.labels.exchange import (
    coco_format,
    csv_format,
    cvat_format,
    json_format,
    label_studio_format,
)
from endoscope_app.labels.exchange import format_detection as detect
from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    assemble,
)
from tests.endoscope_app.exchange_documents import documents, small

Write = Callable[[ExchangeDocument, Path], None]
quick = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FILM = "ab" * 20


def back(document: ExchangeDocument, write: Write, name: str) -> ExchangeDocument:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.bin"
        write(document, path)
        assert [path.name for path in Path(folder).iterdir()] == ["labels.bin"]
        assert detect.detect(path) == name
        return detect.read(path)


@quick
@given(documents())
def test_json_loses_nothing(document: ExchangeDocument) -> None:
    assert back(document, json_format.write, "json") == document


@quick
@given(documents())
def test_coco_loses_only_ranges(document: ExchangeDocument) -> None:
    assert back(document, coco_format.write, "coco") == assemble(
        document.classes, document.procedures, document.frames, ()
    )


@quick
@given(documents())
def test_csv_loses_only_colours_and_what_has_no_label(document: ExchangeDocument) -> None:
    used = {label.fingerprint for label in document.labels()}
    films = [
        ExchangeProcedure(procedure.fingerprint, procedure.name)
        for procedure in document.procedures
        if procedure.fingerprint in used
    ]
    found = back(document, csv_format.write, "csv")
    assert (found.frames, found.ranges, found.procedures) == (
        document.frames,
        document.ranges,
        tuple(films),
    )
    named = {label.class_name for label in document.labels()}
    keys = {
        label_class.name: label_class.key if label_class.key != label_class.name else ""
        for label_class in document.classes
        if label_class.name in named
    }
    assert {label_class.name: label_class.key for label_class in found.classes} == keys
    assert not found.unread


@quick
@given(documents())
def test_label_studio_loses_only_colours_order_and_classes_without_a_label(
    document: ExchangeDocument,
) -> None:
    images = back(document, label_studio_format.write_images, "label studio")
    assert images == assemble((), (), document.frames, ())
    ranged = {span.fingerprint for span in document.ranges}
    films = [
        replace(procedure, width=0, height=0)
        for procedure in document.procedures
        if procedure.fingerprint in ranged
    ]
    assert back(document, label_studio_format.write_videos, "label studio") == assemble(
        (), films, (), document.ranges
    )


@quick
@given(documents())
def test_cvat_loses_only_keys_ranges_lengths_and_control_characters(
    document: ExchangeDocument,
) -> None:
    visible = str.maketrans(
        {
            **{code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n\r"},
            0xFFFE: 0xFFFD,
            0xFFFF: 0xFFFD,
        }
    )
    classes = [
        ExchangeClass(label_class.name.translate(visible), label_class.colour)
        for label_class in document.classes
    ]
    for film in document.procedures:
        frames = [frame for frame in document.frames if frame.fingerprint == film.fingerprint]
        found = back(assemble(document.classes, [film], frames, ()), cvat_format.write, "cvat")
        seen = [
            replace(frame, class_name=frame.class_name and frame.class_name.translate(visible))
            for frame in frames
        ]
        assert found == assemble(classes, (), seen, ())


def listed(first: int, last: int, name: str = "polyps") -> list[ExchangeFrame]:
    return [
        ExchangeFrame(FILM, Moment(index * 40, index, index / 25), "class", name, from_range=True)
        for index in range(first, last + 1)
    ]


@pytest.mark.parametrize(
    ("name", "write"),
    [("coco", coco_format.write), ("cvat", cvat_format.write), ("csv", csv_format.write)],
)
def test_frames_of_a_range_come_back_as_the_range_and_a_change_elsewhere_counts(
    name: str, write: Write
) -> None:
    own = ExchangeFrame(FILM, Moment(3 * 40, 3, 0.12), "class", "cecum")
    frames = [*listed(10, 14), *listed(20, 22, "cecum"), own]
    document = back(assemble((), (), frames, ()), write, name)
    spans = [
        (
            span.first.frame_index,
            span.first.pts,
            span.last.frame_index,
            span.last.pts,
            span.class_name,
        )
        for span in document.ranges
    ]
    assert spans == [(10, 400, 14, 560, "polyps"), (20, 800, 22, 880, "cecum")]
    assert document.frames == (own,)
    without_12 = [frame for frame in frames if frame.at.frame_index != 12]
    cut = back(assemble((), (), without_12, ()), write, name)
    assert [(span.first.frame_index, span.last.frame_index) for span in cut.ranges] == [
        (10, 11),
        (13, 14),
        (20, 22),
    ]


def test_a_frame_that_is_only_known_by_its_number_stays_so() -> None:
    frames = [ExchangeFrame(FILM, Moment(None, 7), "class", "polyps")]
    ranges = [ExchangeRange(FILM, Moment(None, 7), Moment(None, 9), "polyps")]
    for name, write in (("json", json_format.write), ("csv", csv_format.write)):
        assert back(assemble((), (), frames, ranges), write, name) == assemble(
            (), (), frames, ranges
        ), name
    for name, write in (
        ("coco", coco_format.write),
        ("cvat", cvat_format.write),
        ("label studio", label_studio_format.write_images),
    ):
        assert back(assemble((), (), frames, ()), write, name) == assemble((), (), frames, ()), name
    films = [ExchangeProcedure(FILM)]
    assert back(
        assemble((), films, (), ranges), label_studio_format.write_videos, "label studio"
    ) == assemble((), films, (), ranges)


def test_a_spreadsheet_finds_no_formula_in_any_cell_and_its_umlauts(tmp_path: Path) -> None:
    names = ["=1+1", "+x", "-x", "@x", "\t=x", "\r=x", "\n=x", " ＝x", "Größe"]
    frames = [ExchangeFrame(FILM, Moment(n, n), "class", name) for n, name in enumerate(names)]
    csv_format.write(
        assemble((), [ExchangeProcedure(FILM, "=film")], frames, ()), tmp_path / "a.csv"
    )
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == [
        "'=1+1",
        "'+x",
        "'-x",
        "'@x",
        "'\t=x",
        "'\r=x",
        "'\n=x",
        "' ＝x",
        "Größe",
    ]
    assert {row["procedure_name"] for row in rows} == {"'=film"}
    assert not [
        cell
        for row in rows
        for cell in row.values()
        if cell.lstrip().startswith(("=", "+", "-", "@", "＝"))
    ]


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("head", ["", "sep="])
def test_a_csv_that_a_spreadsheet_saved_in_its_own_way_is_read(
    tmp_path: Path, separator: str, encoding: str, head: str
) -> None:
    lines = ["Label,Procedure,pts,frame,time_seconds", "größer,abababab,400,10,0.4", ",,,,"]
    text = "\r\n".join(line.replace(",", separator).replace("0.4", "0,4") for line in lines)
    first = f"{head}{separator}\r\n" if head else ""
    (tmp_path / "a.csv").write_bytes((first + text + "\r\n").encode(encoding))
    assert detect.detect(tmp_path / "a.csv") == "csv"
    document = detect.read(tmp_path / "a.csv")
    assert document.frames == (ExchangeFrame("abababab", Moment(400, 10, 0.4), "class", "größer"),)
    assert not document.unread


def test_a_name_is_in_no_file_unless_it_is_in_the_document(tmp_path: Path) -> None:
    named = small()
    nameless = assemble(
        named.classes,
        [replace(procedure, name="") for procedure in named.procedures],
        named.frames,
        named.ranges,
    )
    writers: list[Write] = [
        json_format.write,
        coco_format.write,
        csv_format.write,
        cvat_format.write,
    ]
    writers += [label_studio_format.write_images, label_studio_format.write_videos]
    configuration = partial(label_studio_format.write_configuration, videos=True)
    everything: list[Write] = [*writers, configuration]
    for write in everything:
        write(nameless, tmp_path / "a")
        assert b"colon" not in (tmp_path / "a").read_bytes()
    for write in writers:
        write(named, tmp_path / "a")
        assert b"colon" in (tmp_path / "a").read_bytes()
