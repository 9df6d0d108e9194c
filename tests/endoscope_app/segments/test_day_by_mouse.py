"""The reader's day without a key: from the worklist to a signed report, by the mouse alone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QListView,
    QMenu,
    QMessageBox,
    QPushButton,
    QWidget,
)

from tests.endoscope_app.app_session import Session, spin
from tests.endoscope_app.label_session import in_front
from tests.endoscope_app.segments.segment_session import FOUND, ORDER, panel, ranges, states
from tests.present import present

Left, Right = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def click(widget: QWidget, at: QPoint | None = None) -> None:
    QTest.mouseClick(widget, Left, pos=widget.rect().center() if at is None else at)


def press(parent: QWidget, text: str) -> None:
    """The button of this text."""
    found = [
        button
        for button in parent.findChildren(QPushButton)
        if button.text().replace("&", "") == text and button.isVisible()
    ]
    assert found, f"no button {text}"
    assert found[0].isEnabled(), text
    click(found[0])


def choose(session: Session, menu: QMenu, *texts: str) -> None:
    """An entry of an open menu, or of the one below an entry."""
    for text in texts:
        action = next(one for one in menu.actions() if one.text().replace("&", "") == text)
        at, below = menu.actionGeometry(action).center(), action.menu()
        if isinstance(below, QMenu):  # it opens where the pointer rests
            QTest.mouseMove(menu, at - QPoint(5, 0))
            QTest.mouseMove(menu, at)
            menu = below
            session.until(menu.isVisible, text)
        else:
            click(menu, at)


def from_menu_bar(session: Session, title: str, text: str) -> None:
    bar = session.app.window.menuBar()
    action = next(one for one in bar.actions() if one.text().replace("&", "") == title)
    click(bar, bar.actionGeometry(action).center())
    menu = action.menu()
    assert isinstance(menu, QMenu)
    session.until(menu.isVisible, title)
    choose(session, menu, text)


def on_segment(session: Session, place: tuple[int, int], *texts: str) -> None:
    """Right button on its row, then these entries."""
    spin(20)  # the menu before is gone
    in_front(session, session.app.window)
    listed: QListView = panel(session).list
    number = panel(session).list.rows.row_of(("segment", *place))
    index = panel(session).list.rows.index(number)
    listed.scrollTo(index)
    at = listed.visualRect(index).center()
    QTest.mouseClick(listed.viewport(), Right, pos=at)
    listed.customContextMenuRequested.emit(at)  # which the system sends for a right button
    menu = present(QApplication.activePopupWidget())
    assert isinstance(menu, QMenu)
    choose(session, menu, *texts)


def yes(session: Session) -> None:
    """To the question that comes next."""

    def look() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            click(present(box.button(QMessageBox.StandardButton.Yes)))
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)


def test_a_day_by_the_mouse_alone(session: Session, tmp_path: Path) -> None:
    app = session.app
    page, table = app.window.worklist, app.window.worklist.table
    click(app.window.back_button)
    session.until(lambda: app.worklist.switch.is_worklist, "the worklist")
    heading = present(table.topLevelItem(0))
    line = present(heading.child(0))
    where = table.visualItemRect(line).center()
    QTest.mouseClick(table.viewport(), Left, pos=where)
    QTest.mouseDClick(table.viewport(), Left, pos=where)
    session.until(lambda: not app.worklist.switch.is_worklist, "the procedure")
    assert not page.isVisible()

    on_segment(session, ORDER[0], "Accept")
    on_segment(session, ORDER[1], "Reject")
    on_segment(session, ORDER[2], "Correct to", "Ulcerative colitis")
    on_segment(session, ORDER[3], "Accept all open of this class")
    on_segment(session, ORDER[4], "Accept")
    assert list(states(session).values()).count("open") == 0
    on_segment(session, ORDER[4], "Take the decision back")
    assert states(session)[ORDER[4]] == "open"
    on_segment(session, ORDER[4], "Accept")
    assert sorted(ranges(session)) == [
        (10, 39, "polyps"),
        (50, 79, "cecum"),
        (90, 119, "bbps-2-3"),
        (170, 189, "ulcerative-colitis"),
    ]
    assert states(session)[ORDER[1]] == "rejected"
    press(panel(session), "Finish review")
    assert f"{len(FOUND)} of {len(FOUND)} decided" in panel(session)._progress.text()

    in_front(session, app.window)
    from_menu_bar(session, "File", "Report...")
    session.until(lambda: app.report.dialog is not None, "the report")
    dialog: QDialog = present(app.report.dialog)
    session.until(lambda: "draft until" in present(app.report.dialog).said(), "the draft")
    in_front(session, dialog)
    yes(session)
    press(dialog, "Sign…")
    session.until(lambda: "as it was signed" in present(app.report.dialog).said(), "signed")
    press(dialog, "Close")
    click(app.window.back_button)
    session.until(lambda: app.worklist.switch.is_worklist, "the worklist again")
    line = present(present(table.topLevelItem(0)).child(0))
    assert line.text(4) == "Signed"
