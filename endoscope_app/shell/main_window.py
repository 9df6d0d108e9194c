"""Layout, menus and actions of the one window.

It does no work: flows listen to its actions and fill its widgets.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QMainWindow,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.analysis.analysis_progress import AnalysisProgress
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.base.command import Command
from endoscope_app.base.key_claim import PEEK_KEY
from endoscope_app.base.plain_text import plain_tip
from endoscope_app.labels.label_panel import LabelPanel
from endoscope_app.segments.segments_panel import SegmentsPanel
from endoscope_app.shell import wording
from endoscope_app.shell.banner import MessageBanner
from endoscope_app.shell.command_table import COMMANDS
from endoscope_app.shell.commands import QUIT
from endoscope_app.shell.mnemonics import with_mnemonics
from endoscope_app.shell.rail_button import RailButton
from endoscope_app.shell.verdict_card import VerdictCard
from endoscope_app.shell.window_layout import WindowLayout
from endoscope_app.stills.contact_sheet import ContactSheet
from endoscope_app.stills.pair_view import PairView
from endoscope_app.viewing.commands import OPEN_FOLDER
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.heat_map_panel import HeatMapPanel
from endoscope_app.viewing.opening_bar import OpeningBar
from endoscope_app.viewing.probability_bars import ProbabilityBars
from endoscope_app.viewing.speed_meter import Meter
from endoscope_app.viewing.transport_bar import TransportBar
from endoscope_app.viewing.verdict_label import VerdictLabel
from endoscope_app.worklist import wording as worklist_wording
from endoscope_app.worklist.worklist_page import WorklistPage


class MainWindow(QMainWindow):
    """The window; it closes only if all of ``may_close`` say yes."""

    paths_dropped = Signal(list)  # of Path
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
        self.frame_view = FrameView()
        self.sheet, self.pair = ContactSheet(self.frame_view), PairView(self.frame_view)
        self.banner = MessageBanner(self, self.frame_view)
        self.transport = TransportBar()
        self.pages = QStackedWidget()
        self.opening_bar = OpeningBar(self.pages)
        self.timeline = TimelineView()
        self.verdict = VerdictLabel()
        self.bars = ProbabilityBars()
        self.heat_map_panel = HeatMapPanel()
        self.segments = SegmentsPanel()
        self.label_panel = LabelPanel()
        self.card = VerdictCard(self.label_panel.comparison, self.verdict)
        self.card.covers.connect(self.frame_view.set_covered_left)
        self.meter = Meter()
        self.progress = AnalysisProgress()
        self.recent_menu = QMenu(wording.RECENT, self)
        self.worklist = WorklistPage()
        self.back_button = QPushButton(worklist_wording.BACK, self)
        self.panels = self._lay_out()
        self._build_menus()
        self._build_status_bar()
        self.setTabOrder(self.frame_view, self.transport)
        self.setTabOrder(self.transport, self.timeline)
        self.frame_view.setFocus()

    def _lay_out(self) -> WindowLayout:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.card)
        # The list takes what is left: it is worked through, the bars are looked at
        column.addWidget(self.segments, 1)
        column.addWidget(self.bars)
        # Last: what is changed least is what a low screen may scroll away
        column.addWidget(self.heat_map_panel)
        # The reader's side; the model's is on the right
        layout = WindowLayout(
            left=(self.label_panel, RailButton(wording.LABELS_RAIL, wording.LABELS_RAIL_TIP)),
            right=(side, RailButton(wording.MODEL_RAIL, wording.MODEL_RAIL_TIP)),
            picture=self.frame_view,
            transport=self.transport,
            timeline=self.timeline,
            parent=self,
        )
        self.pages.addWidget(self.worklist)
        self.pages.addWidget(layout.widget)
        self.setCentralWidget(self.pages)
        layout.changed.connect(lambda: self._place_card(column))
        return layout

    def _place_card(self, column: QVBoxLayout) -> None:
        if self.panels.right_open:
            self.card.stand_in(column)
        else:
            self.card.lie_over(self.frame_view)

    def _build_menus(self) -> None:
        entries: dict[str, list[Command]] = {}
        for command in COMMANDS:
            entries.setdefault(command.menu, []).append(command)
        for title, commands in zip(with_mnemonics(list(entries)), entries.values(), strict=True):
            self._build_menu(self.menuBar().addMenu(title), commands)
        self.back_button.setAccessibleName(worklist_wording.BACK_NAME)
        self.back_button.setToolTip(plain_tip(worklist_wording.BACK_TIP))
        self.back_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menuBar().setCornerWidget(self.back_button)
        # Wherever the keyboard is: in the review list and beside every other open window too.
        self.action(QUIT).setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        self.action(QUIT).triggered.connect(self.close)

    def _build_menu(self, menu: QMenu, commands: list[Command]) -> None:
        """The recent procedures are a menu below the entry that opens folders."""
        texts = [command.text for command in commands]
        if OPEN_FOLDER in commands:
            # Their menu keeps its letter, so it is asked first
            recent, *texts = with_mnemonics([wording.RECENT, *texts])
            self.recent_menu.setTitle(recent)
        for command, text in zip(commands, with_mnemonics(texts), strict=True):
            if command.begins:
                menu.addSeparator()
            self._actions[command] = self._new_action(command, text)
            menu.addAction(self._actions[command])
            if command is OPEN_FOLDER:
                menu.addMenu(self.recent_menu)

    def action(self, command: Command) -> QAction:
        """The menu entry and the keys of a command; KeyError for one that is in no menu."""
        return self._actions[command]

    def as_widget(self) -> QWidget:
        """What dialogs stand before."""
        return self

    def _new_action(self, command: Command, text: str) -> QAction:
        action = QAction(text, self)
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
        bar.addWidget(self.banner.label, 1)
        bar.addPermanentWidget(self.meter)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept local files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the dropped files and folders on."""
        urls = [url for url in event.mimeData().urls() if url.isLocalFile()]
        if urls:
            event.acceptProposedAction()
            self.paths_dropped.emit([Path(url.toLocalFile()) for url in urls])

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
