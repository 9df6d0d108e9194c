"""The small windows: shortcuts, errors, about, settings."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QTextDocument, QTextTable
from PySide6.QtWidgets import QLabel, QPushButton, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.base.fault_dialog import FaultDialog
from endoscope_app.labels.patient_wording import NOTHING_YET
from endoscope_app.labels.patients_dialog import PatientLine, PatientsDialog
from endoscope_app.models.model_dialog import ModelDialog
from endoscope_app.shell.about_dialog import AboutDialog
from endoscope_app.shell.shortcuts_dialog import ShortcutsDialog
from endoscope_app.shell.wording import NOT_FOR_CARE
from tests.present import present


def _texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel)]


def test_shortcut_sheet_holds_every_key_and_closes_with_escape(qtbot: QtBot) -> None:
    groups = [
        ("Play", [("Space", "play or pause"), ("[ ]", "slower, faster")]),
        ("View", [("H", "heat map")]),
        ("Empty", []),
    ]
    dialog = ShortcutsDialog(groups)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.isModal()
    texts = _texts(dialog)
    for title, rows in groups:
        assert title in texts
        for keys, what in rows:
            assert texts[texts.index(keys) + 1] == what
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_shortcut_sheet_without_groups(qtbot: QtBot) -> None:
    dialog = ShortcutsDialog([])
    qtbot.addWidget(dialog)
    assert _texts(dialog) == []


def test_our_failure_can_be_copied(qtbot: QtBot) -> None:
    dialog = FaultDialog("Traceback\n  ZeroDivisionError")
    qtbot.addWidget(dialog)
    dialog.show()
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Copy report")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "Traceback\n  ZeroDivisionError"
    assert button.text() == "Copied"


def test_about_says_what_it_is_not(qtbot: QtBot) -> None:
    dialog = AboutDialog("1.2.3")
    qtbot.addWidget(dialog)
    texts = _texts(dialog)
    assert any("1.2.3" in text for text in texts)
    assert (
        NOT_FOR_CARE
        == "For research and education. Not a medical device. Not for diagnosis or treatment."
    )
    assert NOT_FOR_CARE in texts
    assert any("2308.08731" in text and "our reading of it" in text for text in texts)


def test_a_model_card_is_a_page_with_tables_and_nothing_of_it_is_run_or_loaded(
    qtbot: QtBot, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    QImage(2, 2, QImage.Format.Format_RGB32).save(str(picture))
    card = (
        "# student\n\n| class | F1 |\n| --- | --- |\n| cecum | .9 |\n\n<b>bold</b>"
        f" ![]({picture.as_uri()})"
    )
    dialog = ModelDialog(card)
    qtbot.addWidget(dialog)
    page = dialog.findChild(QTextBrowser)
    assert "<b>bold</b>" in present(page).toPlainText()
    tables = [
        frame
        for frame in present(page).document().rootFrame().childFrames()
        if isinstance(frame, QTextTable)
    ]
    assert [(table.rows(), table.columns()) for table in tables] == [(2, 2)]
    assert tables[0].format().cellPadding() > 0
    shown = (
        present(page)
        .document()
        .resource(QTextDocument.ResourceType.ImageResource, QUrl(picture.as_uri()))
    )
    assert shown.size() == QSize(1, 1)
    assert not present(page).openLinks()


def test_patients_without_a_labelled_procedure_say_why_the_table_is_empty(qtbot: QtBot) -> None:
    dialog = PatientsDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    (empty,) = [label for label in dialog.findChildren(QLabel) if label.text() == NOTHING_YET]
    assert empty.isVisible()
    dialog.set_lines([PatientLine("ab" * 20, "colon 1.mp4", "videos", 3)])
    assert not empty.isVisible()
