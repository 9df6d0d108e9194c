"""Everything goes by each frame's own time, through the real window: where frames lie, what is
said of them, playing over a pause.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.timeline.geometry import strips
from endoscope_app.viewing.commands import GO_TO
from endoscope_app.viewing.goto_dialog import GotoDialog
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import go, in_front
from tests.model_factory import make_model_dir
from tests.present import present

FIRST, SECOND = 40, 30
PAUSE_MS = 90_000


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path) -> Iterator[Session]:
    # Drawn frames are of no use to anybody by their look
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.json").write_text('{"usable_only": false}')
    with running(tmp_path / "data", model) as session:
        yield session


@pytest.fixture(scope="module")
def paused_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 frames at 25 per second, a pause of 90 s, 30 more."""
    ticks = [40 * number for number in range(FIRST)] + [
        40 * (FIRST + number) + PAUSE_MS for number in range(SECOND)
    ]
    path = tmp_path_factory.mktemp("clips") / "paused.mkv"
    return make_clip(path, FIRST + SECOND, pts=ticks, time_base=Fraction(1, 1000), b_frames=0)


def ffprobe_ms(path: Path) -> list[float]:
    """Times of all frames from the first one, by ffprobe."""
    words = [
        "-v",
        "error",
        "-select_streams",
        "v:0",
        "-show_entries",
        "frame=best_effort_timestamp_time",
        "-of",
        "csv=p=0",
        str(path),
    ]
    said = subprocess.run(
        ["ffprobe", *words], capture_output=True, text=True, check=True
    ).stdout.split()
    times = np.array([float(line.strip(",")) for line in said])
    return [round(1000 * (time - times[0]), 1) for time in times]


def colour_at(session: Session, x: float, y: float) -> QColor:
    return session.app.window.timeline.grab().toImage().pixelColor(QPoint(round(x), round(y)))


def time_text(session: Session) -> str:
    return session.app.window.transport._time.text()


def test_a_variable_rate_is_shown_sought_and_listed_at_its_own_times(
    session: Session, shared_cases: Path
) -> None:
    path = shared_cases / "vfr_25_then_2.5_fps.mp4"
    expected = ffprobe_ms(path)
    assert expected[101] == 4400
    session.open(path)
    session.until(session.analysed, "the analysis")
    timeline = session.app.window.timeline
    assert timeline.display.stage.scene.flag_text(101) == "0:04.4  ·  101"
    for frame in (0, 50, 99, 120, 199):
        whole, tenth = divmod(round(expected[frame] / 100), 10)
        assert timeline.display.stage.scene.flag_text(frame).startswith(
            f"{whole // 60}:{whole % 60:02d}.{tenth} "
        )
    rows = strips(timeline.width(), timeline.height(), timeline.display.scene.lanes)
    # the axis is linear in time: a frame's middle lies as far along as it is into the recording
    middle, length = expected[101] + 200, expected[-1] + 400
    x = rows.strip.left() + rows.strip.width() * middle / length
    assert timeline.display.stage.frame_at(QPointF(round(x), round(rows.strip.center().y()))) == 101
    session.app.window.action(GO_TO).trigger()
    dialog = session.app.window.findChild(GotoDialog)
    in_front(session, present(dialog))
    QTest.keyClicks(present(present(dialog).findChild(QLineEdit)), "4.4s")
    QTest.keyClick(present(present(dialog).findChild(QLineEdit)), Qt.Key.Key_Return)
    session.until(lambda: session.on_screen() == 101, "the frame at 4.4 s")
    assert time_text(session).startswith("0:04.400 / ")
    session.until(lambda: session.app.window.segments.count() > 0, "findings")
    for row in session.app.window.segments.rows:
        first, last = expected[row.item.first_index], row.item.last_index + 1
        assert row.item.first_s == pytest.approx(first / 1000)
        seconds = int(first / 1000)
        assert row.where.startswith(f"{seconds // 60}:{seconds % 60:02d}.")
        ends = expected[last] if last < 200 else length
        assert row.long == f"{(ends - first) / 1000:.1f} s"


def alike(one: QColor, other: QColor) -> bool:
    """The same but for the dimming of the timeline away from the playhead."""
    gaps = (
        one.red() - other.red(),
        one.green() - other.green(),
        one.blue() - other.blue(),
    )
    return max(abs(gap) for gap in gaps) <= 4


