"""Every control of the settings, reached and changed by the keyboard in the real window: what
it says happens, and is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.base.settings import Settings
from endoscope_app.media.opening import open_source
from endoscope_app.shell.settings_dialog import SettingsDialog
from endoscope_app.viewing.commands import TOGGLE_OVERLAY
from kd_core.schema.model_card import read_card
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import give, in_front, ready
from tests.model_factory import make_model_dir

COUNT = 50
KINDS = (QCheckBox, QComboBox, QSpinBox, QDoubleSpinBox)
CONTROL = Qt.KeyboardModifier.ControlModifier


@dataclass(frozen=True)
class Control:
    """``name`` as a screen reader says it, ``keys`` pressed while it has the focus; ``seen``:
    whether the window then shows it.
    """

    name: str
    keys: str
    setting: str
    value: object
    seen: Callable[[Session], bool]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Interlaced, so that it looks different where that is left as it is."""
    path = tmp_path_factory.mktemp("clips") / "fields.mpg"
    return make_clip(
        path, COUNT, codec="mpeg2video", interlaced=True, options={"flags": "+ildct+ilme"}
    )


@pytest.fixture
def data(tmp_path: Path, model: Path, clip: Path) -> Path:
    """With the clip's analysis: runs of five frames of two classes in turn."""
    with open_source(clip) as source:
        info = source.info
    card = read_card(model)
    raw = np.zeros((info.frame_count, len(card.classes)), np.float16)
    raw[np.arange(info.frame_count), np.arange(info.frame_count) // 5 % 2] = 0.9
    PredictionStore(tmp_path / "data" / "predictions").save(
        info.fingerprint, card.version, raw, np.ones(info.frame_count, np.bool_)
    )
    lengths = '{"minimum_finding_s": 0, "smoothing_s": 0, "joining_s": 0}'
    (tmp_path / "data" / "settings.json").write_text(lengths)
    return tmp_path / "data"


@pytest.fixture
def session(qtbot: QtBot, data: Path, model: Path, clip: Path) -> Iterator[Session]:
    with running(data, model) as session:
        ready(session, clip)
        session.until(
            lambda: findings(session) == COUNT // 5, "the findings of the stored analysis"
        )
        yield session


def findings(session: Session) -> int:
    return session.app.window.segments.count()


def opened(session: Session) -> SettingsDialog:
    """By its key, in front."""
    in_front(session, session.app.window)
    QTest.keyClick(session.app.window, Qt.Key.Key_Comma, CONTROL)
    dialogs = [
        dialog for dialog in session.app.window.findChildren(SettingsDialog) if dialog.isVisible()
    ]
    assert len(dialogs) == 1
    in_front(session, dialogs[0])
    return dialogs[0]


def has_focus() -> QWidget:
    focus = QApplication.focusWidget()
    assert focus is not None
    return focus


def change(session: Session, control: Control) -> None:
    """Tab to it, its keys, Return."""
    dialog = opened(session)
    for _ in range(40):
        if has_focus().accessibleName() == control.name:
            break
        QTest.keyClick(has_focus(), Qt.Key.Key_Tab)
    assert has_focus().accessibleName() == control.name, "Tab does not reach it"
    for key in control.keys:
        match key:
            case "↓":
                QTest.keyClick(has_focus(), Qt.Key.Key_Down)
            case "␣":
                QTest.keyClick(has_focus(), Qt.Key.Key_Space)
            case _:
                QTest.keyClick(has_focus(), Qt.Key.Key_A, CONTROL)
                QTest.keyClicks(has_focus(), key)
    QTest.keyClick(has_focus(), Qt.Key.Key_Return)
    session.until(lambda: not dialog.isVisible(), "the dialog is closed by Return")


def stored(data: Path) -> Settings:
    return msgspec.convert(json.loads((data / "settings.json").read_text()), Settings)


def _light(session: Session) -> bool:
    return session.app.window.palette().window().color().lightness() > 128


def _no_heat_map(session: Session) -> bool:
    """The clip is grey: what is coloured is the heat map."""
    image = (
        session.app.window.frame_view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    )
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())[
        :, : 3 * image.width()
    ]
    pixels = rows.reshape(image.height(), image.width(), 3).astype(int)
    return int((pixels.max(axis=2) - pixels.min(axis=2)).max()) < 40


