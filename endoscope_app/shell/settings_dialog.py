"""The few settings that a reader changes."""

from typing import Any

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import fit_height
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.base.settings import ReaderMode, Settings

READER_MODES: tuple[tuple[ReaderMode, str, str], ...] = (
    (
        "always",
        "Always shown",
        "The model's answers are on screen, on the timeline and in the lists.",
    ),
    (
        "hidden",
        "Hidden until you have answered",
        "A frame's answer shows once you have labelled it; timeline and findings stay empty.",
    ),
    (
        "on request",
        "On request only (hold M)",
        "A frame's answer shows while M is held; timeline and findings stay empty.",
    ),
)


class SettingsDialog(QDialog):
    """Ask with ``exec()`` or ``open()``; after acceptance read `changes`."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._theme = QComboBox(self)
        self._theme.addItem("Dark", "dark")
        self._theme.addItem("Light", "light")
        self._theme.setAccessibleName("Theme")
        self._overlay = self._check("Show the heat map")
        self._analyse = self._check("Analyse a procedure when it is opened")
        self._deinterlace = self._check("Deinterlace interlaced recordings")
        self._minimum = self._seconds(
            "Shortest finding",
            0.0,
            10.0,
            "Shorter runs of a class are not listed as findings. 0 lists all.",
        )
        self._smoothing = self._seconds(
            "Smoothing window",
            0.0,
            5.0,
            "Probabilities are averaged over this time before findings are made. 0 switches it"
            " off.",
        )
        self._mode = QComboBox(self)
        self._mode.setAccessibleName("When the model is shown")
        for mode, text, _ in READER_MODES:
            self._mode.addItem(text, mode)
        self._mode_note = _muted(self)
        self._mode.currentIndexChanged.connect(self._on_mode)
        self._pictures = QDoubleSpinBox(self)
        self._pictures.setRange(0.0, 10_000.0)
        self._pictures.setDecimals(1)
        self._pictures.setSuffix(" GB")
        self._pictures.setAccessibleName("Limit for pictures of labelled frames")
        self._pictures.setToolTip(
            "Labelled frames are kept as pictures, so that training works when the video is gone."
        )
        self._step = QSpinBox(self)
        self._step.setRange(1, 1000)
        self._step.setAccessibleName("Frames of a range that are trained on")
        self._step.setToolTip(
            "Neighbouring frames are nearly the same picture; 1 takes every frame of a labelled"
            " range."
        )
        self._step.valueChanged.connect(self._on_step)
        self._thin = self._check("Leave out frames that are nearly the one before")
        self._fill(settings)
        self._shown_at_first = self._said()
        self._lay_out()
        self._on_mode()
        self._on_step()

    @property
    def changes(self) -> dict[str, Any]:
        """Names of `Settings` and values of the controls that the reader changed.

        What is changed elsewhere meanwhile is not among them.
        """
        return {
            name: value
            for name, value in self._said().items()
            if value != self._shown_at_first[name]
        }

    def _said(self) -> dict[str, Any]:
        return {
            "theme": self._theme.currentData(),
            "overlay_visible": self._overlay.isChecked(),
            "analyse_on_open": self._analyse.isChecked(),
            "deinterlace": self._deinterlace.isChecked(),
            "minimum_finding_s": round(self._minimum.value(), 2),
            "smoothing_s": round(self._smoothing.value(), 2),
            "reader_mode": READER_MODES[self._mode.currentIndex()][0],
            "kept_pictures_gb": round(self._pictures.value(), 1),
            "range_step": self._step.value(),
            "thin_ranges": self._thin.isChecked(),
        }

    def _fill(self, settings: Settings) -> None:
        self._theme.setCurrentIndex(self._theme.findData(settings.theme))
        self._overlay.setChecked(settings.overlay_visible)
        self._analyse.setChecked(settings.analyse_on_open)
        self._deinterlace.setChecked(settings.deinterlace)
        self._minimum.setValue(settings.minimum_finding_s)
        self._smoothing.setValue(settings.smoothing_s)
        self._mode.setCurrentIndex(self._mode.findData(settings.reader_mode))
        self._pictures.setValue(settings.kept_pictures_gb)
        self._step.setValue(settings.range_step)
        self._thin.setChecked(settings.thin_ranges)

    def _on_mode(self) -> None:
        self._mode_note.setText(READER_MODES[self._mode.currentIndex()][2])
        fit_height(self, may_shrink=False)

    def _on_step(self) -> None:
        ends = {1: "st", 2: "nd", 3: "rd"}
        number = self._step.value()
        end = "th" if number % 100 in (11, 12, 13) else ends.get(number % 10, "th")
        self._step.setPrefix("every ")
        self._step.setSuffix(f"{end} frame")

    def _check(self, text: str) -> QCheckBox:
        box = QCheckBox(text, self)
        box.setAccessibleName(text)
        return box

    def _seconds(self, name: str, low: float, high: float, tip: str) -> QDoubleSpinBox:
        spin = QDoubleSpinBox(self)
        spin.setRange(low, high)
        spin.setDecimals(2)
        spin.setSingleStep(0.1)
        spin.setSuffix(" s")
        spin.setAccessibleName(name)
        spin.setToolTip(plain_tip(tip))
        return spin

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(10)
        form.addRow("Theme", self._theme)
        form.addRow(self._overlay)
        form.addRow(self._analyse)
        form.addRow(self._deinterlace)
        form.addRow("Shortest finding", self._minimum)
        form.addRow("Smoothing window", self._smoothing)
        note = _muted(self)
        note.setText(
            "Findings change at once; the stored probabilities stay as the model gave them."
        )
        form.addRow("", note)
        form.addRow("The model is", self._mode)
        form.addRow("", self._mode_note)
        form.addRow("Pictures of labelled frames", self._pictures)
        form.addRow("Train on ranges by", self._step)
        form.addRow(self._thin)  # its words need the whole width
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setFixedWidth(560)


def _muted(parent: QWidget) -> QLabel:
    label = plain_label(parent=parent)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    return label
