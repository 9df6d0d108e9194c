"""Where labels go: the format, how much of the library, and what may leave the house with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

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

PATIENTS_NAMES = (
    "File names of recordings often carry a patient's name: with them, this export is patient data."
)
FINGERPRINTS = (
    "Recordings are named by a number made from their content, which says nothing about a patient."
)
BURNT_IN = (
    "Text beside and at the edge of the view is blanked; text inside it stays, so look at the"
    " images before you pass them on."
)
NOT_BLANKED = "Names and dates that the recorder wrote into the image stay readable."


@dataclass(frozen=True)
class ExportFormat:
    """``key`` is what the choice says; ``note`` which program it is for and what it leaves out.

    It may write images of frames, name the files of images, list frames alone, so that a range is
    all its frames, or be several files in a folder.
    """

    key: str
    name: str
    note: str
    writes_images: bool = False
    names_images: bool = False
    lists_frames: bool = False
    is_folder: bool = False


@dataclass(frozen=True)
class ExportChoice:
    """What the reader chose."""

    format: str
    whole_library: bool
    name_by: Literal["name", "fingerprint"]
    picture: Literal["png", "jpeg"]
    blank_identity: bool
    range_frames: bool = True


class ExportDialog(RunningDialog):
    """``export_requested`` carries the choice; progress and the end come back through ``show_``
    methods; ``cancelled`` while it runs.
    """

    export_requested = Signal(object)  # ExportChoice

    def __init__(
        self,
        formats: Sequence[ExportFormat],
        here: int | None,
        everywhere: int,
        parent: QWidget | None = None,
    ) -> None:
        """``here``: labels of the open procedure, None where none is open; ``everywhere``:
        labels of the whole library.
        """
        super().__init__("the export", "Export…", parent)
        self.setWindowTitle("Export labels")
        self._formats = list(formats)
        self._format = QComboBox(self)
        self._format.setAccessibleName("Format")
        for one in self._formats:
            self._format.addItem(one.name, one.key)
        self._note = muted("", "What the format leaves out", self)
        self._here = QRadioButton(
            "This procedure" if here is None else f"This procedure ({here:,} labels)", self
        )
        self._all = QRadioButton(f"The whole library ({everywhere:,} labels)", self)
        self._has_here = here is not None
        self._by_number = QRadioButton("By a number", self)
        self._by_name = QRadioButton("By file name", self)
        # radio buttons of one parent would exclude each other
        self._groups = [QButtonGroup(self), QButtonGroup(self)]
        for group, buttons in zip(
            self._groups, ((self._here, self._all), (self._by_number, self._by_name)), strict=True
        ):
            for button in buttons:
                group.addButton(button)
        (self._here if self._has_here else self._all).setChecked(True)
        self._by_number.setChecked(True)
        self._name_note = muted("", "What file names may tell", self)
        self._ranges = QCheckBox(
            "Every frame of ranges, not only frames with a label of their own", self
        )
        self._ranges.setChecked(True)
        self._picture = QComboBox(self)
        self._picture.setAccessibleName("Images")
        self._picture.addItem("PNG, every pixel as it was", "png")
        self._picture.addItem("JPEG, a tenth of the size", "jpeg")
        self._blank = QCheckBox("Blank what may identify a patient", self)
        self._blank.setChecked(True)
        self._blank_note = muted("", "What is blanked", self)
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
            str(self._format.currentData()),
            self._all.isChecked(),
            "name" if self._by_name.isChecked() else "fingerprint",
            "jpeg" if self._picture.currentData() == "jpeg" else "png",
            self._blank.isChecked(),
            self._ranges.isChecked(),
        )

    def show_progress(self, done: int, total: int) -> None:
        """A part is done; a total of 0 means that nobody knows how much there is."""
        self._show_step(done, total, f"Image {done:,} of {total:,}" if total else "Writing…")

    def show_end(self, sentence: str, problem: bool = False) -> None:
        """It has ended, in words."""
        self._set_running(False)
        self._say(sentence, problem=problem)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(8)
        form.addRow("Format", self._format)
        form.addRow("", self._note)
        form.addRow("Labels", _row(self._here, self._all))
        form.addRow("Recordings", _row(self._by_number, self._by_name))
        form.addRow("", self._name_note)
        form.addRow("", self._ranges)
        self._picture_label = plain_label("Images", self)
        form.addRow(self._picture_label, self._picture)
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
        self._name_note.setText(PATIENTS_NAMES if self._by_name.isChecked() else FINGERPRINTS)
        self._blank_note.setText(BURNT_IN if self._blank.isChecked() else NOT_BLANKED)
        self._picture_label.setVisible(chosen.names_images)
        self._picture.setVisible(chosen.names_images)
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
            self._picture,
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
