"""The pixels of labelled frames, kept as PNG by the hash of their content, so that retraining
works when the video is gone.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import wording
from endoscope_app.labels.library.png_file import is_whole_png

HASH = re.compile(r"[0-9a-f]{64}")


class FramePngs:
    """PNG files ab/abcdef....png under ``folder``, at most ``limit_bytes`` in all.

    The same image is kept once.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._used: int | None = None

    def save(self, rgb: NDArray[np.uint8]) -> str:
        """Keep rgb (H, W, 3) uint8 and say its content hash.

        AppError when the limit is reached or it cannot be written.
        """
        pixels = _checked(rgb)
        content = content_hash(pixels)
        path = self.path(content)
        if path.exists():
            return content
        written, png = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
        if not written:
            raise AppError(*wording.FRAME_IMAGE_NOT_MADE)
        data = png.tobytes()
        if self.used_bytes() + len(data) > self._limit:
            raise AppError(*wording.images_full(_size(self._limit)))
        write_atomically(path, [data], wording.THE_FRAME_IMAGE)
        self._used = self.used_bytes() + len(data)
        return content

    def load(self, content: str) -> NDArray[np.uint8]:
        """The image (H, W, 3) uint8 of a content hash.

        AppError where it is missing, or is not the image that was kept.
        """
        try:
            data = self.path(content).read_bytes()
        except OSError as error:
            detail = f"{type(error).__name__} errno {error.errno}"
            raise AppError(*wording.FRAME_IMAGE_MISSING, detail) from error
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
        pixels = (
            None
            if bgr is None
            else _checked(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8))
        )
        if pixels is None or content_hash(pixels) != content:
            raise AppError(*wording.FRAME_IMAGE_DAMAGED, content)
        return pixels

    def find(self, content: str | None) -> NDArray[np.uint8] | None:
        """As load, and None for an image that was not kept, is missing or damaged: the
        recording may have the frame too.
        """
        if content is None:
            return None
        try:
            return self.load(content)
        except AppError:
            return None

    def place(self, content: str, target: Path) -> bool:
        """Put the kept file itself at ``target``, which must not exist, without decoding it; False
        where it is missing or damaged.

        It is linked where the file system can, as kept files are replaced and never written into.
        Raises OSError where it cannot be written.
        """
        if self.file(content) is None:
            return False
        try:
            os.link(self.path(content), target)
        except OSError:  # no links on this file system, or too many
            shutil.copyfile(self.path(content), target)
        return True

    def file(self, content: str) -> bytes | None:
        """The kept file itself, without decoding it; None where it is missing or damaged."""
        try:
            data = self.path(content).read_bytes()
        except (OSError, ValueError):
            return None
        return data if is_whole_png(data) else None

    def path(self, content: str) -> Path:
        """Where the image of a content hash lies, or would; ValueError for what is no such
        hash.
        """
        if not HASH.fullmatch(content):
            raise ValueError("a content hash is 64 hexadecimal digits")
        return self._folder / content[:2] / f"{content}.png"

    def used_bytes(self) -> int:
        """The size of all images kept; counted once, then kept up to date."""
        if self._used is None:
            self._used = sum(path.stat().st_size for path in self._folder.glob("??/*.png"))
        return self._used


def content_hash(rgb: NDArray[np.uint8]) -> str:
    """sha256 over the shape and the pixels, which a PNG made by another encoder shares."""
    digest = hashlib.sha256(" ".join(str(side) for side in rgb.shape).encode() + b"\n")
    digest.update(np.ascontiguousarray(rgb).data)
    return digest.hexdigest()


def _checked(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.size == 0:
        raise ValueError(f"an image is (H, W, 3) uint8, not {rgb.shape} {rgb.dtype}")
    return np.ascontiguousarray(rgb)


def _size(count: int) -> str:
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} bytes"
