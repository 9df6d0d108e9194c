"""Digits act by the place of their keys: a French or Czech keyboard labels without Shift."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.endoscope_app.app_session import running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import in_front, labels, ready
from tests.model_factory import make_model_dir

#: What the first and the sixth key of the upper row are called by each platform.
CODES = {"linux": (10, 15), "win32": (2, 7), "darwin": (18, 22)}


def _press(target: QWidget, platform: str, place: int, key: Qt.Key, text: str) -> None:
    code = CODES[platform][place]
    scan, virtual = (0, code) if platform == "darwin" else (code, 0)
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, scan, virtual, 0, text)
        QApplication.sendEvent(target, event)


@pytest.mark.parametrize("platform", CODES)
def test_a_key_labels_by_its_place(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr("endoscope_app.labels.physical_digits.sys.platform", platform)
    clip = make_clip(tmp_path / "procedure.mp4", count=10)
    with running(tmp_path / "data", make_model_dir(tmp_path / "m")) as session:
        ready(session, clip)
        window = session.app.window
        in_front(session, window)
        names = [one.id for one in session.app.labels.session.panel_classes()]
        zoom = window.frame_view._zoom
        _press(window.frame_view, platform, 0, Qt.Key.Key_Ampersand, "&")
        assert [label.class_id for label in labels(session)] == [names[0]]
        _press(window.frame_view, platform, 1, Qt.Key.Key_Minus, "-")
        # Preparation and pathology: one of each group
        assert {label.class_id for label in labels(session)} == {names[0], names[5]}
        assert window.frame_view._zoom == zoom, "a digit that looks like a minus does not zoom"
        field = QLineEdit(window)
        field.show()
        field.setFocus()
        _press(field, platform, 0, Qt.Key.Key_Ampersand, "&")
        assert field.text() == "&", "text is typed as it is"
        assert {label.class_id for label in labels(session)} == {names[0], names[5]}
