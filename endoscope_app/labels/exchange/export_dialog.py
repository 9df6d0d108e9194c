"""Where labels go: the format, how much of the library, and what may leave the house with them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import fit_height
from endoscope_app.base.plain_text import plain_label
from endoscope_app.base.running_dialog import RunningDialog, muted
from endoscope_app.labels.exchange import export_wording
from endoscope_app.labels.exchange.export_choice import ExportChoice, ExportFormat


class ExportDialog(RunningDialog):
    """``export_requested`` carries the choice; ``cancelled`` comes while it runs.

    Progress and the end come back through ``show_`` methods.
    """

    export_requested = Signal(object)  # ExportChoice

    def __init__(
        self,
        formats: Sequence[ExportFormat],
        here: int | None,
        everywhere: int,
        parent: QWidget | None = None,
    ) -> None:
        """How many labels there are to export.

        ``here``: of the open procedure, None where none is open; ``everywhere``: of the library.
        """
        super().__init__(export_wording.THE_EXPORT, export_wording.EXPORT_BUTTON, parent)
        self.setWindowTitle(export_wording.EXPORT_TITLE)
        self._formats = list(formats)
        self._format = QComboBox(self)
        self._format.setAccessibleName(export_wording.FORMAT)
        for known in self._formats:
            self._format.addItem(known.name, known.key)
        self._note = muted("", export_wording.FORMAT_NOTE, self)
        self._here = QRadioButton(export_wording.this_procedure(here), self)
        self._all = QRadioButton(export_wording.whole_library(everywhere), self)
        self._has_here = here is not None
        self._by_number = QRadioButton(export_wording.BY_NUMBER, self)
        self._by_name = QRadioButton(export_wording.BY_FILE_NAME, self)
        # radio buttons of one parent would exclude each other
        self._groups = [QButtonGroup(self), QButtonGroup(self)]
        for group, buttons in zip(
            self._groups, ((self._here, self._all), (self._by_number, self._by_name)), strict=True
        ):
            for button in buttons:
                group.addButton(button)
        (self._here if self._has_here else self._all).setChecked(True)
        self._by_number.setChecked(True)
        self._name_note = muted("", export_wording.NAME_NOTE, self)
        self._ranges = QCheckBox(export_wording.EVERY_FRAME_OF_RANGES, self)
        self._ranges.setChecked(True)
        self._image_format = QComboBox(self)
        self._image_format.setAccessibleName(export_wording.IMAGES)
        self._image_format.addItem(export_wording.PNG_IMAGES, "png")
        self._image_format.addItem(export_wording.JPEG_IMAGES, "jpeg")
        self._blank = QCheckBox(export_wording.BLANK, self)
        self._blank.setChecked(True)
        self._blank_note = muted("", export_wording.BLANK_NOTE, self)
        self._lay_out()
        self._format.currentIndexChanged.connect(self._tell)
        self._by_name.toggled.connect(self._tell)
        self._blank.toggled.connect(self._tell)
        self._go.clicked.connect(lambda: self.export_requested.emit(self.choice))
        self._tell()
        self._set_running(False)

    @property
    def choice(self) -> ExportChoice:
        """What the controls say now."""
        return ExportChoice(
            self._formats[self._format.currentIndex()].key,
            self._all.isChecked(),
            "name" if self._by_name.isChecked() else "fingerprint",
            "jpeg" if self._image_format.currentData() == "jpeg" else "png",
            self._blank.isChecked(),
            self._ranges.isChecked(),
        )

    def show_progress(self, done: int, total: int) -> None:
        """A part is done; a total of 0 means that nobody knows how much there is."""
        self._show_step(done, total, export_wording.export_step(done, total))

    def show_end(self, sentence: str, problem: bool = False) -> None:
        """It has ended, in words."""
        self._set_running(False)
        self._say(sentence, problem=problem)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(8)
        form.addRow(export_wording.FORMAT, self._format)
        form.addRow("", self._note)
        form.addRow(export_wording.LABELS, _row(self._here, self._all))
        form.addRow(export_wording.PROCEDURES, _row(self._by_number, self._by_name))
        form.addRow("", self._name_note)
        form.addRow("", self._ranges)
        self._image_label = plain_label(export_wording.IMAGES, self)
        form.addRow(self._image_label, self._image_format)
        form.addRow("", self._blank)
        form.addRow("", self._blank_note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(self._progress)
        layout.addWidget(self._state)
        layout.addLayout(self._buttons())
        self.setFixedWidth(600)

    def _tell(self) -> None:
        chosen = self._formats[self._format.currentIndex()]
        self._note.setText(chosen.note)
        self._name_note.setText(
            export_wording.PATIENTS_NAMES
            if self._by_name.isChecked()
            else export_wording.NUMBERS_ALONE
        )
        self._blank_note.setText(
            export_wording.BLANKED if self._blank.isChecked() else export_wording.NOT_BLANKED
        )
        self._image_label.setVisible(chosen.names_images)
        self._image_format.setVisible(chosen.names_images)
        self._blank.setVisible(chosen.writes_images)
        self._blank_note.setVisible(chosen.writes_images)
        self._ranges.setVisible(chosen.lists_frames)
        fit_height(self)

    def _enable(self, possible: bool) -> None:
        for widget in (
            self._format,
            self._all,
            self._by_number,
            self._by_name,
            self._image_format,
            self._blank,
            self._ranges,
        ):
            widget.setEnabled(possible)
        self._here.setEnabled(possible and self._has_here)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(18)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
