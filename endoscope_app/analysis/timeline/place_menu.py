"""What the right button offers on a place of the timeline that is no range."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from endoscope_app.analysis.timeline import wording
from endoscope_app.analysis.timeline.display import TimelineDisplay
from endoscope_app.analysis.timeline.overlay import Mark

NOTCH = 2.0


def place_menu(
    display: TimelineDisplay,
    frame: int,
    *,
    seek: Callable[[int], None],
    mark: Callable[[Mark], None],
    zoom: Callable[[float, float], None],
    legend: Callable[[], None],
) -> QMenu:
    """Go there, begin or end a range there, zoom around it, or say what is drawn. An end before
    the beginning begins anew.
    """
    menu = QMenu(display.widget)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    first, last = display.mark
    keeps_last = last if last is not None and last >= frame else None
    keeps_first = first if first is not None and first <= frame else None
    time = display.scene.time_of(frame) or f"{frame:,}"
    menu.addAction(wording.go_there(time), lambda: seek(frame))
    menu.addSeparator()
    menu.addAction(wording.RANGE_FROM_HERE, lambda: mark((frame, keeps_last)))
    menu.addAction(wording.RANGE_TO_HERE, lambda: mark((keeps_first, frame)))
    menu.addSeparator()
    menu.addAction(wording.ZOOM_IN, lambda: zoom(NOTCH, frame))
    menu.addAction(wording.ZOOM_OUT, lambda: zoom(1 / NOTCH, frame))
    menu.addSeparator()
    menu.addAction(wording.LEGEND, legend)
    return menu
