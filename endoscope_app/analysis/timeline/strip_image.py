"""The timeline's still parts as one finished pixmap; the playhead is painted over it.

Overview and lanes depend on the data alone, the zoomed strip and its lanes also on the view: a
wheel turn redraws only the latter, a new label the lanes, a range that is dragged only the bars.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter, QPalette, QPen, QPixmap

from endoscope_app.analysis.timeline.breaks import paint_damage, paint_gaps
from endoscope_app.analysis.timeline.geometry import Strips, strips, ticks
from endoscope_app.analysis.timeline.image_lanes import colour_image, quality_image
from endoscope_app.analysis.timeline.lanes import (
    label_image,
    paint_names,
    paint_ranges,
    paint_track_names,
    tick_image,
)
from endoscope_app.analysis.timeline.painter import (
    Look,
    image_of,
    look,
    pack,
    strip_image,
    strip_pixels,
)
from endoscope_app.analysis.timeline.part_borders import paint_borders
from endoscope_app.analysis.timeline.scene import Canvas, Scene
from endoscope_app.analysis.timeline.wording import EMPTY
from endoscope_app.analysis.timeline_data import Timeline

OVERVIEW_FLOOR = 0.35
LEAST_FINDING = 3.0
"""Pixels; a short finding in a long procedure must stay visible."""
NAME_SCALE, NAME_PLATE = 0.85, 170
"""Size of a finding's name beside the axis's, and opacity of what is behind it, of 255."""
LABEL_ROOM = 8.0
"""Pixels between two times of the axis."""


class StripImages:
    """Keeps the finished pixmap until the data, the view, or the canvas changes."""

    def __init__(self) -> None:
        self._overview: QImage | None = None
        self._strip: QImage | None = None
        self._lanes: dict[tuple[str, bool], QImage] = {}
        """By what a lane shows, and whether it is the overview's."""
        self._whole: QPixmap | None = None

    def forget_data(self) -> None:
        self._overview = None
        self._lanes.clear()
        self.forget_view()

    def forget_view(self) -> None:
        self._strip = None
        for what in ("labels", "ticks", "quality"):
            self._lanes.pop((what, False), None)
        self.forget_ranges()

    def forget_labels(self) -> None:
        self._lanes.clear()
        self.forget_ranges()

    def forget_images(self) -> None:
        """How good the images are is known of more of them."""
        for what in ("quality", "colours"):
            for overview in (True, False):
                self._lanes.pop((what, overview), None)
        self._whole = None

    def forget_ranges(self) -> None:
        self._whole = None

    def pixmap(self, scene: Scene, canvas: Canvas) -> QPixmap:
        if self._whole is not None and self._whole.devicePixelRatio() != canvas.ratio:
            self.forget_data()  # the window moved to another screen
        if self._whole is None:
            self._whole = self._compose(scene, canvas)
        return self._whole

    def _compose(self, scene: Scene, canvas: Canvas) -> QPixmap:
        whole = QPixmap(canvas.size * canvas.ratio)
        whole.setDevicePixelRatio(canvas.ratio)
        whole.fill(canvas.palette.color(QPalette.ColorRole.Window))
        rows = strips(canvas.size.width(), canvas.size.height(), scene.lanes)
        painter = QPainter(whole)
        painter.setFont(canvas.font)
        if scene.timeline is None or scene.frame_count == 0:
            _empty(painter, rows, canvas)
        else:
            self._strips(painter, rows, scene, canvas, scene.timeline)
            for overview in (True, False):
                self._human(painter, rows, scene, canvas, overview)
                self._image_lanes(painter, rows, scene, canvas, overview)
                paint_damage(painter, rows, scene, canvas, overview=overview)
                paint_gaps(painter, rows, scene, canvas, overview=overview)
                paint_borders(painter, rows, scene, canvas, overview=overview)
                paint_ranges(
                    painter,
                    scene,
                    scene.scale(rows, overview),
                    rows.lanes(overview).ranges,
                    canvas,
                    thin=overview,
                )
            _window(painter, rows, scene, canvas)
            _findings(painter, rows, scene, canvas)
            _axis(painter, rows, scene, canvas)
        painter.end()
        return whole

    def _strips(
        self, painter: QPainter, rows: Strips, scene: Scene, canvas: Canvas, timeline: Timeline
    ) -> None:
        columns = max(1, round(rows.strip.width() * canvas.ratio))
        if self._overview is None:
            style = look(scene.colours, canvas.palette, canvas.ratio, OVERVIEW_FLOOR, grid=False)
            height = max(1, round(rows.overview.height() * canvas.ratio))
            self._overview = _track_image(
                timeline, scene.scale(rows, True).edges(columns), height, style
            )
        if self._strip is None:
            style = look(scene.colours, canvas.palette, canvas.ratio, 0.0, grid=True)
            height = max(1, round(rows.strip.height() * canvas.ratio))
            self._strip = _track_image(
                timeline, scene.scale(rows, False).edges(columns), height, style
            )
        painter.drawImage(rows.overview.topLeft(), self._overview)
        painter.drawImage(rows.strip.topLeft(), self._strip)
        paint_names(painter, timeline.track_names, rows.strip, canvas)

    def _human(
        self, painter: QPainter, rows: Strips, scene: Scene, canvas: Canvas, overview: bool
    ) -> None:
        """The reader's labels, and where the model differs, beneath one strip."""
        lanes, scale = rows.lanes(overview), scene.scale(rows, overview)
        columns = max(1, round(rows.strip.width() * canvas.ratio))
        labels, disagreements = scene.labels, scene.disagreements
        if labels is not None:
            self._lane(
                painter,
                ("labels", overview),
                lanes.labels,
                canvas,
                lambda tall: label_image(labels, scale, columns, tall, canvas, tracks=not overview),
            )
            if not overview:
                paint_track_names(painter, labels, lanes.labels, canvas)
        if disagreements is not None:
            self._lane(
                painter,
                ("ticks", overview),
                lanes.ticks,
                canvas,
                lambda tall: tick_image(disagreements, scale, columns, tall, canvas),
            )

    def _image_lanes(
        self, painter: QPainter, rows: Strips, scene: Scene, canvas: Canvas, overview: bool
    ) -> None:
        """What the images are like, beneath the reader's lanes."""
        if scene.quality is None:
            return
        lanes, scale = scene.quality.lanes, scene.scale(rows, overview)
        images, columns = rows.images(overview), max(1, round(rows.strip.width() * canvas.ratio))
        for what, row, draw in (
            ("colours", images.colours, colour_image),
            ("quality", images.quality, quality_image),
        ):
            key = what, overview
            self._lane(
                painter, key, row, canvas, partial(draw, lanes, scale, columns, canvas=canvas)
            )

    def _lane(
        self,
        painter: QPainter,
        key: tuple[str, bool],
        row: QRectF,
        canvas: Canvas,
        draw: Callable[[int], QImage],
    ) -> None:
        """``draw`` makes the lane's image of so many pixels' height, once."""
        if row.height() <= 0:
            return
        if key not in self._lanes:
            self._lanes[key] = draw(round(row.height() * canvas.ratio))
        painter.drawImage(row.topLeft(), self._lanes[key])


