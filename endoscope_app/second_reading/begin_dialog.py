"""Who reads a second time, and what they do not see, before it begins."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import plain_label
from endoscope_app.second_reading import wording

LONGEST_NAME = 80


class BeginDialog(QDialog):
    """``begun`` carries the second reader's name and whether the model is hidden."""

    begun = Signal(str, bool)

    def __init__(
        self,
        about: str,
        why_not: Callable[[str], str],
        *,
        name: str = "",
        resumes: bool = False,
        asks_model: bool = True,
        title: str = wording.BEGIN_TITLE,
        note: str = wording.BLIND_MEANS,
        button: str = wording.BEGIN,
        parent: QWidget | None = None,
    ) -> None:
        """``about``: a sentence on the first reading; ``why_not``: why a name cannot read it, empty
        where it can; ``resumes``: the name is settled.
        """
        super().__init__(parent)
        self.setWindowTitle(title)
        self._why_not = why_not
        self._name = QLineEdit(name, self)
        self._name.setAccessibleName(wording.BEGIN_NAME)
        self._name.setPlaceholderText(wording.BEGIN_HINT)
        self._name.setMaxLength(LONGEST_NAME)
        self._name.setReadOnly(resumes)
        heading = plain_label(wording.BEGIN_NAME, self)
        heading.setBuddy(self._name)
        self._hides = QCheckBox(wording.HIDE_MODEL, self)
        self._hides.setChecked(True)
        self._hides.setVisible(asks_model)
        self._problem = plain_label("", self)
        self._problem.setProperty("role", "alarm")
        means = plain_label(note, self)
        means.setProperty("role", "muted")
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        buttons.button(standard.Ok).setText(wording.RESUME if resumes else button)
        buttons.button(standard.Cancel).setText(wording.CANCEL)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(10)
        for label in (plain_label(about, self), self._problem, means):
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.insertWidget(1, heading)
        layout.insertWidget(2, self._name)
        layout.insertWidget(3, self._hides)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self._problem.hide()
        self.setMinimumWidth(470)
        self._name.setFocus()

    def problem(self) -> str:
        """What speaks against the name that is entered; empty where nothing was said."""
        return "" if self._problem.isHidden() else self._problem.text()

    def accept(self) -> None:
        """Begin, where the name can."""
        name = " ".join(self._name.text().split())
        because = self._why_not(name) if name else wording.NAME_NEEDED
        if because:
            self._problem.setText(because)
            self._problem.show()
            self._name.setFocus()
            return
        super().accept()
        self.begun.emit(name, self._hides.isChecked())
