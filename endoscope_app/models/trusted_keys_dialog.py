"""The keys that the reader trusts in a table, and the question before a new one is trusted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import ask, plain_label, plain_tip
from endoscope_app.base.table_dialog import NamedTable, allow, beside, foot
from endoscope_app.base.wording import minute_of
from endoscope_app.models import signature_wording as wording
from endoscope_app.models.trusted_keys import LONGEST_NAME, TrustedKey
from kd_core.signing.ed25519 import fingerprint


class TrustedKeysDialog(QDialog):
    """Every act is a signal; the table shows it when ``set_keys`` does."""

    add_requested = Signal()
    remove_requested = Signal(bytes)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.KEYS_TITLE)
        self._keys: tuple[TrustedKey, ...] = ()
        self._table = NamedTable(wording.KEYS_TITLE, wording.KEY_HEADINGS, name=0, numbers=())
        self._add, self._remove = QPushButton(wording.ADD), QPushButton(wording.REMOVE)
        self._problem = plain_label(parent=self)
        self._problem.setProperty("role", "danger")
        self._problem.setWordWrap(True)
        self._problem.setAccessibleName(wording.PROBLEM_NAME)
        self._problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addLayout(beside(self._table, (self._add, self._remove)), 1)
        column.addWidget(self._problem)
        column.addLayout(foot(self, wording.KEYS_FOOT))
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        self._table.currentCellChanged.connect(self._tell)
        self._add.clicked.connect(self.add_requested)
        self._remove.clicked.connect(self._on_remove)
        self.resize(780, 320)
        self._table.setFocus()
        self._tell()

    def set_keys(self, keys: Sequence[TrustedKey]) -> None:
        """All that are trusted; the newest becomes the current one."""
        self._keys = tuple(keys)
        self._table.setRowCount(len(self._keys))
        for row, key in enumerate(self._keys):
            for column, text in enumerate(
                (key.name, fingerprint(key.public_key), minute_of(key.added))
            ):
                item = QTableWidgetItem(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                item.setToolTip(plain_tip(text))
                self._table.setItem(row, column, item)
        if self._keys:
            self._table.setCurrentCell(len(self._keys) - 1, 0)
        self._tell()

    def show_problem(self, sentence: str) -> None:
        """Why the last act was not done; empty for nothing."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def problem(self) -> str:
        """What it says."""
        return self._problem.text()

    def current(self) -> TrustedKey | None:
        """The chosen key."""
        row = self._table.currentRow()
        return self._keys[row] if 0 <= row < len(self._keys) else None

    def _tell(self) -> None:
        allow(self._add, "", wording.ADD_TIP)
        allow(
            self._remove,
            wording.NO_KEY_CHOSEN if self.current() is None else "",
            wording.REMOVE_TIP,
        )

    def _on_remove(self) -> None:
        key = self.current()
        if key is not None and ask(self, wording.REMOVE_TITLE, wording.remove_question(key.name)):
            self.remove_requested.emit(key.public_key)


class NewKeyDialog(QDialog):
    """The fingerprint to compare, and a field for the name; ``named`` carries what was typed."""

    named = Signal(str)

    def __init__(self, public_key: bytes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.NEW_KEY_TITLE)
        text = plain_label(wording.compare(public_key), self)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._field = QLineEdit(self)
        self._field.setAccessibleName(wording.NAME_OF_KEY)
        self._field.setPlaceholderText(wording.NAME_HINT)
        self._field.setMaxLength(LONGEST_NAME)
        role = QDialogButtonBox.ButtonRole
        buttons = QDialogButtonBox(self)
        self._trust = buttons.addButton(wording.TRUST, role.AcceptRole)
        buttons.addButton(wording.CANCEL, role.RejectRole)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(12)
        for widget in (text, self._field):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(buttons)
        self.setMinimumWidth(480)
        self._trust.setDefault(True)
        self._field.textChanged.connect(self._tell)
        self._field.setFocus()
        self._tell()

    def _tell(self) -> None:
        self._trust.setEnabled(bool(self._field.text().strip()))

    def _on_accepted(self) -> None:
        self.accept()
        self.named.emit(self._field.text())
