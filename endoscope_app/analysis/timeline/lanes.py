"""The human lanes of the timeline to pixels: labels and disagreements for whole strips at once
in numpy, ranges as bars.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPalette

from endoscope_app.analysis.timeline.geometry import Scale
from endoscope_app.analysis.timeline.label_lanes import (
    EMPTY,
    HumanLabels,
    LabelColumns,
    frame_starts,
    shares,
)
from endoscope_app.analysis.timeline.painter import Look, hatched, image_of, look, pack, rgb
from endoscope_app.analysis.timeline.range_painting import REACH, bar_rect
from endoscope_app.analysis.timeline.scene import Canvas, Scene

LEAST_LABEL = 2.0
"""Pixels; a lone label in a long procedure must stay visible."""
SEPARATE_FROM = 5.0
"""Pixels a frame from which labels of neighbouring frames are drawn apart, so that they can be
counted.
"""
FILLED, HOLLOW, OUTLINE = 0.88, 0.22, 0.75
"""Strength of the colour: of a class label and its edge, of the inside of a reviewed one, and
of its edge.
"""
NAME_SHARE = 0.75
"""Height of a track's name against a line of text."""
NAME_PLATE = 205
"""Opacity of what lies beneath a track's name."""
FAINTEST_TICK = 0.7
"""Strength of a tick for one disagreement among many frames; 1 where every frame of the column
disagrees.
"""


def label_image(
    labels: HumanLabels,
    scale: Scale,
    columns: int,
    height: int,
    canvas: Canvas,
    *,
    tracks: bool = False,
) -> QImage:
    """The lane of labels over a scale, columns x height device pixels; ``tracks``: one of each
    group below the other, else all in one.
    """
    edges = scale.edges(columns)
    style = look(labels.colours, canvas.palette, canvas.ratio, 0.0, grid=False)
    parts = [part for _, part in labels.tracks] if tracks else [labels]
    pixels = np.empty((height, columns), np.uint32)
    pixels[:] = pack(style.background)
    ends = np.linspace(0, height, len(parts) + 1).round().astype(int).tolist()
    between = max(1, round(canvas.ratio)) if len(parts) > 1 else 0
    for part, top, bottom in zip(parts, ends, ends[1:], strict=False):
        shown = part.columns(edges, max(1, round(LEAST_LABEL * canvas.ratio)))
        pixels[top : bottom - between] = label_pixels(
            shown, part.class_count, bottom - between - top, style
        )
    if scale.pixels_a_unit >= SEPARATE_FROM:
        pixels[:, frame_starts(edges)] = pack(style.background)
    return image_of(pixels, canvas.ratio)


def paint_track_names(painter: QPainter, labels: HumanLabels, lane: QRectF, canvas: Canvas) -> None:
    """The name of each track at its beginning, where there are several."""
    paint_names(painter, [name for name, _ in labels.tracks], lane, canvas)


def paint_names(painter: QPainter, names: Sequence[str], lane: QRectF, canvas: Canvas) -> None:
    """Of rows of equal height in ``lane``, at the beginning of each."""
    if len(names) < 2 or lane.height() <= 0:
        return
    row = lane.height() / len(names)
    font = QFont(canvas.font)
    usual = QFontMetricsF(font).height()
    font.setPixelSize(max(8, round(min(row - 3, NAME_SHARE * usual))))
    metrics, plate = QFontMetricsF(font), canvas.shade(0.0)
    plate.setAlpha(NAME_PLATE)
    painter.save()
    painter.setFont(font)
    for number, name in enumerate(names):
        room = QRectF(lane.left(), lane.top() + row * number, 0, min(row - 1, usual))
        room.setWidth(metrics.horizontalAdvance(name) + 8)
        painter.fillRect(room, plate)
        painter.setPen(canvas.shade(0.75))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, name)
    painter.restore()


def label_pixels(
    columns: LabelColumns, class_count: int, height: int, style: Look
) -> NDArray[np.uint32]:
    """(height, n) 0xffRRGGBB: classes filled, reviewed ones hollow, unusable ones hatched; a
    second key of a column at its foot.
    """
    rim = max(1, round(style.scale))
    body, edge = _tones(class_count, style)
    pixels = np.empty((height, len(columns.most)), np.uint32)
    pixels[:] = body[columns.most]
    pixels[:rim] = pixels[-rim:] = edge[columns.most]
    unusable = columns.most == 2 * class_count
    hatched(pixels, np.ones(pixels.shape, np.bool_), unusable, pack(style.background), style)
    second = columns.other != EMPTY
    if second.any():
        foot = max(1, round(height * 0.4))
        pixels[-foot - rim :, second] = pack(style.background)
        pixels[-foot:, second] = edge[columns.other[second]]
    return pixels


