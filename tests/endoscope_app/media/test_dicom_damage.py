"""DICOM files that are damaged, lie, or are kept in ways that are not read: one sentence each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from endoscope_app.base.errors import AppError
from endoscope_app.media.dicom import header, layout, wording
from endoscope_app.media.opening import open_source
from tests.endoscope_app import dicom_files
from tests.endoscope_app.clips import numbered_picture, read_number
from tests.places import REPOSITORY

IMAGES = [numbered_picture(number) for number in range(4)]
EXPORT = "Export it from its viewer"
COPY = "Copy it again"


def refusal(path: Path) -> AppError:
    with pytest.raises(AppError) as caught:
        open_source(path)
    error = caught.value
    said = f"{error.sentence} {error.way_out} {error.detail}"
    assert not [marker for marker in dicom_files.MARKERS if marker in said]
    assert path.name in error.sentence
    return error


@pytest.mark.parametrize(
    ("syntax", "how"),
    [
        ("1.2.840.10008.1.2.4.70", r"\(lossless JPEG\)"),
        ("1.2.840.10008.1.2.4.80", r"\(JPEG-LS\)"),
        ("1.2.840.10008.1.2.4.91", r"\(JPEG 2000\)"),
        ("1.2.840.10008.1.2.1.99", r"\(deflate\)"),
        ("1.2.840.10008.1.2.2", "big-endian"),
        ("1.2.3.4.5", r"that cannot be read\."),
    ],
)
def test_other_compressions_are_named(tmp_path: Path, syntax: str, how: str) -> None:
    path = dicom_files.plain(tmp_path / "a.dcm", IMAGES)
    path.write_bytes(
        path.read_bytes().replace(
            b"\x10\x00UI\x14\x001.2.840.10008.1.2.1\0",
            b"\x10\x00UI"
            + (len(syntax) + len(syntax) % 2).to_bytes(2, "little")
            + syntax.encode()
            + b"\0" * (len(syntax) % 2),
        )
    )
    error = refusal(path)
    assert error.way_out.startswith(EXPORT)
    assert re.search(how, error.sentence)


@pytest.mark.parametrize(
    ("tags", "sentence", "way_out"),
    [
        ({"BitsAllocated": 16}, "of 16 bits per sample", EXPORT),
        ({"Rows": 65535, "Columns": 65535}, "says its images are 65,535 x 65,535 pixels", COPY),
        ({"Rows": 0}, "says its images are 320 x 0 pixels", COPY),
        ({"NumberOfFrames": "2000000000"}, "says it holds 2,000,000,000 frames", COPY),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "whose colours", EXPORT),
        ({"SamplesPerPixel": 4}, "whose colours", EXPORT),
        ({"Rows": 8000, "Columns": 8000}, "ends before its first image is whole", COPY),
    ],
)
def test_what_cannot_be_is_refused_before_memory_is_taken(
    tmp_path: Path, tags: dict[str, Any], sentence: str, way_out: str
) -> None:
    error = refusal(dicom_files.plain(tmp_path / "a.dcm", IMAGES, **tags))
    assert sentence in error.sentence
    assert error.way_out.startswith(way_out)


def test_files_without_images_say_so(tmp_path: Path) -> None:
    report = dicom_files.dataset(dicom_files.EXPLICIT, "1.2.840.10008.5.1.4.1.1.88.11")
    assert "without images" in refusal(dicom_files.save(report, tmp_path / "r.dcm")).sentence
    disc = dicom_files.dataset(dicom_files.EXPLICIT, "1.2.840.10008.1.3.10")
    error = refusal(dicom_files.save(disc, tmp_path / "DICOMDIR"))
    assert "table of contents" in error.sentence
    assert "folder" in error.way_out


@pytest.mark.parametrize("write", [dicom_files.plain, dicom_files.jpegs])
@pytest.mark.parametrize("tags", [{}, {"FrameTime": "40"}])
def test_pixel_data_that_ends_too_soon_is_shown_as_far_as_it_goes(
    tmp_path: Path, write: Callable[..., Path], tags: dict[str, str]
) -> None:
    path = write(tmp_path / "a.dcm", IMAGES, **tags)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 5 // 8])
    with open_source(path) as source:
        assert source.info.damaged
        assert len(source.info.notes) == 1
        assert "damaged" in source.info.notes[0]
        assert source.info.frame_count in (2, 3)
        assert [read_number(source.read(index).image) for index in range(2)] == [0, 1]


def test_more_frames_said_than_there_are(tmp_path: Path) -> None:
    with open_source(dicom_files.jpegs(tmp_path / "a.dcm", IMAGES, NumberOfFrames="9")) as source:
        assert source.info.frame_count == 4
        assert source.info.notes == (
            "Files that hold fewer images than they say are damaged: a.dcm (4 of 9).",
        )


def test_fewer_frames_said_than_there_are(tmp_path: Path) -> None:
    with open_source(dicom_files.jpegs(tmp_path / "a.dcm", IMAGES, NumberOfFrames="1")) as source:
        assert [read_number(source.read(index).image) for index in range(4)] == [0, 1, 2, 3]


@pytest.mark.parametrize("end", [133, 140, 180, 300, 500])
def test_a_header_that_ends_too_soon(tmp_path: Path, end: int) -> None:
    path = dicom_files.jpegs(tmp_path / "a.dcm", IMAGES)
    path.write_bytes(path.read_bytes()[:end])
    assert refusal(path).way_out


def test_noise_in_the_header_is_a_sentence_or_an_image(tmp_path: Path) -> None:
    path = dicom_files.jpegs(tmp_path / "a.dcm", IMAGES[:1])
    data = path.read_bytes()
    said = []
    for place in range(128, 700):
        spoiled = bytearray(data)
        spoiled[place] ^= 0xFF
        other = tmp_path / f"{place}.dcm"
        other.write_bytes(spoiled)
        try:
            open_source(other).close()
        except AppError as error:
            said.append(error)
        other.unlink()
    assert said
    assert all(error.way_out for error in said)


def test_a_length_where_there_must_be_none_and_one_of_a_stream_without_fragments(
    tmp_path: Path,
) -> None:
    path = dicom_files.jpegs(tmp_path / "a.dcm", IMAGES)
    mark = b"\xe0\x7f\x10\x00OB\0\0"
    data = path.read_bytes()
    assert data.count(mark + b"\xff\xff\xff\xff") == 1
    path.write_bytes(data.replace(mark + b"\xff\xff\xff\xff", mark + b"\x00\x10\0\0"))
    assert "header is damaged" in refusal(path).sentence
    path.write_bytes(data[: data.index(mark) + 12])
    assert "ends before its first image" in refusal(path).sentence


def test_sequences_of_unknown_length_and_a_huge_private_value_are_passed_over(
    tmp_path: Path,
) -> None:
    path = dicom_files.jpegs(tmp_path / "a.dcm", IMAGES)
    made = dcmread(path)
    inner = Dataset()
    inner.PatientComments = "x" * 500
    inner.OtherPatientIDsSequence = [Dataset()]
    made.RequestAttributesSequence = [inner, inner]
    made["RequestAttributesSequence"].is_undefined_length = True
    made.add_new(0x00091010, "OB", bytes(3 << 20))
    dicom_files.save(made, path)
    with open_source(path) as source:
        assert source.info.frame_count == 4


def test_a_folder_of_files_that_are_not_read_says_why(tmp_path: Path) -> None:
    for name in ("a.dcm", "b.dcm"):
        dicom_files.plain(tmp_path / name, IMAGES, BitsAllocated=16)
    with pytest.raises(AppError, match=r"“a\.dcm” is a DICOM file of 16 bits"):
        open_source(tmp_path)


def test_sequences_within_sequences_that_never_end_are_a_damaged_header(tmp_path: Path) -> None:
    path = dicom_files.plain(tmp_path / "a.dcm", IMAGES)
    content = path.read_bytes()
    opens = b"\x08\0\x40\x11SQ\0\0" + b"\xff" * 4 + b"\xfe\xff\x00\xe0" + b"\xff" * 4
    begin = content.index(b"\x08\0\x16\0UI")
    for deep in (3, 100, 5000):
        path.write_bytes(content[:begin] + opens * deep)
        assert refusal(path).sentence == wording.damaged("a.dcm")


def test_a_count_of_frames_without_end_is_said_in_a_short_sentence(tmp_path: Path) -> None:
    path = dicom_files.plain(tmp_path / "a.dcm", IMAGES)
    path.write_bytes(path.read_bytes().replace(b"\x08\0IS\x02\x004 ", b"\x08\0IS\x06\x001e308 "))
    assert refusal(path).sentence == wording.too_many_frames("a.dcm", 2**31 - 1)


def test_more_images_than_a_procedure_may_have_are_refused_whatever_the_header_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dicom_files.jpegs(tmp_path / "a.dcm", IMAGES)
    content = path.read_bytes()
    assert content.count(b"\x08\0IS\x02\x004 ") == 1
    path.write_bytes(content.replace(b"\x08\0IS\x02\x004 ", b"\x08\0IS\x02\x001 "))
    monkeypatch.setattr(layout, "MOST_FRAMES", 3)
    assert refusal(path).sentence == wording.too_many_frames("a.dcm", 4)


@pytest.mark.parametrize("more", [b"", b"\0"])
def test_a_number_that_claims_to_be_megabytes_long_is_no_number(
    tmp_path: Path, more: bytes
) -> None:
    """What fuzzing found: pydicom fetched it, and raised what nobody catches."""
    path = dicom_files.plain(tmp_path / "a.dcm", IMAGES, syntax=dicom_files.IMPLICIT)
    whole = path.read_bytes()
    place = whole.index(b"\x28\0\x06\0\x02\0\0\0") + 4
    claimed = (header.LONGEST_VALUE + 1).to_bytes(4, "little")
    path.write_bytes(whole[:place] + claimed + whole[place + 4 :] + more)
    refusal(path)


def test_reading_a_header_loads_nothing_that_opens_a_socket(tmp_path: Path) -> None:
    """pydicom would load the package requests for its examples, where it is installed."""
    (tmp_path / "requests.py").write_text("raise SystemExit('requests was loaded')")
    dicom_files.plain(tmp_path / "a.dcm", IMAGES)
    script = (
        "import sys; from pathlib import Path\n"
        "sys.addaudithook(lambda event, _: event == 'socket.bind' and sys.exit('a socket'))\n"
        "from endoscope_app.media.dicom.layout import layout_of\n"
        "layout_of(Path(sys.argv[1])); assert 'pydicom' in sys.modules\n"
        "assert 'requests' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a.dcm")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(REPOSITORY)))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
