"""A day at the worklist in the real program, by keys and the mouse; prints one JSON line.

python -m tests.window.worklist_driver DATA_DIR queue|day [FOLDER OF A SECOND PATIENT]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox, QPushButton

from endoscope_app.app import App
from endoscope_app.base.paths import APP_NAME, DataDir, shipped_model
from endoscope_app.worklist.entry import Entry
from tests.present import present
from tests.window.driver import ANALYSIS_S, Reader

CONTROL, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
Key = Qt.Key
QUEUE_S = 400.0


class Worklister(Reader):
    """Knows where the worklist is seen."""

    def rows(self) -> list[list[str]]:
        """Every line as it is shown, under its heading."""
        table = self.app.window.worklist.table
        return [
            [present(top.child(place)).text(column) for column in range(5)]
            for top in (present(table.topLevelItem(at)) for at in range(table.topLevelItemCount()))
            for place in range(top.childCount())
        ]

    def headings(self) -> list[str]:
        table = self.app.window.worklist.table
        return [
            present(table.topLevelItem(place)).text(0) for place in range(table.topLevelItemCount())
        ]

    def entries(self) -> list[Entry]:
        return self.app.worklist.view.entries

    def states(self) -> list[str]:
        return [entry.state for entry in self.entries()]

    def front(self) -> None:
        self.app.window.activateWindow()
        self.until("the window in front", self.app.window.isActiveWindow)

    def click(self, button: QPushButton) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def button(self, text: str) -> QPushButton:
        buttons = self.app.window.worklist.findChildren(QPushButton)
        return next(button for button in buttons if button.text() == text)

    def field(self, name: str) -> QLineEdit:
        return present(self.app.window.worklist.findChild(QLineEdit, name))

    def opened(self, name: str) -> None:
        def is_there() -> bool:
            info = self.app.player.info
            return info is not None and info.path.name == name and self.on_screen() >= 0

        self.until(f"{name} open", is_there)

    def drop(self, *paths: Path) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        left, copy = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
        event = QDropEvent(QPointF(300, 300), copy, mime, left, PLAIN, QEvent.Type.Drop)
        self.app.window.dropEvent(event)  # sent as an event, Qt drops it where no drag came before


def empty_the_queue(reader: Worklister) -> dict[str, Any]:
    """Says each time how many are analysed: whoever listens may kill this process."""
    told = -1

    def is_done() -> bool:
        nonlocal told
        entries = reader.entries()
        now = sum(entry.state == "analysed" for entry in entries)
        if now != told and entries:
            told = now
            print(f"analysed {now}", flush=True)
        return bool(entries) and not any(entry.wanted for entry in entries)

    reader.until("an empty queue", is_done, QUEUE_S)
    bar = reader.app.window.worklist.queue_bar
    reader.until("no bar", lambda: not bar.isVisible())
    return {"rows": reader.rows(), "states": reader.states()}


def day(reader: Worklister, others: Path) -> dict[str, Any]:
    """From the start page through some procedures and back."""
    app, window, page = reader.app, reader.app.window, reader.app.window.worklist
    seen: dict[str, Any] = {}
    reader.until("the worklist", lambda: len(reader.rows()) == 40)
    seen["meter"] = window.meter.isVisible() or window.progress.isVisible()
    name_the_reader(reader)
    name_a_patient(reader)
    seen["headings"] = reader.headings()
    seen["found"] = search(reader)
    page.table.setFocus()
    names = [row[0] for row in reader.rows()]
    seen["order"] = names
    reader.key(Key.Key_Home)
    while page.table.current() is None:  # the first line is a heading
        reader.key(Key.Key_Down)
    for key in (Key.Key_1, Key.Key_X, Key.Key_Space):
        reader.key(key)
    reader.key(Key.Key_Return)
    reader.opened(names[0])
    reader.until("the procedure's page", lambda: not app.worklist.switch.is_worklist)
    seen["labels_on_worklist"] = len(app.labels.session.library.labelled_procedures())
    reader.key(Key.Key_Right)
    reader.until("the second frame", lambda: reader.on_screen() == 1)
    reader.key(Key.Key_2)
    reader.until("in review", lambda: "in review" in reader.states())
    reader.key(Key.Key_PageDown, CONTROL)
    reader.opened(names[1])
    reader.key(Key.Key_Right)
    reader.until("its second frame", lambda: reader.on_screen() == 1)
    reader.key(Key.Key_Right)
    reader.until("its third frame", lambda: reader.on_screen() == 2)
    seen["title"] = window.windowTitle()
    walk_over_the_broken_one(reader, names)
    seen["back_at"] = reader.on_screen()
    reader.key(Key.Key_Home, CONTROL)
    reader.until("the worklist again", lambda: app.worklist.switch.is_worklist)
    seen["title_of_worklist"] = window.windowTitle()
    reader.key(Key.Key_5)
    reader.key(Key.Key_Home, CONTROL)
    reader.until("the procedure again", lambda: not app.worklist.switch.is_worklist)
    reader.click(window.back_button)
    reader.until("the worklist by its button", lambda: app.worklist.switch.is_worklist)
    seen["rows"] = reader.rows()
    seen["dropped"] = drop_and_cancel(reader, others)
    seen["sorted"], seen["new"] = sort_and_filter(reader)
    seen["found_again"] = find_a_moved_one(reader, others)
    seen["after_removal"] = remove(reader, "case 1.mp4")
    seen["patients"] = sorted({one.patient for one in app.labels.session.library.procedures()})
    return seen


def name_the_reader(reader: Worklister) -> None:
    field = reader.field("reader")
    field.setFocus()
    QTest.keyClicks(field, "Dr. Work")
    reader.key(Key.Key_Return)
    library = reader.app.labels.session.library
    reader.until("the reader's name", lambda: library.reader_name() == "Dr. Work")


def name_a_patient(reader: Worklister) -> None:
    """The first two lines, chosen by keys, are of one patient."""
    table = reader.app.window.worklist.table
    table.setFocus()
    reader.key(Key.Key_Home)
    while table.current() is None:
        reader.key(Key.Key_Down)
    reader.key(Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    reader.until("two chosen lines", lambda: len(table.chosen()) == 2)
    field = reader.field("patient")
    field.setFocus()
    QTest.keyClicks(field, "P-07")
    reader.key(Key.Key_Return)
    reader.until("a patient's heading", lambda: "P-07 (2)" in reader.headings())


def search(reader: Worklister) -> list[str]:
    field = reader.field("search")
    field.setFocus()
    QTest.keyClicks(field, "17.mp4")  # a bare 17 may be of the date
    reader.until("one line", lambda: len(reader.rows()) == 1)
    found = [row[0] for row in reader.rows()]
    field.selectAll()
    reader.key(Key.Key_Delete)
    reader.until("all lines", lambda: len(reader.rows()) == 40)
    return found


def walk_over_the_broken_one(reader: Worklister, names: list[str]) -> None:
    """Ctrl+Page Down passes over it; back at the second, the frame is the one that was left."""
    broken = names.index("case 4.mp4")
    for name in names[2 : broken + 2]:
        if name == "case 4.mp4":
            continue
        reader.key(Key.Key_PageDown, CONTROL)
        reader.opened(name)
    for name in reversed(names[1 : broken + 1]):
        if name == "case 4.mp4":
            continue
        reader.key(Key.Key_PageUp, CONTROL)
        reader.opened(name)
    reader.until("the frame that was left", lambda: reader.on_screen() == 2)


def drop_and_cancel(reader: Worklister, others: Path) -> dict[str, Any]:
    """A dropped folder of separate procedures is added whole; its analysis is paused, resumed,
    cancelled.
    """
    bar = reader.app.window.worklist.queue_bar
    states: dict[str, Any] = {}
    reader.drop(others)
    joining = reader.app.worklist.joining
    reader.until("the question", lambda: joining.question is not None)
    buttons = present(joining.question).findChildren(QPushButton)
    reader.click(next(button for button in buttons if "Separate" in button.text()))
    reader.until("the answer", lambda: joining.question is None)
    reader.front()  # without a window manager nobody gives it the keys back
    reader.until("a queue", lambda: bar.isVisible())
    reader.click(reader.button("Pause"))
    reader.until("a paused queue", lambda: bar.text().startswith("Paused"))
    states["paused"] = reader.app.worklist.queue.state().paused
    reader.click(reader.button("Resume"))
    reader.until("a resumed queue", lambda: not bar.text().startswith("Paused"))
    reader.click(reader.button("Cancel"))
    reader.until("no queue", lambda: not bar.isVisible())
    states["rows"] = len(reader.rows())
    table = reader.app.window.worklist.table
    line = choose(reader, "other 0.mp4").id
    reader.click(reader.button("Analyse"))

    def entry() -> Entry:
        return next(entry for entry in reader.entries() if entry.id == line)

    reader.until("wanted again", lambda: entry().wanted or entry().state == "analysed")
    reader.until("analysed by itself", lambda: entry().state == "analysed", ANALYSIS_S)
    for name in ("other 1.mp4", "other 2.mp4"):
        choose(reader, name)
        if reader.button("Analyse").isEnabled():
            reader.click(reader.button("Analyse"))
    reader.until(
        "all of them", lambda: not any(entry.wanted for entry in reader.entries()), ANALYSIS_S
    )
    choose(reader, "other 0.mp4")
    where = table.visualItemRect(table._items[line]).topLeft() + QPoint(10, 5)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, PLAIN, where)
    reader.opened(entry().path.name)
    states["opened"] = entry().path.name
    return states


def sort_and_filter(reader: Worklister) -> tuple[list[str], list[str]]:
    """By a click on a heading; by the box of states, with keys."""
    page = reader.app.window.worklist
    reader.key(Key.Key_Home, CONTROL)
    reader.until("the worklist", lambda: reader.app.worklist.switch.is_worklist)
    header = page.table.header()
    where = QPoint(header.sectionViewportPosition(2) + 20, header.height() // 2)
    for _ in range(2):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, PLAIN, where)
    longest = [row[0] for row in reader.rows() if row[0].startswith("other")]
    page.state_box.setFocus()
    reader.key(Key.Key_Down)
    reader.until("the new ones", lambda: page.state_box.currentText() == "New")
    new = [row[0] for row in reader.rows()]
    reader.key(Key.Key_Home)
    reader.until("all of them", lambda: len(reader.rows()) == 43)
    return longest, new


def choose(reader: Worklister, name: str) -> Entry:
    """By a click on its line."""
    table = reader.app.window.worklist.table
    entry = next(entry for entry in reader.entries() if entry.path.name == name)
    item = table._items[entry.id]
    table.scrollToItem(item)
    where = table.visualItemRect(item).topLeft() + QPoint(10, 5)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, PLAIN, where)
    reader.until(f"{name} chosen", lambda: table.chosen() == [entry.id])
    return entry


def find_a_moved_one(reader: Worklister, others: Path) -> dict[str, Any]:
    """It is shown as missing; told where it lies, it keeps its line."""
    moved = others.parent / "moved.mp4"
    (others / "other 1.mp4").rename(moved)
    switch = reader.app.worklist.switch
    reader.key(Key.Key_Home, CONTROL)
    reader.until("the procedure", lambda: not switch.is_worklist)
    reader.key(Key.Key_Home, CONTROL)
    reader.until("the worklist", lambda: switch.is_worklist)

    def state() -> str:
        return next((row[4] for row in reader.rows() if row[0] == "other 1.mp4"), "")

    reader.until("a missing one", lambda: state().startswith("Missing"))
    before = choose(reader, "other 1.mp4")

    def answer() -> None:
        asking = [
            one
            for one in QApplication.topLevelWidgets()
            if isinstance(one, QFileDialog) and one.isVisible()
        ]
        if not asking:
            QTimer.singleShot(50, answer)
            return
        field = present(asking[0].findChild(QLineEdit))
        field.setText(str(moved))
        QTest.keyClick(field, Key.Key_Return)

    QTimer.singleShot(50, answer)
    reader.click(reader.button("Find…"))
    reader.front()
    reader.opened("moved.mp4")
    reader.until("its line", lambda: any(entry.path == moved for entry in reader.entries()))
    after = next(entry for entry in reader.entries() if entry.path == moved)
    return {"same_line": after.id == before.id, "rows": len(reader.entries())}


def remove(reader: Worklister, name: str) -> dict[str, Any]:
    """By Delete, after a question."""
    reader.key(Key.Key_Home, CONTROL)
    reader.until("the worklist", lambda: reader.app.worklist.switch.is_worklist)
    choose(reader, name)

    def answer() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(50, answer)
            return
        QTest.keyClick(box.button(QMessageBox.StandardButton.Yes), Key.Key_Space)

    QTimer.singleShot(50, answer)
    reader.key(Key.Key_Delete)
    reader.front()
    library = reader.app.labels.session.library
    return {
        "rows": len(reader.entries()),
        "is_there": name in [row[0] for row in reader.rows()],
        "labelled": len(library.labelled_procedures()),
    }


def main() -> int:
    data, what = Path(sys.argv[1]), sys.argv[2]
    application = QApplication([APP_NAME])
    application.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    app = App(DataDir.open(str(data)), shipped_model())
    app.start()
    reader = Worklister(app)
    reader.front()
    seen = empty_the_queue(reader) if what == "queue" else day(reader, Path(sys.argv[3]))
    reader.key(Key.Key_Q, CONTROL)
    reader.until("the window closes", lambda: not app.window.isVisible())
    app.close()
    print(json.dumps(seen | {"platform": application.platformName(), "failures": reader.failures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
