"""How the picture is looked at, through the real window: a stretch that repeats, the look of the
picture, the heat map as lines. The model and the labels hear nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from endoscope_app.base.settings import load_settings
from endoscope_app.viewing.look_dialog import LookDialog
from endoscope_app.viewing.picture_look import AS_RECORDED, PictureLook, adjusted
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import go, in_front, ready
from tests.model_factory import make_model_dir


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    clip = make_clip(tmp_path / "procedure.mp4", count=120)
    with running(tmp_path / "data", make_model_dir(tmp_path / "m")) as session:
        ready(session, clip)
        in_front(session, session.app.window)
        yield session


def loop_text(session: Session) -> str:
    labels = session.app.window.transport.findChildren(QLabel)
    return next(label.text() for label in labels if "repeats" in label.accessibleName())


def test_a_stretch_plays_again_and_again_until_it_is_ended(session: Session) -> None:
    player, press = session.app.player, session.app.window
    seen: list[int] = []
    go(session, 20)
    QTest.keyClick(press, Qt.Key.Key_A)
    assert loop_text(session) == "Loop from 0:00.8: B ends it"
    go(session, 30)
    player.frame_shown.connect(seen.append)
    QTest.keyClick(press, Qt.Key.Key_B)
    assert loop_text(session) == "Loop 0:00.8 to 0:01.2"
    session.until(
        lambda: sum(after < before for before, after in pairwise(seen)) >= 2, "round twice"
    )
    QTest.keyClick(press, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert loop_text(session) == ""
    session.until(lambda: session.on_screen() > 45, "on after its end")
    QTest.keyClick(press, Qt.Key.Key_K)
    assert not player.playing
    QTest.keyClick(press, Qt.Key.Key_A)
    QTest.keyClick(press, Qt.Key.Key_B)
    assert "loop takes some frames" in session.message()
    player.frame_shown.disconnect(seen.append)


def test_a_stretch_up_to_the_end_goes_on_whatever_frames_are_left_out(session: Session) -> None:
    """At eight times the speed the frame before the last one is often among them."""
    player, window = session.app.player, session.app.window
    seen: list[int] = []
    go(session, player.last_index - 16)
    QTest.keyClick(window, Qt.Key.Key_A)
    go(session, player.last_index)
    player.set_speed(8.0)
    player.frame_shown.connect(seen.append)
    QTest.keyClick(window, Qt.Key.Key_B)
    session.until(
        lambda: sum(after < before for before, after in pairwise(seen)) >= 20, "round 20 times"
    )
    assert player.playing
    player.frame_shown.disconnect(seen.append)
    QTest.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    session.until(lambda: not player.playing, "the end ends it now")


def test_the_picture_is_brightened_for_the_eye_alone(session: Session) -> None:
    view = session.app.window.frame_view
    said, before = session.app.prediction_view.prediction, view.grab().toImage()
    frame = session.app.prediction_view.frame
    assert frame is not None
    image = frame.image.copy()
    QTest.keyClick(session.app.window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    dialog = session.app.window.findChildren(LookDialog)[0]
    in_front(session, dialog)
    for slider in dialog.findChildren(QSlider):
        QTest.keyClick(slider, Qt.Key.Key_PageUp)
        assert view.grab().toImage() != before, slider.accessibleName()
        reset = dialog.findChildren(QPushButton)[0]
        QTest.mouseClick(reset, Qt.MouseButton.LeftButton)
        assert view.grab().toImage() == before, "as recorded"
    QTest.keyClick(dialog.findChildren(QSlider)[0], Qt.Key.Key_PageUp)
    assert session.app.prediction_view.prediction is said
    assert np.array_equal(frame.image, image)
    dialog.close()


def test_the_heat_map_is_drawn_as_lines_and_stays_so(session: Session, tmp_path: Path) -> None:
    view, panel = session.app.window.frame_view, session.app.window.heat_map_panel
    before = view.grab().toImage()
    box = next(box for box in panel.findChildren(QCheckBox) if box.text() == "Lines")
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(6, box.height() // 2))
    spin(20)
    assert view.grab().toImage() != before
    session.app.window.close()
    session.app.close()
    assert load_settings(tmp_path / "data" / "settings.json")[0].heat_contour


def test_a_zoomed_picture_says_how_far(session: Session) -> None:
    view = session.app.window.frame_view
    corner = view.rect().bottomRight() - QPoint(20, 20)
    before = view.grab().toImage().pixelColor(corner)
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.grab().toImage().pixelColor(corner) != before
    QTest.keyClick(view, Qt.Key.Key_F)
    assert view.grab().toImage().pixelColor(corner) == before


def test_each_slider_does_what_it_is_called() -> None:
    grey = np.full((4, 4, 4), 64, np.uint8)
    assert adjusted(grey, AS_RECORDED) is grey
    assert adjusted(grey, PictureLook(brightness=0.5))[0, 0, 0] == 128
    assert adjusted(grey, PictureLook(contrast=1.0))[0, 0, 0] == 0
    assert adjusted(grey, PictureLook(gamma=1.0))[0, 0, 0] == 128
    edge = grey.copy()
    edge[:, 2:] = 128
    sharp = adjusted(edge, PictureLook(sharpness=1.0))
    assert sharp[0, 1, 0] < 64
    assert sharp[0, 2, 0] > 128
    assert (adjusted(grey, PictureLook(gamma=1.0))[..., 3] == 64).all(), "alpha is let be"
