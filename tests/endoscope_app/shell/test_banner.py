"""The banner: what is being lost stands before what is merely so, and before what has just
happened.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from endoscope_app.shell.main_window import MainWindow
from tests.endoscope_app.app_session import running, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import labels, ready, type_keys
from tests.model_factory import make_model_dir
from tests.present import present


def test_an_urgent_message_comes_first_looks_otherwise_and_goes_alone(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.banner.show_message("Undone.")
    window.banner.show_standing_message("Read only.")
    window.banner.show_standing_message("Lost: 3 labels.", urgent=True)
    assert window.banner.label.text() == "Lost: 3 labels. Read only. Undone."
    assert window.banner.label.property("role") == "alarm"
    window.banner.show_message("Opened.")
    assert window.banner.label.text() == "Lost: 3 labels. Read only. Opened."
    window.banner.withdraw_message("Lost: 3 labels.")
    assert window.banner.label.text() == "Read only. Opened."
    assert window.banner.label.property("role") == "muted"


def test_a_message_is_never_read_as_markup(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    window.banner.show_message("<b>name</b>.mp4")
    plain = window.banner.label.sizeHint().width()
    window.banner.show_message("name.mp4")
    assert plain > window.banner.label.sizeHint().width()


def test_a_remark_goes_by_itself_and_with_the_next_act(qtbot: QtBot, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "procedure.mp4", count=10)
    with running(tmp_path / "data", make_model_dir(tmp_path / "m")) as session:
        ready(session, clip)
        window = session.app.window
        window.banner.show_message("Two images were skipped.")
        type_keys(session, "1")
        assert session.message() == "Two images were skipped.", "a label takes no news away"
        type_keys(session, "9")
        assert session.message() == "There is no class on the key 9."
        type_keys(session, "2")
        assert session.message() == ""
        type_keys(session, "9")
        window.banner._remark_end.setInterval(1)
        window.banner._remark_end.start()
        session.until(lambda: session.message() == "", "the remark is gone")


def test_a_message_lies_over_the_picture_moves_nothing_and_takes_back_what_it_tells_of(
    qtbot: QtBot,
) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.pages.setCurrentIndex(1)
    window.resize(1100, 700)
    window.show()
    qtbot.waitExposed(window)
    toast, places = window.banner.toast, _places(window)
    window.banner.show_standing_message("Read only.")
    undone: list[bool] = []
    window.banner.show_message("Removed: 3 labels.", undo=lambda: undone.append(True))
    spin(20)
    assert _places(window) == places
    assert toast.text() == "Removed: 3 labels."
    picture = QRect(window.frame_view.mapTo(window, QPoint(0, 0)), window.frame_view.size())
    assert picture.contains(toast.geometry())
    undo = next(button for button in toast.findChildren(QPushButton) if button.text() == "Undo")
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert undone == [True]
    assert toast.text() == "", "what was taken back is told of no more"
    window.banner.show_message("Opened.")
    assert not undo.isVisible(), "there is nothing to undo"
    toast.timer.setInterval(1)
    toast.timer.start()
    qtbot.waitUntil(lambda: toast.text() == "")
    assert window.banner.label.text() == "Read only. Opened.", "the fixed line keeps it"
    QTest.mouseClick(window.banner.label, Qt.MouseButton.LeftButton)
    assert toast.text() == "Read only. Opened.", "and shows it whole when it is asked"
    QTest.mouseClick(present(toast.findChild(QToolButton)), Qt.MouseButton.LeftButton)
    assert toast.text() == ""
    assert _places(window) == places


def _places(window: MainWindow) -> list[QRect]:
    """Where the picture and all beside it stand."""
    widgets = (window.frame_view, window.transport, window.timeline, window.label_panel)
    return [QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size()) for widget in widgets]


def test_a_label_is_taken_back_by_the_button_over_the_picture(qtbot: QtBot, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "procedure.mp4", count=10)
    with running(tmp_path / "data", make_model_dir(tmp_path / "m")) as session:
        ready(session, clip)
        view = session.app.window.frame_view
        type_keys(session, "1")
        assert len(labels(session)) == 1
        undo = next(
            button
            for button in view.findChildren(QToolButton)
            if button.text() == "Undo" and button.isVisible()  # those of pairs are not
        )
        assert view.rect().contains(undo.geometry())
        QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
        assert labels(session) == []
        assert not undo.isVisible(), "undone is not undoable"
        type_keys(session, "2")
        assert undo.isVisible()
        session.app.window.frame_view.clear()
        assert not undo.isVisible(), "nothing of another procedure is taken back"
