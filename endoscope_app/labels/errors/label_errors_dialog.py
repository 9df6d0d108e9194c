"""Looking for label errors: which labels, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.key_claim import LABELS_GO_ON
from endoscope_app.base.running_dialog import RunningDialog, muted
from endoscope_app.labels.errors import wording


class LabelErrorsDialog(RunningDialog):
    """``search_requested`` carries whether all procedures are meant.

    Progress and the end come back through ``show_`` methods.
    """

    search_requested = Signal(bool)
    procedure_chosen = Signal(str)  # fingerprint

    def __init__(
        self, references: int, here: bool, hidden: bool, parent: QWidget | None = None
    ) -> None:
        """``references``: how many reference models there are.

        ``here``: a procedure is open; ``hidden``: the reader mode hides the model.
        """
        super().__init__(wording.THE_SEARCH, wording.FIND, parent)
        self.setWindowTitle(wording.TITLE)
        self._here_possible = here
        about = muted(wording.about(references), wording.ABOUT_NAME, self)
        self._hidden = muted(wording.HIDDEN, wording.HIDDEN_NAME, self)
        self._hidden.setVisible(hidden)
        self._here = QRadioButton(wording.HERE, self)
        self._all = QRadioButton(wording.EVERYWHERE, self)
        (self._here if here else self._all).setChecked(True)
        self._procedures = QListWidget(self)
        self._procedures.setAccessibleName(wording.PROCEDURES)
        self._procedures.setMaximumHeight(140)
        self._procedures.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(12)
        for widget in (
            about,
            self._here,
            self._all,
            self._hidden,
            self._progress,
            self._state,
            self._procedures,
        ):
            column.addWidget(widget)
        column.addStretch(1)
        column.addLayout(self._buttons())
        self.setFixedWidth(560)
        self._go.clicked.connect(lambda: self.search_requested.emit(self._all.isChecked()))
        self._procedures.itemActivated.connect(self._on_item)
        self._procedures.itemClicked.connect(self._on_item)
        self._set_running(False)

    def show_progress(self, step: str, done: int, total: int, left: str = "") -> None:
        """``step`` says what is being done, ``left`` how long it takes.

        A total of 0 means that nobody knows how much there is.
        """
        self._procedures.hide()
        self.setProperty(LABELS_GO_ON, False)
        self._show_step(done, total, wording.step_line(step, done, total, left))

    def show_end(
        self,
        sentence: str,
        procedures: Sequence[tuple[str, str]] = (),
        *,
        problem: bool = False,
        has_suspects: bool = False,
    ) -> None:
        """It has ended, in words; ``procedures``: (fingerprint, text) to choose from.

        ``has_suspects``: the review list shows suspect labels, which are corrected by keys while
        this stays open.
        """
        self.setProperty(LABELS_GO_ON, has_suspects)
        self._set_running(False)
        self._procedures.clear()
        for fingerprint, text in procedures:
            item = QListWidgetItem(text, self._procedures)
            item.setData(Qt.ItemDataRole.UserRole, fingerprint)
        self._procedures.setVisible(bool(procedures))
        self._say(sentence, problem=problem)

    def procedures(self) -> list[str]:
        """The texts to choose from."""
        return [self._procedures.item(row).text() for row in range(self._procedures.count())]

    def _on_item(self, item: QListWidgetItem) -> None:
        self.procedure_chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))

    def _enable(self, possible: bool) -> None:
        self._all.setEnabled(possible)
        self._here.setEnabled(possible and self._here_possible)