def test_a_pause_is_a_gap_on_the_timeline_and_no_finding_reaches_over_it(
    session: Session, paused_clip: Path
) -> None:
    session.open(paused_clip)
    session.until(session.analysed, "the analysis")
    session.until(lambda: session.app.window.segments.count() > 0, "findings")
    timeline = session.app.window.timeline
    rows = strips(timeline.width(), timeline.height(), timeline.display.scene.lanes)
    # two hundredths of the recorded frames are the gap's width, right behind the first part
    share = rows.strip.width() / ((FIRST + SECOND) * 1.02)
    left, right = (
        rows.strip.left() + FIRST * share,
        rows.strip.left() + (FIRST + (FIRST + SECOND) * 0.02) * share,
    )
    window = timeline.palette().color(QPalette.ColorRole.Window)
    for row in (rows.overview, rows.strip):
        assert alike(colour_at(session, (left + right) / 2, row.bottom() - 3), window)
        assert not alike(colour_at(session, left - 6, row.bottom() - 3), window)
        assert not alike(colour_at(session, right + 6, row.bottom() - 3), window)
    text = timeline.hover.text(QPointF(round((left + right) / 2), round(rows.strip.center().y())))
    assert text == f"The recorder paused for 1 min 30 s after frame {FIRST - 1}, 0:01.6"
    assert [
        (finding.start < FIRST) == (finding.stop <= FIRST)
        for finding in session.app.analysis_view.findings
    ].count(False) == 0
    for finding in session.app.analysis_view.findings:
        assert session.app.player.times.span_ms(finding.start, finding.stop) <= 40 * FIRST


def test_playing_passes_over_a_pause_and_says_how_long_it_was(
    session: Session, paused_clip: Path
) -> None:
    session.open(paused_clip)
    go(session, FIRST - 4)
    session.press("Space")
    # 90 s would be too late
    session.until(lambda: session.on_screen() >= FIRST, "the part behind the pause")
    assert "The recorder paused here for 1 min 30 s" in session.app.window.frame_view.echo.act()
    session.press("Space")
    session.until(lambda: not session.app.player.playing)
    session.press("J")
    session.until(lambda: session.on_screen() < FIRST, "the part before the pause, backwards")
    session.press("K")


def test_steps_of_a_second_and_the_time_display_know_the_pause(
    session: Session, paused_clip: Path
) -> None:
    session.open(paused_clip)
    go(session, FIRST - 5)
    session.press("Shift+Right")
    session.until(lambda: session.on_screen() == FIRST + 20, "a recorded second on")
    session.press("Shift+Left")
    session.until(lambda: session.on_screen() == FIRST - 5, "and back")
    assert "paused" not in time_text(session)
    go(session, FIRST - 1)
    assert time_text(session) == "0:01.560 / 1:32  ·  then the recorder paused for 1 min 30 s"
    session.press("Right")
    session.until(lambda: session.on_screen() == FIRST)
    assert time_text(session) == "1:31.600 / 1:32  ·  after a pause of 1 min 30 s"


def test_a_step_of_a_second_moves_on_where_frames_are_rarer(
    session: Session, tmp_path: Path
) -> None:
    rare = make_clip(
        tmp_path / "rare.mkv",
        8,
        pts=[2 * number for number in range(8)],
        time_base=Fraction(1),
        b_frames=0,
    )
    session.open(rare)
    session.press("Shift+Right")
    session.until(lambda: session.on_screen() == 1, "the next frame")
    assert "paused" not in time_text(session)


def test_an_hour_between_two_parts_keeps_findings_short_and_where_they_are(
    session: Session, shared_cases: Path
) -> None:
    path = shared_cases / "ts_join_one_hour_gap.ts"
    expected = ffprobe_ms(path)
    session.open(path)
    session.until(session.analysed, "the analysis")
    session.until(lambda: session.app.window.segments.count() > 0, "findings")
    times = session.app.player.times
    assert times.gaps.tolist() == [99]
    np.testing.assert_allclose(times.times_ms, expected, atol=1)
    for finding in session.app.analysis_view.findings:
        assert finding.stop <= 100 or finding.start >= 100
        assert times.span_ms(finding.start, finding.stop) <= 4000
    assert session.app.window.timeline.display.stage.scene.flag_text(100).startswith("1:00:03.9")
