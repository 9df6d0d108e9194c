"""The data folder is not where it was: what the reader wants to do about it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout

from endoscope_app.base import wording
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.known_folders import holds_something
from endoscope_app.base.plain_text import breakable, plain_label


class VanishedDialog(QDialog):
    """``folder`` is what was chosen: another place, the same one to begin with nothing, or None to
    quit, which is also what Esc and closing it mean.
    """

    def __init__(self, root: Path, files: FileQuestion | None = None) -> None:
        super().__init__()
        self.setWindowTitle(wording.VANISHED_TITLE)
        self.folder: Path | None = None
        self._root, self._files = root, files or FileQuestion()
        self._text = plain_label(breakable(wording.vanished(root)), self)
        self._text.setWordWrap(True)
        buttons = QHBoxLayout()
        for text, act in (
            (wording.TRY_AGAIN, self._on_again),
            (wording.CHOOSE_FOLDER, self._on_choose),
            (wording.BEGIN_EMPTY, self._on_empty),
            (wording.QUIT, self.reject),
        ):
            button = QPushButton(text, self)
            button.setAutoDefault(True)
            button.clicked.connect(act)
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(16)
        column.addWidget(self._text)
        column.addLayout(buttons)
        self.setMinimumWidth(620)

    def said(self) -> str:
        """The sentence, for tests."""
        return self._text.text().replace("\N{ZERO WIDTH SPACE}", "")

    def _on_again(self) -> None:
        if holds_something(self._root):
            self.folder = self._root
            self.accept()
        else:
            self._text.setText(breakable(wording.still_vanished(self._root)))

    def _on_choose(self) -> None:
        chosen = self._files.folder(self, wording.WHERE_IS_IT)
        if chosen is None:
            return
        if not (chosen / "labels").is_dir():
            self._text.setText(breakable(wording.no_data_folder(chosen)))
            return
        self.folder = chosen
        self.accept()

    def _on_empty(self) -> None:
        self.folder = self._root
        self.accept()