def _track_image(
    timeline: Timeline, edges: NDArray[np.float64], height: int, style: Look
) -> QImage:
    """The strip; of a model that tells class groups apart a row for each, one below the other."""
    if not timeline.tracks:
        return strip_image(timeline.window(edges), height, style)
    count, line = len(timeline.tracks), max(1, round(style.scale))
    ends = np.linspace(0, height, count + 1).round().astype(int).tolist()
    pixels = np.empty((height, len(edges) - 1), np.uint32)
    pixels[:] = pack(style.background)
    for track, top, bottom in zip(timeline.tracks, ends, ends[1:], strict=False):
        tall = max(1, bottom - top - line)
        pixels[top : top + tall] = strip_pixels(track.window(edges), tall, style)
    return image_of(pixels, style.scale)


def _empty(painter: QPainter, rows: Strips, canvas: Canvas) -> None:
    base = canvas.shade(0.0)
    painter.fillRect(rows.overview, base)
    painter.fillRect(rows.strip, base)
    painter.setPen(canvas.shade(0.5))
    painter.drawText(rows.strip, Qt.AlignmentFlag.AlignCenter, EMPTY)


def _window(painter: QPainter, rows: Strips, scene: Scene, canvas: Canvas) -> None:
    """The zoomed part in the overview: framed, the rest dimmed."""
    scale, row = scene.scale(rows, True), rows.overview
    left, right = scale.across(scene.view[0]), scale.across(scene.view[1])
    if right - left >= row.width() - 0.5:
        return
    veil = canvas.shade(0.0)
    veil.setAlpha(140)
    painter.fillRect(QRectF(row.left(), row.top(), left - row.left(), row.height()), veil)
    painter.fillRect(QRectF(right, row.top(), row.right() - right, row.height()), veil)
    frame = QRectF(left - 1, row.top() - 2, max(right - left, 2.0) + 2, row.height() + 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(canvas.shade(0.75), 1))
    painter.drawRoundedRect(frame, 2, 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _findings(painter: QPainter, rows: Strips, scene: Scene, canvas: Canvas) -> None:
    """A bar with turned-down ends over each finding, and its class's name where there is room: the
    colours need no key beside them.
    """
    scale, lane, strip = scene.scale(rows, False), rows.lane, rows.strip
    tracks = scene.timeline.tracks if scene.timeline is not None else ()
    font = QFont(canvas.font)
    font.setPointSizeF(font.pointSizeF() * NAME_SCALE)
    metrics, plate = QFontMetricsF(font), canvas.shade(0.0)
    plate.setAlpha(NAME_PLATE)
    painter.save()
    painter.setClipRect(lane.adjusted(-1, 0, 1, 0))
    for finding in scene.findings:
        place = next((at for at, track in enumerate(tracks) if finding.label in track.columns), 0)
        row, beneath = (_part(whole, place, len(tracks)) for whole in (lane, strip))
        left, right = scale.x(finding.start), scale.end(finding.stop - 1)
        if right <= row.left() or left >= row.right() or finding.label >= len(scene.colours):
            continue
        wide = max(right - left, LEAST_FINDING)
        colour = scene.colours[finding.label]
        painter.fillRect(QRectF(left, row.top(), wide, 1.0 if tracks else 2.0), colour)
        painter.fillRect(QRectF(left, row.top(), 1.0, row.height()), colour)
        painter.fillRect(QRectF(left + wide - 1, row.top(), 1.0, row.height()), colour)
        begin, end = max(left, row.left()), min(left + wide, row.right())
        name = scene.names[finding.label]
        room = QRectF(begin + 2, beneath.top() + 2, metrics.horizontalAdvance(name) + 8, 0)
        room.setHeight(metrics.height())
        if len(tracks) > 1:  # the name of the track stands at its left
            room.moveLeft(max(room.left(), strip.left() + _names_width(painter, scene, canvas)))
        if room.right() + 2 <= end and room.height() * (1 if tracks else 2) <= beneath.height():
            painter.setClipping(False)
            painter.fillRect(room, plate)
            painter.setFont(font)
            painter.setPen(canvas.shade(1.0))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, name)
            painter.setClipping(True)
    painter.restore()


