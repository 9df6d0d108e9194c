"""A procedure in several files in the window: where it goes on in the next file is drawn, said and
passed over while stepping, playing and repeating; findings end there; a clip goes over it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.findings import find_findings
from endoscope_app.analysis.timeline.part_borders import begins
from endoscope_app.base.paths import shipped_model
from endoscope_app.media.opening import open_joined, open_source
from endoscope_app.media.source_times import times_of
from endoscope_app.report.clip_work import ClipWork
from endoscope_app.viewing import wording
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.joining_session import COUNTS, join, make_parts

ALL = sum(COUNTS)
BORDER = COUNTS[0]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_parts(tmp_path_factory.mktemp("in"))


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, parts: list[Path]) -> Iterator[Session]:
    with running(tmp_path / "data", shipped_model()) as session:
        session.until(lambda: not session.app.labels.session.not_open_because, "the library")
        join(session, parts)
        session.until(session.analysed, "all frames analysed")
        yield session


def go(session: Session, index: int) -> None:
    session.app.player.go_to(index)
    session.until(lambda: session.on_screen() == index, f"frame {index}")


def readout(session: Session) -> str:
    labels = session.app.window.transport.findChildren(QLabel)
    return next(one.text() for one in labels if one.accessibleName() == wording.TIME_NAME)


def test_the_readout_names_the_part_and_steps_go_over_its_end(session: Session) -> None:
    go(session, BORDER - 1)
    assert readout(session).endswith("part 1 of 3, part1.mp4; then an unknown pause")
    session.press("Right")
    session.until(lambda: session.on_screen() == BORDER, "the first frame of the next part")
    assert readout(session).endswith("part 2 of 3, part2.mp4; after an unknown pause")
    session.press("Left")
    session.until(lambda: session.on_screen() == BORDER - 1, "back")
    go(session, BORDER + 5)
    assert readout(session).endswith("part 2 of 3, part2.mp4")


def test_playing_goes_on_in_the_next_part_and_says_which(session: Session) -> None:
    said: list[str] = []
    echo = session.app.window.frame_view.echo
    go(session, BORDER - 3)
    session.press("Space")
    session.app.player.frame_shown.connect(lambda _: said.append(echo.act()))
    session.until(lambda: session.on_screen() == ALL - 1, "the end of the last part")
    assert any("Part 2 of 3: part2.mp4" in text for text in said)
    assert any("Part 3 of 3: part10.mp4" in text for text in said)


def test_a_loop_over_the_end_of_a_part_repeats(session: Session) -> None:
    go(session, BORDER - 8)
    session.press("A")
    go(session, BORDER + 8)
    seen: list[int] = []
    session.app.player.frame_shown.connect(seen.append)
    session.press("B")

    def has_repeated() -> bool:
        falls = [after for before, after in itertools.pairwise(seen) if after < before]
        return len(falls) >= 2

    session.until(has_repeated, "twice from A to B")
    assert min(seen) >= BORDER - 8
    assert max(seen) < ALL - 1


def test_the_line_on_the_timeline_is_drawn_and_named(session: Session) -> None:
    timeline = session.app.window.timeline
    stage = timeline.display.stage
    part = session.app.player.times.files[1]
    for overview in (True, False):
        x = begins(stage.scale(overview), part)
        row = stage.rows.overview if overview else stage.rows.strip
        text = timeline.hover.text(QPointF(x, row.center().y()))
        assert text.splitlines()[0] == "Part 2 of 3 begins: part2.mp4"
        assert text.splitlines()[-1] == "Nothing says how much time lies between"
        beside = timeline.hover.text(QPointF(x + 30, row.center().y()))
        assert "Part 2 of 3: part2.mp4" in beside.splitlines()
    go(session, 3)  # the playhead is elsewhere
    image = timeline.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    ratio = image.devicePixelRatio()
    strip = timeline.display.stage.rows.strip
    x, y = round(begins(stage.scale(False), part) * ratio), round((strip.top() + 4) * ratio)
    lightness = [image.pixelColor(x + by, y).lightness() for by in range(-6, 7)]
    assert max(lightness[4:9]) > max(*lightness[:3], *lightness[10:]) + 30


def test_a_finding_ends_where_nothing_says_how_the_recording_went_on(parts: list[Path]) -> None:
    with open_joined(parts) as source:
        times = times_of(source)
    surely = np.tile(np.array([[0.99, 0.01]], np.float32), (ALL, 1))
    found = find_findings(surely, np.ones(ALL, np.bool_), np.full(2, 0.5), times, 0.2, 0.0)
    assert [(one.start, one.stop) for one in found] == [(0, 20), (20, 36), (36, 48)]


def test_a_clip_over_the_end_of_a_part_has_all_frames_in_one_size(
    tmp_path: Path, parts: list[Path]
) -> None:
    wide = make_clip(tmp_path / "wide.mp4", 10, size=(160, 64))
    with open_joined([parts[0], wide]) as source:
        work = ClipWork(source, times_of(source), 15, 24, tmp_path / "clip.mp4")
        assert work.run(lambda *_: None, lambda: False) == "The clip is in clip.mp4."
    with open_source(tmp_path / "clip.mp4") as clip:
        assert clip.info.frame_count == 10
        assert (clip.info.width, clip.info.height) == (96, 64)
        assert [round(clip.time_ms(index)) for index in range(10)] == list(range(0, 400, 40))
