"""What this program is, and what it is not."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label

RESEARCH_USE: Final = (
    "For research and education. Not a medical device. Not for diagnosis or treatment."
)
_PAPER: Final = (
    'After the paper <a href="https://arxiv.org/abs/2308.08731">arXiv 2308.08731</a>, in our'
    " reading of it: its authors have no part in this program."
)


class AboutDialog(QDialog):
    """A few sentences."""

    def __init__(self, version: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Endoscope App")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(10)
        layout.addWidget(self._label(f"Endoscope App {version}", "heading"))
        layout.addWidget(
            self._label(
                "Review of recorded endoscopy with a small distilled classifier that learns from"
                " its reader."
            )
        )
        layout.addWidget(self._label(RESEARCH_USE, "danger"))
        paper = self._label(_PAPER, "muted")
        paper.setTextFormat(Qt.TextFormat.RichText)
        paper.setOpenExternalLinks(True)
        paper.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        layout.addWidget(paper)
        layout.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.resize(560, 280)

    def _label(self, text: str, role: str = "") -> QLabel:
        label = plain_label(text, self)
        label.setWordWrap(True)
        if role:
            label.setProperty("role", role)
        return label
