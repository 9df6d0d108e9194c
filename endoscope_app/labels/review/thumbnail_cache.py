"""Small images of frames, the last used ones only.

A procedure has more frames than memory has room for.
"""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap

from endoscope_app.base.icons import untinted


class ThumbnailCache:
    """At most ``capacity`` images by frame index, each scaled into ``size`` (logical pixels).

    The least recently asked for goes first.
    """

    def __init__(self, size: QSize, capacity: int) -> None:
        self._size = size
        self._capacity = capacity
        self._images: OrderedDict[int, QIcon] = OrderedDict()

    def __len__(self) -> int:
        return len(self._images)

    def __contains__(self, frame: int) -> bool:
        return frame in self._images

    def get(self, frame: int) -> QIcon | None:
        """The image of a frame, or None; one that is asked for stays longer."""
        image = self._images.get(frame)
        if image is not None:
            self._images.move_to_end(frame)
        return image

    def put(self, frame: int, image: QImage, pixel_ratio: float) -> None:
        """Keep an image; a null one is not kept."""
        if image.isNull():
            return
        scaled = image.scaled(
            self._size * pixel_ratio,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        pixels = QPixmap.fromImage(scaled)
        pixels.setDevicePixelRatio(pixel_ratio)
        self._images[frame] = untinted(pixels)
        self._images.move_to_end(frame)
        while len(self._images) > self._capacity:
            self._images.popitem(last=False)

    def clear(self) -> None:
        """Forget all images, for another procedure."""
        self._images.clear()
