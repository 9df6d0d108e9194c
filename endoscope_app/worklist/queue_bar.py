"""How far the queue is, with the buttons that pause and cancel it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QWidget

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.worklist import wording
from endoscope_app.worklist.analysis_queue import QueueState


class QueueBar(QWidget):
    """Hidden while there is nothing to do."""

    pause_requested = Signal(bool)  # False: resume
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paused = False
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(140)
        self._bar.setAccessibleName(wording.QUEUE_PROGRESS_NAME)
        self._text = plain_label(parent=self)
        self._text.setAccessibleName(wording.QUEUE_NAME)
        # A long name of a file must not make the window wider
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._pause = QPushButton(wording.PAUSE, self)
        self._pause.setToolTip(plain_tip(wording.PAUSE_TIP))
        self._pause.clicked.connect(lambda: self.pause_requested.emit(not self._paused))
        self._cancel = QPushButton(wording.CANCEL, self)
        self._cancel.setToolTip(plain_tip(wording.CANCEL_TIP))
        self._cancel.clicked.connect(self.cancel_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._bar)
        row.addWidget(self._text, 1)
        row.addWidget(self._pause)
        row.addWidget(self._cancel)
        self.hide()

    def show_state(self, state: QueueState, done: int) -> None:
        """``done`` procedures of the worklist need nothing more."""
        self._paused = state.paused
        self._pause.setText(wording.RESUME if state.paused else wording.PAUSE)
        if state.paused:
            text = wording.queue_paused(state.waiting)
        elif state.running is None:
            text = wording.queue_waits(state.waiting, gives_way=state.gives_way)
        else:
            text = wording.queue(state.waiting, state.name, state.seconds_left_for_all)
        self._text.setText(text)
        self._text.setToolTip(plain_tip(text))
        total = done + state.waiting
        self._bar.setValue(round(1000 * (done + state.share) / total) if total else 0)
        self.setVisible(state.waiting > 0)

    def text(self) -> str:
        """What it says now."""
        return self._text.text()
