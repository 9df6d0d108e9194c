"""The report of the open procedure: what is in it, how it looks, and where it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.report import wording
from endoscope_app.report.report_page import ReportPage
from endoscope_app.report.report_values import ReportOptions, Signature

WIDTH, HEIGHT = 900, 780
DRAFT = 0


class ReportDialog(QDialog):
    """What is asked for goes out by signals; what there is to see comes in by ``show_`` methods."""

    options_changed = Signal(object)  # ReportOptions
    version_chosen = Signal(int)  # DRAFT, or that of a signed one
    save_requested = Signal(str)  # suffix
    copy_requested = Signal()
    sign_requested = Signal()
    cancelled = Signal()  # while pictures are made

    def __init__(self, options: ReportOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.DIALOG_TITLE)
        self._running = self._busy = self._signable = False
        self._version = QComboBox(self)
        self._version.setAccessibleName(wording.VERSION)
        # Whatever those are called who signed, the dialog is no wider
        self._version.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._version.setMinimumContentsLength(24)
        self._boxes = [
            QCheckBox(text, self)
            for text in (
                wording.WITH_HEAT_MAPS,
                wording.WITH_FILE_NAME,
                wording.WITH_SINGLE_FRAMES,
            )
        ]
        chosen = (options.heat_maps, options.file_name, options.single_frames)
        for box, is_chosen in zip(self._boxes, chosen, strict=True):
            box.setChecked(is_chosen)
            box.toggled.connect(self._on_toggled)
        self._boxes[1].setToolTip(plain_tip(wording.FILE_NAME_TIP))
        self._page = ReportPage(self)
        self._progress = QProgressBar(self)
        self._progress.setAccessibleName(wording.PROGRESS)
        self._progress.setTextVisible(False)
        self._state = plain_label(parent=self)
        self._state.setWordWrap(True)
        self._state.setAccessibleName(wording.STATE)
        self._saving = [self._save_button(suffix) for suffix in wording.SAVE_AS]
        self._copy = self._button(wording.COPY)
        self._copy.clicked.connect(self.copy_requested)
        self._sign = self._button(wording.SIGN)
        self._sign.clicked.connect(self.sign_requested)
        self._close = self._button(wording.CLOSE)
        self._close.clicked.connect(self.reject)
        self._lay_out()
        self._version.currentIndexChanged.connect(self._on_version)
        self._page.setFocus()

    @property
    def options(self) -> ReportOptions:
        """What the boxes say."""
        return ReportOptions(*(box.isChecked() for box in self._boxes))

    @property
    def version(self) -> int:
        """Which version is to be seen."""
        return int(self._version.currentData())

    def show_versions(self, signed: Sequence[Signature], chosen: int = DRAFT) -> None:
        """The draft and what was signed, newest first; nobody is told of the choice."""
        self._version.blockSignals(True)
        self._version.clear()
        self._version.addItem(wording.DRAFT, DRAFT)
        for signature in signed:
            self._version.addItem(wording.version_row(signature), signature.version)
        self._version.setCurrentIndex(max(0, self._version.findData(chosen)))
        self._version.blockSignals(False)
        self._enable()

    def show_step(self, done: int, total: int) -> None:
        """A picture of so many is being made, which can be cancelled."""
        self._running = True
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        self._enable()

    def show_busy(self) -> None:
        """A file is being written: that takes a moment, and goes on where the dialog is closed."""
        self._busy = True
        self._progress.setRange(0, 0)
        self._enable()

    def show_report(self, html: str, images: Mapping[str, QImage], *, signable: bool) -> None:
        """The page; ``signable``: it is a whole draft that says something new."""
        self._signable = signable
        self._page.show_page(html, images)
        self.show_end()

    def show_end(self) -> None:
        """Nothing runs any more."""
        self._running = self._busy = False
        self._enable()

    def say(self, text: str, *, problem: bool = False) -> None:
        """The sentence under the page."""
        self._state.setText(text)
        self._state.setProperty("role", "danger" if problem else "")
        self._state.style().polish(self._state)

    def said(self) -> str:
        """What the sentence says."""
        return self._state.text()

    def reject(self) -> None:
        """Esc stops what runs before it closes."""
        if self._running:
            self.cancelled.emit()
        else:
            super().reject()

    def done(self, result: int) -> None:
        """However it is closed, nobody waits for it any more."""
        if self._running:
            self.cancelled.emit()
        super().done(result)

    def _on_toggled(self) -> None:
        self.options_changed.emit(self.options)

    def _on_version(self) -> None:
        self.version_chosen.emit(self.version)

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        return button

    def _save_button(self, suffix: str) -> QPushButton:
        button = self._button(wording.SAVE_AS[suffix])
        button.clicked.connect(lambda: self.save_requested.emit(suffix))
        return button

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self._version, 1)
        for box in self._boxes:
            head.addWidget(box)
        foot = QHBoxLayout()
        foot.setSpacing(6)
        for button in (*self._saving, self._copy):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(self._sign)
        foot.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._page, 1)
        column.addWidget(self._progress)
        column.addWidget(self._state)
        column.addLayout(foot)
        open_at(self, WIDTH, HEIGHT)

    def _enable(self) -> None:
        is_draft, idle = self.version == DRAFT, not (self._running or self._busy)
        for box in self._boxes:
            box.setEnabled(is_draft)
        for button in (*self._saving, self._copy, self._version):
            button.setEnabled(idle)
        self._sign.setEnabled(idle and is_draft and self._signable)
        self._progress.setVisible(not idle)
        self._close.setText(wording.CANCEL if self._running else wording.CLOSE)
