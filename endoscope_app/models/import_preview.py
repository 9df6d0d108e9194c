"""What a model folder says of itself, before it is imported."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import breakable, plain_label
from endoscope_app.models import signature_wording as wording
from kd_core.schema.model_card import RESEARCH_USE


class ImportPreview(QDialog):
    """``texts``: one for each of PREVIEW_ROWS. Enter imports, Esc does not."""

    def __init__(self, texts: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.PREVIEW_TITLE)
        self._texts = texts
        form = QFormLayout()
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(8)
        for name, text in zip(wording.PREVIEW_ROWS, texts, strict=True):
            value = plain_label(breakable(text), self)
            value.setWordWrap(True)
            value.setAccessibleName(f"{name}: {text}")
            form.addRow(name, value)
        notice = plain_label(RESEARCH_USE, self)
        notice.setProperty("role", "muted")
        role = QDialogButtonBox.ButtonRole
        buttons = QDialogButtonBox(self)
        take = buttons.addButton(wording.IMPORT_NOW, role.AcceptRole)
        buttons.addButton(wording.CANCEL, role.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(14)
        column.addLayout(form)
        column.addStretch(1)
        column.addWidget(notice)
        column.addWidget(buttons)
        self.setMinimumWidth(520)
        take.setDefault(True)
        take.setFocus()

    def text(self) -> str:
        """All that it says, for tests."""
        return "\n".join(self._texts)
