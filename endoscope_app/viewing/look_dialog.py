"""Sliders for how the picture looks on the screen; it stays open beside the work."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from endoscope_app.base.key_claim import LABELS_GO_ON
from endoscope_app.base.plain_text import plain_label
from endoscope_app.viewing import wording
from endoscope_app.viewing.picture_look import PictureLook


class LookDialog(QDialog):
    """``changed`` with every move of a slider."""

    changed = Signal(object)  # PictureLook

    def __init__(self, look: PictureLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.LOOK_TITLE)
        self.setModal(False)
        self.setProperty(LABELS_GO_ON, True)
        self._sliders = {
            "brightness": self._slider(wording.BRIGHTNESS, -100),
            "contrast": self._slider(wording.CONTRAST, -100),
            "gamma": self._slider(wording.GAMMA, -100),
            "sharpness": self._slider(wording.SHARPNESS, 0),
        }
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        for slider in self._sliders.values():
            form.addRow(slider.accessibleName(), slider)
        note = plain_label(wording.LOOK_NOTE, self)
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        reset = QPushButton(wording.LOOK_RESET, self)
        reset.setAutoDefault(False)
        reset.clicked.connect(lambda: self.show_look(PictureLook()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(note)
        layout.addWidget(reset, 0, Qt.AlignmentFlag.AlignRight)
        self.setMinimumWidth(380)
        self.show_look(look)
        for slider in self._sliders.values():
            slider.valueChanged.connect(self._on_value_changed)

    def show_look(self, look: PictureLook) -> None:
        """Move the sliders there."""
        for name, slider in self._sliders.items():
            slider.setValue(round(100 * getattr(look, name)))

    def _slider(self, name: str, least: int) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(least, 100)
        slider.setPageStep(20)
        slider.setSingleStep(5)
        slider.setAccessibleName(name)
        return slider

    def _on_value_changed(self) -> None:
        values = {name: slider.value() / 100 for name, slider in self._sliders.items()}
        self.changed.emit(PictureLook(**values))
