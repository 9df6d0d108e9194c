"""Image quality through the whole application: measured with the analysis, kept, drawn and counted;
what is not usable is no part of a finding.
"""

from __future__ import annotations

import base64
import json
import re
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QMenu, QToolButton, QToolTip
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.commands import COLOUR_LANE, QUALITY_LANE
from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.analysis.embeddings import Embeddings
from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.analysis.quality.kinds import Kind
from endoscope_app.analysis.quality.wording import NAMES, NOT_MEASURED
from endoscope_app.analysis.timeline.image_lanes import FAULT_COLOURS
from endoscope_app.analysis.timeline.legend import TimelineLegend
from endoscope_app.analysis.timeline.wording import (
    DAMAGED,
    LEGEND,
    LEGEND_COLOURS,
    LEGEND_GAP,
)
from endoscope_app.cli.analyse import run_analyse
from endoscope_app.cli.report import run_report
from endoscope_app.labels.library import class_edits
from endoscope_app.media.opening import open_source
from endoscope_app.segments import wording
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.model_card import read_card
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.image_faults import blurred, dark, room, text_screen, tissue, write_clip
from tests.endoscope_app.label_session import in_front, ready
from tests.model_factory import make_model_dir
from tests.present import present

ROWS, COLUMNS = 192, 256
#: Kind, first and last frame.
PARTS = (
    (Kind.USABLE, 0, 49),
    (Kind.BLURRED, 50, 79),
    (Kind.USABLE, 80, 129),
    (Kind.DARK, 130, 159),
    (Kind.TEXT, 160, 189),
    (Kind.OVER_EXPOSED, 190, 219),
    (Kind.OUTSIDE, 220, 249),
    (Kind.USABLE, 250, 299),
    (Kind.STILL, 300, 339),
)
COUNT = 340
USABLE = [(first, last) for kind, first, last in PARTS if kind is Kind.USABLE]


