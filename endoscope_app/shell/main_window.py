"""Layout, menus and actions of the one window.

It does no work: flows listen to its actions and fill its widgets.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.analysis.analysis_progress import AnalysisProgress
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.base.command import Command
from endoscope_app.base.key_claim import PEEK_KEY
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.labels.label_panel import LabelPanel
from endoscope_app.segments.segments_panel import SegmentsPanel
from endoscope_app.shell import wording
from endoscope_app.shell.banner import MessageBanner
from endoscope_app.shell.command_table import COMMANDS
from endoscope_app.shell.commands import FULLSCREEN, QUIT
from endoscope_app.viewing.commands import OPEN_FOLDER
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.heat_map_panel import HeatMapPanel
from endoscope_app.viewing.opening_bar import OpeningBar
from endoscope_app.viewing.probability_bars import ProbabilityBars
from endoscope_app.viewing.speed_meter import Meter
from endoscope_app.viewing.transport_bar import TransportBar
from endoscope_app.viewing.verdict_label import VerdictLabel
from kd_core.schema.model_card import RESEARCH_USE

SIDE_PANEL_WIDTH = 310
LABEL_PANEL_WIDTH = 310


class MainWindow(QMainWindow):
    """The window; it closes only if all of ``may_close`` say yes."""

    path_dropped = Signal(object)  # Path
    closed = Signal()
    digit_released = Signal(str)  # "0" to "9"
    peek_changed = Signal(bool)  # the key that shows the model while it is held

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(wording.APP_TITLE)
        self.setAcceptDrops(True)
        self.resize(1280, 860)
        self._actions: dict[Command, QAction] = {}
        self.may_close: list[Callable[[], bool]] = []
        self.banner = MessageBanner(self)
        self.frame_view = FrameView()
        self.transport = TransportBar()
        self.opening_bar = OpeningBar()
        self.timeline = TimelineView()
        self.verdict = VerdictLabel()
        self.bars = ProbabilityBars()
        self.heat_map_panel = HeatMapPanel()
        self.segments = SegmentsPanel()
        self.label_panel = LabelPanel()
        self.meter = Meter()
        self.progress = AnalysisProgress()
        self.recent_menu = QMenu(wording.RECENT, self)
        self._lay_out()
        self._build_menus()
        self._build_status_bar()
        self.setTabOrder(self.frame_view, self.transport)
        self.setTabOrder(self.transport, self.timeline)
        self.frame_view.setFocus()

    def _lay_out(self) -> None:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        # Beside what the model says, where no progress text can push it away
        notice = plain_label(RESEARCH_USE)
        notice.setProperty("role", "muted")
        small = notice.font()
        small.setPointSizeF(small.pointSizeF() * 0.85)
        notice.setFont(small)
        for widget in (self.verdict, notice, self.bars):
            column.addWidget(widget)
        # The list takes what is left
        column.addWidget(self.segments, 1)
        # Last: what is changed least is what a low screen may scroll away
        column.addWidget(self.heat_map_panel)
        # On a low screen this side scrolls, or the window would grow beyond the screen's lower edge
        around = QScrollArea()
        around.setWidget(side)
        around.setWidgetResizable(True)
        around.setFixedWidth(SIDE_PANEL_WIDTH)
        around.setFrameShape(QFrame.Shape.NoFrame)
        around.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        around.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        upper = QHBoxLayout()
        upper.setSpacing(10)
        # The reader's side; the model's is on the right
        self.label_panel.setFixedWidth(LABEL_PANEL_WIDTH)
        upper.addWidget(self.label_panel)
        upper.addWidget(self.frame_view, 1)
        upper.addWidget(around)
        centre = QWidget()
        rows = QVBoxLayout(centre)
        rows.setContentsMargins(10, 8, 10, 4)
        rows.setSpacing(6)
        rows.addWidget(self.banner.label)
        rows.addWidget(self.opening_bar)
        rows.addLayout(upper, 1)
        rows.addWidget(self.transport)
        rows.addWidget(self.timeline)
        self.setCentralWidget(centre)

    def _build_menus(self) -> None:
        menus: dict[str, QMenu] = {}
        for command in COMMANDS:
            if command.menu not in menus:
                menus[command.menu] = self.menuBar().addMenu(command.menu)
            action = self._actions[command] = self._new_action(command)
            menus[command.menu].addAction(action)
            if command is OPEN_FOLDER:
                menus[command.menu].addMenu(self.recent_menu)
        # Wherever the keyboard is: in the review list and beside every other open window too.
        self.action(QUIT).setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        self.action(QUIT).triggered.connect(self.close)
        self.action(FULLSCREEN).triggered.connect(self._on_fullscreen)

    def action(self, command: Command) -> QAction:
        """The menu entry and the keys of a command; KeyError for one that is in no menu."""
        return self._actions[command]

    def as_widget(self) -> QWidget:
        """What dialogs stand before."""
        return self

    def _new_action(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setAutoRepeat(command.repeats)
        action.setCheckable(command.checkable)
        action.setToolTip(plain_tip(command.what))
        self.addAction(action)
        return action

    def _build_status_bar(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.progress)
        bar.addPermanentWidget(self.meter)

    def _on_fullscreen(self) -> None:
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept one local file or folder."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the first dropped file or folder on."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                event.acceptProposedAction()
                self.path_dropped.emit(Path(url.toLocalFile()))
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The held key; all others are the menus' and widgets'."""
        if event.key() == PEEK_KEY and not event.modifiers():
            if not event.isAutoRepeat():
                self.peek_changed.emit(True)
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """See keyPressEvent."""
        if event.key() == PEEK_KEY and not event.isAutoRepeat():
            self.peek_changed.emit(False)
            return
        if Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9 and not event.isAutoRepeat():
            self.digit_released.emit(chr(event.key()))
        super().keyReleaseEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell the app, which closes everything in order, unless something is under way that
        the reader wants to wait for.
        """
        if not all(may() for may in self.may_close):
            event.ignore()
            return
        self.closed.emit()
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        """Keep Qt's own handling; named so that a theme change repaints at once."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            # The key may be let go where this window does not hear it
            self.peek_changed.emit(False)
