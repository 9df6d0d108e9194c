"""The reader's models in a table, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal, SignalInstance
from PySide6.QtWidgets import (
    QDialog,
    QMenu,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.plain_text import ask, plain_label
from endoscope_app.base.table_dialog import allow, beside, foot
from endoscope_app.models import signature_wording, wording
from endoscope_app.models.models_table import NAME, ModelLine, ModelsTable
from endoscope_app.models.promotion_reason import PromotionReason


class ModelsDialog(QDialog):
    """Every act is a signal; the table shows it when ``set_models`` does.

    Versions in the signals.
    """

    use_requested = Signal(str, str)  # version, reason
    go_back_requested = Signal()
    rename_requested = Signal(str, str)
    card_requested = Signal(str)
    folder_export_requested = Signal(str)
    onnx_export_requested = Signal(str)
    import_requested = Signal()
    stop_requested = Signal()  # the trial of a model that is being imported
    delete_requested = Signal(str)
    keys_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.TITLE)
        self._lines: list[ModelLine] = []
        self._previous, self._locked, self._busy = "", "", ""
        self._table = ModelsTable()
        self._use, self._go_back = QPushButton(wording.USE), QPushButton(wording.GO_BACK)
        self._rename, self._card = QPushButton(wording.RENAME), QPushButton(wording.CARD)
        self._export, self._import = QPushButton(wording.EXPORT), QPushButton(wording.IMPORT)
        self._delete, self._stop = QPushButton(wording.DELETE), QPushButton(wording.STOP_TRYING)
        self._keys = QPushButton(signature_wording.KEYS)
        self._stop.hide()
        menu = QMenu(self)
        menu.addAction(wording.EXPORT_FOLDER).triggered.connect(
            lambda: self._tell_version(self.folder_export_requested)
        )
        menu.addAction(wording.EXPORT_ONNX).triggered.connect(
            lambda: self._tell_version(self.onnx_export_requested)
        )
        self._export.setMenu(menu)
        self._reason = PromotionReason(self)
        self._note, self._problem, self._why, self._signature = (
            plain_label(parent=self) for _ in range(4)
        )
        self._dress()
        self._lay_out()
        self._connect()
        self._tell()

    def set_models(self, lines: Sequence[ModelLine], previous: str, locked: str = "") -> None:
        """All models; the chosen one stays chosen.

        ``previous``: the version that Go back returns to, empty for none; ``locked``: why no other
        model can be chosen, empty where one can.
        """
        chosen = self.current()
        self._lines, self._previous, self._locked = list(lines), previous, locked
        with QSignalBlocker(self._table):
            self._table.setRowCount(len(self._lines))
            for row, line in enumerate(self._lines):
                self._table.fill(row, line)
        versions = [line.version for line in self._lines]
        if versions:
            active = next((line.version for line in self._lines if line.active), versions[0])
            self.choose(
                chosen.version if chosen is not None and chosen.version in versions else active
            )
        self._note.setText(locked)
        self._note.setVisible(bool(locked))
        self.show_problem("")
        self._tell()

    def choose(self, version: str) -> None:
        """Make the row of a model the current one."""
        row = next((row for row, line in enumerate(self._lines) if line.version == version), None)
        if row is not None:
            self._table.setCurrentCell(row, 0)

    def current(self) -> ModelLine | None:
        """The chosen model."""
        row = self._table.currentRow()
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def show_busy(self, what: str, *, can_stop: bool = False) -> None:
        """What is being done in the background (empty: nothing); no other act begins meanwhile."""
        self._busy = what
        self._stop.setVisible(can_stop)
        self._tell()

    def show_problem(self, sentence: str) -> None:
        """Why the last act was not done; empty for nothing. The table shows again what stands."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
        if sentence:
            with QSignalBlocker(self._table):
                for row, line in enumerate(self._lines):
                    self._table.fill(row, line)

    def problem(self) -> str:
        """What it says."""
        return self._problem.text()

    def note(self) -> str:
        """What holds for all of them."""
        return self._note.text()

    def why(self) -> str:
        """Why the model of the current row was put into use."""
        return self._why.text()

    def signature(self) -> str:
        """Who signed the model of the current row."""
        return self._signature.text()

    def text(self, row: int, column: int) -> str:
        """What a cell says, for tests."""
        item = self._table.item(row, column)
        return "" if item is None else item.text()

    def ask_delete(self, line: ModelLine) -> bool:
        """Whether the reader means it."""
        return ask(self, wording.DELETE_TITLE, wording.delete_question(line.version))

    def _dress(self) -> None:
        self._why.setProperty("role", "muted")
        self._signature.setProperty("role", "muted")
        self._signature.setWordWrap(True)
        self._signature.setAccessibleName(signature_wording.PREVIEW_ROWS[-1])
        for label, role, name in (
            (self._note, "banner", wording.NOTE_NAME),
            (self._problem, "danger", wording.PROBLEM_NAME),
        ):
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setAccessibleName(name)
            label.hide()
        self._why.setWordWrap(True)
        self._why.setAccessibleName(wording.WHY_NAME)

    def _lay_out(self) -> None:
        buttons = (
            self._use,
            self._go_back,
            self._rename,
            self._card,
            self._export,
            self._import,
            self._delete,
            self._keys,
            self._stop,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addWidget(self._note)
        column.addLayout(beside(self._table, buttons), 1)
        column.addWidget(self._signature)
        column.addWidget(self._why)
        column.addWidget(self._reason)
        column.addWidget(self._problem)
        column.addLayout(foot(self, wording.FOOT))
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        open_at(self, 1250, 440)
        self._table.setFocus()

    def _connect(self) -> None:
        self._table.currentCellChanged.connect(self._on_chosen)
        self._table.itemChanged.connect(self._on_item_changed)
        self._reason.changed.connect(self._tell)
        self._use.clicked.connect(self._on_use)
        self._go_back.clicked.connect(self.go_back_requested)
        self._rename.clicked.connect(self._on_rename)
        self._card.clicked.connect(lambda: self._tell_version(self.card_requested))
        self._import.clicked.connect(self.import_requested)
        self._keys.clicked.connect(self.keys_requested)
        self._stop.clicked.connect(self.stop_requested)
        self._delete.clicked.connect(self._on_delete)

    def _tell(self) -> None:
        """Buttons that cannot act now say why when pointed at."""
        line = self.current()
        self._why.setText(line.why_chosen if line is not None else "")
        self._why.setVisible(bool(self._why.text()))
        self._signature.setText(line.signature if line is not None else "")
        sound = wording.NO_CHOICE if line is None else line.problem
        self._reason.ask_for(
            line.lost if line is not None and not line.active and not self._locked else ()
        )
        in_use = wording.IN_USE if line is not None and line.active else ""
        nothing_before = "" if self._previous else wording.NOTHING_BEFORE
        kept = wording.NO_CHOICE if line is None else line.kept
        allow(
            self._use,
            self._busy or self._locked or sound or in_use or self._reason.lacks,
            wording.USE_TIP,
        )
        allow(
            self._go_back,
            self._busy or self._locked or nothing_before,
            wording.go_back_tip(self._previous),
        )
        allow(self._rename, self._busy or sound, wording.RENAME_TIP)
        allow(self._card, sound, wording.CARD_TIP)
        allow(self._export, self._busy or sound, wording.EXPORT_TIP)
        allow(
            self._import,
            self._busy,
            wording.IMPORT_TIP,
        )
        allow(self._keys, "", signature_wording.KEYS_TIP)
        allow(self._delete, self._busy or kept, wording.DELETE_TIP)

    def _on_chosen(self) -> None:
        self._reason.forget()
        self._tell()

    def _on_use(self) -> None:
        line = self.current()
        if line is not None:
            self.use_requested.emit(line.version, self._reason.text)

    def _on_rename(self) -> None:
        item = self._table.item(self._table.currentRow(), NAME)
        if item is not None:
            self._table.setFocus()
            self._table.editItem(item)

    def _on_item_changed(self, item: QTableWidgetItem) -> None:
        line = self._lines[item.row()]
        if item.column() == NAME and item.text() != line.name:
            self.rename_requested.emit(line.version, item.text())

    def _on_delete(self) -> None:
        line = self.current()
        if line is not None and self.ask_delete(line):
            self.delete_requested.emit(line.version)

    def _tell_version(self, signal: SignalInstance) -> None:
        line = self.current()
        if line is not None:
            signal.emit(line.version)
