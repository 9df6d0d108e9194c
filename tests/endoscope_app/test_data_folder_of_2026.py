"""The data folder that the program of November 2026 left: the window opens it for ever."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from endoscope_app.base.settings import Settings
from endoscope_app.labels.commands import UNDO_CLASSES
from tests.conftest import REPOSITORY
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.label_session import labels, store

FIXTURES = REPOSITORY / "tests" / "fixtures"
CLIPS = FIXTURES / "data_folder_2026_11" / "clips"
SHIPPED = FIXTURES / "core_2026_11" / "model"
FIRST, PROMOTED = "2026.11.30-0bcaa271", "2026.11.30-be7bd7af"
PREPARATION = ["Poor preparation (BBPS 0-1)", "Good preparation (BBPS 2-3)"]
NAMES = [*PREPARATION, "Caecum", "Impacted stool", "Polypen", "Ulcerative colitis", "diverticulum"]
#: Class by labelled frame; none of these on 15, and 16 was reviewed.
OF_A = {1: 5, 2: 5, 3: 5, 5: 3, 7: 1, 9: 3, 10: 3, 11: 3, 15: None, 16: 2, 20: 7, 21: 7}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURES / "data_folder_2026_11" / "data", tmp_path / "data"))


@pytest.fixture
def session(qtbot: QtBot, data: Path) -> Iterator[Session]:
    with running(data, SHIPPED, "") as session:
        session.until(lambda: session.app.classifier is not None, "the model in use")
        yield session


def held(session: Session) -> dict[int, int | None]:
    return {label.frame_index: label.class_id for label in labels(session)}


def test_the_settings_are_in_force(session: Session) -> None:
    overlay: dict[str, Any] = {"theme": "light", "overlay_opacity": 0.6, "colour_map": "viridis"}
    times = {"minimum_finding_s": 0.5, "smoothing_s": 0.8, "analyse_on_open": False}
    learning = {"kept_pictures_gb": 2.0, "range_step": 3, "thin_ranges": False}
    chosen = {**overlay, **times, **learning, "deinterlace": False, "reader_mode": "on request"}
    assert session.app.settings.now == Settings(**chosen)
    assert not session.app.player.deinterlace
    assert [entry.path.name for entry in session.app.recent_files.entries()] == [
        "colon-a.mp4",
        "colon-b.mp4",
    ]


def test_the_promoted_model_is_in_use_and_can_be_taken_back(session: Session) -> None:
    models = session.app.models.registry
    assert session.app.classifier is not None
    assert (session.app.classifier.version, models.trouble) == (PROMOTED, "")
    (made,) = models.history()
    assert made.reason == "The new class matters more here."
    assert (made.version, made.reader, made.utc[:10]) == (PROMOTED, "Reader One", "2026-11-30")
    assert [
        (entry.version, entry.parent, entry.problem, entry.active) for entry in models.entries()
    ] == [
        (FIRST, "", "", False),
        (PROMOTED, FIRST, "", True),
    ]
    assert models.roll_back("Reader One") == FIRST


def test_labels_range_patient_and_names_are_there_and_undo_goes_on(session: Session) -> None:
    session.open(CLIPS / "colon-a.mp4")
    session.until(lambda: session.on_screen() == 17, "the frame where it was left")
    assert [label_class.name for label_class in session.app.labels.session.panel_classes()] == NAMES
    assert (held(session), store(session).read.reader_name()) == (OF_A, "Reader One")
    films = {
        procedure.name: (
            procedure.patient,
            len(store(session).read.frame_labels(procedure.fingerprint)),
        )
        for procedure in store(session).read.procedures()
    }
    assert films == {"colon-a.mp4": ("P-1", 12), "colon-b.mp4": ("", 12)}
    (found,) = store(session).read.ranges(session.app.labels.procedure.fingerprint)
    assert (found.first_index, found.last_index, found.class_id) == (24, 33, 7)
    for keys, gone in (("Ctrl+Z", 1), ("Ctrl+Z", 2), ("Ctrl+Shift+Z", 1), ("Ctrl+Shift+Z", 0)):
        session.press(keys)
        assert len(labels(session)) == len(OF_A) - gone
    assert held(session) == OF_A
    session.app.window.action(UNDO_CLASSES).trigger()
    assert "The class diverticulum still has labels" in session.message()


def test_the_stored_analysis_is_taken_without_another(session: Session) -> None:
    session.open(CLIPS / "colon-a.mp4")
    session.until(session.analysed, "the stored analysis")
    app = session.app
    timeline, classifier, frame = app.analysis.timeline, app.classifier, app.prediction_view.frame
    assert not app.analysis.running
    assert timeline is not None
    assert classifier is not None
    assert frame is not None
    expected = classifier.classify(frame.image).probabilities
    np.testing.assert_allclose(timeline.raw[frame.index].astype(np.float32), expected, atol=0.02)
    session.open(CLIPS / "colon-b.mp4")
    assert not session.analysed()  # of this one there is none


def test_the_finished_run_is_compared_again(session: Session) -> None:
    runs = session.app.retraining.comparison._runs
    folder, record = runs.all()[0]
    assert (record.base, record.version, len(record.labels)) == (FIRST, PROMOTED, 24)
    assert (record.range_step, record.thin_ranges) == (3, False)
    session.app.retraining.flow.compare_requested.emit(folder)
    session.until(lambda: session.app.retraining.comparison.dialog is not None, "the comparison")
    dialog = session.app.retraining.comparison.dialog
    assert dialog is not None
    said = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "7 of 12 wrong frames are now right" in said
    assert "diverticulum cannot be named yet" in said
    table = dialog.scores.table
    rows = [[table.text(row, cell) for cell in (0, 2, 6)] for row in range(table.rowCount())]
    assert ["Accuracy", "58.3\xa0%", "100.0\xa0%"] in rows
    assert ["Sensitivity, Polypen", "0.0\xa0% (0–56)", "100.0\xa0% (34–100)"] in rows
    assert dialog.note() == "The new model is the one in use."
    assert dialog.current_frame() is not None
    views = [sight.view for sight in dialog.differing.sights]
    session.until(lambda: all(view._image is not None for view in views), "the frame's picture")


def test_the_interrupted_run_is_offered(session: Session) -> None:
    assert "was interrupted at pass 1 of 3." in session.message()
    session.press("Ctrl+T")
    dialog = session.app.retraining.flow.dialog
    assert dialog is not None
    session.until(lambda: not dialog._is_counting, "the labels counted")
    assert "was interrupted at pass 1 of 3." in dialog.shown_text()
    assert [procedure.held_out for procedure in dialog._plan.procedures] == [False, True]
    assert all(procedure.fixed for procedure in dialog._plan.procedures)
    assert dialog._plan.classes[0].fresh == 0
