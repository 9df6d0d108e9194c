"""The dialog of an export: its keys, what it says of each format, ranges, and how it is stopped."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QWidget,
)
from pytestqt.qtbot import QtBot

from endoscope_app.labels.commands import (
    EXPORT_LABELS,
)
from endoscope_app.labels.exchange.export_choice import ExportChoice
from endoscope_app.labels.exchange.export_work import ExportWork
from endoscope_app.labels.library.frame_pngs import FramePngs
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.inner_widgets import choose_format
from tests.endoscope_app.label_session import Answers, give, go, in_front, labels, ready


def test_closing_the_program_stops_an_export(
    qtbot: QtBot, tmp_path: Path, model: Path, clips: Path
) -> None:
    with running(tmp_path / "data", model) as session:
        ready(session, clips / "other.mp4")
        give(session, {3: "1"})
        exporting = session.app.labels.exports
        exporting.files = Answers(tmp_path / "folders")  # type: ignore[assignment]
        session.app.window.action(EXPORT_LABELS).trigger()
        dialog = exporting.dialog
        assert dialog is not None
        choose_format(dialog, "class folders")
        dialog.export_requested.emit(dialog.choice)
    assert exporting._stop.is_set()


def test_after_a_file_dialog_the_keys_belong_to_the_export(session: Session) -> None:
    """A typed name or a digit after the system's dialog labelled frames in the main window."""
    give(session, {3: "1"})
    go(session, 9)
    before = labels(session)
    session.app.window.action(EXPORT_LABELS).trigger()
    dialog = session.app.labels.exports.dialog
    assert dialog is not None
    in_front(session, dialog)
    seen: list[QWidget | None] = []

    def give_up() -> None:
        asked = QApplication.activeModalWidget()
        assert isinstance(asked, QFileDialog)
        seen.append(asked.parentWidget())
        asked.reject()

    QTimer.singleShot(
        0,
        lambda: (
            session.until(lambda: QApplication.activeModalWidget() is not None, "the file dialog")
            or give_up()
        ),
    )
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert seen == [dialog]
    session.until(lambda: QApplication.activeWindow() is dialog, "the export in front again")
    focus = QApplication.focusWidget() or dialog
    assert dialog is focus or dialog.isAncestorOf(focus)
    for key in ("3", "1", "X"):
        QTest.keyClick(focus, key)  # type: ignore[call-overload]
    assert labels(session) == before


def test_the_dialog_says_which_program_each_format_is_for(session: Session) -> None:
    give(session, {3: "1"})
    session.app.window.action(EXPORT_LABELS).trigger()
    dialog = session.app.labels.exports.dialog
    assert dialog is not None
    box = next(box for box in dialog.findChildren(QComboBox) if box.accessibleName() == "Format")
    programs = (
        "this program",
        "Excel",
        "PyTorch",
        "FiftyOne",
        "CVAT: a file per procedure",
        "Label Studio: labelled frames",
    )
    in_front(session, dialog)
    box.setFocus()
    for program in programs:
        note = next(
            label
            for label in dialog.findChildren(QLabel)
            if label.accessibleName() == "What the format leaves out"
        )
        assert program in note.text()
        QTest.keyClick(box, Qt.Key.Key_Down)


def test_an_export_that_is_cancelled_while_recordings_are_opened_writes_nothing(
    session: Session, tmp_path: Path
) -> None:
    give(session, {3: "1"})
    choice = ExportChoice("csv", True, "fingerprint", "png", True)
    library = tmp_path / "data" / "labels"
    work = ExportWork(
        library, choice, tmp_path / "out.csv", "", FramePngs(library / "frames", 0), True
    )
    assert work.run(lambda done, total: None, lambda: True) == "Stopped. Nothing was written."
    assert not (tmp_path / "out.csv").exists()
    assert (
        work.run(lambda done, total: None, lambda: False)
        == "1 label of 1 procedure went to out.csv."
    )
