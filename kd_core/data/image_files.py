"""Reading images once and keeping them as the model sees them.

Crops of uint8 are small enough for memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.png_chunks import is_torn_png
from kd_core.vision.preprocess import INPUT_SIZE, model_crop

Image = NDArray[np.uint8]
#: More unreadable images than this share and the data set is refused.
MOST_UNREADABLE = 0.01


def read_rgb(path: Path) -> Image:
    """(H, W, 3) RGB of any still cv2 can read (8 or 16 bit, grey, alpha, EXIF rotation applied).

    Raises DataError.
    """
    try:
        content = np.fromfile(path, np.uint8)
    except OSError:
        raise DataError(f"The image {path} cannot be read.", "Is it still there?") from None
    is_whole = bool(content.size) and not is_torn_png(content.data)
    image = cv2.imdecode(content, cv2.IMREAD_COLOR) if is_whole else None
    if image is None:
        raise DataError(
            f"{path.name} is not an image, or it is damaged.", "Copy it again, or leave it out."
        )
    return np.ascontiguousarray(image[:, :, ::-1])


def load_crops(
    samples: Sequence[Sample],
    on_progress: Callable[[int, int], None] | None = None,
    size: int = INPUT_SIZE,
) -> tuple[NDArray[np.uint8], list[Sample], list[str]]:
    """Covered crops (N, S, S, 3) uint8, the samples that could be read, the names of those not.

    Raises DataError when more than MOST_UNREADABLE of them cannot be read.
    """
    crops = np.empty((len(samples), size, size, 3), np.uint8)
    kept: list[Sample] = []
    broken: list[str] = []
    for done, sample in enumerate(samples, 1):
        try:
            crops[len(kept)], _ = model_crop(read_rgb(Path(sample.path)), size)
        except DataError:
            broken.append(Path(sample.path).name)
        else:
            kept.append(sample)
        if on_progress:
            on_progress(done, len(samples))
    if len(broken) > MOST_UNREADABLE * len(samples):
        named = ", ".join(broken[:5])
        raise DataError(
            f"{len(broken)} of {len(samples)} images cannot be read: {named}.",
            "Copy the data set again.",
        )
    return crops[: len(kept)], kept, broken


def recompressed(rgb: Image, quality: int) -> Image:
    """(H, W, 3) uint8 -> the same after JPEG of ``quality`` (1 to 100)."""
    # cv2 counts blue, green, red; in the other order red would lose what a recorder takes from
    # blue.
    _, content = cv2.imencode(".jpg", rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(
        np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)[:, :, ::-1]
    )


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it OpenCV uses one thread: for timing.

    The predictor runs on one; OpenCV would scale images on all cores and the time would be this
    machine's alone.
    """
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def content_of(crop: Image) -> str:
    """Hex digest of a crop's pixels: the same image under another name is the same content."""
    return hashlib.sha256(np.ascontiguousarray(crop).tobytes()).hexdigest()
