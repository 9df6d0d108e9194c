"""What of a window cannot be seen or read: controls outside of it and words that are cut."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QProgressBar,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.base.name_painting import NameLabel
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.probability_bars import ProbabilityBars

_CONTROLS = (
    *(QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLabel, QLineEdit, QListView),
    *(QProgressBar, FrameView, TimelineView, ProbabilityBars),
)


def out_of_sight(window: QWidget) -> list[str]:
    """Visible controls that do not lie whole inside ``window``; what a panel scrolls counts as
    seen where the panel is.
    """
    return [
        f"{_named(widget)} at {where.getRect()} in {window.size().toTuple()}"
        for widget in _controls(window)
        if not window.rect().contains(where := _where(widget, window))
    ] + [
        f"the right part of {_named(inner)}"
        for area in window.findChildren(QScrollArea)
        if area.isVisibleTo(window)
        and area.window() is window
        and (inner := area.widget()) is not None
        and inner.width() > area.viewport().width()
    ]


def cut_words(window: QWidget) -> list[str]:
    """Visible words with less room than they need and without a tool tip that says them whole."""
    return [_named(widget) for widget in _controls(window) if _is_cut(widget)]


def overlapping(window: QWidget, first: QWidget, second: QWidget) -> bool:
    """Whether two widgets of ``window`` hide parts of each other."""
    return _where(first, window).intersects(_where(second, window))


def _controls(window: QWidget) -> Iterator[QWidget]:
    for widget in window.findChildren(QWidget):
        if (
            isinstance(widget, _CONTROLS)
            and widget.isVisibleTo(window)
            and widget.window() is window
            and not isinstance(widget, QScrollBar)
        ):
            yield widget


def _where(widget: QWidget, window: QWidget) -> QRect:
    area = _scrolled_by(widget, window)
    shown = widget if area is None else area
    return QRect(shown.mapTo(window, QPoint(0, 0)), shown.size())


def _scrolled_by(widget: QWidget, window: QWidget) -> QScrollArea | None:
    """The outermost area that scrolls it."""
    found, above = None, widget.parentWidget()
    while above is not None and above is not window:
        found = above if isinstance(above, QScrollArea) else found
        above = above.parentWidget()
    return found


def _is_cut(widget: QWidget) -> bool:
    if not isinstance(widget, QLabel | QAbstractButton | QComboBox) or isinstance(
        widget, NameLabel
    ):
        return False  # a NameLabel fits its words itself
    words = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
    if not words or words in widget.toolTip():
        return False
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.height() < widget.heightForWidth(widget.width())
    if isinstance(widget, QComboBox):
        return widget.width() < widget.fontMetrics().horizontalAdvance(words) + 24
    needed: QSize = widget.sizeHint()
    return widget.width() < needed.width() or widget.height() < needed.height()


def _named(widget: QWidget) -> str:
    words = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    return f"{type(widget).__name__} {widget.accessibleName() or words!r}"
