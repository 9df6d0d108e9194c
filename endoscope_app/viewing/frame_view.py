"""One frame with its heat map, zoomed at the pointer, panned by dragging, sharp at any device
pixel ratio.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from endoscope_app.viewing import wording
from endoscope_app.viewing.act_echo import ActEcho
from endoscope_app.viewing.heat_map import HeatMap
from endoscope_app.viewing.picture_look import AS_RECORDED, PictureLook
from endoscope_app.viewing.scaled_layers import ScaledLayers
from endoscope_app.viewing.view_geometry import ViewGeometry
from endoscope_app.viewing.view_painting import paint_caption, paint_message, paint_zoom

_WHEEL_STEP = 1.25
_PAN_STEP = 60


class FrameView(QWidget):
    """Shows frames; knows nothing of where they come from.

    Emits how long it took to paint each new one.
    """

    frame_painted = Signal(object, float)
    view_changed = Signal(float, object)  # zoom, centre: the reader looks at another part

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: NDArray[np.uint8] | None = None
        self._heat_map: HeatMap | None = None
        self._token: object = None
        self._unpainted = False
        self._heat_map_visible = True
        self._layers = ScaledLayers()
        self._caption = ""
        self._warning, self._look_note = "", ""
        self._message = ""
        self._zoom = 1.0
        self._centre = (0.5, 0.5)
        self._covered_left = 0
        self._drag_from: QPointF | None = None
        self.echo = ActEcho(self)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(wording.FRAME_NAME)
        self.setAccessibleDescription(wording.FRAME_ABOUT)

    # -- values in
    # ----------------------------------------

    def show_frame(
        self, image: NDArray[np.uint8], heat_map: HeatMap | None, token: object = None
    ) -> None:
        """Show a BGRA image with its own heat map (or none); ``token`` comes back with
        `frame_painted`.
        """
        if image.ndim != 3 or image.shape[2] != 4 or image.dtype != np.uint8 or image.size == 0:
            raise ValueError(f"a frame is H x W x 4 uint8, not {image.shape} {image.dtype}")
        self._image = image
        self._heat_map = heat_map
        self._token = token
        self._unpainted = True
        self._refresh()

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide the heat map."""
        self._heat_map_visible = visible
        self.update()

    def set_overlay_opacity(self, opacity: float) -> None:
        """How strongly the strongest evidence covers the frame, 0 to 1."""
        self._layers.set_opacity(opacity)
        self.update()

    def set_colour_map(self, name: str) -> None:
        """One of `COLOUR_MAPS`, else ValueError."""
        self._layers.set_colour_map(name)
        self.update()

    def set_look(self, look: PictureLook) -> None:
        """How the frame looks here; what is handed to `show_frame` stays as it is."""
        self._layers.set_look(look)
        self._look_note = wording.LOOK_IS_CHANGED if look != AS_RECORDED else ""
        self.update()

    def set_contour(self, contour: bool) -> None:
        """The heat map as lines around the evidence, or as areas over it."""
        self._layers.set_contour(contour)
        self.update()

    def set_caption(self, text: str) -> None:
        """A small line at the top left of the view, over the image."""
        self._caption = text
        self.update()

    def set_warning(self, text: str) -> None:
        """A second line at the top left: what is wrong with the frame shown; empty for nothing."""
        if text != self._warning:
            self._warning = text
            self.setAccessibleDescription(
                f"{text}. {wording.FRAME_ABOUT}" if text else wording.FRAME_ABOUT
            )
            self.update()

    def warning(self) -> str:
        """What is said to be wrong with the frame shown."""
        return self._warning

    def set_message(self, text: str) -> None:
        """What to say in the middle while there is no image."""
        self._message = text
        self.update()

    def clear(self) -> None:
        """No image any more; zoom and pan go back to the whole image."""
        self._image = None
        self._heat_map = None
        self._token = None
        self._unpainted = False
        self._layers.clear()
        self.echo.clear_act()  # its button must not undo what was done elsewhere
        self.fit()

    def raise_echo(self) -> None:
        """What is said of the last act lies above whatever else lies over the picture."""
        self.echo.come_forward()

    # -- the view
    # ----------------------------------------

    def fit(self) -> None:
        """Show the whole image."""
        self.set_view(1.0, (0.5, 0.5))
        self.view_changed.emit(self._zoom, self._centre)

    def set_view(self, zoom: float, centre: tuple[float, float]) -> None:
        """Show this part, without telling: ``centre`` in shares of the image."""
        self._zoom, self._centre = zoom, centre
        self._refresh()

    def set_covered_left(self, width: int) -> None:
        """Something that is ``width`` points wide lies over the left: where there is room beside
        it, the image stands there.
        """
        if width != self._covered_left:
            self._covered_left = width
            self._refresh()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom so that the image point under ``at`` (widget coordinates, default the middle)
        stays there.
        """
        geometry = self._geometry()
        if geometry is None:
            return
        ratio = self.devicePixelRatioF()
        point = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        self._adopt(geometry.zoomed(factor, point.x() * ratio, point.y() * ratio))

    def sizeHint(self) -> QSize:
        """A 16:9 image of middling size."""
        return QSize(960, 540)

    def _viewport(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def _geometry(self) -> ViewGeometry | None:
        if self._image is None:
            return None
        height, width = self._image.shape[:2]
        covered = round(self._covered_left * self.devicePixelRatioF())
        geometry = ViewGeometry((width, height), self._viewport(), covered_left=covered)
        return replace(geometry, zoom=self._zoom, centre=self._centre).clamped()

    def _adopt(self, geometry: ViewGeometry) -> None:
        self.set_view(geometry.zoom, geometry.centre)
        self.view_changed.emit(self._zoom, self._centre)

    def _refresh(self) -> None:
        self._layers.refresh()
        self.update()

    # -- painting
    # ----------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, heat map, caption; or the message. Timed when the frame is new."""
        start = time.perf_counter()
        painter = QPainter(self)
        geometry = self._geometry()
        if geometry is None or self._image is None:
            paint_message(painter, self.rect(), self.font(), self._message)
        else:
            ratio = self.devicePixelRatioF()
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)
            heat_map = self._heat_map if self._heat_map_visible else None
            self._layers.paint(painter, geometry, self._image, heat_map)
            painter.restore()
        notes = (self._caption, self._warning, self._look_note if geometry is not None else "")
        for line, text in enumerate(text for text in notes if text):
            paint_caption(painter, self.width(), text, line)
        if self._zoom > 1 and geometry is not None:
            paint_zoom(painter, self.rect(), wording.zoomed(self._zoom))
        painter.end()
        if self._unpainted:
            self._unpainted = False
            spent = (time.perf_counter() - start) * 1000.0
            self.frame_painted.emit(self._token, spent)

    # -- the hand
    # ----------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another viewport needs other scaled pixels."""
        self._refresh()
        self.echo.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        steps = event.angleDelta().y() / 120
        if steps:
            self.zoom_by(_WHEEL_STEP**steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the image."""
        if event.button() == Qt.MouseButton.LeftButton and self._image is not None:
            self._drag_from = event.position()
            if self._zoom > 1:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the image with the hand."""
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._drag_from = None  # the release went to somebody else
        if self._drag_from is not None:
            moved = event.position() - self._drag_from
            self._drag_from = event.position()
            self._pan(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._drag_from = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the whole image."""
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus and minus zoom, Ctrl+0 fits, Alt and arrows pan; everything else is the window's."""
        key, modifiers = event.key(), event.modifiers()
        arrows = {
            Qt.Key.Key_Left: (1, 0),
            Qt.Key.Key_Right: (-1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(_WHEEL_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / _WHEEL_STEP)
        elif key == Qt.Key.Key_0 and modifiers & Qt.KeyboardModifier.ControlModifier:
            self.fit()
        elif modifiers & Qt.KeyboardModifier.AltModifier and key in arrows:
            right, down = arrows[Qt.Key(key)]
            self._pan(right * _PAN_STEP, down * _PAN_STEP)
        else:
            super().keyPressEvent(event)

    def _pan(self, dx: float, dy: float) -> None:
        geometry = self._geometry()
        if geometry is not None:
            ratio = self.devicePixelRatioF()
            self._adopt(geometry.panned(dx * ratio, dy * ratio))
