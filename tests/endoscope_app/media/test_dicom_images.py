"""Stills and multi-frame images of DICOM files: their colours, their times, and folders of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread

from endoscope_app.base.errors import AppError
from endoscope_app.media.opening import open_source
from endoscope_app.worklist.folder_contents import procedures_in
from tests.endoscope_app import dicom_files
from tests.endoscope_app.clips import make_clip, numbered_picture, read_number
from tests.endoscope_app.media.test_media_folder import grey
from tests.endoscope_app.media.test_media_folder import save as save_image

Images = NDArray[np.uint8]
PLAIN = [
    ("RGB", False, dicom_files.EXPLICIT),
    ("RGB", True, dicom_files.EXPLICIT),
    ("RGB", False, dicom_files.IMPLICIT),
    ("YBR_FULL", False, dicom_files.EXPLICIT),
    ("YBR_FULL", True, dicom_files.IMPLICIT),
    ("YBR_FULL_422", False, dicom_files.EXPLICIT),
    ("MONOCHROME2", False, dicom_files.EXPLICIT),
    ("MONOCHROME1", False, dicom_files.EXPLICIT),
]


def coloured(number: int, width: int = 320, height: int = 192) -> Images:
    """The numbered image with a red, a green and a blue bar in its lower half."""
    image = numbered_picture(number, width, height)
    for place, colour in enumerate(((200, 40, 30), (30, 180, 60), (50, 60, 190))):
        left = place * width // 4
        image[height // 2 :, left : left + width // 4] = colour
    return image


def as_shown(path: Path, index: int = 0) -> Images:
    """RGB."""
    with open_source(path) as source:
        return np.asarray(cv2.cvtColor(source.read(index).image, cv2.COLOR_BGRA2RGB), np.uint8)


@pytest.mark.parametrize(("photometric", "planar", "syntax"), PLAIN)
def test_uncompressed_images_have_their_colours(
    tmp_path: Path, photometric: str, planar: bool, syntax: str
) -> None:
    images = [coloured(number) for number in range(3)]
    path = dicom_files.plain(tmp_path / "a.dcm", images, photometric, planar, syntax)
    for number, image in enumerate(images):
        wanted = image[..., :1].repeat(3, 2) if photometric.startswith("MONO") else image
        difference = np.abs(as_shown(path, number).astype(int) - wanted)
        assert difference.max() <= (2 if photometric.startswith("YBR") else 0)


@pytest.mark.parametrize("size", [(320, 192), (321, 191)])
def test_jpegs_have_their_colours(tmp_path: Path, size: tuple[int, int]) -> None:
    images = [coloured(number, *size) for number in range(3)]
    path = dicom_files.jpegs(tmp_path / "a.dcm", images)
    for number, image in enumerate(images):
        assert np.abs(as_shown(path, number).astype(int) - image).mean() < 4


def test_a_jpeg_of_red_green_and_blue_is_not_taken_for_luma_and_chroma(tmp_path: Path) -> None:
    image = coloured(5)
    # What is coded as Y, Cb, Cr here is what the file calls red, green, blue
    coded = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb), np.uint8)[..., [0, 2, 1]]
    done, data = cv2.imencode(
        ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 97]
    )
    assert done
    bare = data.tobytes()
    assert bare[2:4] == b"\xff\xe0"
    bare = bare[:2] + bare[4 + int.from_bytes(bare[4:6], "big") :]  # without the mark of JFIF
    path = dicom_files.jpegs(tmp_path / "a.dcm", [image])
    made = dcmread(path)
    made.PhotometricInterpretation = "RGB"
    made.PixelData = dicom_files.encapsulate([bare])
    dicom_files.save(made, path)
    assert np.abs(as_shown(path).astype(int) - coded).mean() < 4


@pytest.mark.parametrize(
    ("tags", "times_ms"),
    [
        ({"FrameTime": "40"}, [0, 40, 80, 120]),
        ({"RecommendedDisplayFrameRate": "10"}, [0, 100, 200, 300]),
        ({"CineRate": "20"}, [0, 50, 100, 150]),
        ({"FrameTimeVector": ["0", "40", "60", "500"]}, [0, 40, 100, 600]),
        ({"SOPClassUID": dicom_files.ENDOSCOPIC_VIDEO}, [0, 40, 80, 120]),
    ],
)
@pytest.mark.parametrize("is_jpeg", [False, True])
def test_images_with_times_are_a_video(
    tmp_path: Path, tags: dict[str, Any], times_ms: list[float], is_jpeg: bool
) -> None:
    write = dicom_files.jpegs if is_jpeg else dicom_files.plain
    path = write(tmp_path / "a.dcm", [numbered_picture(number) for number in range(4)], **tags)
    made = dcmread(path)
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    dicom_files.save(made, path)
    with open_source(path) as source:
        assert source.info.kind == "video"
        assert [source.time_ms(index) for index in range(4)] == times_ms
        assert [read_number(source.read(index).image) for index in (3, 0, 2)] == [3, 0, 2]
        assert [source.index_at(time) for time in (times_ms[2] - 1, times_ms[2])] == [1, 2]
        assert [index for index, _ in source.small_frames(1, 9, 64)] == [1, 2, 3]
        assert not source.info.damaged


def test_images_without_times_are_stills_also_in_several_fragments(tmp_path: Path) -> None:
    images = [numbered_picture(number) for number in range(4)]
    path = dicom_files.jpegs(tmp_path / "a.dcm", images, pieces=3)
    with open_source(path) as source:
        assert source.info.kind == "folder"
        assert [read_number(source.read(index).image) for index in range(4)] == [0, 1, 2, 3]
        assert not source.info.notes


def test_a_folder_of_a_hospital_s_disc(tmp_path: Path) -> None:
    disc = tmp_path / "DICOM"
    (disc / "SE1").mkdir(parents=True)
    for number in (2, 10, 1):
        dicom_files.jpegs(disc / "SE1" / f"IM{number}", [numbered_picture(number)])
    save_image(disc / "SE1" / "note.png", grey(3))
    (disc / "SE1" / "DICOMDIR").write_bytes(bytes(128) + b"DICM")
    stream = make_clip(tmp_path / "stream.ts", 5)
    dicom_files.video(disc / "SE1" / "1.2.840.77", stream)
    assert [found.path.name for found in procedures_in([disc])] == ["SE1", "1.2.840.77"]
    with open_source(disc / "SE1") as source:
        shown = [read_number(source.read(index).image) for index in range(3)]
        assert shown == [1, 2, 10]
        assert source.info.notes == ("1 file of another kind is not shown: 1.2.840.77.",)
    with pytest.raises(AppError, match="in folders inside it: SE1"):
        open_source(disc)


def test_a_still_without_the_patient_is_the_same_still(tmp_path: Path) -> None:
    path = dicom_files.jpegs(tmp_path / "a.dcm", [coloured(1), coloured(2)])
    anonymous = dcmread(path)
    anonymous.PatientName = anonymous.PatientID = ""
    dicom_files.save(anonymous, tmp_path / "b.dcm")
    with open_source(path) as source, open_source(tmp_path / "b.dcm") as other:
        assert source.info.fingerprint == other.info.fingerprint
        assert [source.stamp(0), source.stamp(1)] == [other.stamp(0), other.stamp(1)]
        assert source.stamp(0) != source.stamp(1)


def test_real_frames_come_out_as_they_are(shared_data: Path, tmp_path: Path) -> None:
    path = sorted((shared_data / "hyperkvasir-lower-gi" / "native").glob("*.jpg"))[0]
    native = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    assert native is not None
    rgb = np.asarray(cv2.cvtColor(native, cv2.COLOR_BGR2RGB), np.uint8)
    made = dcmread(dicom_files.jpegs(tmp_path / "a.dcm", [rgb]))
    made.PixelData = dicom_files.encapsulate([path.read_bytes()])
    dicom_files.save(made, tmp_path / "a.dcm")
    assert np.array_equal(as_shown(tmp_path / "a.dcm"), rgb)


def test_a_file_of_another_program(shared_cases: Path) -> None:
    with open_source(shared_cases / "endo10.dcm") as source:
        assert (source.info.frame_count, source.info.width, source.info.kind) == (10, 256, "video")
        means = [float(source.read(index).image[..., :3].mean()) for index in range(10)]
    assert len(set(means)) == 10
