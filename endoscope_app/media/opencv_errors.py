"""What OpenCV's one class of errors says."""

from __future__ import annotations

import cv2


def refuse_lack_of_memory(error: cv2.error) -> None:
    """Raise MemoryError where that is what it says: a file is not broken by it."""
    if error.code == cv2.Error.StsNoMem:
        raise MemoryError("OpenCV has not enough memory") from error
