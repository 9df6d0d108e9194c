"""The frame on screen on its way out: how it will look, saved or copied."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import room_for
from endoscope_app.base.plain_text import plain_label
from endoscope_app.report import wording

PREVIEW_WIDTH, PREVIEW_HEIGHT, LEAST_PREVIEW = 560, 400, 160
BELOW_PREVIEW = 190  # boxes, sentence and buttons


class FrameDialog(QDialog):
    """``changed``: the picture is to be made anew, as the boxes say."""

    changed = Signal()
    save_requested = Signal()
    copy_requested = Signal()

    def __init__(
        self, *, has_heat_map: bool, heat_map: bool, parent: QWidget | None = None
    ) -> None:
        """``has_heat_map``: there is one to be laid over; ``heat_map``: it is, to begin with."""
        super().__init__(parent)
        self.setWindowTitle(wording.FRAME_TITLE)
        self._picture = plain_label(parent=self)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setFixedSize(_preview_size(self))
        self._picture.setAccessibleName(wording.FRAME_PREVIEW)
        self._heat_map = QCheckBox(wording.WITH_HEAT_MAP, self)
        self._heat_map.setEnabled(has_heat_map)
        self._heat_map.setChecked(has_heat_map and heat_map)
        self._masked = QCheckBox(wording.MASKED, self)
        self._masked.setChecked(True)
        for box in (self._heat_map, self._masked):
            box.toggled.connect(self.changed)
        self._state = plain_label(wording.LOOK_AT_IT, self)
        self._state.setWordWrap(True)
        self._state.setAccessibleName(wording.FRAME_STATE)
        self._save = QPushButton(wording.SAVE_FRAME, self)
        self._save.setDefault(True)
        self._save.clicked.connect(self.save_requested)
        self._copy = QPushButton(wording.COPY_FRAME, self)
        self._copy.clicked.connect(self.copy_requested)
        close = QPushButton(wording.CLOSE, self)
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (self._save, self._copy, close):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        for widget in (self._picture, self._heat_map, self._masked, self._state):
            column.addWidget(widget)
        column.addLayout(row)
        self._enable(False)

    @property
    def heat_map(self) -> bool:
        """Whether the heat map is to be laid over it."""
        return self._heat_map.isChecked()

    @property
    def masked(self) -> bool:
        """Whether what identifies the patient is to be blanked."""
        return self._masked.isChecked()

    def show_picture(self, image: QImage) -> None:
        """As it will be saved; nothing can be saved before it is shown."""
        size = self._picture.size()
        pixmap = QPixmap.fromImage(image).scaled(
            size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        self._picture.setPixmap(pixmap)
        self._enable(True)

    def show_waiting(self) -> None:
        """The picture is being made."""
        self._enable(False)

    def say(self, text: str, *, problem: bool = False) -> None:
        """The sentence above the buttons."""
        self._state.setText(text)
        self._state.setProperty("role", "danger" if problem else "")
        self._state.style().polish(self._state)

    def said(self) -> str:
        """What it says."""
        return self._state.text()

    def _enable(self, possible: bool) -> None:
        self._save.setEnabled(possible)
        self._copy.setEnabled(possible)


def _preview_size(dialog: QDialog) -> QSize:
    """Of the picture, so that boxes and buttons below it stay on the screen too."""
    room = room_for(dialog)
    return QSize(
        min(PREVIEW_WIDTH, room.width() - 32),
        max(LEAST_PREVIEW, min(PREVIEW_HEIGHT, room.height() - BELOW_PREVIEW)),
    )
