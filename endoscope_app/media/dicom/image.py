"""A frame of a DICOM file as 8-bit BGR, whatever its samples are kept as."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.media.dicom.ffmpeg_image import Codec, decoded
from endoscope_app.media.dicom.layout import MOST_PIXELS, Coding, DicomLayout
from endoscope_app.media.dicom.pieces import PieceFile
from endoscope_app.media.dicom.run_lengths import samples_of
from endoscope_app.media.opencv_errors import refuse_lack_of_memory

Image = NDArray[np.uint8]

MOST_BYTES = 256 << 20
# Says of a JPEG that its three components are red, green and blue.
ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"


def frame_image(path: Path, layout: DicomLayout, frame: int) -> Image | None:
    """(H, W, 3) BGR, or None where the frame is broken or not there. Raises OSError."""
    if not 0 <= frame < layout.frame_count:
        return None
    parts = layout.parts_of(frame)
    if sum(size for _, size in parts) > MOST_BYTES:
        return None
    with PieceFile(path.open("rb"), parts) as file:
        data = file.read()
    if layout.coding is Coding.JPEG:
        return _jpeg(data, layout)
    if layout.coding is Coding.RUN_LENGTHS:
        return _run_lengths(data, layout)
    if layout.coding is Coding.JPEG_2000:
        return _by_ffmpeg(data, layout, "jpeg2000")
    if layout.coding is Coding.JPEG_LS:
        return _by_ffmpeg(data, layout, "jpegls")
    return _plain(np.frombuffer(data, np.uint8), layout, is_planar=layout.header.is_planar)


def _run_lengths(data: bytes, layout: DicomLayout) -> Image | None:
    header = layout.header
    samples = samples_of(data, header.rows * header.columns, header.samples)
    return None if samples is None else _plain(samples, layout, is_planar=False)


def _by_ffmpeg(data: bytes, layout: DicomLayout, codec: Codec) -> Image | None:
    header = layout.header
    pixels = decoded(data, codec, header.rows, header.columns, header.samples)
    return None if pixels is None else _plain(pixels.reshape(-1), layout, is_planar=False)


def _jpeg(data: bytes, layout: DicomLayout) -> Image | None:
    size = _jpeg_size(data)
    if size is None or not 0 < size[0] * size[1] <= MOST_PIXELS:
        return None
    if layout.header.photometric == "RGB" and b"JFIF" not in data[:32] and not _has_adobe(data):
        data = data[:2] + ADOBE_RGB + data[2:]
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        refuse_lack_of_memory(error)
        return None
    if image is None:
        return None
    bgr = np.asarray(image, np.uint8)
    return 255 - bgr if layout.header.photometric == "MONOCHROME1" else bgr


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """(rows, columns) by the frame's header; None where there is none of 8 bits."""
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        kind = data[place + 1]
        if kind == 0xFF:
            place += 1
            continue
        length, bits, rows, columns = struct.unpack(">HBHH", data[place + 2 : place + 9])
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            return (rows, columns) if bits == 8 else None
        place += 2 + length
    return None


def _has_adobe(data: bytes) -> bool:
    return b"\xff\xee\x00\x0eAdobe" in data[:4096]


def _plain(samples: Image, layout: DicomLayout, *, is_planar: bool) -> Image | None:
    header = layout.header
    if len(samples) < layout.frame_bytes:
        return None
    rows, columns = header.rows, header.columns
    if header.samples == 1:
        grey = samples.reshape(rows, columns)
        return _bgr(255 - grey if header.photometric == "MONOCHROME1" else grey, cv2.COLOR_GRAY2BGR)
    if header.photometric == "YBR_FULL_422":
        return _bgr(_whole_chroma(samples, rows, columns), cv2.COLOR_YCrCb2BGR)
    pixels = (
        np.ascontiguousarray(samples.reshape(3, rows, columns).transpose(1, 2, 0))
        if is_planar
        else samples.reshape(rows, columns, 3)
    )
    if header.photometric == "YBR_FULL":
        return _bgr(np.ascontiguousarray(pixels[..., [0, 2, 1]]), cv2.COLOR_YCrCb2BGR)
    return _bgr(pixels, cv2.COLOR_RGB2BGR)


def _whole_chroma(samples: Image, rows: int, columns: int) -> Image:
    """(H, W, 3) Y, Cr, Cb from pairs of pixels (Y, Y, Cb, Cr) that share their colour."""
    pairs = samples.reshape(rows * columns // 2, 4)
    pixels = np.empty((rows * columns // 2, 2, 3), np.uint8)
    pixels[..., 0] = pairs[:, :2]
    pixels[..., 1] = pairs[:, 3:4]
    pixels[..., 2] = pairs[:, 2:3]
    return pixels.reshape(rows, columns, 3)


def _bgr(pixels: Image, conversion: int) -> Image:
    return np.asarray(cv2.cvtColor(pixels, conversion), np.uint8)
