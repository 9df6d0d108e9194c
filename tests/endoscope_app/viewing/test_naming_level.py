"""From which probability on the model names a class, in the running window: what a frame lacks is
said, and a tick on every bar shows where it would be enough.
"""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kd_core.schema.model_card import read_card, write_card
from kd_core.schema.naming_level import NEVER, NamingLevel
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.model_factory import make_model_dir
from tests.present import present


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=20)


@pytest.fixture
def probability(qtbot: QtBot, tmp_path: Path, clip: Path) -> float:
    """What the model gives the best class of the first frame."""
    with running(tmp_path / "first", make_model_dir(tmp_path / "model")) as session:
        session.open(clip)
        return float(present(session.app.prediction_view.prediction).probabilities.max())


def level_set(folder: Path, level: float, **classes: float) -> Path:
    """The model in ``folder`` with this level in its card."""
    naming = NamingLevel(level=level, target=0.95, named=100)
    card = msgspec.structs.replace(read_card(folder), naming=naming, thresholds=classes)
    write_card(folder, card)
    return folder


def ticks(session: Session) -> list[float | None]:
    """As shares of the bars."""
    bars = session.app.window.bars
    places = []
    for index in range(len(present(session.app.prediction_view.prediction).probabilities)):
        x, bar = bars.tick_x(index), bars.bar_rect(index)
        places.append(None if x is None else round((x - bar.left()) / bar.width(), 6))
    return places


@pytest.fixture
def needed(probability: float) -> float:
    """The next whole per cent but one above it."""
    return (math.floor(100 * probability) + 2) / 100


def test_a_frame_below_the_level_says_what_it_lacks_and_the_ticks_show_it(
    qtbot: QtBot, tmp_path: Path, clip: Path, probability: float, needed: float
) -> None:
    assert needed < 1
    with running(tmp_path / "data", level_set(tmp_path / "model", needed)) as session:
        session.open(clip)
        reached = f"{math.floor(100 * probability)}\xa0%"
        said = session.app.window.verdict.text()
        assert said.endswith(
            f"? {reached} not certain enough: {reached}, needs {100 * needed:.0f}\xa0%"
        )
        assert ticks(session) == [round(needed, 6)] * 6
        bars = session.app.window.bars
        QTest.mouseClick(
            bars, Qt.MouseButton.LeftButton, pos=bars.row_rect(2).center().toPoint() + QPoint(0, 1)
        )
        QTest.keyClick(bars, Qt.Key.Key_Down)
        assert bars.accessibleDescription().endswith(f"named from {100 * needed:.0f}\xa0% on")


def test_a_frame_that_reaches_the_level_is_named(
    qtbot: QtBot, tmp_path: Path, clip: Path, probability: float
) -> None:
    level = math.floor(100 * probability) / 100
    with running(tmp_path / "data", level_set(tmp_path / "model", level)) as session:
        session.open(clip)
        said = session.app.window.verdict.text()
        assert "?" not in said
        assert "needs" not in said


def test_a_class_that_is_not_named_yet_says_so_and_has_no_tick(
    qtbot: QtBot, tmp_path: Path, clip: Path, probability: float
) -> None:
    classes = read_card(tmp_path / "model").classes
    best = dict.fromkeys(classes[:-1], NEVER)
    with running(tmp_path / "data", level_set(tmp_path / "model", 0.5, **best)) as session:
        session.open(clip)
        label = present(session.app.prediction_view.prediction).label
        assert label < len(classes) - 1
        assert session.app.window.verdict.text().endswith("this class is not named yet")
        assert ticks(session) == [None] * 5 + [0.5]
