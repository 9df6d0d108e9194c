"""Whatever a class, a file, a patient or a reader is called, every dialog and the window show the
letters and keep their size: no page, no picture, no key of a letter, no line beyond the screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QRect, QSize, Qt
from PySide6.QtGui import QAction, QScreen
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QGroupBox,
    QLabel,
    QMessageBox,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.vanished_dialog import VanishedDialog
from endoscope_app.labels.library import class_edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.models.import_preview import ImportPreview
from endoscope_app.models.signature_wording import PREVIEW_ROWS
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.every_dialog import open_every_dialog
from tests.endoscope_app.label_library import READER
from tests.endoscope_app.label_session import give, ready
from tests.model_factory import make_model_dir

ROOM, TITLE = QRect(0, 0, 911, 485), QSize(0, 28)
MARK = "P&Qmark"
#: As a page, a key of a letter, a number to be filled in, from right to left, a formula, and long.
EVIL = f"=<img src='file:///etc/passwd'>{MARK} %1 {{0}} %n \u202egnp.\N{PILE OF POO} "
LONG = EVIL + "Wwwww" * 12


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: ROOM)
    for name in ("open_file", "save_file", "folder"):
        monkeypatch.setattr(FileQuestion, name, lambda *_, **__: None)
    model = make_model_dir(tmp_path / "m")
    folder = tmp_path / LONG.replace("/", "\N{DIVISION SLASH}")[:80]
    folder.mkdir()
    clip = make_clip(folder / f"{LONG.replace('/', ' ')[:150]}.mp4", count=30)
    with running(tmp_path / "data", model, LONG[:60]) as first:
        ready(first, clip)
        first.until(first.analysed, "the analysis")
    with LabelStore(tmp_path / "data" / "labels") as library:
        for item in library.read.classes()[:3]:
            act = class_edits.rename_class(library.read, item.id, f"{item.id} {LONG}"[:120])
            library.apply(act, READER)
    with running(tmp_path / "data", model, LONG[:60]) as session:
        ready(session, clip)
        session.until(session.analysed, "the analysis")
        give(session, {3: "1", 4: "2", 9: "3"})
        entry = session.app.worklist.view.entry_at(clip)
        assert entry is not None
        session.app.worklist.flow._patients.name([entry], LONG[:60])
        yield session


def misread(root: QWidget) -> list[str]:
    """Texts below ``root`` that Qt would not show as they are written."""
    found: list[str] = []
    for widget in [root, *root.findChildren(QWidget)]:
        name = type(widget).__name__
        if isinstance(widget, QLabel):
            is_page = widget.textFormat() is not Qt.TextFormat.PlainText
            found += [f"{name}: {widget.text()}"] if is_page and "<img" in widget.text() else []
            if widget.buddy() is not None:
                found += _keys(name, widget.text())
        if isinstance(widget, QAbstractButton) and "LabelRow" not in name:  # it paints its name
            found += _keys(name, widget.text())
        if isinstance(widget, QGroupBox):
            found += _keys(name, widget.title())
        if isinstance(widget, QTabBar):
            found += [
                each for i in range(widget.count()) for each in _keys(name, widget.tabText(i))
            ]
        if "<img src='file" in widget.toolTip():
            found.append(f"tip of {name}: {widget.toolTip()}")
    return found + actions(root)


def actions(root: QObject) -> list[str]:
    return [each for action in root.findChildren(QAction) for each in _keys("menu", action.text())]


def _keys(name: str, text: str) -> list[str]:
    """A single ampersand would be left out, and the letter after it be a key."""
    return [f"key in {name}: {text}"] if MARK in text else []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_dialog_shows_the_letters_and_fits(session: Session) -> None:
    seen: set[str] = set()
    wrong: list[str] = []
    room = ROOM.size() - TITLE

    def look(dialog: QDialog) -> None:
        seen.add(type(dialog).__name__)
        wrong.extend(f"{type(dialog).__name__}: {each}" for each in misread(dialog))
        if isinstance(dialog, QMessageBox) and dialog.textFormat() is not Qt.TextFormat.PlainText:
            wrong.append(f"a question that is a page: {dialog.text()}")
        least = dialog.minimumSizeHint().expandedTo(dialog.minimumSize())
        for size in (dialog.size(), least):
            if size.boundedTo(room) != size:
                wrong.append(f"{type(dialog).__name__} is too large: {size.toTuple()}")

    open_every_dialog(session, look)
    wrong.extend(misread(session.app.window.as_widget()))
    assert wrong == []
    assert {"ClassesDialog", "ExportDialog", "PatientsDialog", "ReviewDialog"} <= seen
    assert session.app.window.minimumSizeHint().width() <= ROOM.width()


def test_dialogs_that_no_command_opens_fit_too(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: ROOM)
    place = tmp_path / LONG.replace("/", "-") / ("W" * 200)
    for dialog in (VanishedDialog(place), ImportPreview((LONG * 3,) * len(PREVIEW_ROWS))):
        qtbot.addWidget(dialog)
        dialog.show()
        assert misread(dialog) == []
        least = dialog.minimumSizeHint().expandedTo(dialog.minimumSize())
        for size in (dialog.size(), least):
            assert size.boundedTo(ROOM.size() - TITLE) == size, (dialog, size)


def test_what_the_test_looks_for_is_on_screen(session: Session) -> None:
    """Otherwise the other one could not fail."""
    texts = [
        widget.text()
        for widget in session.app.window.findChildren(QAbstractButton)
        if isinstance(widget, QAbstractButton)
    ]
    assert any("<img" in text for text in texts)
    assert MARK in session.app.window.windowTitle()
    assert QApplication.topLevelWidgets()
