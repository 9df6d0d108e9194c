"""Other heat maps of the frame on screen: asked for by keys, beside the one of the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QRadioButton
from pytestqt.qtbot import QtBot

from endoscope_app.viewing.explain_dialog import ExplainDialog
from endoscope_app.viewing.explain_process import ExplainProcess
from endoscope_app.viewing.wording import HIDDEN_TO_EXPLAIN
from kd_core.schema.heat_map_methods import METHODS
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import choose_mode, in_front, ready
from tests.model_factory import make_model_dir
from tests.present import present

Asked = list[tuple[str, str]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What the child process would have been asked; it answers at once with a red image."""
    found: Asked = []

    def start(
        process: ExplainProcess, frame: np.ndarray, model: Path, method: str, name: str
    ) -> None:
        found.append((method, name))
        process.finished.emit(np.full((40, 60, 4), (0, 0, 255, 255), np.uint8))

    monkeypatch.setattr(ExplainProcess, "start", start)
    return found


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    model = make_model_dir(tmp_path / "m")
    clip = make_clip(tmp_path / "clip.mp4", count=30)
    with running(tmp_path / "data", model) as session:
        yield ready(session, clip)


def opened(session: Session) -> ExplainDialog:
    in_front(session, session.app.window)
    QTest.keyClick(
        session.app.window.frame_view,
        Qt.Key.Key_E,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    dialog = session.app.window.findChildren(ExplainDialog)[-1]
    in_front(session, dialog)
    return dialog


def test_it_fills_itself_beside_the_map_of_the_window(session: Session, asked: Asked) -> None:
    live = session.app.prediction_view.heat_map
    dialog = opened(session)
    classes = present(session.app.classifier).classes
    prediction = present(session.app.prediction_view.prediction)
    assert asked == [("hirescam", classes[prediction.label])]
    assert live is not None
    assert dialog.live_view._heat_map is live, "the very map of the window"
    assert dialog.frame_view._heat_map is None, "it is drawn in already"
    assert dialog.frame_view._image is not None
    assert int(dialog.frame_view._image[0, 0, 2]) == 255


def test_each_choice_asks_by_itself(session: Session, asked: Asked) -> None:
    dialog = opened(session)
    choices = dialog.findChildren(QRadioButton)
    assert choices[0].hasFocus()
    method, label_class = dialog.findChildren(QComboBox)
    assert not method.isEnabled()
    QTest.keyClick(present(QApplication.focusWidget()), Qt.Key.Key_Right)
    assert [one for one, _ in asked] == ["hirescam", "eigencam"]
    QTest.keyClick(present(QApplication.focusWidget()), Qt.Key.Key_Right)
    assert asked[-1][0] == "gradcam", "the first of all methods"
    method.setFocus()
    for _ in METHODS:
        QTest.keyClick(method, Qt.Key.Key_Down)
    assert [one for one, _ in asked][-(len(METHODS) - 1) :] == list(METHODS)[1:]
    label_class.setFocus()
    QTest.keyClick(label_class, Qt.Key.Key_Home)
    QTest.keyClick(label_class, Qt.Key.Key_Down)
    assert asked[-1] == (list(METHODS)[-1], present(session.app.classifier).classes[1])


def test_where_the_model_is_hidden_nothing_is_explained_until_the_frame_is_labelled(
    session: Session, asked: Asked
) -> None:
    choose_mode(session, "hidden")
    session.press("Ctrl+Shift+E")
    assert not session.app.window.findChildren(ExplainDialog)
    assert session.message() == HIDDEN_TO_EXPLAIN
    assert asked == []
    session.press("1")
    assert present(opened(session)).isVisible()
    assert asked
