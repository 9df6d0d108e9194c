"""The few settings that a reader changes."""

from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QDoubleSpinBox, QFormLayout, QLabel, QVBoxLayout, QWidget


@dataclass(frozen=True)
class SettingsValues:
    """What the dialog takes and gives back."""

    theme: str = "dark"
    overlay_on: bool = True
    deinterlace: bool = True
    minimum_finding_s: float = 0.5
    smoothing_window_s: float = 0.4


class SettingsDialog(QDialog):
    """Ask with ``exec()`` or ``open()``; after acceptance read `values`."""

    def __init__(self, values: SettingsValues, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._theme = QComboBox(self)
        self._theme.addItem("Dark", "dark")
        self._theme.addItem("Light", "light")
        self._theme.setAccessibleName("Theme")
        self._overlay = self._check("Show the heat map when a recording is opened")
        self._deinterlace = self._check("Deinterlace interlaced recordings")
        self._minimum = self._seconds("Shortest finding", 0.0, 10.0, "Shorter runs of a class are not listed as findings. 0 lists all.")
        self._smoothing = self._seconds(
            "Smoothing window", 0.0, 5.0, "Probabilities are averaged over this time before findings are made. 0 switches it off."
        )
        self._fill(values)
        self._lay_out()

    @property
    def values(self) -> SettingsValues:
        """What the controls say now."""
        return SettingsValues(
            theme=str(self._theme.currentData()),
            overlay_on=self._overlay.isChecked(),
            deinterlace=self._deinterlace.isChecked(),
            minimum_finding_s=round(self._minimum.value(), 2),
            smoothing_window_s=round(self._smoothing.value(), 2),
        )

    def _fill(self, values: SettingsValues) -> None:
        self._theme.setCurrentIndex(max(0, self._theme.findData(values.theme)))
        self._overlay.setChecked(values.overlay_on)
        self._deinterlace.setChecked(values.deinterlace)
        self._minimum.setValue(values.minimum_finding_s)
        self._smoothing.setValue(values.smoothing_window_s)

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
        spin.setToolTip(tip)
        return spin

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(10)
        form.addRow("Theme", self._theme)
        form.addRow(self._overlay)
        form.addRow(self._deinterlace)
        form.addRow("Shortest finding", self._minimum)
        form.addRow("Smoothing window", self._smoothing)
        note = QLabel("Findings change at once; the stored probabilities stay as the model gave them.", self)
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(note)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setMinimumWidth(420)
