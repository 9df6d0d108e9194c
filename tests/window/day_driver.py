"""A clinician's whole day in the real program by keys alone, each key counted; prints one JSON
line.

python -m tests.window.day_driver DATA_DIR REPORT.pdf
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox, QWidget

from endoscope_app.app import App
from endoscope_app.base.paths import APP_NAME, DataDir, shipped_model
from endoscope_app.segments.class_groups import Group
from endoscope_app.segments.segment_rows import SegmentRow
from tests.present import present
from tests.window.driver import Reader

Key = Qt.Key
ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
PLAIN, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
QUEUE_S = 400.0
NAME, PATIENT, TEXT = "Dr. Day", "P-07", "flat, 6 mm"


class CountingReader(Reader):
    """``pressed``: every key since ``start_counting``, letters of texts too."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self.pressed: list[str] = []

    def press(self, widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
        self.pressed.append(QKeySequence(int(modifier.value) | int(key)).toString())
        super().press(widget, key, modifier)

    def write(self, text: str) -> None:
        for letter in text:
            self.pressed.append(letter)
            QTest.keyClicks(present(QApplication.focusWidget()), letter)

    def rows(self) -> list[SegmentRow]:
        """Segments as the list shows them."""
        listed = self.app.window.segments.list.rows.rows
        return [row for row in listed if isinstance(row, SegmentRow)]

    def states(self) -> list[str]:
        return [entry.state for entry in self.app.worklist.view.entries]

    def tab_to(self, name: str) -> QLineEdit:
        field = present(self.app.window.worklist.findChild(QLineEdit, name))
        for _ in range(30):
            if field.hasFocus():
                break
            self.key(Key.Key_Tab)
        self.until(f"the field {name}", field.hasFocus)
        return field


def morning(reader: CountingReader) -> dict[str, Any]:
    """Once: who reads, and of whom the procedure is; meanwhile the queue analyses it."""
    app, table = reader.app, reader.app.window.worklist.table
    reader.in_front(app.window)
    reader.until("a line", lambda: len(app.worklist.view.entries) == 1)
    reader.until("the list has the keyboard", table.hasFocus)
    reader.tab_to("reader")
    reader.write(NAME)
    reader.key(Key.Key_Return)
    library = app.labels.session.library
    reader.until("the reader's name", lambda: library.reader_name() == NAME)
    reader.until("the queue is through", lambda: reader.states() == ["analysed"], QUEUE_S)
    while not table.hasFocus():
        reader.key(Key.Key_Tab)
    reader.key(Key.Key_Down)
    reader.until("a chosen line", lambda: len(table.chosen()) == 1)
    reader.tab_to("patient")
    reader.write(PATIENT)
    reader.key(Key.Key_Return)
    reader.until("the patient", lambda: app.worklist.view.entries[0].patient == PATIENT)
    while not table.hasFocus():
        reader.key(Key.Key_Tab)
    return {"named_by": len(reader.pressed)}


def decide(reader: CountingReader) -> dict[str, Any]:
    """From the list to the last segment decided."""
    app = reader.app
    listed = app.window.segments.list
    reader.key(Key.Key_Return)
    reader.until("the procedure's page", lambda: not app.worklist.switch.is_worklist)
    reader.until("a classified frame", lambda: app.prediction_view.prediction is not None)
    reader.until("its segments", lambda: len(reader.rows()) > 0)
    total = len(reader.rows())
    reader.key(Key.Key_N)
    reader.until("the list has the keyboard", listed.hasFocus)
    reader.key(Key.Key_T)
    reader.write(TEXT)
    reader.key(Key.Key_Return)
    reader.until("the list again", listed.hasFocus)
    asked = pathology = 0
    while left := open_ones(reader):
        row = present(listed.current_row())
        alike = [other for other in left if other.name == row.name]
        if row.item.state != "open":
            reader.failures.append(f"no open segment with {len(left)} left")
            break
        if row.group is Group.PATHOLOGY:  # each by itself
            pathology += 1
            reader.key(Key.Key_Return)
            after = len(left) - 1
        else:
            if len(alike) > 1:
                reader.answer(QMessageBox, Key.Key_Return)
                asked += 1
            reader.key(Key.Key_Return, SHIFT)
            reader.in_front(app.window)
            after = len(left) - len(alike)
        reader.until(f"{after} left", lambda after=after: len(open_ones(reader)) == after)  # type: ignore[misc]
    return {"segments": total, "asked": asked, "pathology": pathology}


def open_ones(reader: CountingReader) -> list[SegmentRow]:
    return [row for row in reader.app.window.segments.rows if row.item.state == "open"]


def sign(reader: CountingReader, target: Path) -> dict[str, Any]:
    """Finish, sign, save, and back to the list."""
    app = reader.app
    where = app.labels.procedure.fingerprint
    store = present(app.labels.session.store)
    reader.key(Key.Key_Return, CONTROL)
    reader.until("a finished review", lambda: store.read.review(where) is not None)
    reader.key(Key.Key_R, CONTROL | SHIFT)
    reader.until("the report", lambda: app.report.dialog is not None)
    dialog = present(app.report.dialog)
    reader.in_front(dialog)
    reader.until("the draft", lambda: "draft until it is signed" in dialog.said(), QUEUE_S)
    reader.answer(QMessageBox, Key.Key_Return)
    reader.press(dialog.focusWidget(), Key.Key_S, ALT)
    reader.in_front(dialog)
    reader.until("signed", lambda: "signed" in reader.states(), QUEUE_S)
    reader.until("the frozen report", lambda: dialog.version == 1 and "as it was" in dialog.said())
    said = dialog.said()
    reader.answer(QFileDialog, Key.Key_Return)
    reader.in_front(dialog)
    reader.press(dialog.focusWidget(), Key.Key_P, ALT)
    reader.in_front(dialog)
    reader.until("the file", target.is_file)
    reader.until("it is saved", lambda: target.name in dialog.said())
    reader.press(dialog.focusWidget(), Key.Key_Escape)
    reader.until("the report is closed", lambda: app.report.dialog is None)
    reader.in_front(app.window)
    reader.key(Key.Key_Home, CONTROL)
    reader.until("the worklist", lambda: app.worklist.switch.is_worklist)
    table = app.window.worklist.table
    line = present(present(table.topLevelItem(0)).child(0))
    reader.until("signed in the list", lambda: line.text(4) == "Signed")
    return {"said": said, "line": [line.text(column) for column in range(5)]}


def main() -> int:
    data, target = Path(sys.argv[1]), Path(sys.argv[2])
    application = QApplication([APP_NAME])
    application.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    app = App(DataDir.open(str(data)), shipped_model())
    app.start()
    reader = CountingReader(app)
    seen = morning(reader)
    reader.pressed.clear()
    seen |= decide(reader)
    seen |= sign(reader, target)
    seen["pressed"] = list(reader.pressed)
    reader.key(Key.Key_Q, CONTROL)
    reader.until("the window closes", lambda: not app.window.isVisible())
    app.close()
    print(json.dumps(seen | {"platform": application.platformName(), "failures": reader.failures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
