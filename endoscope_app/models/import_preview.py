"""What a model folder says of itself, before it is imported."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.plain_text import breakable, plain_label
from endoscope_app.models import signature_wording as wording
from kd_core.schema.model_card import RESEARCH_USE

WIDTH = 620


class ImportPreview(QDialog):
    """``texts``: one for each of PREVIEW_ROWS. Enter imports, Esc does not."""

    def __init__(self, texts: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.PREVIEW_TITLE)
        self._texts = texts
        page = QWidget(self)
        form = QFormLayout(page)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(8)
        for name, text in zip(wording.PREVIEW_ROWS, texts, strict=True):
            value = plain_label(breakable(text), self)
            value.setWordWrap(True)
            value.setAccessibleName(f"{name}: {text}")
            form.addRow(name, value)
        # A card may name a thousand classes
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(page)
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
        column.addWidget(area, 1)
        column.addWidget(notice)
        column.addWidget(buttons)
        self.setMinimumWidth(520)
        wide = WIDTH - 40
        around = self.sizeHint().height() - area.sizeHint().height()
        open_at(self, WIDTH, form.totalHeightForWidth(wide) + around + 4)
        take.setDefault(True)
        take.setFocus()

    def text(self) -> str:
        """All that it says, for tests."""
        return "\n".join(self._texts)
