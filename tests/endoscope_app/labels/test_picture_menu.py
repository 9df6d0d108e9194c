"""The right button on the picture labels the frame that was pointed at."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from endoscope_app.viewing.frame_view import FrameView
from tests.endoscope_app.app_session import running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import in_front, labels, ready
from tests.model_factory import make_model_dir


def test_a_class_is_given_by_the_menu_of_the_picture(qtbot: QtBot, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "procedure.mp4", count=200)
    with running(tmp_path / "data", make_model_dir(tmp_path / "m")) as session:
        view = session.app.window.frame_view
        assert _menu(view) == [], "nothing is offered where nothing is shown"
        ready(session, clip)
        in_front(session, session.app.window)
        session.press("Space")
        session.until(lambda: session.on_screen() > 3, "playing")
        menu = _menu(view)[0]
        assert not session.app.player.playing, "the frame that was pointed at stays"
        names = [item.name for item in session.app.labels.session.panel_classes()]
        classes = menu.actions()[0].menu()
        assert isinstance(classes, QMenu)
        assert [action.text() for action in classes.actions()] == names
        session.until(lambda: session.on_screen() == session.app.player.index, "the frame")
        classes.actions()[2].trigger()
        given = labels(session)
        assert [label.frame_index for label in given] == [session.on_screen()]
        assert given[0].class_id == session.app.labels.session.panel_classes()[2].id
        menu.close()


def _menu(view: FrameView) -> list[QMenu]:

    at = QPoint(view.width() // 2, view.height() // 2)
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(view, QContextMenuEvent(reason, at, view.mapToGlobal(at)))
    return [menu for menu in view.findChildren(QMenu) if menu.actions()]
