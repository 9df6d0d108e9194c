"""Every command with its keys, each of which the reader may change."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.command import Command
from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.shell import wording
from endoscope_app.shell.command_table import COMMANDS
from endoscope_app.shell.key_button import KeyButton
from endoscope_app.shell.key_choices import FIXED, Chosen, keys_of, name_of, title_of

WIDTH, HEIGHT = 640, 620


class KeysDialog(QDialog):
    """Wishes out, keys in; non-modal, so that a key can be tried at once."""

    key_wanted = Signal(object, str, bool)  # Command, key, whether it stands where a digit does
    swap_wanted = Signal()
    take_wanted = Signal()
    one_reset = Signal(object)  # Command
    all_reset = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.CHANGE_KEYS_TITLE)
        self._search = QLineEdit(self)
        self._search.setPlaceholderText(wording.SEARCH_KEYS)
        self._search.setAccessibleName(wording.SEARCH_KEYS)
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        self._table = QTableWidget(0, 3, self)
        self._table.setAccessibleName(wording.CHANGE_KEYS_TITLE)
        self._table.setHorizontalHeaderLabels(list(wording.KEY_HEADINGS))
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setTabKeyNavigation(False)
        self._table.setShowGrid(False)
        self._table.verticalHeader().hide()
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._table.setStyleSheet(
            "QTableView::item { padding: 0px 8px; } QHeaderView::section { padding: 4px 8px; }"
        )
        rows = self._table.verticalHeader()
        rows.setDefaultSectionSize(self.fontMetrics().height() + 8)
        self._change = KeyButton(self)
        self._reset, self._reset_all = self._button(wording.RESET), self._button(wording.RESET_ALL)
        self._swap, self._take = self._button(wording.SWAP), self._button(wording.TAKE)
        self._state = plain_label(wording.KEYS_HINT, self)
        self._state.setWordWrap(True)
        self._state.setMinimumHeight(3 * self.fontMetrics().lineSpacing())  # nothing moves
        self._state.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._commands = list(COMMANDS)
        self._connect()
        self._lay_out()
        self.offer_ways_out(offered=False)

    @property
    def command(self) -> Command | None:
        """The one that is chosen."""
        row = self._table.currentRow()
        return self._commands[row] if row >= 0 else None

    def show_keys(self, chosen: Chosen) -> None:
        """What each command has now; those of the reader's choice are bold."""
        self._table.setRowCount(len(self._commands))
        for row, command in enumerate(self._commands):
            texts = (
                command.menu.replace("&", ""),
                title_of(command),
                wording.keys_text(keys_of(command, chosen)),
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                font = item.font()
                font.setBold(name_of(command) in chosen)
                item.setFont(font)
                if command in FIXED:
                    item.setToolTip(plain_tip(wording.FIXED_KEY))
                    item.setForeground(self.palette().placeholderText())
                self._table.setItem(row, column, item)
        self._reset_all.setEnabled(bool(chosen))
        self._on_chosen()

    def say(self, sentence: str, *, problem: bool = False) -> None:
        """Under the list."""
        self._state.setText(sentence)
        self._state.setProperty("role", "danger" if problem else "")
        self._state.style().polish(self._state)

    def said(self) -> str:
        """What stands there."""
        return self._state.text()

    def offer_ways_out(self, *, offered: bool) -> None:
        """Two commands want one key: swap theirs, or take it from the other."""
        for button in (self._swap, self._take):
            button.setVisible(offered)
        if offered:
            self._swap.setFocus()

    def _on_chosen(self) -> None:
        command = self.command
        free = command is not None and command not in FIXED
        self._change.setEnabled(free)
        self._reset.setEnabled(free)

    def _on_row(self) -> None:
        self.offer_ways_out(offered=False)
        fixed = self.command in FIXED
        self.say(wording.FIXED_KEY if fixed else wording.KEYS_HINT)
        self._on_chosen()

    def _on_captured(self, key: str, is_digit: bool) -> None:
        if self.command is not None:
            self.key_wanted.emit(self.command, key, is_digit)

    def _on_activated(self) -> None:
        if self._change.isEnabled():
            self._change.wait()

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for row in range(self._table.rowCount()):
            items = (self._table.item(row, column) for column in range(3))
            said = " ".join(item.text() for item in items if item is not None).casefold()
            self._table.setRowHidden(row, not all(word in said for word in words))
        shown = [row for row in range(self._table.rowCount()) if not self._table.isRowHidden(row)]
        if shown and self._table.currentRow() not in shown:
            self._table.selectRow(shown[0])

    def _connect(self) -> None:
        self._search.returnPressed.connect(self._table.setFocus)
        self._table.itemSelectionChanged.connect(self._on_row)
        self._table.activated.connect(self._on_activated)
        self._change.captured.connect(self._on_captured)
        self._change.given_up.connect(lambda: self.say(wording.KEYS_HINT))
        self._reset.clicked.connect(lambda: self.one_reset.emit(self.command))
        self._reset_all.clicked.connect(self.all_reset)
        self._swap.clicked.connect(self.swap_wanted)
        self._take.clicked.connect(self.take_wanted)

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        ways = QHBoxLayout()
        ways.addWidget(self._state, 1)
        ways.addWidget(self._swap)
        ways.addWidget(self._take)
        foot = QHBoxLayout()
        for button in (self._change, self._reset, self._reset_all):
            foot.addWidget(button)
        foot.addStretch(1)
        close = self._button(wording.CLOSE_DIALOG)
        close.clicked.connect(self.accept)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addWidget(self._search)
        column.addWidget(self._table, 1)
        column.addLayout(ways)
        column.addLayout(foot)
        open_at(self, WIDTH, HEIGHT)
