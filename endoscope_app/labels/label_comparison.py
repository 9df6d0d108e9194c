"""What the frame on screen is labelled: a line, and a note on how that compares with the model."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import breakable, plain_label
from endoscope_app.labels import wording
from endoscope_app.labels.wording import LabelText, ModelText

_SLACK = 4  # px beyond two lines of text: spacing, and what a bold font is taller


class LabelComparison(QWidget):
    """As high as both lines, or what is below it would jump from frame to frame; a long name of a
    class may take one more.
    """

    def __init__(self) -> None:
        super().__init__()
        self._line = wrapped_label("", wording.LINE_NAME)
        font = self._line.font()
        font.setBold(True)
        self._line.setFont(font)
        self._note = wrapped_label("muted", wording.NOTE_NAME)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 10, 0)
        column.setSpacing(2)
        column.addWidget(self._line)
        column.addWidget(self._note)
        column.addStretch(1)
        self._reserve()

    def show_labels(self, labels: Sequence[LabelText], model: ModelText) -> None:
        """See wording.label_line."""
        for label, text in (
            (self._line, wording.label_line(labels, model)),
            (self._note, wording.label_note(labels, model)),
        ):
            label.setText(breakable(text))
            label.setAccessibleDescription(text)
        # Where there is nothing to note, the line may take both
        self._note.setVisible(bool(self._note.text()))

    def text(self) -> str:
        """The line and the note, for tests and screen readers."""
        return f"{self._line.text()}\n{self._note.text()}".strip()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme may bring another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._reserve()

    def _reserve(self) -> None:
        self._line.ensurePolished()
        self.setMinimumHeight(2 * self._line.fontMetrics().height() + _SLACK)


def wrapped_label(role: str, name: str) -> QLabel:
    """A label of several lines; ``role``: for the style sheet; ``name``: for screen readers."""
    label = plain_label()
    label.setAccessibleName(name)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
