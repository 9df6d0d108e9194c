"""Which page the window shows: the worklist, or the procedure that is open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from endoscope_app.analysis import commands as analysis
from endoscope_app.base.command import Command
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels import commands as labels
from endoscope_app.media.source import SourceInfo
from endoscope_app.report import commands as report
from endoscope_app.segments import commands as segments
from endoscope_app.stills import commands as stills
from endoscope_app.viewing import commands as viewing
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.viewing.wording import window_title
from endoscope_app.worklist import wording
from endoscope_app.worklist.commands import WORKLIST
from endoscope_app.worklist.worklist_page import WorklistPage

#: Commands that act on the frame or the procedure on screen.
PROCEDURE_COMMANDS = (
    viewing.PLAY_PAUSE,
    viewing.BACK_1,
    viewing.FORWARD_1,
    viewing.BACK_SECOND,
    viewing.FORWARD_SECOND,
    viewing.BACK_10,
    viewing.FORWARD_10,
    viewing.FIRST,
    viewing.LAST,
    viewing.GO_TO,
    viewing.PLAY_BACKWARDS,
    viewing.PAUSE,
    viewing.PLAY_FORWARDS,
    viewing.SLOWER,
    viewing.FASTER,
    viewing.NORMAL_SPEED,
    viewing.LOOP_FROM,
    viewing.LOOP_TO,
    viewing.LOOP_END,
    viewing.LOOK,
    viewing.TOGGLE_OVERLAY,
    segments.HEAT_MAPS,
    viewing.EXPLAIN,
    viewing.FIT,
    analysis.LEGEND,
    analysis.TIMELINE_IN,
    analysis.TIMELINE_OUT,
    analysis.NEXT_FINDING,
    analysis.PREVIOUS_FINDING,
    analysis.MORE_LIKE_THIS,
    analysis.ANALYSE,
    analysis.CANCEL_ANALYSIS,
    *labels.CLASS_KEYS,
    labels.UNDO,
    labels.REDO,
    labels.AGREE,
    labels.UNUSABLE,
    labels.CLEAR_LABEL,
    labels.MARK_IN,
    labels.MARK_OUT,
    labels.LABEL_RANGE,
    labels.DROP_MARK,
    labels.PREVIOUS_LABEL,
    labels.NEXT_LABEL,
    labels.PREVIOUS_DIFFERING_OR_UNSURE,
    labels.NEXT_DIFFERING_OR_UNSURE,
    labels.REVIEW_LIST,
    segments.NEXT_OPEN,
    segments.PREVIOUS_SEGMENT,
    segments.ACCEPT_CLASS,
    segments.PLAY_OPEN,
    segments.BOOKMARK,
    segments.WRITE,
    segments.FINISH_REVIEW,
    stills.SHEET,
    stills.COMPARE,
    report.REPORT,
    report.SAVE_FRAME,
    report.SAVE_CLIP,
    report.SAVE_BOOKMARKED,
)


@dataclass(frozen=True)
class WorklistWidgets:
    """What of the window the room fills; ``procedure_only``: what stands outside of the pages and
    says something of the open procedure; ``frame``: what has the keyboard while it is shown.
    """

    page: WorklistPage
    pages: QStackedWidget
    back_button: QPushButton
    procedure_only: Sequence[QWidget]
    frame: QWidget


class PageSwitch(QObject):
    """While the worklist is shown, no key and no menu acts on the procedure behind it.

    ``resting`` gives commands that rest on every page, told by who makes them rest.
    """

    worklist_shown = Signal()

    def __init__(
        self, window: WindowPort, widgets: WorklistWidgets, player: ProcedurePlayer
    ) -> None:
        super().__init__(window.as_widget())
        self._window, self._widgets, self._player = window, widgets, player
        self.resting: Callable[[], Collection[Command]] = tuple
        window.action(WORKLIST).triggered.connect(self._on_command)
        widgets.back_button.clicked.connect(self.show_worklist)
        player.opened.connect(self._on_opened)
        self._show(worklist=True)

    @property
    def is_worklist(self) -> bool:
        """Whether the worklist is in front."""
        return self._widgets.pages.currentWidget() is self._widgets.page

    def refresh(self) -> None:
        """Other commands rest now."""
        self._show(worklist=self.is_worklist)

    def show_worklist(self) -> None:
        """Bring it to the front; what plays pauses."""
        self._player.pause()
        self._show(worklist=True)
        self._window.as_widget().setWindowTitle(wording.WINDOW_TITLE)
        self._widgets.page.take_keyboard()
        self.worklist_shown.emit()

    def show_procedure(self) -> None:
        """Bring the open procedure to the front; nothing where none is open."""
        info = self._player.info
        if info is None:
            return
        self._show(worklist=False)
        self._window.as_widget().setWindowTitle(window_title(info.path.name))
        self._widgets.frame.setFocus()

    def _show(self, *, worklist: bool) -> None:
        widgets = self._widgets
        widgets.pages.setCurrentIndex(widgets.pages.indexOf(widgets.page) if worklist else 1)
        widgets.back_button.setVisible(not worklist)
        for widget in widgets.procedure_only:
            widget.setVisible(not worklist)
        # Without a procedure they say that there is none
        is_hidden, resting = worklist and self._player.info is not None, self.resting()
        for command in PROCEDURE_COMMANDS:
            self._window.action(command).setEnabled(not is_hidden and command not in resting)

    def _on_command(self) -> None:
        if self.is_worklist:
            self.show_procedure()
        else:
            self.show_worklist()

    def _on_opened(self, _generation: int, _info: SourceInfo) -> None:
        self.show_procedure()
