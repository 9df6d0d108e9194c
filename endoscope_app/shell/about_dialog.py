"""What this program is, and what it is not."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.plain_text import plain_label
from endoscope_app.shell import wording


class AboutDialog(QDialog):
    """A few sentences."""

    def __init__(self, version: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.ABOUT_TITLE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(10)
        layout.addWidget(self._label(wording.heading(version), "heading"))
        layout.addWidget(self._label(wording.PURPOSE))
        layout.addWidget(self._label(wording.NOT_FOR_CARE, "danger"))
        paper = self._label(wording.PAPER, "muted")
        paper.setTextFormat(Qt.TextFormat.RichText)
        paper.setOpenExternalLinks(True)
        paper.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        layout.addWidget(paper)
        layout.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        open_at(self, 560, 280)

    def _label(self, text: str, role: str = "") -> QLabel:
        label = plain_label(text, self)
        label.setWordWrap(True)
        if role:
            label.setProperty("role", role)
        return label