def _part(row: QRectF, place: int, count: int) -> QRectF:
    """The ``place``-th of ``count`` rows of equal height; all of it where there are none."""
    if count < 2:
        return row
    tall = row.height() / count
    return QRectF(row.left(), row.top() + place * tall, row.width(), tall)


def _names_width(painter: QPainter, scene: Scene, canvas: Canvas) -> float:
    names = scene.timeline.track_names if scene.timeline is not None else ()
    return (
        max((QFontMetricsF(canvas.font).horizontalAdvance(name) for name in names), default=0) + 10
    )


def _axis(painter: QPainter, rows: Strips, scene: Scene, canvas: Canvas) -> None:
    scale, row = scene.scale(rows, False), rows.axis
    metrics = QFontMetricsF(canvas.font)
    label_width = metrics.horizontalAdvance("00:00:00.0") + 28
    strong, weak, text = canvas.shade(0.4), canvas.shade(0.2), canvas.shade(0.6)
    free_from = row.left()
    for across, label in ticks(scale, label_width):
        across = round(across)
        painter.fillRect(
            QRectF(across, row.top(), 1, 5 if label is not None else 3),
            strong if label is not None else weak,
        )
        if label is None:
            continue
        wide = metrics.horizontalAdvance(label)
        left = min(max(across - wide / 2, row.left()), row.right() - wide)
        if left < free_from:  # two times on either side of a gap
            continue
        free_from = left + wide + LABEL_ROOM
        painter.setPen(text)
        painter.drawText(QPointF(left, row.top() + 6 + metrics.ascent()), label)
