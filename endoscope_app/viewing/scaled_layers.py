"""A frame and its heat map scaled to the screen, kept until one of them or the geometry changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from endoscope_app.viewing.heat_colours import COLOUR_MAPS, colour_table, coloured, contoured
from endoscope_app.viewing.heat_map import HeatMap
from endoscope_app.viewing.image_scaling import Patch, visible_patch
from endoscope_app.viewing.picture_look import AS_RECORDED, PictureLook, adjusted
from endoscope_app.viewing.view_geometry import ViewGeometry
from endoscope_app.viewing.view_painting import as_image, fill_around
from kd_core.vision.field_of_view import WHOLE_IMAGE


class ScaledLayers:
    """Paints both; a repaint for a tool tip costs two copies only."""

    def __init__(self) -> None:
        self._opacity, self._look = 0.6, AS_RECORDED
        self._colour_map, self._contour = COLOUR_MAPS[0], False
        self._table = colour_table(self._colour_map, self._opacity)
        self._frame_patch: Patch | None = None
        self._heat_patch: Patch | None = None
        self._frame_stale = self._heat_stale = True

    def set_opacity(self, opacity: float) -> None:
        """How strongly the strongest evidence covers the frame, 0 to 1."""
        self._opacity = opacity
        self._recolour()

    def set_colour_map(self, name: str) -> None:
        """One of `COLOUR_MAPS`, else ValueError."""
        if name not in COLOUR_MAPS:
            raise ValueError(f"no colour map {name!r}")
        self._colour_map = name
        self._recolour()

    def set_look(self, look: PictureLook) -> None:
        """How the frame is shown; the heat map stays as it is."""
        self._look = look
        self._frame_stale = True

    def set_contour(self, contour: bool) -> None:
        """Lines around the evidence, so that nothing covers the frame, or areas over it."""
        self._contour = contour
        self._heat_stale = True

    def refresh(self) -> None:
        """Another frame, heat map or geometry: scale again, into the same memory where it fits."""
        self._frame_stale = self._heat_stale = True

    def clear(self) -> None:
        """Nothing is shown any more: give the memory back."""
        self._frame_patch = self._heat_patch = None
        self.refresh()

    def paint(
        self,
        painter: QPainter,
        geometry: ViewGeometry,
        image: NDArray[np.uint8],
        heat_map: HeatMap | None,
    ) -> None:
        """Both, and the bars beside them; one unit of ``painter`` is a device pixel."""
        if self._frame_stale:
            place = geometry.rect_of(WHOLE_IMAGE)
            self._frame_patch = visible_patch(
                image, place, geometry.viewport, reuse=self._frame_patch
            )
            if self._frame_patch is not None and self._look != AS_RECORDED:
                shown = adjusted(self._frame_patch.pixels, self._look)
                self._frame_patch = replace(self._frame_patch, pixels=shown, owned=True)
            self._frame_stale = False
        patch = self._frame_patch
        if patch is not None:
            height, width = patch.pixels.shape[:2]
            covered = QRect(patch.left, patch.top, width, height)
            fill_around(painter, QRect(0, 0, *geometry.viewport), covered)
            painter.drawImage(covered.topLeft(), as_image(patch.pixels, QImage.Format.Format_RGB32))
        if heat_map is not None:
            self._paint_heat(painter, geometry, heat_map)

    def _recolour(self) -> None:
        self._table = colour_table(self._colour_map, self._opacity)
        self._heat_stale = True

    def _paint_heat(self, painter: QPainter, geometry: ViewGeometry, heat_map: HeatMap) -> None:
        if self._heat_stale:
            self._heat_patch = self._scaled_heat(geometry, heat_map)
            self._heat_stale = False
        patch = self._heat_patch
        if patch is None:
            return
        left, top, right, bottom = map(round, geometry.rect_of(heat_map.region))
        # The map's margin pixels may reach beyond its region or the viewport; the clip keeps it
        # exactly on its region.
        painter.setClipRect(QRect(left, top, right - left, bottom - top))
        painter.drawImage(
            patch.left, patch.top, as_image(patch.pixels, QImage.Format.Format_ARGB32_Premultiplied)
        )

    def _scaled_heat(self, geometry: ViewGeometry, heat_map: HeatMap) -> Patch | None:
        seen = (contoured if self._contour else coloured)(heat_map, self._table)
        if seen is None:
            return None
        pixels, region = seen
        return visible_patch(
            pixels,
            geometry.rect_of(region),
            geometry.viewport,
            always_smooth=True,
            reuse=self._heat_patch,
        )
