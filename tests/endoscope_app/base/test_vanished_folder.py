"""A data folder that was used and is gone is asked about, and while the program runs no label is
said to be kept that is not.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app import run_window
from endoscope_app.base import known_folders
from endoscope_app.base.paths import DataDir
from endoscope_app.base.vanished_dialog import VanishedDialog
from endoscope_app.labels.library.label_store import LabelStore
from tests.endoscope_app.app_session import running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import give, go, labels, ready
from tests.model_factory import make_model_dir


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config" / "data-folders.json"
    monkeypatch.setattr(known_folders, "config_file", lambda: file)
    return file


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A data folder that a window has used, moved away."""
    root = tmp_path / "drive" / "data"
    LabelStore(DataDir.open(str(root)).labels).close()
    known_folders.remember(root)
    root.rename(tmp_path / "moved")
    return root


class Chosen:
    """What the system's dialog for folders gives."""

    def __init__(self, *answers: Path | None) -> None:
        self.answers = list(answers)

    def folder(self, *_: object) -> Path | None:
        return self.answers.pop(0)


def press(dialog: VanishedDialog, key: Qt.Key) -> None:
    """To what has the keys; the first button has them at the start."""
    target = dialog.focusWidget() or dialog.findChildren(QPushButton)[0]
    QTest.keyClick(target, key)


def dialog_of(qtbot: QtBot, root: Path, *answers: Path | None) -> VanishedDialog:
    dialog = VanishedDialog(root, Chosen(*answers))  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.findChildren(QPushButton)[0].setFocus()
    return dialog


def test_it_is_said_where_it_was_and_esc_makes_nothing(qtbot: QtBot, used: Path) -> None:
    dialog = dialog_of(qtbot, used)
    assert str(used) in dialog.said()
    press(dialog, Qt.Key.Key_Escape)
    assert dialog.folder is None
    assert not used.exists()


def test_connected_meanwhile_it_is_found_by_looking_again(
    qtbot: QtBot, used: Path, tmp_path: Path
) -> None:
    dialog = dialog_of(qtbot, used)
    press(dialog, Qt.Key.Key_Return)
    assert dialog.said().startswith("There is still nothing")
    assert dialog.isVisible()
    (tmp_path / "moved").rename(used)
    press(dialog, Qt.Key.Key_Return)
    assert dialog.folder == used


def test_another_place_is_chosen_and_kept_in_mind_until_it_is_back(
    qtbot: QtBot, used: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    dialog = dialog_of(qtbot, used, tmp_path, None, moved)
    QTest.mouseClick(dialog.findChildren(QPushButton)[1], Qt.MouseButton.LeftButton)
    assert "holds no labels" in dialog.said()
    for _ in range(2):
        QTest.mouseClick(dialog.findChildren(QPushButton)[1], Qt.MouseButton.LeftButton)
    assert dialog.folder == moved
    known_folders.remember(moved, asked_for=used)
    assert DataDir.named(str(used)).root == moved
    moved.rename(used)
    assert DataDir.named(str(used)).root == used


@pytest.mark.parametrize("make_empty", [False, True])
def test_the_window_asks_and_quits_without_making_a_folder(
    qtbot: QtBot, used: Path, make_empty: bool
) -> None:
    """An empty folder is left where a drive is not connected."""
    if make_empty:
        used.mkdir()
    seen: list[str] = []

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, VanishedDialog):
            QTimer.singleShot(20, answer)
            return
        seen.append(dialog.said())
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    QTimer.singleShot(0, answer)
    assert run_window.run_window([], demo=False, data_dir=str(used), model=None) == 0
    assert len(seen) == 1
    assert not known_folders.holds_something(used)


def test_one_that_was_never_used_is_made_without_a_question(tmp_path: Path) -> None:
    assert not known_folders.has_vanished(tmp_path / "new")


def test_a_damaged_memory_asks_nothing(used: Path, config: Path) -> None:
    config.write_bytes(b"\xff{")
    assert not known_folders.has_vanished(used)
    known_folders.remember(used)
    assert known_folders.known().used == (str(used),)


def test_gone_while_it_runs_labels_are_counted_as_not_saved_until_it_is_back(
    qtbot: QtBot, tmp_path: Path
) -> None:
    clip = make_clip(tmp_path / "a.mp4", count=30)
    data = tmp_path / "drive" / "data"
    with running(data, make_model_dir(tmp_path / "model")) as session:
        ready(session, clip)
        give(session, {3: "1"})
        data.rename(tmp_path / "away")
        give(session, {5: "2"})
        assert [label.frame_index for label in labels(session)] == [3]
        assert session.message().startswith(
            "1 label could not be saved: the data folder is not where it was."
        )
        assert not data.exists()
        (tmp_path / "away").rename(data)
        go(session, 5)
        session.press("2")
        assert [label.frame_index for label in labels(session)] == [3, 5]
    with LabelStore(data / "labels") as store:
        (procedure,) = store.read.procedures()
        assert len(store.read.frame_labels(procedure.fingerprint)) == 2
