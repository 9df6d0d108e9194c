"""Small pictures of frames, the last used ones only: a procedure has more frames than memory
has room for.
"""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap

from endoscope_app.base.icons import untinted


class ThumbnailCache:
    """At most ``capacity`` pictures by frame index, each scaled into ``size`` (logical pixels);
    the least recently asked for goes first.
    """

    def __init__(self, size: QSize, capacity: int) -> None:
        self._size = size
        self._capacity = capacity
        self._pictures: OrderedDict[int, QIcon] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pictures)

    def __contains__(self, frame: int) -> bool:
        return frame in self._pictures

    def get(self, frame: int) -> QIcon | None:
        """The picture of a frame, or None; a picture that is asked for stays longer."""
        picture = self._pictures.get(frame)
        if picture is not None:
            self._pictures.move_to_end(frame)
        return picture

    def put(self, frame: int, image: QImage, pixel_ratio: float) -> None:
        """Keep a picture; a null image is not kept."""
        if image.isNull():
            return
        scaled = image.scaled(
            self._size * pixel_ratio,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        picture = QPixmap.fromImage(scaled)
        picture.setDevicePixelRatio(pixel_ratio)
        self._pictures[frame] = untinted(picture)
        self._pictures.move_to_end(frame)
        while len(self._pictures) > self._capacity:
            self._pictures.popitem(last=False)

    def clear(self) -> None:
        """Forget all pictures, for another procedure."""
        self._pictures.clear()
