"""A video inside a DICOM file: its frames, exactly, and the identity of its content."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import dcmread

from endoscope_app.base.errors import AppError
from endoscope_app.media.opening import open_source
from tests.endoscope_app import dicom_files
from tests.endoscope_app.clips import make_clip, read_number

COUNT = 60
KINDS = [
    ("mpeg2video", ".mpg", dicom_files.MPEG2),
    ("mpeg2video", ".ts", dicom_files.MPEG2),
    ("libx264", ".mp4", dicom_files.H264),
    ("libx264", ".ts", dicom_files.H264 + ".1"),
    ("libx265", ".mp4", dicom_files.HEVC),
]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: f"{kind[0]}{kind[1]}")
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The stream as a file of its own, and inside a DICOM file."""
    codec, suffix, syntax = request.param
    folder = tmp_path_factory.mktemp("dicom")
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    stream = make_clip(folder / f"stream{suffix}", COUNT, codec=codec, options=options)
    return [stream, dicom_files.video(folder / "IM0001", stream, syntax, pieces=3)]


def test_every_frame_is_the_one_of_the_stream(made: list[Path]) -> None:
    stream, path = made
    with open_source(stream) as plain, open_source(path) as source:
        assert source.info.kind == "video"
        assert source.info.frame_count == plain.info.frame_count == COUNT
        assert not source.info.damaged, source.info.notes
        for index in (0, 59, 31, 30, 7, 8, 44):
            frame = source.read(index)
            assert read_number(frame.image) == index
            assert frame.time_ms == plain.read(index).time_ms
            assert source.stamp(index) == plain.stamp(index)
        small = dict(source.small_frames(20, 40, 96))
    assert {index: read_number(image) for index, image in small.items()} == {
        index: index for index in range(20, 40)
    }


def test_a_copy_without_the_patient_is_the_same_procedure(made: list[Path], tmp_path: Path) -> None:
    _, path = made
    anonymous = dcmread(path)
    for name in ("PatientName", "PatientID", "PatientBirthDate", "AccessionNumber"):
        setattr(anonymous, name, "")
    anonymous.save_as(tmp_path / "anonymous.dcm")
    with open_source(path) as source, open_source(tmp_path / "anonymous.dcm") as other:
        assert source.info.fingerprint == other.info.fingerprint


def test_a_file_that_was_cut_off_is_shown_as_far_as_it_goes(
    made: list[Path], tmp_path: Path
) -> None:
    stream, path = made
    if stream.suffix == ".mp4":
        pytest.skip("the table of an MP4 lies at its end")
    cut = tmp_path / "cut.dcm"
    data = path.read_bytes()
    cut.write_bytes(data[: len(data) * 2 // 3])
    with open_source(cut) as source:
        assert 20 < source.info.frame_count < COUNT
        assert source.info.damaged
        assert "damaged" in source.info.notes[0]
        assert read_number(source.read(15).image) == 15


def test_a_stream_that_is_no_video_says_so(tmp_path: Path) -> None:
    stream = tmp_path / "stream"
    stream.write_bytes(b"#EXTM3U\nhttp://example.org/a.mp4\n" * 40)
    path = dicom_files.video(tmp_path / "a.dcm", stream)
    with pytest.raises(AppError, match=r"“a\.dcm” is not a video that can be read") as caught:
        open_source(path)
    assert caught.value.way_out
