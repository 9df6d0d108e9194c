"""Other heat maps of one frame beside the one that the window shows, each drawn as it is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.viewing import wording
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.heat_map import HeatMap

WIDTH, HEIGHT = 1120, 600
_MORE = len(wording.EXPLAIN_CHOICES)  # among the buttons


class ExplainDialog(QDialog):
    """Non-modal. ``explanation_requested`` carries the method and the class, whenever one of them
    is chosen.
    """

    explanation_requested = Signal(str, str)
    closed = Signal()

    def __init__(
        self,
        methods: Mapping[str, str],
        classes: Sequence[str],
        chosen: str,
        parent: QWidget | None = None,
    ) -> None:
        """``methods``: by key, their names in the literature; ``chosen`` among ``classes``."""
        super().__init__(parent)
        self.setWindowTitle(wording.EXPLAIN_TITLE)
        self.live_view, self.frame_view = FrameView(), FrameView()
        self.live_view.set_message(wording.NO_LIVE_MAP)
        self._group = QButtonGroup(self)
        self._choices = [self._choice(*choice) for choice in wording.EXPLAIN_CHOICES]
        self._more = QRadioButton(wording.MORE_METHODS, self)
        self._group.addButton(self._more, _MORE)
        self._method, self._class = QComboBox(self), QComboBox(self)
        for key, name in methods.items():
            self._method.addItem(name, key)
        self._method.setAccessibleName(wording.EXPLAIN_METHOD)
        self._method.setEnabled(False)
        # Whatever a class is called, the dialog is no wider
        self._class.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._class.setMinimumContentsLength(24)
        self._class.addItems(list(classes))
        self._class.setAccessibleName(wording.EXPLAIN_CLASS_NAME)
        self._class.setCurrentText(chosen)
        self._state = plain_label(wording.EXPLAIN_CAUTION, self)
        self._state.setProperty("role", "muted")
        self._state.setWordWrap(True)
        self._choices[0].setChecked(True)
        self._group.idToggled.connect(self._on_choice)
        self._method.currentIndexChanged.connect(self.ask)
        self._class.currentIndexChanged.connect(self.ask)
        self._lay_out()
        self._choices[0].setFocus()

    def show_live(self, image: NDArray[np.uint8], heat_map: HeatMap | None) -> None:
        """(H, W, 4) BGRA of the frame, and the map that the window draws on it."""
        self.live_view.set_message("")
        self.live_view.show_frame(image, heat_map)

    def ask(self) -> None:
        """For the map of what is chosen now."""
        number = self._group.checkedId()
        is_one_of_many = number == _MORE
        method = (
            self._method.currentData() if is_one_of_many else wording.EXPLAIN_CHOICES[number][0]
        )
        self.explanation_requested.emit(str(method), self._class.currentText())

    def show_running(self) -> None:
        """A child process is at work; asking again replaces it."""
        self._state.setText(wording.EXPLAIN_RUNNING)
        self.frame_view.set_message(wording.EXPLAIN_RUNNING)

    def show_result(self, image: NDArray[np.uint8]) -> None:
        """(H, W, 4) BGRA with the heat map drawn in."""
        self.frame_view.set_message("")
        self.frame_view.show_frame(image, None)
        self._state.setText(wording.EXPLAIN_CAUTION)

    def show_problem(self, sentence: str) -> None:
        """It did not work, in words."""
        self.frame_view.set_message("")
        self._state.setText(sentence)

    def done(self, result: int) -> None:
        """Closing by any way is told once."""
        super().done(result)
        self.closed.emit()

    def _choice(self, _method: str, text: str, tip: str) -> QRadioButton:
        button = QRadioButton(text, self)
        button.setToolTip(plain_tip(tip))
        self._group.addButton(button, len(self._group.buttons()))
        return button

    def _on_choice(self, _number: int, is_chosen: bool) -> None:
        if is_chosen:
            self._method.setEnabled(self._more.isChecked())
            self.ask()

    def _lay_out(self) -> None:
        # In one row: the arrow keys go from choice to choice as they lie
        ways, of_class = QHBoxLayout(), QHBoxLayout()
        ways.setSpacing(14)
        for widget in (*self._choices, self._more, self._method):
            ways.addWidget(widget)
        ways.addStretch(1)
        of_class.addWidget(plain_label(wording.EXPLAIN_CLASS, self))
        of_class.addWidget(self._class)
        of_class.addStretch(1)
        sides = QGridLayout()
        sides.setHorizontalSpacing(8)
        for column, (title, view) in enumerate(
            ((wording.LIVE_MAP, self.live_view), (wording.OTHER_MAP, self.frame_view))
        ):
            sides.addWidget(plain_label(title, self), 0, column, Qt.AlignmentFlag.AlignHCenter)
            sides.addWidget(view, 1, column)
            sides.setColumnStretch(column, 1)
        sides.setRowStretch(1, 1)
        column_of_all = QVBoxLayout(self)
        column_of_all.addLayout(ways)
        column_of_all.addLayout(of_class)
        column_of_all.addLayout(sides, 1)
        column_of_all.addWidget(self._state)
        open_at(self, WIDTH, HEIGHT)
