"""When a key may label: one rule for every door through which a key press becomes a label."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.base.command import Command
from endoscope_app.base.key_claim import LABELS_GO_ON
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels import act_wording
from endoscope_app.labels.commands import (
    AGREE,
    CLASS_KEYS,
    CLEAR_LABEL,
    LABEL_RANGE,
    MARK_IN,
    MARK_OUT,
    REDO,
    UNDO,
    UNUSABLE,
)
from endoscope_app.labels.label_panel import LabelPanel
from endoscope_app.viewing.act_echo import ActEcho

#: Commands whose keys change labels, or say which frames the next one changes.
LABEL_COMMANDS = (
    *CLASS_KEYS,
    AGREE,
    UNUSABLE,
    CLEAR_LABEL,
    MARK_IN,
    MARK_OUT,
    LABEL_RANGE,
    UNDO,
    REDO,
)


class KeyGuard(QObject):
    """Swallows the keys of label commands while a dialog is open, while text is typed, and while
    another window is in front.

    Menus and the mouse stay as they are: whoever uses them means this window.
    """

    def __init__(
        self,
        window: WindowPort,
        panel: LabelPanel,
        timeline: TimelineView,
        echo: ActEcho,
        review: Callable[[], QWidget | None],
    ) -> None:
        """``review``: the window of the review list, where labels are given by keys too."""
        super().__init__(window.as_widget())
        self._port, self._window = window, window.as_widget()
        self._echo, self._review = echo, review
        self._beside: list[QWidget] = []
        self.watch(LABEL_COMMANDS)
        timeline.keys_allowed = self.allows
        panel.keys_allowed = self.allows

    def watch(self, commands: Iterable[Command]) -> None:
        """The keys of these are swallowed too."""
        for command in commands:
            self._port.action(command).installEventFilter(self)

    def let_in(self, window: QWidget) -> None:
        """Labels are given by keys in this window too, as in the review list."""
        self._beside.append(window)

    def allows(self) -> bool:
        """Whether a key may label now."""
        return not self._elsewhere() and not self.open_dialog()

    def open_dialog(self) -> str:
        """The title of a dialog that is open before the window; empty for none."""
        for widget in QApplication.topLevelWidgets():
            if (
                isinstance(widget, QDialog)
                and widget.isVisible()
                and not widget.property(LABELS_GO_ON)
                and self._is_ours(widget)
            ):
                return widget.windowTitle() or act_wording.A_DIALOG
        return ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A shortcut that may not act now ends here."""
        if event.type() != QEvent.Type.Shortcut or self.allows():
            return False
        dialog = self.open_dialog()
        if dialog:
            self._echo.show_act(act_wording.keys_label_nothing(dialog))
        return True

    def _elsewhere(self) -> bool:
        """Another window is in front, or text is being typed; a list of choices takes letters
        as a search.
        """
        if QApplication.activeWindow() not in (self._window, self._review(), *self._beside):
            return True
        return isinstance(
            QApplication.focusWidget(),
            QLineEdit | QAbstractSpinBox | QPlainTextEdit | QTextEdit | QComboBox,
        )

    def _is_ours(self, dialog: QDialog) -> bool:
        above: QWidget | None = dialog
        while above is not None and above is not self._window:
            above = above.parentWidget()
        return above is self._window or dialog.parentWidget() is None
