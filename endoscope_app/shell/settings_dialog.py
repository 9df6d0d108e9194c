"""The few settings that a reader changes."""

import msgspec
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

from endoscope_app.base.dialog_fitting import fit_height, open_at
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.base.settings import Settings, with_changes
from endoscope_app.shell import wording


class SettingsDialog(QDialog):
    """Ask with ``exec()`` or ``open()``; after acceptance ask ``applied_to``."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.SETTINGS_TITLE)
        self._theme = QComboBox(self)
        self._theme.addItem(wording.DARK, "dark")
        self._theme.addItem(wording.LIGHT, "light")
        self._theme.setAccessibleName(wording.THEME)
        self._overlay = self._check(wording.SHOW_HEAT_MAP)
        self._analyse = self._check(wording.ANALYSE_ON_OPEN)
        self._deinterlace = self._check(wording.DEINTERLACE)
        self._minimum = self._seconds(
            wording.SHORTEST_FINDING, 0.0, 10.0, wording.SHORTEST_FINDING_TIP
        )
        self._smoothing = self._seconds(wording.AVERAGING, 0.0, 5.0, wording.AVERAGING_TIP)
        self._mode = QComboBox(self)
        self._mode.setAccessibleName(wording.MODEL_SHOWN_NAME)
        for mode, text, _ in wording.READER_MODES:
            self._mode.addItem(text, mode)
        self._mode_note = _muted(self)
        self._mode.currentIndexChanged.connect(self._on_mode)
        self._kept_images = QDoubleSpinBox(self)
        self._kept_images.setRange(0.0, 10_000.0)
        self._kept_images.setDecimals(1)
        self._kept_images.setSuffix(" GB")
        self._kept_images.setAccessibleName(wording.KEPT_IMAGES_NAME)
        self._kept_images.setToolTip(plain_tip(wording.KEPT_IMAGES_TIP))
        self._step = QSpinBox(self)
        self._step.setRange(1, 1000)
        self._step.setAccessibleName(wording.RANGE_STEP_NAME)
        self._step.setToolTip(plain_tip(wording.RANGE_STEP_TIP))
        self._step.valueChanged.connect(self._on_step)
        self._thin = self._check(wording.THIN_RANGES)
        self._fill(settings)
        self._shown_at_first = self._entered(settings)
        self._lay_out()
        self._on_mode()
        self._on_step()

    def applied_to(self, settings: Settings) -> Settings:
        """``settings`` with what the reader changed here.

        What is changed elsewhere meanwhile stays.
        """
        return with_changes(settings, self._shown_at_first, self._entered(settings))

    def _entered(self, settings: Settings) -> Settings:
        """What the controls say, in ``settings``."""
        return msgspec.structs.replace(
            settings,
            theme=self._theme.currentData(),
            overlay_visible=self._overlay.isChecked(),
            analyse_on_open=self._analyse.isChecked(),
            deinterlace=self._deinterlace.isChecked(),
            minimum_finding_s=round(self._minimum.value(), 2),
            smoothing_s=round(self._smoothing.value(), 2),
            reader_mode=wording.READER_MODES[self._mode.currentIndex()][0],
            kept_pictures_gb=round(self._kept_images.value(), 1),
            range_step=self._step.value(),
            thin_ranges=self._thin.isChecked(),
        )

    def _fill(self, settings: Settings) -> None:
        self._theme.setCurrentIndex(self._theme.findData(settings.theme))
        self._overlay.setChecked(settings.overlay_visible)
        self._analyse.setChecked(settings.analyse_on_open)
        self._deinterlace.setChecked(settings.deinterlace)
        self._minimum.setValue(settings.minimum_finding_s)
        self._smoothing.setValue(settings.smoothing_s)
        self._mode.setCurrentIndex(self._mode.findData(settings.reader_mode))
        self._kept_images.setValue(settings.kept_pictures_gb)
        self._step.setValue(settings.range_step)
        self._thin.setChecked(settings.thin_ranges)

    def _on_mode(self) -> None:
        self._mode_note.setText(wording.READER_MODES[self._mode.currentIndex()][2])
        fit_height(self, may_shrink=False)

    def _on_step(self) -> None:
        self._step.setPrefix(wording.RANGE_STEP_PREFIX)
        self._step.setSuffix(wording.range_step_suffix(self._step.value()))

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
        form.addRow(wording.THEME, self._theme)
        form.addRow(self._overlay)
        form.addRow(self._analyse)
        form.addRow(self._deinterlace)
        form.addRow(wording.SHORTEST_FINDING, self._minimum)
        form.addRow(wording.AVERAGING, self._smoothing)
        note = _muted(self)
        note.setText(wording.FINDINGS_NOTE)
        form.addRow("", note)
        form.addRow(wording.MODEL_SHOWN_ROW, self._mode)
        form.addRow("", self._mode_note)
        form.addRow(wording.KEPT_IMAGES_ROW, self._kept_images)
        form.addRow(wording.RANGE_STEP_ROW, self._step)
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
        open_at(self, 560, self.sizeHint().height())


def _muted(parent: QWidget) -> QLabel:
    label = plain_label(parent=parent)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    return label
