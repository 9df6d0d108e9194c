"""A clip that one reader has labelled, read a second time in the real window by keys."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit

from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.second_reading.adjudication_dialog import AdjudicationDialog
from endoscope_app.second_reading.agreement_dialog import AgreementDialog
from endoscope_app.second_reading.begin_dialog import BeginDialog
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.label_session import go, in_front
from tests.present import present

CONTROL = Qt.KeyboardModifier.ControlModifier
FIRST, SECOND = "Dr. Ada", "Dr. Ben"
#: Of the first and the second reader: key of the class, first and last frame.
BY_FIRST = (("1", 0, 19), ("2", 30, 49), ("2", 60, 69), ("X", 75, 75))
BY_SECOND = (("1", 0, 14), ("2", 15, 19), ("2", 30, 49), ("1", 60, 69), ("X", 75, 75))


def mark(session: Session, key: str, first: int, last: int) -> None:
    """Label a range by keys, or a frame where it is one."""
    go(session, first)
    if last > first:
        session.press("I")
        go(session, last)
        session.press("O")
    session.press(key)


def read(session: Session, labels: tuple[tuple[str, int, int], ...]) -> None:
    """As a reader does, by keys."""
    for key, first, last in labels:
        mark(session, key, first, last)


def begin_blind(session: Session, name: str, *, hides_model: bool = True) -> BeginDialog:
    """Ctrl+2, the name, Enter."""
    session.press("Ctrl+2")
    dialog = present(session.app.second_reading.blind.dialog)
    in_front(session, dialog)
    field = present(dialog.findChild(QLineEdit))
    field.clear()
    QTest.keyClicks(field, name)
    if not hides_model:
        QTest.keyClick(present(dialog.findChild(QCheckBox)), Qt.Key.Key_Space)
    QTest.keyClick(field, Qt.Key.Key_Return)
    return dialog


def is_blind(session: Session) -> bool:
    return session.app.labels.session.is_second


def finish_blind(session: Session) -> None:
    """The question is answered by the test's patch."""
    session.press("Ctrl+2")
    session.until(lambda: not is_blind(session), "the end of the second reading")


def agreement(session: Session) -> AgreementDialog:
    """Ctrl+3, once it is counted."""
    session.press("Ctrl+3")
    flow = session.app.second_reading.agreement
    session.until(lambda: flow._agreement is not None, "the agreement")
    return present(flow.dialog)


def adjudicating(session: Session) -> AdjudicationDialog:
    """Ctrl+4, once the list is there and has the keyboard."""
    session.press("Ctrl+4")
    flow = session.app.second_reading.adjudication
    session.until(lambda: flow.dialog is not None and flow.dialog.isVisible(), "the list")
    dialog = present(flow.dialog)
    in_front(session, dialog)
    dialog.table.setFocus()
    return dialog


def lines(dialog: AdjudicationDialog) -> list[tuple[str, str, str, str]]:
    """Frames, what both say, and what counts, line by line."""
    table = dialog.table
    return [
        (
            present(table.item(line, 2)).text(),
            present(table.item(line, 4)).text(),
            present(table.item(line, 5)).text(),
            present(table.item(line, 6)).text(),
        )
        for line in range(table.rowCount())
    ]


def key(session: Session, text: str) -> None:
    """A real key press in the window that is in front."""
    QTest.keyClick(present(QApplication.focusWidget()), Qt.Key(ord(text)))


def ranges_in(folder: Path) -> list[tuple[int, int, str]]:
    """First and last frame and class key of every range in a library on disk."""
    with LabelStore(folder) as store:
        return [
            (span.first_index, span.last_index, store.read.label_class(span.class_id).key)
            for procedure in store.read.procedures()
            for span in store.read.ranges(procedure.fingerprint)
        ]


def journal(folder: Path) -> list[tuple[str, str]]:
    """Reader and title of every entry."""
    with LabelStore(folder) as store:
        rows = dict.fromkeys(
            (row.sequence, row.reader, row.title) for row in store.read.journal_rows()
        )
        return [(reader, title) for _, reader, title in rows]
