"""What an import would do, before it does it.

Counts, what becomes of unknown classes, and whose label holds in a conflict.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import fit_height
from endoscope_app.base.plain_text import plain_label
from endoscope_app.base.running_dialog import muted
from endoscope_app.labels.exchange import import_wording
from endoscope_app.labels.exchange.import_choice import ClassChoice, ImportChoice, ImportPreview

_MOST_ROWS_SEEN = 6
MOST_LINES, _MOST_LINES_SEEN = 200, 6


class ImportDialog(QDialog):
    """``choice_changed`` asks for counts of another choice, which ``set_counts`` answers.

    ``import_requested`` is the reader's word, ``stop_requested`` that enough has been written.
    """

    choice_changed = Signal(object)  # ImportChoice
    import_requested = Signal(object)  # ImportChoice
    stop_requested = Signal()

    def __init__(self, file_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(import_wording.IMPORT_TITLE)
        self._combos: dict[str, QComboBox] = {}
        self._writes = False
        self._progress = QProgressBar(self)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(import_wording.PROGRESS)
        self._heading = plain_label(file_name, self)
        self._heading.setProperty("role", "heading")
        self._heading.setWordWrap(True)
        self._state = plain_label(import_wording.READING, self)
        self._state.setWordWrap(True)
        self._state.setAccessibleName(import_wording.IMPORT_STATE)
        self._counts = QGridLayout()
        self._counts.setHorizontalSpacing(18)
        self._counts.setVerticalSpacing(4)
        self._mine = QRadioButton(import_wording.KEEP_MINE, self)
        self._theirs = QRadioButton(import_wording.TAKE_THEIRS, self)
        self._mine.setChecked(True)
        self._theirs.toggled.connect(self._on_changed)
        self._offer = QCheckBox(self)
        self._offer.setChecked(True)
        self._offer.toggled.connect(self._on_changed)
        self._notes = muted("", import_wording.NOT_TAKEN_OVER, self)
        self._unread = QPlainTextEdit(self)
        self._unread.setReadOnly(True)
        self._unread.setTabChangesFocus(True)
        self._unread.setAccessibleName(import_wording.NOT_READ_AND_WHY)
        self._go = QPushButton(import_wording.import_button(0), self)
        self._go.setDefault(True)
        self._go.setEnabled(False)
        self._go.clicked.connect(lambda: self.import_requested.emit(self.choice))
        self._cancel = QPushButton(import_wording.CANCEL, self)
        self._cancel.setAutoDefault(False)
        self._cancel.clicked.connect(self.reject)
        self._lay_out()

    @property
    def choice(self) -> ImportChoice:
        """What the controls say now."""
        classes = {name: _chosen(combo) for name, combo in self._combos.items()}
        return ImportChoice(self._theirs.isChecked(), classes, self._offer.isChecked())

    @property
    def writes(self) -> bool:
        """Whether labels are being written in the background."""
        return self._writes

    def show_preview(self, preview: ImportPreview, sentence: str) -> None:
        """The file has been read; counts follow by ``set_counts``."""
        self.show_state(sentence)
        self._show_rest(preview)
        form = QFormLayout(self._class_rows)
        form.setContentsMargins(0, 0, 8, 0)
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(6)
        for name, labels, start in preview.unknown_classes:
            combo = QComboBox()
            combo.setAccessibleName(import_wording.fate_of_class(name))
            combo.addItem(import_wording.ADD_CLASS, "new")
            combo.addItem(import_wording.LEAVE_OUT, "leave out")
            for number, known in preview.classes:
                combo.addItem(import_wording.count_as(known), number)
            combo.setCurrentIndex(max(0, combo.findData(start)))
            combo.currentIndexChanged.connect(self._on_changed)
            caption = plain_label(f"{name}  ({labels:,})")
            form.addRow(caption, combo)
            self._combos[name] = combo
        rows = min(_MOST_ROWS_SEEN, len(self._combos))
        self._area.setFixedHeight(rows * (QComboBox().sizeHint().height() + 6) + 2)
        self._class_box.setVisible(bool(self._combos))

    def _show_rest(self, preview: ImportPreview) -> None:
        """The box for the open procedure, and what is not read."""
        self._offer.setText(preview.offer.replace("&", "&&"))
        self._offer.setChecked(preview.is_taken)
        self._offer.setVisible(bool(preview.offer))
        self._notes.setText("\n".join(preview.notes))
        self._notes.setVisible(bool(preview.notes))
        shown = list(preview.unread[:MOST_LINES])
        if preview.unread_count > len(shown):
            shown.append(import_wording.more_lines(preview.unread_count - len(shown)))
        self._unread.setPlainText("\n".join(shown))
        lines = min(_MOST_LINES_SEEN, max(2, len(shown)))
        self._unread.setFixedHeight(lines * self._unread.fontMetrics().lineSpacing() + 14)
        self._unread_box.setVisible(bool(shown))

    def set_counts(self, rows: Sequence[tuple[str, int]], conflicts: int, written: int) -> None:
        """Each kind of label in the file, with its number.

        ``written``: labels that the import would write.
        """
        while (item := self._counts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for place, (kind, number) in enumerate(rows):
            count, text = plain_label(f"{number:,}"), plain_label(kind)
            count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            text.setProperty("role", "" if number else "muted")
            self._counts.addWidget(count, place, 0)
            self._counts.addWidget(text, place, 1)
        self._counts.setColumnStretch(1, 1)
        self._conflict_box.setVisible(bool(conflicts))
        self._go.setEnabled(written > 0)
        self._go.setText(import_wording.import_button(written))
        fit_height(self, may_shrink=False)

    def show_progress(self, done: int, total: int) -> None:
        """So many labels of the file are written; nothing can be chosen any more."""
        if not self._writes:
            self._writes = True
            for widget in self._asked:
                widget.setEnabled(False)
            self._go.setEnabled(False)
            self._progress.show()
            self.show_state(import_wording.IMPORTING)
            self._cancel.setFocus()
        self._progress.setRange(0, total)
        self._progress.setValue(done)

    def show_end(self, sentence: str, problem: bool = False) -> None:
        """What was written in the background came to this."""
        self._writes = False
        self._progress.hide()
        self.show_state(sentence, problem)
        self._cancel.setText(import_wording.CLOSE)
        self._cancel.setEnabled(True)

    def reject(self) -> None:
        """Esc stops what is written before it closes."""
        if self._writes:
            self._cancel.setEnabled(False)
            self.stop_requested.emit()
        else:
            super().reject()

    def show_state(self, sentence: str, problem: bool = False) -> None:
        """A sentence above the counts; a problem leaves nothing to import."""
        self._state.setText(sentence)
        self._state.setProperty("role", "danger" if problem else "muted")
        self._state.style().polish(self._state)
        if problem:
            self._go.setEnabled(False)
            self._cancel.setText(import_wording.CLOSE)
        fit_height(self, may_shrink=False)

    def _lay_out(self) -> None:
        self._conflict_box = QWidget(self)
        row = QHBoxLayout(self._conflict_box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        row.addWidget(plain_label(import_wording.BOTH_HAVE_A_LABEL))
        row.addWidget(self._mine)
        row.addWidget(self._theirs)
        row.addStretch(1)
        self._class_rows = QWidget()
        self._area = QScrollArea()
        self._area.setWidget(self._class_rows)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._class_box = self._titled(import_wording.UNKNOWN_CLASSES, self._area)
        self._unread_box = self._titled(import_wording.NOT_READ_AND_WHY, self._unread)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(12)
        layout.addWidget(self._heading)
        layout.addWidget(self._state)
        layout.addLayout(self._counts)
        self._asked = (
            self._conflict_box,
            self._offer,
            self._class_box,
            self._notes,
            self._unread_box,
            self._progress,
        )
        for widget in self._asked:  # each only where there is something to ask or to say
            layout.addWidget(widget)
            widget.hide()
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setMinimumWidth(520)

    def _titled(self, text: str, widget: QWidget) -> QWidget:
        box = QWidget(self)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        title = plain_label(text)
        title.setProperty("role", "group")
        column.addWidget(title)
        column.addWidget(widget)
        return box

    def _on_changed(self) -> None:
        self.choice_changed.emit(self.choice)


def _chosen(combo: QComboBox) -> ClassChoice:
    data = combo.currentData()
    return "new" if data == "new" else "leave out" if data == "leave out" else int(data)