def _image(number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    kind = next(kind for kind, first, last in PARTS if first <= number <= last)
    image = tissue(min(number, 299), ROWS, COLUMNS)
    if kind is Kind.BLURRED:
        return blurred(image, 0.02)
    if kind is Kind.DARK:
        return dark(image)
    if kind is Kind.TEXT:
        return text_screen(ROWS, COLUMNS)
    if kind is Kind.OVER_EXPOSED:
        return np.full_like(image, 255)
    return room(ROWS, COLUMNS) if kind is Kind.OUTSIDE else image


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "procedure.mp4"
    return write_clip(path, (_image(number) for number in range(COUNT)))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_model_dir(tmp_path / "model")


def _keep_polyps_everywhere(data: Path, model: Path, clip: Path) -> np.ndarray:
    """An analysis as a program kept it that measured nothing."""
    with open_source(clip) as source:
        info = source.info
        times = np.array([source.time_ms(index) for index in range(info.frame_count)])
        stamps = np.array([source.stamp(index) for index in range(info.frame_count)], np.int64)
    card = read_card(model)
    raw = np.full((info.frame_count, len(card.classes)), 0.01, np.float16)
    raw[:, list(card.classes).index("polyps")] = 0.9
    PredictionStore(data / "predictions").save(
        info.fingerprint, card.version, raw, np.ones(info.frame_count, np.bool_)
    )
    size = Classifier.load(model).embedding_size
    embeddings = Embeddings.none_yet(size, times, stamps)
    embeddings.put(0, np.zeros((info.frame_count, size)))
    EmbeddingStore(data / "predictions").save(info.fingerprint, card.version, embeddings)
    return raw


def _line(session: Session) -> str:
    return session.app.window.segments.quality.text().replace("\N{NO-BREAK SPACE}", " ")


def _spans(session: Session) -> list[tuple[int, int]]:
    rows = session.app.window.segments.rows
    return [(row.item.first_index, row.item.last_index) for row in rows]


def _measured(session: Session) -> bool:
    quality = session.app.analysis_view.quality
    return (
        quality is not None and quality.tally.measured == COUNT and not session.app.analysis.running
    )


def _grab(session: Session) -> QImage:
    return session.app.window.timeline.grab().toImage()


def test_every_part_is_told_drawn_and_said(
    qtbot: QtBot, tmp_path: Path, clip: Path, model: Path
) -> None:
    data = tmp_path / "data"
    with running(data, model) as session:
        session.open(clip)
        session.until(lambda: _measured(session), "the measures")
        kinds = present(session.app.analysis_view.quality).kinds
        for kind, first, last in PARTS:
            told = kinds[first + 1 : last + 1] == kind
            assert told.mean() >= 0.9, f"{kind.name}: {kinds[first : last + 1].tolist()}"
        assert _line(session).endswith("% of frames usable (estimate)")
        assert 40 <= int(_line(session).split()[0]) <= 46
        timeline = session.app.window.timeline
        window = session.app.window
        window.resize(1366, 728)
        stage = timeline.display.stage
        rows, scale = stage.rows, stage.scale(overview=False)
        assert rows.thin_images.colours.height() > 0
        row, image = rows.full_images.quality, _grab(session)
        ratio = image.devicePixelRatio()
        for kind, first, last in PARTS:
            x, y = scale.x((first + last) / 2), row.center().y()
            colour = image.pixelColor(round(x * ratio), round(y * ratio))
            wanted = FAULT_COLOURS.get(kind)
            if wanted is not None:
                assert colour.name() == wanted.name(), kind.name
            text = timeline.hover.text(QPointF(x, rows.strip.center().y()))
            assert ("Estimate: " in text) == (kind is not Kind.USABLE), text
        assert "Estimate: blurred" in timeline.hover.text(QPointF(scale.x(65), row.center().y()))
        # The barcode: dark where the images are, white where they are burnt out
        over, row = stage.scale(overview=True), rows.thin_images.colours
        shown = [
            image.pixelColor(round(over.x(frame) * ratio), round(row.center().y() * ratio))
            for frame in (25, 145, 205)
        ]
        assert shown[0].red() > shown[0].blue() + 40
        assert shown[1].lightness() < 60
        assert shown[2].lightness() > 190
        window.action(QUALITY_LANE).trigger()
        window.action(COLOUR_LANE).trigger()
        assert timeline.display.stage.rows.full_images.quality.height() == 0
        assert timeline.display.stage.rows.thin_images.colours.height() == 0
    kept = json.loads((data / "settings.json").read_text())
    assert (kept["quality_lane"], kept["colour_lane"]) == (False, False)


def test_an_old_analysis_says_not_measured_and_ctrl_r_measures_it(
    qtbot: QtBot, tmp_path: Path, clip: Path, model: Path
) -> None:
    data = tmp_path / "data"
    raw = _keep_polyps_everywhere(data, model, clip)
    with running(data, model) as session:
        ready(session, clip)
        session.until(lambda: _spans(session) == [(0, COUNT - 1)], "one segment of it all")
        assert _line(session) == NOT_MEASURED
        before = session.app.window.frame_view.geometry()
        session.press("Ctrl+R")
        session.until(lambda: _measured(session), "the measures")
        session.until(lambda: len(_spans(session)) == len(USABLE), "the segments without the rest")
        assert session.app.window.frame_view.geometry() == before, "the picture has not moved"
        for (first, last), (start, stop) in zip(_spans(session), USABLE, strict=True):
            assert abs(first - start) <= 2
            assert abs(last - stop) <= 2
        timeline = present(session.app.analysis.timeline)
        assert np.array_equal(timeline.raw, raw), "nothing was classified again"
        in_front(session, session.app.window)
        adjust = session.app.window.segments.lengths.findChildren(QToolButton)[0]
        QTest.mouseClick(adjust, Qt.MouseButton.LeftButton)
        box = present(session.app.window.segments.quality.findChild(QCheckBox))
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Space)
        session.until(lambda: _spans(session) == [(0, COUNT - 1)], "all frames count again")
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
        session.until(lambda: len(_spans(session)) == len(USABLE), "and no more")
        QTest.keyClick(box, Qt.Key.Key_Space)
    assert json.loads((data / "settings.json").read_text())["usable_only"] is False
    with running(data, model) as session:  # it is kept
        session.open(clip)
        session.until(lambda: _measured(session), "the measures from before")
        assert "usable (estimate)" in _line(session)
        assert _spans(session) == [(0, COUNT - 1)]


