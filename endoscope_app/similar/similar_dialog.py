"""The window of similar frames, beside the procedure."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.key_claim import LABELS_GO_ON, PRESS_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.similar import wording
from endoscope_app.similar.hit_list import HitList
from kd_core.schema.model_card import RESEARCH_USE

WIDTH, HEIGHT = 940, 640


class SimilarDialog(QDialog):
    """``hits`` holds the frames. Closing it stops a search."""

    stop_requested = Signal()
    analyse_requested = Signal()

    def __init__(self, actions: Iterable[QAction], parent: QWidget) -> None:
        """``actions``: commands of the main window whose keys work here too."""
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(wording.TITLE)
        self.setProperty(LABELS_GO_ON, True)
        self.setSizeGripEnabled(False)
        self.addActions(list(actions))
        self.hits = HitList()
        self._query, self._state, self._without = plain_label(), plain_label(), plain_label()
        self._query.setProperty("role", "group")
        keys = plain_label(f"{wording.KEYS} {RESEARCH_USE}")
        for label in (self._state, self._without, keys):
            label.setProperty("role", "muted")
            label.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(wording.TITLE)
        self._stop, self._analyse = QPushButton(wording.STOP), QPushButton(wording.ANALYSE_THEM)
        self._analyse.setToolTip(plain_tip(wording.ANALYSE_TIP))
        for button, wish in (
            (self._stop, self.stop_requested),
            (self._analyse, self.analyse_requested),
        ):
            button.setAutoDefault(False)
            KeyClaim(button, PRESS_KEYS)
            button.clicked.connect(wish)
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self._query)
        head.addWidget(self._state, 1)
        head.addWidget(self._bar)
        head.addWidget(self._stop)
        foot.addWidget(self._without, 1)
        foot.addWidget(self._analyse)
        column = QVBoxLayout(self)
        column.addLayout(head)
        column.addWidget(self.hits, 1)
        column.addLayout(foot)
        column.addWidget(keys)
        open_at(self, WIDTH, HEIGHT)
        self.hits.setFocus()

    def begin(self, query: str) -> None:
        """A search begins; what was found before is gone."""
        self._query.setText(query)
        self.hits.clear()
        self.show_without("")
        self._show_busy(busy=True)
        self._bar.setRange(0, 0)

    def show_step(self, done: int, total: int, sentence: str) -> None:
        """How far it is."""
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._state.setText(sentence)

    def end(self, sentence: str) -> None:
        """How it ended."""
        self._show_busy(busy=False)
        self._state.setText(sentence)

    def show_without(self, sentence: str, *, can_analyse: bool = True) -> None:
        """What the list lacks; empty for nothing."""
        self._without.setText(sentence)
        self._without.setVisible(bool(sentence))
        self._analyse.setVisible(bool(sentence) and can_analyse)

    def state(self) -> str:
        """What is said of the search."""
        return self._state.text()

    def without(self) -> str:
        """What is said to be missing."""
        return self._without.text()

    def _show_busy(self, *, busy: bool) -> None:
        self._bar.setVisible(busy)
        self._stop.setVisible(busy)
