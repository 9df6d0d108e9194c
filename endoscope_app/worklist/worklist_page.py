"""The start page: the worklist with its search, the ways to open and add, and the reader's name."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from endoscope_app.base.key_claim import CHOICE_KEYS, PRESS_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.worklist import wording
from endoscope_app.worklist.entry import STATES
from endoscope_app.worklist.entry_bar import EntryBar
from endoscope_app.worklist.queue_bar import QueueBar
from endoscope_app.worklist.worklist_table import WorklistTable
from kd_core.schema.model_card import RESEARCH_USE

LONGEST_NAME = 80
LONGEST_ON_BUTTON = 28


class WorklistPage(QWidget):
    """Shows what it is given; its parts send what the reader wishes."""

    search_changed = Signal(str)
    state_chosen = Signal(str)  # State; empty for all
    reader_named = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = WorklistTable(self)
        self.queue_bar = QueueBar(self)
        self.entry_bar = EntryBar(self)
        self.continue_button = QPushButton(wording.CONTINUE, self)
        self.video_button = QPushButton(wording.OPEN_VIDEO, self)
        self.stills_button = QPushButton(wording.OPEN_STILLS, self)
        self.folder_button = QPushButton(wording.ADD_FOLDER, self)
        self.demo_button = QPushButton(wording.DEMO, self)
        self._search = QLineEdit(self)
        self._search.setObjectName("search")
        self._search.setAccessibleName(wording.SEARCH_NAME)
        self._search.setPlaceholderText(wording.SEARCH)
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self.search_changed)
        self.state_box = QComboBox(self)
        self.state_box.setAccessibleName(wording.STATE_FILTER_NAME)
        self.state_box.addItem(wording.ALL_STATES, "")
        for state in STATES:
            self.state_box.addItem(wording.STATE_NAMES[state], state)
        self.state_box.currentIndexChanged.connect(
            lambda: self.state_chosen.emit(self.state_box.currentData())
        )
        KeyClaim(self.state_box, CHOICE_KEYS)
        self._reader = QLineEdit(self)
        self._reader.setObjectName("reader")
        self._reader.setAccessibleName(wording.READER_NAME)
        self._reader.setPlaceholderText(wording.READER_HINT)
        self._reader.setToolTip(plain_tip(wording.READER_TIP))
        self._reader.setMaxLength(LONGEST_NAME)
        self._reader.editingFinished.connect(self._on_reader)
        self._hint = plain_label(wording.EMPTY, self)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._hint.setProperty("role", "muted")
        self._known_reader = ""
        self._lay_out()
        self.show_hint(wording.EMPTY)
        self.show_continue("")
        # Space and Enter are shortcuts of the window too
        for button in self.findChildren(QPushButton):
            KeyClaim(button, PRESS_KEYS)
        for field in self.findChildren(QLineEdit):
            KeyClaim(field, (Qt.Key.Key_Return, Qt.Key.Key_Enter))
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _lay_out(self) -> None:
        title = plain_label(wording.TITLE, self)
        title.setProperty("role", "heading")
        reader = plain_label(wording.READER, self)
        reader.setBuddy(self._reader)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(title)
        head.addWidget(self._search, 3)
        head.addWidget(self.state_box)
        head.addSpacing(10)
        head.addWidget(reader)
        head.addWidget(self._reader, 1)
        ways = QHBoxLayout()
        ways.setSpacing(8)
        for button in (
            self.continue_button,
            self.video_button,
            self.stills_button,
            self.folder_button,
            self.demo_button,
        ):
            ways.addWidget(button)
        ways.addStretch(1)
        notice = plain_label(RESEARCH_USE, self)
        notice.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 4)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(ways)
        column.addWidget(self.table, 1)
        column.addWidget(self._hint, 1)
        column.addWidget(self.entry_bar)
        column.addWidget(self.queue_bar)
        column.addWidget(notice)

    def take_keyboard(self) -> None:
        """The list has it; where there is none, no field: keys are not meant as text."""
        (self if self.table.isHidden() else self.table).setFocus()

    def show_hint(self, text: str) -> None:
        """In the place of the table; empty to show that."""
        self._hint.setText(text)
        self._hint.setVisible(bool(text))
        self.table.setVisible(not text)

    def show_reader(self, name: str) -> None:
        """Who is labelling; empty where nobody has said so."""
        self._known_reader = name
        if not self._reader.hasFocus():
            self._reader.setText(name)

    def show_continue(self, name: str) -> None:
        """The procedure that was open last; empty for none."""
        self.continue_button.setEnabled(bool(name))
        short = name if len(name) <= LONGEST_ON_BUTTON else f"{name[: LONGEST_ON_BUTTON - 1]}…"
        text = wording.resume_at(short) if name else wording.CONTINUE
        self.continue_button.setText(text.replace("&", "&&"))
        self.continue_button.setToolTip(plain_tip(name or wording.NOTHING_TO_CONTINUE))

    def _on_reader(self) -> None:
        name = " ".join(self._reader.text().split())
        if name != self._known_reader:
            self._known_reader = name
            self.reader_named.emit(name)
