"""DICOM files as recorders and archives write them, made with pydicom for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

ENDOSCOPIC_IMAGE = "1.2.840.10008.5.1.4.1.1.77.1.1"
ENDOSCOPIC_VIDEO = "1.2.840.10008.5.1.4.1.1.77.1.1.1"
EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
JPEG = "1.2.840.10008.1.2.4.50"
MPEG2, H264, HEVC = (f"1.2.840.10008.1.2.4.{number}" for number in (100, 102, 107))

Images = NDArray[np.uint8]
#: Stand in the tags of every file made here; no file of the program may hold one of them.
MARKERS = ("Quarzenbauer", "Xaverine", "HOSP-7731942", "19491231", "ACC-55501", "Dr. Wundermild")


def dataset(syntax: str, kind: str = ENDOSCOPIC_IMAGE, **tags: Any) -> Dataset:
    """With the tags of a patient."""
    made = Dataset()
    made.PatientName = f"{MARKERS[0]}^{MARKERS[1]}"
    made.PatientID = MARKERS[2]
    made.PatientBirthDate = MARKERS[3]
    made.AccessionNumber = MARKERS[4]
    made.ReferringPhysicianName = MARKERS[5]
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = UID(syntax)
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = UID(kind)
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = UID("1.2.3.4.5")
    for name, value in tags.items():
        setattr(made, name, value)
    return made


def save(made: Dataset, path: Path) -> Path:
    syntax = made.file_meta.TransferSyntaxUID
    made.save_as(
        path,
        implicit_vr=syntax == IMPLICIT,
        little_endian=syntax != "1.2.840.10008.1.2.2",
        enforce_file_format=True,
    )
    return path


def video(path: Path, stream: Path, syntax: str = H264, pieces: int = 1, **tags: Any) -> Path:
    """The whole of ``stream`` in as many fragments."""
    made = dataset(syntax, ENDOSCOPIC_VIDEO, Rows=192, Columns=320, NumberOfFrames="60", **tags)
    made.update(_colour("YBR_PARTIAL_420"))
    made.PixelData = encapsulate([stream.read_bytes()], fragments_per_frame=pieces, has_bot=False)
    made["PixelData"].is_undefined_length = True
    return save(made, path)


def jpegs(path: Path, images: Sequence[Images], pieces: int = 1, **tags: Any) -> Path:
    """RGB images as JPEGs of best quality."""
    rows, columns = images[0].shape[:2]
    made = dataset(JPEG, Rows=rows, Columns=columns, NumberOfFrames=str(len(images)))
    made.update(_colour("YBR_FULL_422"))
    for name, value in tags.items():
        setattr(made, name, value)
    coded = [jpeg(image) for image in images]
    made.PixelData = encapsulate(coded, fragments_per_frame=pieces, has_bot=pieces > 1)
    made["PixelData"].is_undefined_length = True
    return save(made, path)


def jpeg(rgb: Images) -> bytes:
    done, data = cv2.imencode(
        ".jpg",
        cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR),
        [cv2.IMWRITE_JPEG_QUALITY, 97],
    )
    assert done
    return data.tobytes()


def plain(
    path: Path,
    images: Sequence[Images],
    photometric: str = "RGB",
    planar: bool = False,
    syntax: str = EXPLICIT,
    **tags: Any,
) -> Path:
    """RGB images uncompressed; of grey ones the red samples."""
    rows, columns = images[0].shape[:2]
    made = dataset(syntax, Rows=rows, Columns=columns, NumberOfFrames=str(len(images)))
    made.update(_colour(photometric, planar))
    data = b"".join(samples(image, photometric, planar) for image in images)
    made.PixelData = data + b"\0" * (len(data) % 2)
    for name, value in tags.items():
        setattr(made, name, value)
    return save(made, path)


def samples(rgb: Images, photometric: str, planar: bool) -> bytes:
    """As DICOM says, by its formulas and not by the program's."""
    if photometric == "MONOCHROME2":
        return rgb[..., 0].tobytes()
    if photometric == "MONOCHROME1":
        return (255 - rgb[..., 0]).tobytes()
    kept = rgb
    if photometric.startswith("YBR"):
        red, green, blue = (rgb[..., channel].astype(np.float64) for channel in range(3))
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        blueness = -0.168736 * red - 0.331264 * green + 0.5 * blue + 128
        redness = 0.5 * red - 0.418688 * green - 0.081312 * blue + 128
        kept = np.clip(np.rint(np.stack([luma, blueness, redness], 2)), 0, 255).astype(np.uint8)
    if photometric == "YBR_FULL_422":
        pairs = kept.reshape(-1, 2, 3)
        return np.stack(
            [pairs[:, 0, 0], pairs[:, 1, 0], pairs[:, 0, 1], pairs[:, 0, 2]], 1
        ).tobytes()
    return (kept.transpose(2, 0, 1) if planar else kept).tobytes()


def _colour(photometric: str, planar: bool = False) -> Dataset:
    is_grey = photometric.startswith("MONO")
    made = Dataset()
    made.SamplesPerPixel = 1 if is_grey else 3
    made.PhotometricInterpretation = photometric
    if not is_grey:
        made.PlanarConfiguration = int(planar)
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made.PixelRepresentation = 0
    return made
