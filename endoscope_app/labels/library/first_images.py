"""A small copy of the first image of every labelled procedure, to be shown when its identity is
in question.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import wording


class FirstImages:
    """PNG files <fingerprint>.png in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, fingerprint: str) -> bool:
        return self._path(fingerprint).exists()

    def save(self, fingerprint: str, rgb: NDArray[np.uint8]) -> None:
        """Keep rgb (h, w, 3) uint8. AppError where it cannot be written."""
        written, png = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        if not written:
            raise AppError(*wording.FIRST_IMAGE_NOT_MADE)
        write_atomically(self._path(fingerprint), [png.tobytes()], wording.THE_FIRST_IMAGE)

    def load(self, fingerprint: str) -> NDArray[np.uint8] | None:
        """(h, w, 3) uint8 RGB; None where there is none, or it is damaged."""
        with suppress(OSError):
            data = np.frombuffer(self._path(fingerprint).read_bytes(), np.uint8)
            bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
            return (
                None if bgr is None else np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
            )
        return None

    def _path(self, fingerprint: str) -> Path:
        return self._folder / f"{fingerprint}.png"
