"""What the heat map shows and how: on or off, how strong, which colours, which class it
explains.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QSizePolicy, QSlider, QWidget

from endoscope_app.base.key_claim import CHOICE_KEYS, PRESS_KEYS, SLIDE_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.base.wording import percent
from endoscope_app.viewing import wording
from endoscope_app.viewing.heat_colours import COLOUR_MAPS
from endoscope_app.viewing.heat_scale import HeatScale

PREDICTED: Final = -1


class HeatMapPanel(QWidget):
    """Controls of the heat map; the setters move them without sending their signals."""

    visible_changed = Signal(bool)
    opacity_changed = Signal(float)
    colour_map_changed = Signal(str)
    contour_changed = Signal(bool)
    target_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = QCheckBox(wording.HEAT_MAP, self)
        self._shown.setChecked(True)
        self._shown.setToolTip(plain_tip(wording.HEAT_MAP_TIP))
        self._opacity = QSlider(Qt.Orientation.Horizontal, self)
        self._opacity.setRange(0, 100)
        self._opacity.setPageStep(10)
        self._opacity.setSingleStep(5)
        self._opacity.setValue(60)
        self._percent = plain_label(parent=self)
        self._colour_map = self._combo(wording.COLOURS_NAME, wording.COLOURS_TIP)
        for name in COLOUR_MAPS:
            self._colour_map.addItem(wording.COLOUR_MAP_NAMES[name], name)
        self._target = self._combo(wording.EXPLAINS_NAME, wording.EXPLAINS_TIP)
        self._contour = QCheckBox(wording.CONTOUR, self)
        self._contour.setToolTip(plain_tip(wording.CONTOUR_TIP))
        self._scale = HeatScale(COLOUR_MAPS[0])
        self._name_controls()
        self._lay_out()
        self.set_classes(())
        self._show_percent(self._opacity.value())
        self._shown.toggled.connect(self._on_toggled)
        self._opacity.valueChanged.connect(self._on_value_changed)
        self._contour.toggled.connect(self._on_contour_toggled)
        self._colour_map.currentIndexChanged.connect(self._on_colour_map_index_changed)
        self._target.currentIndexChanged.connect(self._on_target_index_changed)

    # -- values in
    # ----------------------------------------

    def set_classes(self, names: Sequence[str]) -> None:
        """The classes to choose from; the target goes back to the predicted class."""
        with QSignalBlocker(self._target):
            self._target.clear()
            self._target.addItem(wording.PREDICTED_CLASS, PREDICTED)
            for index, name in enumerate(names):
                self._target.addItem(name, index)

    def set_visible_state(self, visible: bool) -> None:
        """Show whether the heat map is on."""
        with QSignalBlocker(self._shown):
            self._shown.setChecked(visible)

    def set_opacity(self, opacity: float) -> None:
        """Show an opacity between 0 and 1."""
        with QSignalBlocker(self._opacity):
            self._opacity.setValue(round(opacity * 100))
        self._show_percent(self._opacity.value())

    def set_colour_map(self, name: str) -> None:
        """Show a colour map by name; an unknown one (an old settings file) changes nothing."""
        self._choose(self._colour_map, name)
        self._scale.show_map(str(self._colour_map.currentData()))

    def set_contour(self, contour: bool) -> None:
        """Show whether lines are drawn instead of areas."""
        with QSignalBlocker(self._contour):
            self._contour.setChecked(contour)

    def set_target(self, index: int) -> None:
        """Show the class explained; `PREDICTED` (-1) for the predicted one."""
        self._choose(self._target, index)

    # -- inside
    # ----------------------------------------

    def _combo(self, name: str, tip: str) -> QComboBox:
        combo = QComboBox(self)
        combo.setAccessibleName(name)
        combo.setToolTip(plain_tip(tip))
        # A long class name must not push the side panel wider than the image can spare.
        combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(10)
        KeyClaim(combo, CHOICE_KEYS)
        return combo

    def _name_controls(self) -> None:
        self._shown.setAccessibleName(wording.HEAT_MAP_NAME)
        self._opacity.setAccessibleName(wording.OPACITY_NAME)
        self._percent.setAccessibleName(wording.OPACITY_VALUE_NAME)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._percent.setMinimumWidth(self.fontMetrics().horizontalAdvance(percent(1.0)) + 4)
        self._contour.setAccessibleName(wording.CONTOUR_NAME)
        KeyClaim(self._contour, PRESS_KEYS)
        KeyClaim(self._shown, PRESS_KEYS)
        KeyClaim(self._opacity, SLIDE_KEYS)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 6, 8, 6)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(7)
        grid.addWidget(self._shown, 0, 0, 1, 2)
        grid.addWidget(self._contour, 0, 2)
        grid.addWidget(self._scale, 4, 1, 1, 2)
        rows: tuple[tuple[str, QWidget], ...] = (
            (wording.OPACITY, self._opacity),
            (wording.COLOURS, self._colour_map),
            (wording.EXPLAINS, self._target),
        )
        for row, (text, control) in enumerate(rows, start=1):
            label = plain_label(text, self)
            label.setProperty("role", "muted")
            label.setBuddy(control)
            grid.addWidget(label, row, 0)
            grid.addWidget(control, row, 1, 1, 1 if control is self._opacity else 2)
        grid.addWidget(self._percent, 1, 2)
        grid.setColumnStretch(1, 1)

    @staticmethod
    def _choose(combo: QComboBox, data: object) -> None:
        row = combo.findData(data)
        if row >= 0:
            with QSignalBlocker(combo):
                combo.setCurrentIndex(row)

    def _show_percent(self, value: int) -> None:
        self._percent.setText(percent(value / 100))

    def _on_toggled(self, checked: bool) -> None:
        self.visible_changed.emit(checked)

    def _on_value_changed(self, value: int) -> None:
        self._show_percent(value)
        self.opacity_changed.emit(value / 100)

    def _on_colour_map_index_changed(self, row: int) -> None:
        self._scale.show_map(str(self._colour_map.itemData(row)))
        self.colour_map_changed.emit(str(self._colour_map.itemData(row)))

    def _on_contour_toggled(self, checked: bool) -> None:
        self.contour_changed.emit(checked)

    def _on_target_index_changed(self, row: int) -> None:
        self.target_changed.emit(int(self._target.itemData(row)))
