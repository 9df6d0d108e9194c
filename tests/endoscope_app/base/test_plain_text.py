"""Names that look like a page are shown as they are written, wherever they appear, and what
they point to is not loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.base.plain_text import ask, plain_label, plain_tip
from endoscope_app.labels.commands import CLASSES, EXPORT_LABELS, REVIEW_LIST, STATISTICS
from endoscope_app.labels.library import class_edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.models.commands import MODELS
from endoscope_app.retraining.commands import RETRAIN
from endoscope_app.shell.commands import ABOUT, SHORTCUTS
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_library import READER
from tests.endoscope_app.label_session import give, ready
from tests.model_factory import make_model_dir

EVIL = "<img src='{picture}' width=400 height=400>"


@pytest.fixture
def name(tmp_path: Path) -> str:
    """A class name that would show a picture of 400 by 400."""
    picture = tmp_path / "p.png"
    QImage(400, 400, QImage.Format.Format_RGB32).save(str(picture))
    return EVIL.format(picture=picture.as_uri())


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, name: str) -> Iterator[Session]:
    """A library whose first class has that name; the recording has one of the same kind."""
    model, clip = make_model_dir(tmp_path / "m"), make_clip(tmp_path / "<b>Müller<b>.mp4", count=20)
    with running(tmp_path / "data", model) as first:
        ready(first, clip)
    with LabelStore(tmp_path / "data" / "labels") as library:
        library.apply(
            class_edits.rename_class(library.read, library.read.classes()[0].id, name), READER
        )
    with running(tmp_path / "data", model) as session:
        yield ready(session, clip)


def interpreted() -> list[str]:
    """Labels on screen that would take their text for a page, and tips that would."""
    widgets = [widget for widget in QApplication.allWidgets() if isinstance(widget, QWidget)]
    labels = [
        widget.text()
        for widget in widgets
        if isinstance(widget, QLabel) and widget.textFormat() is not Qt.TextFormat.PlainText
    ]
    tips = [widget.toolTip() for widget in widgets if "<img" in widget.toolTip()]
    return [text for text in (*labels, *tips) if "<img" in text or "<b>" in text]


def test_a_class_of_that_name_is_written_out_in_every_window(session: Session, name: str) -> None:
    give(session, {3: "1"})
    for command in (
        CLASSES,
        REVIEW_LIST,
        STATISTICS,
        RETRAIN,
        MODELS,
        EXPORT_LABELS,
        ABOUT,
        SHORTCUTS,
    ):
        session.app.window.action(command).trigger()
        spin(20)
    assert len([widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]) > 5
    assert interpreted() == []


def test_a_label_shows_the_letters(qtbot: QtBot, name: str) -> None:
    label = plain_label(name)
    qtbot.addWidget(label)
    assert label.text() == name
    assert label.sizeHint().height() < 100


def test_a_tip_shows_the_letters_and_an_ordinary_one_stays_as_it_is(
    qtbot: QtBot, name: str
) -> None:
    assert plain_tip("1 of 2") == "1 of 2"
    document = QTextDocument()
    document.setHtml(plain_tip(f"{name}\nsecond & last"))
    assert document.toPlainText() == f"{name}\nsecond & last"


@pytest.mark.parametrize(("key", "answer"), [(Qt.Key.Key_Y, True), (Qt.Key.Key_Escape, False)])
def test_a_question_shows_the_letters_and_esc_is_no(
    qtbot: QtBot, name: str, key: Qt.Key, answer: bool
) -> None:
    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append((box.textFormat(), box.text()))
        if answer:
            box.button(QMessageBox.StandardButton.Yes).click()
        else:
            qtbot.keyClick(box, key)

    seen: list[tuple[Qt.TextFormat, str]] = []
    parent = QWidget()
    qtbot.addWidget(parent)
    QTimer.singleShot(0, press)
    assert ask(parent, "Delete", name) is answer
    assert seen == [(Qt.TextFormat.PlainText, name)]