def test_the_tip_lists_what_is_wrong_and_that_it_is_an_estimate(
    qtbot: QtBot, tmp_path: Path, clip: Path, model: Path
) -> None:
    with running(tmp_path / "data", model) as session:
        session.open(clip)
        session.until(lambda: _measured(session), "the measures")
        tip = session.app.window.segments.quality._text.toolTip()
        for name in ("Blurred", "Too dark", "Text screen", "Over-exposed", "Outside the body"):
            assert f"{name}: " in tip
        assert wording.QUALITY_NOTE in tip


def test_the_report_says_how_many_images_can_be_judged(
    qtbot: QtBot, tmp_path: Path, clip: Path, model: Path
) -> None:
    data, target = tmp_path / "data", tmp_path / "report.txt"
    arguments = [str(clip), "--model", str(model), "--data-dir", str(data), "--out", str(target)]
    with running(data, model) as session:
        session.open(clip)
        session.until(lambda: _measured(session), "the measures")
    assert run_report(arguments) == 0
    text = target.read_text().replace("\N{NO-BREAK SPACE}", " ")
    line = next(line for line in text.splitlines() if line.startswith("Image quality (estimate)"))
    for said in ("Usable 4", "blurred 9 %", "too dark 9 %", "still picture 1", "of frames"):
        assert said in line
    session_free = tmp_path / "other.txt"
    assert run_report([*arguments[:-3], str(tmp_path / "none"), "--out", str(session_free)]) == 0
    assert "Image quality (estimate): not measured" in session_free.read_text()


def test_the_command_without_a_window_finds_what_the_window_finds(
    tmp_path: Path, clip: Path, model: Path
) -> None:
    target = tmp_path / "result.json"
    arguments = [str(clip), "--model", str(model), "--data-dir", str(tmp_path / "data")]
    assert run_analyse([*arguments, "--out", str(target)]) == 0
    result = json.loads(target.read_text())
    assert result["frames"][65]["quality"] == "blurred"
    assert result["frames"][20]["quality"] == "usable"
    inside = [frame for row in result["findings"] for frame in range(row["start"], row["stop"])]
    unusable = [frame for kind, first, last in PARTS for frame in range(first + 3, last - 2)]
    unusable = [frame for frame in unusable if result["frames"][frame]["quality"] != "usable"]
    assert unusable
    assert not set(unusable) & set(inside)


def _legend(session: Session) -> TimelineLegend | None:
    shown = [each for each in session.app.window.findChildren(TimelineLegend) if each.isVisible()]
    return shown[0] if shown else None


def _said(legend: TimelineLegend) -> list[str]:
    return [label.text() for label in legend.findChildren(QLabel) if label.isVisible()]


def test_the_legend_opens_by_key_and_by_mouse_and_names_every_sign(
    qtbot: QtBot, tmp_path: Path, clip: Path, model: Path
) -> None:
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        in_front(session, session.app.window)
        session.press("Shift+F4")
        legend = present(_legend(session))
        session.until(lambda: "Polyp" in _said(legend), "the classes of the analysis that came")
        said = _said(legend)
        for name in ("Caecum", *(NAMES[kind].capitalize() for kind in FAULT_COLOURS)):
            assert name in said
        for text in (LEGEND_GAP, DAMAGED, LEGEND_COLOURS):
            assert text in said
        assert not legend.isModal()
        QTest.keyClick(legend, Qt.Key.Key_Escape)
        session.until(lambda: _legend(session) is None, "the legend is closed")
        timeline = session.app.window.timeline
        at = timeline.display.stage.rows.strip.center().toPoint()
        where = timeline.mapToGlobal(at)
        asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, where)
        QApplication.sendEvent(timeline, asked)
        menu = present(timeline.findChild(QMenu))
        next(action for action in menu.actions() if action.text() == LEGEND).trigger()
        assert _legend(session) is not None
        session.press("Shift+F4")
        session.until(lambda: _legend(session) is None, "the key closes it, too")


