"""How long a procedure is read: while it is in front and its reader does something; kept by reader
over restarts, told where a review ends, in the worklist and in the report, and in no log.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from endoscope_app.__main__ import main
from endoscope_app.segments.commands import FINISH_REVIEW
from endoscope_app.worklist.reading_time import IDLE_S, PLAYING_IDLE_S, ReadingClock, ReadingTime
from endoscope_app.worklist.worklist_table import NAME
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import give, go, in_front, ready, store
from tests.endoscope_app.report.report_session import opened, shown
from tests.grouped_model import make_grouped_dir
from tests.present import present


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_grouped_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "Herbstmarker.mp4", count=60)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path, clock: Clock
) -> Iterator[Session]:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.json").write_text('{"smoothing_s": 0, "usable_only": false}')
    with running(tmp_path / "data", model) as session:
        begun(session, clip, clock)
        yield session


def begun(session: Session, clip: Path, clock: Clock) -> None:
    """The procedure in front, with a clock of the test's and no other."""
    reading = session.app.worklist.reading
    reading._timer.setInterval(3_600_000)
    ready(session, clip)
    session.until(session.analysed, "the analysis")
    in_front(session, session.app.window)
    reading._counted, reading.clock, reading._kept_at = ReadingClock(), clock, clock.now
    reading._counted.act(clock.now)
    reading.tick()


def reading(session: Session) -> ReadingTime:
    return session.app.worklist.reading


def passes(session: Session, clock: Clock, seconds: int) -> None:
    """Without a key or the mouse."""
    for _ in range(seconds):
        clock.now += 1
        reading(session).tick()


def read(session: Session) -> dict[str, float]:
    """What the library holds of the open procedure."""
    reading(session).keep()
    return store(session).read.reading_times(present(session.app.player.info).fingerprint)


def test_only_time_in_which_something_is_done_counts(session: Session, clock: Clock) -> None:
    passes(session, clock, 40)
    assert read(session) == {"Dr. Test": 40}
    passes(session, clock, 300)
    assert read(session) == {"Dr. Test": IDLE_S}
    QTest.keyClick(present(session.app.window.windowHandle()), Qt.Key.Key_Right)
    passes(session, clock, 10)
    assert read(session) == {"Dr. Test": IDLE_S + 10}
    passes(session, clock, 300)
    idle = read(session)["Dr. Test"]
    go(session, 30)  # also what is done by the mouse shows another frame
    passes(session, clock, 5)
    assert idle < read(session)["Dr. Test"] <= idle + 5


def test_the_worklist_in_front_and_another_procedure_count_for_themselves(
    session: Session, clock: Clock, tmp_path: Path
) -> None:
    passes(session, clock, 20)
    session.press("Ctrl+Home")
    passes(session, clock, 30)
    session.press("Ctrl+Home")
    passes(session, clock, 5)
    first = present(session.app.player.info).fingerprint
    ready(session, make_clip(tmp_path / "other.mp4", count=20))
    in_front(session, session.app.window)
    reading(session).tick()
    passes(session, clock, 7)
    assert read(session) == {"Dr. Test": 7}
    assert store(session).read.reading_times(first) == {"Dr. Test": 25}


def test_a_recording_that_plays_is_watched_but_not_for_ever() -> None:
    clock = ReadingClock()
    clock.act(0)
    for now in range(1000):
        clock.take(now, in_front=True, playing=True)
    assert clock.taken() == PLAYING_IDLE_S
    for now in range(1000, 1100):
        clock.act(now)
        clock.take(now, in_front=now < 1050, playing=False)
    assert clock.taken() == 50


def test_a_night_in_which_the_machine_slept_is_not_read() -> None:
    clock = ReadingClock()
    clock.act(0)
    clock.take(0, in_front=True, playing=False)
    clock.act(30_000)
    clock.take(30_000, in_front=True, playing=False)
    assert clock.taken() < 10


def test_it_is_told_where_the_review_ends_in_the_worklist_and_in_the_report(
    session: Session,
    clock: Clock,
    tmp_path: Path,
    clip: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    yes = QMessageBox.StandardButton.Yes.value
    monkeypatch.setattr(QMessageBox, "exec", lambda _: yes)
    give(session, {3: "5"})
    for _ in range(4):
        go(session, 10)
        passes(session, clock, 25)
        go(session, 20)
        passes(session, clock, 25)
    session.until(lambda: len(session.app.window.segments.rows) == 2, "the segments")
    session.app.window.action(FINISH_REVIEW).trigger()
    total = read(session)["Dr. Test"]
    assert 180 < total <= 200
    echo = session.app.window.frame_view.echo
    session.until(lambda: "Review finished" in echo._act, "the end of the review")
    assert "Reading time 3 min." in echo._act
    page = shown(opened(session))
    assert "Reading time" in page
    assert "3 min" in page
    session.app.window.activateWindow()
    session.press("Ctrl+Home")
    session.app.worklist.view.refresh()
    table = session.app.window.worklist.table
    tip = present(present(table.topLevelItem(0)).child(0)).toolTip(NAME)
    assert "Reading time 3 min" in tip
    session.app.window.close()
    session.app.close()
    data = tmp_path / "data"
    for name in ("report.html", "report.txt", "report.xlsx"):
        out = tmp_path / name
        assert main(["report", str(clip), "--out", str(out), "--data-dir", str(data)]) == 0
    for name in ("report.html", "report.txt"):
        assert "Reading time" in (tmp_path / name).read_text(encoding="utf-8")
    log = data / "endoscope-app.log"
    if log.exists():
        said = log.read_text(encoding="utf-8").casefold()
        assert "reading time" not in said
        assert "herbstmarker" not in said


def test_it_adds_up_over_a_restart(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path, clock: Clock
) -> None:
    for _ in range(2):
        with running(tmp_path / "data", model) as session:
            begun(session, clip, clock)
            passes(session, clock, 12)
    with running(tmp_path / "data", model) as session:
        begun(session, clip, clock)
        assert read(session) == {"Dr. Test": 24}
