"""An image file as 8-bit BGRA, whatever it holds: 16-bit, grey, CMYK, transparent, turned by
its camera.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.media.dicom.image import frame_image
from endoscope_app.media.dicom.layout import is_dicom_file, layout_of
from endoscope_app.media.opencv_errors import refuse_lack_of_memory
from endoscope_app.media.source import Image
from endoscope_app.media.still_header import read_header
from endoscope_app.media.still_scale import StillScale
from kd_core.schema.png_chunks import is_torn_png

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
ANY_DEPTH = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH


def looks_like_image(path: Path) -> bool:
    """By the first bytes only."""
    try:
        with path.open("rb") as file:
            return read_header(file) is not None
    except OSError:
        return False


def decode(path: Path, page: int = 0, scale: StillScale | None = None) -> Image | None:
    """(H, W, 3) BGR with the EXIF orientation applied, or None where the file is broken or gone.

    ``page`` counts from 0 in a TIFF of several. ``scale`` is how deep samples become 8 bits;
    without it this image decides.
    """
    image = decode_deep(path, page)
    if image is None or image.dtype == np.uint8:
        return image
    return (scale or StillScale.of([image], 0)).narrowed(image)


def decode_deep(path: Path, page: int = 0) -> NDArray[Any] | None:
    """As ``decode``, with the samples as the file has them."""
    try:
        if is_dicom_file(path):
            return frame_image(path, layout_of(path), page)
        # Bytes first: OpenCV's own file reading fails on some names with other than ASCII letters.
        data = np.fromfile(path, dtype=np.uint8)
        if not len(data):
            return None
        header = read_header(io.BytesIO(data.data))
        if (header is not None and header.is_too_large) or is_torn_png(data.data):
            return None
        image = _decoded(data, page, ANY_DEPTH)
        # Of grey floating-point and 32-bit TIFFs OpenCV makes no colour image.
        return image if image is not None else _coloured(_decoded(data, page, cv2.IMREAD_UNCHANGED))
    except (OSError, AppError):
        return None


def _decoded(data: Image, page: int, flags: int) -> NDArray[Any] | None:
    try:
        if not page:
            image: NDArray[Any] | None = cv2.imdecode(data, flags)
            return image
        read, images = cv2.imdecodemulti(data, flags, range=(page, page + 1))
        return images[0] if read and images else None
    except cv2.error as error:
        refuse_lack_of_memory(error)
        return None


def _coloured(image: NDArray[Any] | None) -> NDArray[Any] | None:
    """A grey image (H, W) or (H, W, 1) with its value in all three channels; further channels
    than three are left out.
    """
    if image is None:
        return None
    if image.ndim == 2:
        image = image[..., None]
    return np.repeat(image, 3, axis=2) if image.shape[2] < 3 else image[..., :3]


def to_bgra(image: Image) -> Image:
    return np.ascontiguousarray(cv2.cvtColor(image, cv2.COLOR_BGR2BGRA), dtype=np.uint8)


def to_small_rgb(image: Image, height: int) -> Image:
    """Scaled to ``height`` rows, proportional even width."""
    width = max(2, 2 * round(image.shape[1] * height / image.shape[0] / 2))
    shrinks = height < image.shape[0]
    small = cv2.resize(
        image, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    return np.ascontiguousarray(cv2.cvtColor(small, cv2.COLOR_BGR2RGB), dtype=np.uint8)
