"""What this program is, what it is not, and the facts of the model in use."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

RESEARCH_USE: Final = "For research and education. Not a medical device. Not for diagnosis or treatment."
_PAPER: Final = (
    'After the paper <a href="https://arxiv.org/abs/2308.08731">arXiv 2308.08731</a>, in our reading of it: '
    "its authors have no part in this program."
)


class AboutDialog(QDialog):
    """``model_rows`` are (name, value) pairs about the active model; none when there is no model."""

    def __init__(self, version: str, model_rows: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Endoscope App")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(10)
        layout.addWidget(self._label(f"Endoscope App {version}", "heading"))
        layout.addWidget(self._label("Review of recorded endoscopy with a small distilled classifier that learns from its reader."))
        layout.addWidget(self._label(RESEARCH_USE, "danger"))
        paper = self._label(_PAPER, "muted")
        paper.setTextFormat(Qt.TextFormat.RichText)
        paper.setOpenExternalLinks(True)
        paper.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        layout.addWidget(paper)
        layout.addSpacing(6)
        layout.addWidget(self._label("About this model", "heading"))
        layout.addWidget(self._model_table(model_rows), 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.resize(560, 480 if model_rows else 300)

    def _label(self, text: str, role: str = "") -> QLabel:
        label = QLabel(text, self)
        label.setWordWrap(True)
        if role:
            label.setProperty("role", role)
        return label

    def _model_table(self, rows: Sequence[tuple[str, str]]) -> QScrollArea:
        sheet = QWidget()
        form = QFormLayout(sheet)
        form.setContentsMargins(2, 2, 12, 2)
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(7)
        for name, value in rows or (("", "No model is loaded."),):
            left, right = self._label(name, "muted"), self._label(value)
            left.setWordWrap(False)
            right.setTextFormat(Qt.TextFormat.PlainText)
            right.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
            right.setAccessibleName(name or "Model")
            form.addRow(left, right)
        area = QScrollArea(self)
        area.setWidget(sheet)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName("About this model")
        return area
