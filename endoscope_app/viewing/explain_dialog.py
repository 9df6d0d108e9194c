"""Other heat maps of the paused frame, side by side with a warning that none of them is a proof."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label
from endoscope_app.viewing import wording
from endoscope_app.viewing.frame_view import FrameView


class ExplainDialog(QDialog):
    """Plain values in; ``explanation_requested(method, class name)`` and ``closed`` out."""

    explanation_requested = Signal(str, str)
    closed = Signal()

    def __init__(
        self,
        methods: Sequence[str],
        classes: Sequence[str],
        chosen: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.EXPLAIN_TITLE)
        self.resize(640, 620)
        self.frame_view = FrameView()
        self.frame_view.set_message(wording.EXPLAIN_HINT)
        self._method, self._class = QComboBox(), QComboBox()
        self._method.addItems(list(methods))
        self._method.setAccessibleName(wording.EXPLAIN_METHOD)
        self._class.addItems(list(classes))
        self._class.setCurrentText(chosen)
        self._class.setAccessibleName(wording.EXPLAIN_CLASS_NAME)
        self._go = QPushButton(wording.EXPLAIN)
        self._go.setDefault(True)
        self._go.clicked.connect(self._on_go)
        self._state = plain_label(wording.EXPLAIN_CAUTION)
        self._state.setProperty("role", "muted")
        self._state.setWordWrap(True)
        row = QHBoxLayout()
        for widget in (
            plain_label(wording.EXPLAIN_METHOD),
            self._method,
            plain_label(wording.EXPLAIN_CLASS),
            self._class,
            self._go,
        ):
            row.addWidget(widget)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(self.frame_view, 1)
        column.addWidget(self._state)
        self._method.setFocus()

    def show_running(self) -> None:
        """A child process is at work; asking again replaces it."""
        self._state.setText(wording.EXPLAIN_RUNNING)

    def show_result(self, image: NDArray[np.uint8]) -> None:
        """(H, W, 4) BGRA with the heat map drawn in."""
        self.frame_view.set_message("")
        self.frame_view.show_frame(image, None)
        self._state.setText(wording.EXPLAIN_CAUTION)

    def show_problem(self, sentence: str) -> None:
        """It did not work, in words."""
        self._state.setText(sentence)

    def done(self, result: int) -> None:
        """Closing by any way is told once."""
        super().done(result)
        self.closed.emit()

    def _on_go(self) -> None:
        self.explanation_requested.emit(self._method.currentText(), self._class.currentText())
