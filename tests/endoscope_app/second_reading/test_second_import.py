"""A second reader elsewhere sends a file: it becomes the second reading and changes nothing that
counts.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.second_reading.commands import IMPORT_SECOND
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.exchange_session import export
from tests.endoscope_app.label_session import Answers, ready
from tests.endoscope_app.second_reading.reading_session import (
    BY_FIRST,
    BY_SECOND,
    FIRST,
    SECOND,
    agreement,
    ranges_in,
    read,
)
from tests.present import present


def imported(session: Session, path: Path, name: str) -> None:
    """By the menu: the name, the file, Import."""
    flow = session.app.second_reading.imports
    flow.files = Answers(path)  # type: ignore[assignment]
    session.app.window.action(IMPORT_SECOND).trigger()
    field = present(present(flow.naming).findChild(QLineEdit))
    QTest.keyClicks(field, name)
    QTest.keyClick(field, Qt.Key.Key_Return)
    dialog = present(flow.dialog)
    button = next(one for one in dialog.findChildren(QPushButton) if one.isDefault())
    session.until(button.isEnabled, "the preview")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    session.until(lambda: flow.dialog is None, "the end of the import")


def test_a_file_of_a_second_reader_is_compared_and_changes_nothing_that_counts(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    sent = tmp_path / "sent.json"
    with running(tmp_path / "elsewhere", model, reader=SECOND) as elsewhere:
        read(ready(elsewhere, clip), BY_SECOND)
        export(elsewhere, sent, "json")
    data = tmp_path / "here"
    with running(data, model, reader=FIRST) as session:
        read(ready(session, clip), BY_FIRST)
        before = ranges_in(data / "labels")
        imported(session, sent, SECOND)
        assert "Imported as the second reading by Dr. Ben" in session.message()
        assert ranges_in(data / "labels") == before
        assert [span[:2] for span in ranges_in(data / "labels" / "second")] == [
            (first, last) for _, first, last in BY_SECOND if first != last
        ]
        assert "51 frames labelled by both, in 5 runs" in agreement(session).sentence.text()
        session.app.window.action(IMPORT_SECOND).trigger()
        assert "has a second reading already, by Dr. Ben" in session.message()
