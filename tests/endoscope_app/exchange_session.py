"""What a reader does in the windows of import and export, for the tests of both."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QPushButton,
    QRadioButton,
)

from endoscope_app.labels.commands import (
    EXPORT_LABELS,
    IMPORT_LABELS,
)
from endoscope_app.labels.exchange.export_dialog import ExportDialog
from endoscope_app.labels.exchange.import_dialog import ImportDialog
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.inner_widgets import choose_format
from tests.endoscope_app.label_session import Answers, go, in_front


def with_range(session: Session, first: int, last: int) -> None:
    for index, key in ((first, "I"), (last, "O")):
        go(session, index)
        session.press(key)
    session.press("1")


def export(session: Session, path: Path | None, key: str, *chosen: str) -> ExportDialog:
    """Choose the format and the buttons with these texts, press Export, wait for the end."""
    exporting = session.app.labels.exports
    exporting.files = Answers(path)  # type: ignore[assignment]
    session.app.window.action(EXPORT_LABELS).trigger()
    dialog = exporting.dialog
    assert dialog is not None
    choose_format(dialog, key)
    for button in dialog.findChildren(QRadioButton):
        if any(button.text().startswith(text) for text in chosen):
            button.setChecked(True)
    next(
        button for button in dialog.findChildren(QPushButton) if button.text() == "Export…"
    ).click()
    session.until(lambda: not dialog.running, "the end of the export")
    return dialog


def untick(session: Session, text: str) -> None:
    dialog = session.app.labels.exports.dialog
    assert dialog is not None
    next(box for box in dialog.findChildren(QCheckBox) if box.text() == text).setChecked(False)


def opened_import(session: Session, path: Path | None) -> ImportDialog:
    importing = session.app.labels.imports
    importing.files = Answers(path)  # type: ignore[assignment]
    session.app.window.action(IMPORT_LABELS).trigger()
    dialog = importing.dialog
    assert dialog is not None
    session.until(lambda: "Reading" not in text_of(dialog), "the preview")
    return dialog


def go_button(dialog: ImportDialog) -> QPushButton:
    return next(
        button for button in dialog.findChildren(QPushButton) if button.text().startswith("Import")
    )


def rewritten(path: Path, *pairs: tuple[str, str]) -> Path:
    text = path.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


def brought_in(session: Session, path: Path) -> str:
    """Import by keys alone; what the preview said."""
    preview = opened_import(session, path)
    text = text_of(preview)
    in_front(session, preview)
    QTest.keyClick(preview, Qt.Key.Key_Return)
    session.until(lambda: session.app.labels.imports.dialog is None, text)
    return text