def _tones(class_count: int, style: Look) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """(2 C + 2,) colours of the lane's body and of its edge, by key; the last one is what EMPTY
    finds.
    """
    classes = style.classes[:class_count]
    colours = np.concatenate([classes, classes, style.faint[None], style.background[None]])
    body = np.repeat([FILLED, HOLLOW, FILLED], [class_count, class_count, 2])[:, None]
    edge = np.repeat([FILLED, OUTLINE, FILLED], [class_count, class_count, 2])[:, None]
    away = colours - style.background
    return pack((style.background + away * body).astype(np.float32)), pack(
        (style.background + away * edge).astype(np.float32)
    )


def tick_image(
    frames: NDArray[np.int64], scale: Scale, columns: int, height: int, canvas: Canvas
) -> QImage:
    """Ticks where reader and model differ, stronger where more of a column's frames do."""
    share = shares(frames, scale.edges(columns), max(1, round(canvas.ratio)))
    window = rgb(canvas.palette.color(QPalette.ColorRole.Window))
    away = rgb(canvas.palette.color(QPalette.ColorRole.BrightText)) - window
    strength = np.where(share > 0, FAINTEST_TICK + (1 - FAINTEST_TICK) * share, 0.0)[:, None]
    line = pack((window + away * strength).astype(np.float32))
    return image_of(np.repeat(line[None, :], height, axis=0), canvas.ratio)


def paint_ranges(
    painter: QPainter, scene: Scene, scale: Scale, lane: QRectF, canvas: Canvas, *, thin: bool
) -> None:
    """Bars with their class's name where it fits; the selected one outlined, with handles
    unless thin.
    """
    if lane.height() == 0:
        return
    font = QFont(canvas.font)
    if font.pointSizeF() > 0:
        font.setPointSizeF(max(6.0, font.pointSizeF() * 0.82))
    painter.save()
    painter.setFont(font)
    drawn: set[tuple[int, int, int]] = set()
    for bar in scene.ranges.in_paint_order():
        rect = bar_rect(scene.ranges, bar, scale, lane, thin=thin)
        chosen = bar.id == scene.ranges.selected
        place = (round(rect.left()), round(rect.right()), round(rect.top()))
        if (
            rect.right() < lane.left()
            or rect.left() > lane.right()
            or (place in drawn and not chosen)
        ):
            continue
        drawn.add(place)
        # handles reach over the strip's edge, bars that reach beyond the view do not
        before, after = (
            REACH * (rect.left() >= lane.left() - 0.5),
            REACH * (rect.right() <= lane.right() + 0.5),
        )
        painter.setClipRect(lane.adjusted(-before, 0, after, 0))
        colour = scene.range_colour(bar) or canvas.shade(0.5)
        if thin:
            _thin_bar(painter, rect, colour, canvas, chosen)
        else:
            _bar(painter, rect, colour, canvas, chosen)
            _name(painter, rect & lane, bar.name, canvas, font)
    painter.restore()


def _toned(colour: QColor, canvas: Canvas, share: float) -> QColor:
    background = canvas.shade(0.0)
    parts = (
        (background.red(), colour.red()),
        (background.green(), colour.green()),
        (background.blue(), colour.blue()),
    )
    return QColor(*(round(dark + (bright - dark) * share) for dark, bright in parts))


def _thin_bar(
    painter: QPainter, rect: QRectF, colour: QColor, canvas: Canvas, chosen: bool
) -> None:
    """A rim of background keeps neighbours and overlaps apart."""
    painter.fillRect(rect.adjusted(-1, 0, 1, 0), canvas.shade(0.0))
    painter.fillRect(rect, _toned(colour, canvas, 0.88 if chosen else 0.6))
    if chosen:
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), canvas.shade(0.9))


def _bar(painter: QPainter, rect: QRectF, colour: QColor, canvas: Canvas, chosen: bool) -> None:
    painter.fillRect(rect.adjusted(-1, 0, 1, 0), canvas.shade(0.0))
    painter.fillRect(rect, _toned(colour, canvas, 0.5 if chosen else 0.36))
    strong = _toned(colour, canvas, 0.88)
    for side in (
        QRectF(rect.left(), rect.top(), rect.width(), 2),
        QRectF(rect.left(), rect.top(), 1, rect.height()),
        QRectF(rect.right() - 1, rect.top(), 1, rect.height()),
    ):
        painter.fillRect(side, strong)
    if not chosen:
        return
    bright = canvas.shade(0.85)
    painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), bright)
    painter.fillRect(QRectF(rect.left(), rect.top(), rect.width(), 1), bright)
    for grip in (
        QRectF(rect.left() - REACH, rect.top(), REACH, rect.height()),
        QRectF(rect.right(), rect.top(), REACH, rect.height()),
    ):
        painter.fillRect(grip, bright)
        painter.fillRect(
            QRectF(grip.center().x() - 0.5, grip.top() + 3, 1, grip.height() - 6), canvas.shade(0.1)
        )


def _name(painter: QPainter, rect: QRectF, name: str, canvas: Canvas, font: QFont) -> None:
    metrics = QFontMetricsF(font)
    room = rect.adjusted(5, 1, -5, 0)
    if room.width() < metrics.horizontalAdvance(name[:2]) + 4:
        return
    painter.setPen(canvas.shade(0.9))
    text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
