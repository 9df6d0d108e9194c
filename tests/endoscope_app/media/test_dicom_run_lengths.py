"""Images of DICOM files that are compressed by run lengths, as pydicom writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import RLELossless

from endoscope_app.base.errors import AppError
from endoscope_app.media.dicom.run_lengths import samples_of
from endoscope_app.media.opening import open_source
from tests.endoscope_app import dicom_files
from tests.endoscope_app.media.test_dicom_images import as_shown, coloured


def compressed(path: Path, photometric: str = "RGB", frames: int = 3) -> Path:
    """By pydicom's own encoder."""
    images = [coloured(number, 160, 96) for number in range(frames)]
    made = dcmread(dicom_files.plain(path, images, photometric))
    made.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    made.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL", "MONOCHROME2", "MONOCHROME1"])
def test_every_frame_is_as_it_was(tmp_path: Path, photometric: str) -> None:
    path = compressed(tmp_path / "a.dcm", photometric)
    for number in range(3):
        image = coloured(number, 160, 96)
        wanted = image[..., :1].repeat(3, 2) if photometric.startswith("MONO") else image
        difference = np.abs(as_shown(path, number).astype(int) - wanted)
        assert difference.max() <= (2 if photometric.startswith("YBR") else 0)


def test_what_is_cut_off_is_counted_or_refused_and_never_invented(tmp_path: Path) -> None:
    whole = compressed(tmp_path / "a.dcm").read_bytes()
    path = tmp_path / "cut.dcm"
    path.write_bytes(whole[: len(whole) - 500])
    with open_source(path) as source:
        assert source.info.frame_count <= 3
        np.testing.assert_array_equal(as_shown(path, 0), coloured(0, 160, 96))
    path.write_bytes(whole[: whole.index(b"\xe0\x7f\x10\x00") + 12])
    with pytest.raises(AppError):
        open_source(path)


def test_a_small_segment_cannot_ask_for_more_than_an_image() -> None:
    """Repeats are unpacked until the plane is whole, whatever else the segment asks for."""
    head = np.array([1, 64, *[0] * 14], "<u4").tobytes()
    found = samples_of(head + b"\x81\x07" * 100_000, 200, 1)
    assert found is not None
    assert found.tolist() == [7] * 200


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 63,
        np.array([2, 64, 66, *[0] * 13], "<u4").tobytes() + b"\x81\x07",  # two segments of one
        np.array([1, 9000, *[0] * 14], "<u4").tobytes() + b"\x81\x07",  # beyond its end
        np.array([1, 64, *[0] * 14], "<u4").tobytes() + b"\x05\x01",  # too short
        np.array([1, 64, *[0] * 14], "<u4").tobytes() + b"\x80" * 50,  # says nothing
    ],
)
def test_what_holds_no_image_is_none(data: bytes) -> None:
    assert samples_of(data, 128, 1) is None