def test_an_open_legend_has_the_names_that_the_reader_gives_meanwhile(
    qtbot: QtBot, tmp_path: Path, clip: Path, model: Path
) -> None:
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        session.until(lambda: _measured(session), "the measures")
        session.press("Shift+F4")
        legend = present(_legend(session))
        assert "Polyp" in _said(legend)
        polyp = next(
            each for each in session.app.labels.session.panel_classes() if each.name == "Polyp"
        )
        session.app.labels.writer.write(
            lambda library: class_edits.rename_class(library.read, polyp.id, "Adenoma")
        )
        session.until(lambda: "Adenoma" in _said(legend), "the new name")
        assert "Polyp" not in _said(legend)


def _shown_tip() -> QImage:
    """The image in the tool tip on screen."""
    found = re.search(r'base64,([^"]+)"', QToolTip.text())
    return QImage() if found is None else QImage.fromData(base64.b64decode(found.group(1)))


def _is_tip(*, white: bool) -> bool:
    return (_shown_tip().pixelColor(60, 50).blue() > 200) == white


def test_the_frame_under_the_pointer_is_shown_also_while_playing_and_never_the_hidden_model(
    qtbot: QtBot, tmp_path: Path, clip: Path, model: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "settings.json").write_text('{"reader_mode": "hidden"}')
    with running(data, model) as session:
        ready(session, clip)
        session.until(lambda: _measured(session), "the measures")
        in_front(session, session.app.window)
        session.press("Space")
        session.until(lambda: session.app.player.playing, "playing")
        timeline = session.app.window.timeline
        stage = timeline.display.stage
        for frame, is_white in ((25, False), (205, True)):
            x = round(stage.scale(overview=True).x(frame + 0.5))
            QTest.mouseMove(timeline, QPoint(x, round(stage.rows.overview.center().y())))
            session.until(lambda: not _shown_tip().isNull(), "the image")
            session.until(partial(_is_tip, white=is_white), "its own image")
            assert f"Frame {stage.frame_at(QPointF(x, 10)):,}" in QToolTip.text()
            assert not any(name in QToolTip.text() for name in ("Polyp", "Caecum", "preparation"))


@pytest.mark.parametrize("count", [1, 3])
def test_a_still_that_the_model_is_sure_of_is_a_finding_however_it_looks(
    qtbot: QtBot, tmp_path: Path, model: Path, count: int
) -> None:
    """Small and dark: somebody chose it all the same."""
    folder, data, target = tmp_path / "stills", tmp_path / "data", tmp_path / "result.json"
    folder.mkdir()
    for number in range(count):
        cv2.imwrite(str(folder / f"{number}.png"), dark(tissue(number, 48, 64)))
    _keep_polyps_everywhere(data, model, folder)
    with running(data, model) as session:
        ready(session, folder)
        session.press("Ctrl+R")
        session.until(lambda: _line(session) == "0 % of frames usable (estimate)", "the measures")
        session.until(lambda: len(_spans(session)) == count, "a segment of each still")
        box = present(session.app.window.segments.quality.findChild(QCheckBox))
        assert box.isHidden(), "it would do nothing here"
    arguments = [str(folder), "--model", str(model), "--data-dir", str(data)]
    assert run_analyse([*arguments, "--out", str(target)]) == 0
    result = json.loads(target.read_text())
    assert {frame["quality"] for frame in result["frames"]} == {"too dark"}
    assert [row["start"] for row in result["findings"]] == list(range(count))
