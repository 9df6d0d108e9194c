"""A model with a softmax for each class group in the window: a polyp and good preparation are both
named on one frame, in panel, timeline, segments and report, and the keys of a reader take both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from endoscope_app.__main__ import main
from endoscope_app.analysis.timeline.timeline_text import place_text
from endoscope_app.labels.frame_states import State
from kd_core.schema.taxonomy import LOWER_GI
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import go, in_front, ready, store
from tests.endoscope_app.report.report_session import opened, shown
from tests.endoscope_app.segments.segment_session import panel, press, ranges
from tests.grouped_model import make_grouped_dir

FRAMES = 60
POLYP, CLEAN = LOWER_GI.index("polyps"), LOWER_GI.index("bbps-2-3")


@pytest.fixture(scope="module")
def grouped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_grouped_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=FRAMES)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, grouped: Path, short: Path) -> Iterator[Session]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "settings.json").write_text('{"smoothing_s": 0, "usable_only": false}')
    with running(data, grouped) as session:
        ready(session, short)
        session.until(session.analysed, "the analysis")
        session.until(lambda: spans(session) == [(0, FRAMES - 1)] * 2, "its segments")
        in_front(session, session.app.window)
        yield session


def spans(session: Session) -> list[tuple[int, int]]:
    """First and last frame of every row of the list: there are two, of one class group each."""
    return [(row.item.first_index, row.item.last_index) for row in panel(session).rows]


def own_labels(session: Session) -> list[tuple[str, str]]:
    """Class key and kind of the labels of the frame on screen."""
    app, read = session.app, store(session).read
    pts = app.labels.procedure.moment(session.on_screen()).pts
    return [
        (read.label_class(label.class_id).key, label.kind)
        for label in read.labels_at(app.labels.procedure.fingerprint, pts)
        if label.class_id is not None
    ]


def test_a_frame_is_named_in_each_group_beside_the_picture(session: Session) -> None:
    window = session.app.window
    said = window.verdict.text()
    assert "Polyp 96" in said
    assert "Preparation: Good preparation (BBPS 2-3), 91" in said
    assert "Landmarks: none, 95" in said
    assert window.bars.tops() == [POLYP, CLEAN]
    timeline = session.app.analysis.timeline
    assert timeline is not None
    assert timeline.track_names == ("Pathology", "Landmarks", "Preparation")
    assert set(timeline.labels().tolist()) == {POLYP}
    assert not timeline.unsure().any()


def test_the_timeline_has_a_row_for_each_group(session: Session) -> None:
    view = session.app.window.timeline
    scene = view.display.scene
    stage = view.display.stage
    text = place_text(stage, stage.rows.strip.center())
    assert "Polyp 96\xa0%" in text
    assert "Good preparation (BBPS 2-3) 91\xa0%" in text
    view.resize(600, 200)
    pixels = view.grab().toImage()
    rows = range(pixels.height())
    colours = {pixels.pixelColor(x, y).name() for x in range(300, 340) for y in rows}
    for place in (POLYP, CLEAN):
        wanted = scene.colours[place]
        near = [
            name
            for name in colours
            if abs(int(name[1:3], 16) - wanted.red()) < 40
            and abs(int(name[3:5], 16) - wanted.green()) < 40
            and abs(int(name[5:7], 16) - wanted.blue()) < 40
        ]
        assert near, f"the colour of {scene.names[place]}"


def test_findings_of_two_groups_lie_over_one_another_and_are_both_accepted(
    session: Session,
) -> None:
    press(session, Qt.Key.Key_N)
    press(session, Qt.Key.Key_Return)
    press(session, Qt.Key.Key_Return)
    assert sorted(ranges(session)) == [
        (0, FRAMES - 1, "bbps-2-3"),
        (0, FRAMES - 1, "polyps"),
    ]
    report = shown(opened(session))
    assert "Polyp" in report
    assert "Good preparation (BBPS 2-3)" in report


def test_reviewed_takes_what_is_named_of_every_group(session: Session) -> None:
    go(session, 20)
    session.press("R")
    assert sorted(own_labels(session)) == [("bbps-2-3", "agreed"), ("polyps", "agreed")]
    assert "Reviewed: the model is right." in session.app.window.label_panel.text()
    session.press("Ctrl+Z")
    assert own_labels(session) == []


def test_a_label_differs_from_the_model_in_its_own_group_alone(session: Session) -> None:
    """Keys 2 and 1: good and poor preparation; of the polyp nothing is said."""
    states = session.app.labels.procedure_labels.states
    go(session, 20)
    session.press("2")
    assert own_labels(session) == [("bbps-2-3", "class")]
    assert "You and the model agree." in session.app.window.label_panel.text()
    assert not states.differing().any()
    go(session, 30)
    session.press("1")
    assert "You and the model differ." in session.app.window.label_panel.text()
    assert np.flatnonzero(states.differing()).tolist() == [30]
    assert states.states()[30] == State.DISAGREEMENT


def test_without_a_window_a_frame_has_a_class_of_each_group(
    grouped: Path, short: Path, tmp_path: Path
) -> None:
    out, table, data = tmp_path / "r.json", tmp_path / "r.csv", tmp_path / "data"
    data.mkdir()
    (data / "settings.json").write_text('{"usable_only": false}')
    words = ["analyse", short, "--out", out, "--csv", table, "--model", grouped]
    assert main([str(word) for word in (*words, "--data-dir", data)]) == 0
    made = json.loads(out.read_text())
    assert made["frames"][7]["label"] == "polyps"
    assert made["frames"][7]["groups"] == {"Pathology": "polyps", "Preparation": "bbps-2-3"}
    assert sorted(finding["label"] for finding in made["findings"]) == ["bbps-2-3", "polyps"]
