"""No dialog is larger than its screen, whatever command opens it: 1366 x 768 with a task bar and a
scale of 1.5.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from endoscope_app.base.dialog_fitting import open_at, room_for
from endoscope_app.base.file_question import FileQuestion
from tests.endoscope_app.app_session import running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.every_dialog import open_every_dialog
from tests.model_factory import make_model_dir

#: Logical pixels, and those that the window manager takes for a title
ROOM, TITLE = QRect(0, 0, 911, 485), QSize(0, 28)


def test_a_dialog_is_as_large_as_asked_where_there_is_room(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    for room, size in ((QRect(0, 0, 1920, 1080), (900, 600)), (ROOM, (891, 425))):
        monkeypatch.setattr(QScreen, "availableGeometry", lambda _, room=room: room)
        open_at(dialog, 900, 600)
        assert dialog.size().toTuple() == size
    assert room_for(dialog).toTuple() == (891, 425)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_dialog_is_larger_than_a_small_screen(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: ROOM)
    for name in ("open_file", "save_file", "folder"):
        monkeypatch.setattr(FileQuestion, name, lambda *_, **__: None)
    seen: dict[str, list[QSize]] = {}
    with running(tmp_path / "data", make_model_dir(tmp_path / "model")) as session:
        session.open(make_clip(tmp_path / "clip.mp4", count=30))
        session.until(session.analysed, "analysed")
        session.press("Ctrl+D")  # a bookmark, which can be saved
        open_every_dialog(session, partial(_note_sizes, seen))
    room = ROOM.size() - TITLE
    assert {
        name: [size.toTuple() for size in sizes]
        for name, sizes in seen.items()
        if any(size.boundedTo(room) != size for size in sizes)
    } == {}
    assert {"ShortcutsDialog", "ExplainDialog", "ModelsDialog", "TrainingDialog"} <= set(seen)


def _note_sizes(seen: dict[str, list[QSize]], dialog: QDialog) -> None:
    """The size that it has, and the least it can have."""
    least = dialog.minimumSizeHint().expandedTo(dialog.minimumSize())
    seen[type(dialog).__name__] = [dialog.size(), least]
