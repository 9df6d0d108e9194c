"""DICOM images compressed by JPEG 2000 and JPEG-LS, encoded by other programs than the one that
decodes them: OpenJPEG, GDCM, CharLS, and the standard's own example.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames

from endoscope_app.base.errors import AppError
from endoscope_app.media.dicom.ffmpeg_image import CODESTREAM, decoded
from endoscope_app.media.opening import open_source
from tests.endoscope_app import dicom_files
from tests.endoscope_app.media.test_dicom_images import as_shown, coloured

LOSSLESS_2000, LOSSY_2000 = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"
LOSSLESS_LS = "1.2.840.10008.1.2.4.80"
#: ITU-T T.87, annex H.3: an image of 4 x 4 and its bits.
EXAMPLE = np.array(
    [[0, 0, 90, 74], [68, 50, 43, 205], [64, 145, 145, 145], [100, 145, 145, 145]], np.uint8
)
EXAMPLE_BITS = bytes.fromhex(
    "ffd8 fff7000b08000400040101 1100 ffda0008010100000000"
    "c000006c80208e01c0000057400000 6ee6000001bc18000005d800009160 ffd9"
)


def jpeg_2000(rgb: NDArray[np.uint8], quality: int = 1000, *, boxes: bool = False) -> bytes:
    """By OpenJPEG; ``quality`` 1000: without loss; ``boxes``: as a JP2 file."""
    image = rgb if rgb.ndim == 2 else cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jp2", image, [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, quality])
    assert done
    whole = data.tobytes()
    return whole if boxes else whole[whole.index(CODESTREAM) :]


def of(
    path: Path,
    coded: Sequence[bytes],
    size: tuple[int, int],
    photometric: str,
    syntax: str = LOSSLESS_2000,
    pieces: int = 1,
) -> Path:
    """A DICOM file of these frames; ``size``: rows and columns."""
    made = dicom_files.dataset(
        syntax, Rows=size[0], Columns=size[1], NumberOfFrames=str(len(coded))
    )
    made.update(dicom_files._colour(photometric))
    made.PixelData = dicom_files.encapsulate(list(coded), fragments_per_frame=pieces, has_bot=False)
    made["PixelData"].is_undefined_length = True
    return dicom_files.save(made, path)


@pytest.mark.parametrize("photometric", ["YBR_RCT", "RGB"])
@pytest.mark.parametrize("boxes", [False, True])
def test_jpeg_2000_without_loss_is_every_pixel_as_it_was(
    tmp_path: Path, photometric: str, boxes: bool
) -> None:
    images = [coloured(number, 161, 97) for number in range(3)]
    coded = [jpeg_2000(image, boxes=boxes) for image in images]
    path = of(tmp_path / "a.dcm", coded, (97, 161), photometric)
    for number, image in enumerate(images):
        np.testing.assert_array_equal(as_shown(path, number), image)


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_grey_jpeg_2000(tmp_path: Path, photometric: str) -> None:
    grey = coloured(5, 160, 96)[..., 0]
    path = of(tmp_path / "a.dcm", [jpeg_2000(grey)], (96, 160), photometric)
    wanted = 255 - grey if photometric == "MONOCHROME1" else grey
    np.testing.assert_array_equal(as_shown(path), wanted[..., None].repeat(3, 2))


def test_lossy_jpeg_2000_in_several_fragments_a_frame(tmp_path: Path) -> None:
    images = [coloured(number, 160, 96) for number in range(3)]
    coded = [jpeg_2000(image, 200) for image in images]
    path = of(tmp_path / "a.dcm", coded, (96, 160), "YBR_ICT", LOSSY_2000, pieces=3)
    for number, image in enumerate(images):
        assert np.abs(as_shown(path, number).astype(int) - image).mean() < 6


def test_a_jpeg_2000_of_another_program_is_what_openjpeg_makes_of_it() -> None:
    path = Path(str(get_testdata_file("GDCMJ2K_TextGBR.dcm", download=False)))
    (coded,) = generate_frames(dcmread(path).PixelData, number_of_frames=1)
    wanted = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_COLOR_RGB)
    np.testing.assert_array_equal(as_shown(path), wanted)


def test_the_example_of_the_jpeg_ls_standard(tmp_path: Path) -> None:
    path = of(tmp_path / "a.dcm", [EXAMPLE_BITS], (4, 4), "MONOCHROME2", LOSSLESS_LS)
    np.testing.assert_array_equal(as_shown(path), EXAMPLE[..., None].repeat(3, 2))


def test_jpeg_ls_in_colour_line_by_line_of_another_program() -> None:
    """Ten bars; near-lossless, so that each sample may be off by a few."""
    path = Path(str(get_testdata_file("SC_rgb_jls_lossy_line.dcm", download=False)))
    bars = as_shown(path)[5::10, 50].astype(int)
    wanted = [
        *([255, 0, 0], [255, 128, 128], [0, 255, 0], [128, 255, 128], [0, 0, 255]),
        *([128, 128, 255], [0, 0, 0], [64, 64, 64], [192, 192, 192], [255, 255, 255]),
    ]
    assert np.abs(bars - wanted).max() <= 10


def test_jpeg_ls_pixel_by_pixel_is_refused_with_the_way_out() -> None:
    path = Path(str(get_testdata_file("SC_rgb_jls_lossy_sample.dcm", download=False)))
    with pytest.raises(AppError) as caught:
        open_source(path)
    assert "compressed by JPEG-LS pixel by pixel" in caught.value.sentence
    assert "JPEG 2000" in caught.value.way_out


def test_a_cut_image_is_refused_and_never_invented(tmp_path: Path) -> None:
    images = [coloured(number, 160, 96) for number in range(3)]
    coded = [jpeg_2000(image) for image in images]
    coded[2] = coded[2][: len(coded[2]) // 2]
    path = of(tmp_path / "a.dcm", coded, (96, 160), "YBR_RCT")
    np.testing.assert_array_equal(as_shown(path, 1), images[1])
    with open_source(path) as source, pytest.raises(AppError):
        source.read(2)


@pytest.mark.parametrize("size", [(8, 8), (4, 5), (60_000, 60_000)])
def test_another_size_than_the_file_says_is_not_decoded(size: tuple[int, int]) -> None:
    assert decoded(EXAMPLE_BITS, "jpegls", *size, 1) is None
    assert decoded(jpeg_2000(coloured(1, 160, 96)[..., 0]), "jpeg2000", *size, 1) is None
    assert decoded(EXAMPLE_BITS, "jpegls", 4, 4, 3) is None


@pytest.mark.parametrize("codec", ["jpeg2000", "jpegls"])
@pytest.mark.parametrize("data", [b"", b"\xff", CODESTREAM, b"\xff\xd8\xff\xf7", EXAMPLE_BITS[:20]])
def test_what_is_no_image_is_none(data: bytes, codec: str) -> None:
    assert decoded(data, "jpegls" if codec == "jpegls" else "jpeg2000", 4, 4, 1) is None