def _combed(session: Session) -> bool:
    """Every second line is of another moment."""
    frame = session.app.prediction_view.frame
    if frame is None:
        return False
    image = frame.image[frame.image.shape[0] // 2 + 8 :, :, 1].astype(int)
    return float(np.abs(image[1:] - image[:-1]).mean()) > 2 * float(
        np.abs(image[2:] - image[:-2]).mean()
    )


def _limit_reached(session: Session) -> bool:
    give(session, {2: "1"})
    session.until(lambda: "reached their limit" in session.message(), "the limit in words")
    return True


CONTROLS = (
    Control("Theme", "↓", "theme", "light", _light),
    Control("Show the heat map", "␣", "overlay_visible", False, _no_heat_map),
    Control("Smooth interlaced video (old recorders)", "␣", "deinterlace", False, _combed),
    Control(
        "Shortest finding", "9", "minimum_finding_s", 9.0, lambda session: findings(session) == 0
    ),
    Control(
        "Averaging over time",
        "1",
        "smoothing_s",
        1.0,
        lambda session: findings(session) < COUNT // 5,
    ),
    Control(
        "When the model is shown",
        "↓",
        "reader_mode",
        "hidden",
        lambda session: session.app.window.bars.top() is None,
    ),
    Control("Limit for images of labelled frames", "0", "kept_pictures_gb", 0.0, _limit_reached),
)


@pytest.mark.parametrize("control", CONTROLS, ids=[control.setting for control in CONTROLS])
def test_a_control_does_what_it_says_and_is_kept(
    session: Session, data: Path, model: Path, clip: Path, control: Control
) -> None:
    before = session.app.settings.now
    if control.setting != "kept_pictures_gb":
        assert not control.seen(session)
    change(session, control)
    session.until(lambda: control.seen(session), control.name)
    expected = msgspec.structs.replace(before, **{control.setting: control.value})
    assert session.app.settings.now == expected
    assert stored(data) == expected, "it is kept at once: a kill does not bring the old one back"


def test_without_analysis_on_opening_nothing_is_analysed_before_it_is_asked_for(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    data = tmp_path / "data"
    with running(data, model) as session:
        change(
            session,
            Control(
                "Analyse a procedure when it is opened",
                "␣",
                "analyse_on_open",
                False,
                lambda _: True,
            ),
        )
    assert stored(data).analyse_on_open is False
    with running(data, model) as session:
        ready(session, clip)
        spin(200)
        assert not session.app.analysis.running
        assert session.app.analysis.timeline is not None
        assert not session.app.analysis.timeline.known.any()
        session.press("Ctrl+R")
        session.until(session.analysed, "the analysis that was asked for")


def test_the_dialog_has_no_control_that_is_not_tried(session: Session) -> None:
    names = {
        box.accessibleName()
        for box in opened(session).findChildren(QWidget)
        if isinstance(box, KINDS)
    }
    elsewhere = {
        "Analyse a procedure when it is opened",
        "Frames of a range that are trained on",
        "Leave out frames that look almost like the one before",
    }
    assert names == {control.name for control in CONTROLS} | elsewhere


def test_what_is_changed_elsewhere_while_the_dialog_is_open_stays(
    session: Session, data: Path
) -> None:
    dialog = opened(session)
    session.app.window.action(TOGGLE_OVERLAY).trigger()
    dialog.accept()
    spin(10)
    assert session.app.settings.now.overlay_visible is False


def test_cancel_changes_nothing(session: Session, data: Path) -> None:
    before = session.app.settings.now
    opened(session)
    QTest.keyClick(has_focus(), Qt.Key.Key_Down)
    QTest.keyClick(has_focus(), Qt.Key.Key_Escape)
    assert session.app.settings.now == before
