"""Picture first: the panels at its sides and the timeline beneath it, in splitters, each of which
can be hidden.

Where a window is narrow only one panel is open at a time, and where it is narrower still none is
until it is asked for: the picture keeps the larger part. Nothing is ever pushed off the screen.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.settings import WindowPlace
from endoscope_app.shell.rail_button import RailButton

NARROW_BELOW = 1200
"""Logical pixels of width: less, and two panels would leave the picture the smaller part."""
CLOSED_BELOW = 1000
"""Less, and the picture has all of it until a panel is asked for."""
LOW_BELOW = 600
"""Logical pixels of height: less, and the tray's images are small."""
PANEL_WIDTH = 310
ENOUGH = 120
"""Pixels of what has the keyboard: where so much of it is seen, nothing moves for the rest."""


class _Panel(QScrollArea):
    """Scrolls down where the window is lower than what is in it, and is never narrower than it.

    What gets the keyboard by a key is scrolled to.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._inner = widget
        self.setWidget(widget)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        # What is clicked is seen already, and must not move away under the pointer
        is_clicked = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if now is not None and not is_clicked and self._inner.isAncestorOf(now):
            self._scroll_to(now)

    def _scroll_to(self, widget: QWidget) -> None:
        """All of what is hardly seen, or its beginning where it is taller than the panel (Qt's own
        ``ensureWidgetVisible`` is content with the current row of a list).
        """
        seen = widget.visibleRegion().boundingRect().height()
        if seen >= min(widget.height(), ENOUGH):
            return
        bar, top = self.verticalScrollBar(), widget.mapTo(self._inner, QPoint()).y()
        least = top + widget.height() - self.viewport().height()
        bar.setValue(min(top, max(bar.value(), least)))

    def minimumSizeHint(self) -> QSize:
        """With room for the scroll bar."""
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self._inner.minimumSizeHint().width() + bar, 80)


@dataclass
class _Side:
    """One panel: ``wished`` in a wide window, ``asked`` in a narrow one."""

    area: _Panel
    rail: RailButton
    wished: bool = True
    asked: bool = False


class WindowLayout(QObject):
    """``widget`` is the window's middle; ``changed`` when a panel opens or closes."""

    changed = Signal()
    low_changed = Signal(bool)  # below LOW_BELOW, or not any more

    def __init__(
        self,
        *,
        left: tuple[QWidget, RailButton],
        right: tuple[QWidget, RailButton],
        picture: QWidget,
        tray: QWidget,
        transport: QWidget,
        timeline: QWidget,
        parent: QObject | None = None,
    ) -> None:
        """``left`` and ``right``: what stands at a side, and the button that opens it; ``tray``:
        a strip beneath the picture, which takes no room while nothing is in it.
        """
        super().__init__(parent)
        self._left, self._right = (_Side(_Panel(widget), rail) for widget, rail in (left, right))
        self._tray, self._transport, self._timeline = tray, transport, timeline
        self._tray_wished, self._tray_filled, self._is_low = True, False, False
        self._timeline_wished, self._alone, self._narrow = True, False, 0
        self._left_width, self._right_width, self._timeline_height = PANEL_WIDTH, PANEL_WIDTH, 0
        self._across = _splitter(Qt.Orientation.Horizontal)
        for widget in (self._left.area, picture, self._right.area):
            self._across.addWidget(widget)
        self._across.setStretchFactor(1, 1)
        self._down = _splitter(Qt.Orientation.Vertical)
        self._down.addWidget(self._above())
        self._down.addWidget(timeline)
        self._down.setStretchFactor(0, 1)
        self.widget = QWidget()
        rows = QVBoxLayout(self.widget)
        rows.setContentsMargins(6, 4, 6, 2)
        rows.addWidget(self._down)
        self.widget.installEventFilter(self)
        self._across.installEventFilter(self)
        self._across.splitterMoved.connect(self._on_splitter_moved)
        self._down.splitterMoved.connect(self._on_splitter_moved)
        self._left.rail.clicked.connect(self.toggle_left)
        self._right.rail.clicked.connect(self.toggle_right)
        self._show()

    # -- asked by the reader

    def toggle_left(self) -> None:
        """Open or close the reader's panel."""
        self._toggle(self._left, self._right)

    def toggle_right(self) -> None:
        """Open or close the model's panel."""
        self._toggle(self._right, self._left)

    def toggle_timeline(self) -> None:
        """Show or hide the timeline."""
        self._timeline_wished = not self._timeline_wished
        self._show()

    def toggle_tray(self) -> None:
        """Show or hide the strip beneath the picture."""
        self._tray_wished = not self._tray_wished
        self._show()

    def set_tray_filled(self, is_filled: bool) -> None:
        """Whether there is anything in the strip."""
        self._tray_filled = is_filled
        self._show()

    def set_alone(self, alone: bool) -> None:
        """The picture with the timeline and nothing else, or everything as it was."""
        self._alone = alone
        self._left.asked = self._right.asked = False
        self._show()

    # -- what is so

    @property
    def left_open(self) -> bool:
        return self._is_open(self._left)

    @property
    def right_open(self) -> bool:
        return self._is_open(self._right)

    @property
    def timeline_open(self) -> bool:
        return self._timeline_wished

    @property
    def tray_wished(self) -> bool:
        """Whether the strip is shown as soon as there is anything in it."""
        return self._tray_wished

    @property
    def alone(self) -> bool:
        return self._alone

    def place(self) -> WindowPlace:
        """What is remembered of it; a height of 0 for a timeline that was never resized."""
        return WindowPlace(
            labels_shown=self._left.wished,
            model_shown=self._right.wished,
            timeline_shown=self._timeline_wished,
            tray_shown=self._tray_wished,
            labels_width=self._left_width,
            model_width=self._right_width,
            timeline_height=self._timeline_height,
        )

    def restore(self, place: WindowPlace) -> None:
        """As it was left; a size of 0 is that of a new window."""
        self._left.wished, self._right.wished = place.labels_shown, place.model_shown
        self._timeline_wished, self._tray_wished = place.timeline_shown, place.tray_shown
        self._left_width = place.labels_width or PANEL_WIDTH
        self._right_width = place.model_width or PANEL_WIDTH
        self._timeline_height = place.timeline_height
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window has another width."""
        if event.type() == QEvent.Type.Resize and watched is self._across:
            self._share_out()
        elif event.type() == QEvent.Type.Resize:
            width, is_low = self.widget.width(), self.widget.height() < LOW_BELOW
            if is_low != self._is_low:
                self._is_low = is_low
                self.low_changed.emit(is_low)
            narrow = (width < NARROW_BELOW) + (width < CLOSED_BELOW)
            if narrow != self._narrow:
                self._narrow = narrow
                self._left.asked = narrow == 1 and self._left.wished
                self._right.asked = False
                self._show()
        return False

    # -- inside

    def _above(self) -> QWidget:
        """Everything but the timeline."""
        row = QHBoxLayout()
        row.setSpacing(4)
        for side in (self._left, self._right):
            column = QVBoxLayout()
            column.addWidget(side.rail)
            column.addStretch(1)
            row.addLayout(column)
        row.insertWidget(1, self._across, 1)
        above = QWidget()
        rows = QVBoxLayout(above)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        # The picture gives way before anything is pushed off the screen
        rows.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
        rows.addLayout(row, 1)
        rows.addWidget(self._tray)
        rows.addWidget(self._transport)
        return above

    def _is_open(self, side: _Side) -> bool:
        return side.asked if self._narrow or self._alone else side.wished

    def _toggle(self, side: _Side, other: _Side) -> None:
        if self._narrow or self._alone:
            side.asked = not side.asked
            other.asked = False
        else:
            side.wished = not side.wished
        self._show()

    def _show(self) -> None:
        for side in (self._left, self._right):
            is_open = self._is_open(side)
            side.area.setVisible(is_open)
            side.rail.setChecked(is_open)
            side.rail.setVisible(not self._alone)
        self._tray.setVisible(self._tray_wished and self._tray_filled and not self._alone)
        self._transport.setVisible(not self._alone)
        self._timeline.setVisible(self._timeline_wished)
        self._share_out()
        self.changed.emit()

    def _share_out(self) -> None:
        """The panels and the timeline take their sizes, the picture what is left: half of the
        width at least, as far as the panels can be narrower.
        """
        room, left, right = self._across.width(), self._left_width, self._right_width
        open_widths = left * self.left_open + right * self.right_open
        share = min(1.0, room / 2 / max(1, open_widths))
        left, right = (round(width * share) for width in (left, right))
        self._across.setSizes([left, max(1, room - left - right), right])
        if self._timeline_height:
            above = max(1, self._down.height() - self._timeline_height)
            self._down.setSizes([above, self._timeline_height])

    def _on_splitter_moved(self) -> None:
        left, _, right = self._across.sizes()
        self._left_width, self._right_width = left or self._left_width, right or self._right_width
        if self.sender() is self._down:
            self._timeline_height = self._down.sizes()[1]


def _splitter(orientation: Qt.Orientation) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(7)  # a line of one pixel cannot be taken hold of
    return splitter
