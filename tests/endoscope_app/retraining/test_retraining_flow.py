"""Retraining from the library to a candidate, with a trainer that trains nothing: plan, export,
run, end, and going on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.labels.exchange.training_selection import RangeSampling, select
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.plan import wording as plan_wording
from endoscope_app.retraining.plan.library_tally import LibraryTally, tally
from endoscope_app.retraining.plan.plan_making import learning_plan
from endoscope_app.retraining.plan.training_cost import work
from endoscope_app.retraining.retraining_flow import RetrainingFlow
from endoscope_app.retraining.run.run_files import ending, read_events
from endoscope_app.retraining.run.training_process import Patience, TrainingProcess
from endoscope_app.retraining.run.wording import CANCELLED
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.retraining.starting_point import ShippedAssets, StartingModel
from endoscope_app.retraining.training_dialog import TrainingDialog
from endoscope_app.retraining.wording import NO_REPLAY
from endoscope_app.shell.main_window import MainWindow
from kd_core.schema.model_card import read_card
from tests.endoscope_app.label_library import CECUM, OTHER, PROCEDURE, READER, STOOL, moment
from tests.endoscope_app.retraining_stage import (
    CLASSES,
    FAKE,
    TEACHERS,
    folder_of,
    labelled,
    opened,
    opened_session,
    press,
)
from tests.present import present

ACTIVE = StartingModel(Path("resources/models/student"), "base-1", CLASSES)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    """Besides what retraining_stage labels, two frames of a class that no model knows, of which
    there is no picture.
    """
    with labelled(tmp_path / "labels") as library_store:
        library_store.apply(
            edits.label_frames(
                library_store.read, PROCEDURE.fingerprint, [moment(50), moment(51)], STOOL
            ),
            READER,
        )
        yield library_store


@pytest.fixture
def flow(
    qtbot: QtBot, tmp_path: Path, store: LabelStore
) -> Iterator[Callable[[str], RetrainingFlow]]:
    """Makes the flow with one behaviour of the fake trainer."""
    window, made = MainWindow(), []
    qtbot.addWidget(window)
    replay = tmp_path / "replay.safetensors"
    replay.write_bytes(b"")

    def make(what: str) -> RetrainingFlow:
        process = TrainingProcess(
            trainer=(sys.executable, FAKE, what), patience=Patience(10_000, 300, 300)
        )
        runs, means = RunFolders(tmp_path / "runs"), ShippedAssets(replay, TEACHERS)
        flow = RetrainingFlow(
            window, opened_session(store), tmp_path / "labels", runs, means, process=process
        )
        flow.use(ACTIVE)
        made.append(flow)
        return flow

    yield make
    for one in made:
        one.close()


def counted(store: LabelStore, *fingerprints: str, before: Collection[str] = ()) -> LibraryTally:
    return tally(select(store.read, RangeSampling(), fingerprints or None), before)


def run(qtbot: QtBot, flow: RetrainingFlow) -> tuple[str, Path]:
    """Open, start, and wait for the end."""
    opened(flow)
    with qtbot.waitSignal(flow.ended, timeout=15_000) as done:
        press(flow.dialog, "Start")
    assert done.args is not None
    return done.args[0], done.args[1]


def test_the_last_comparison_can_be_looked_at_again_until_its_candidate_is_discarded(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow]
) -> None:
    retraining = flow("proves")
    _, folder = run(qtbot, retraining)

    def opened_again() -> TrainingDialog:
        assert retraining.dialog is not None
        retraining.dialog.close()
        qtbot.waitUntil(lambda: retraining.dialog is None)
        retraining.open()
        assert retraining.dialog is not None
        assert retraining.dialog.state == "before"
        return retraining.dialog

    dialog = opened_again()
    with qtbot.waitSignal(retraining.compare_requested, timeout=1000) as asked:
        press(dialog, "Compare last…")
    assert asked.args == [folder]
    (folder / "candidate" / "evidence.json").unlink()
    assert not [
        button
        for button in opened_again().findChildren(QPushButton)
        if "Compare" in button.text() and not button.isHidden()
    ]


def test_the_plan_counts_by_class_and_procedure_and_warns(
    store: LabelStore, tmp_path: Path
) -> None:
    plan = learning_plan(counted(store), ACTIVE, RunFolders(tmp_path / "runs"), TEACHERS)
    # cecum is shown by the first procedure alone, so only the other can be held out
    assert [
        (label_class.name, label_class.learnt, label_class.fresh, label_class.held_out)
        for label_class in plan.classes
    ] == [
        ("cecum", 12, 12, 0),
        ("polyps", 12, 18, 6),
    ]
    assert [
        (procedure.name, procedure.labels, procedure.held_out) for procedure in plan.procedures
    ] == [
        ("colon 1", 24, False),
        ("colon 2", 6, True),
    ]
    assert plan.warnings == ("Too few frames to learn a new class, so they are left out: stool 2.",)
    assert (plan.teachers, plan.quick, plan.thorough) == (TEACHERS, None, None)


def test_classes_with_few_frames_are_one_sentence(store: LabelStore, tmp_path: Path) -> None:
    for name, frames in (
        ("ulcerative-colitis", range(30, 31)),
        ("retroflexion", range(40, 46)),
        ("pylorus", range(50, 57)),
    ):
        class_id = store.new_id("classes")
        store.apply(class_edits.add_class(store.read, name, "#808080", class_id), READER)
        store.apply(
            edits.label_frames(
                store.read, OTHER.fingerprint, [moment(frame) for frame in frames], class_id
            ),
            READER,
        )
    nothing_aside = learning_plan(
        counted(store), ACTIVE, RunFolders(tmp_path / "runs"), TEACHERS, ()
    )
    assert nothing_aside.warnings[1:3] == (
        "Few frames to learn from: ulcerative-colitis 1, pylorus 7, retroflexion 6.",
        "New, so learnt from your labels alone: pylorus, retroflexion.",
    )


def test_one_procedure_and_contradictions_are_warned_of(store: LabelStore, tmp_path: Path) -> None:
    same = store.read.frame_labels(PROCEDURE.fingerprint)[0].png
    store.apply(
        edits.label_frames(store.read, PROCEDURE.fingerprint, [moment(60, same)], CECUM), READER
    )
    plan = learning_plan(
        counted(store, PROCEDURE.fingerprint),
        ACTIVE,
        RunFolders(tmp_path / "runs"),
        TEACHERS,
    )
    assert plan_wording.ONE_PROCEDURE in plan.warnings
    assert "1 image has labels that contradict each other." in plan.warnings
    assert "No procedure is kept for checking." in plan.sentence()


def test_a_run_ends_with_a_candidate_and_the_proofs_sentence(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow], tmp_path: Path, store: LabelStore
) -> None:
    retraining = flow("proves")
    outcome, folder = run(qtbot, retraining)
    assert outcome == "finished"
    assert retraining.dialog is not None
    assert "Better: 31 of 60 wrong frames are now right" in retraining.dialog.shown_text()
    # Of stool no image was kept, and the file is gone
    assert len(list((folder / "labels").rglob("*.png"))) == 30
    words = json.loads((folder / "candidate" / "words.json").read_text())
    assert words[words.index("--labels") + 1] == str(folder / "labels")
    assert [after for word, after in pairwise(words) if word == "--teachers"] == [
        "teachers/a",
        "teachers/b",
    ]
    assert words[words.index("--scheme") + 1] == "response"
    with qtbot.waitSignal(retraining.compare_requested, timeout=1000) as asked:
        press(retraining.dialog, "Compare…")
    assert asked.args == [folder]
    # Once the candidate is the active model, nothing of this is new, and the time is known from
    # measurement.
    version = read_card(folder / "candidate").version
    runs = RunFolders(tmp_path / "runs")
    candidate = StartingModel(folder / "candidate", version, ACTIVE.classes)
    plan = learning_plan(
        counted(store, before=runs.learnt_by(version)),
        candidate,
        runs,
        TEACHERS,
    )
    assert sum(label_class.fresh for label_class in plan.classes) == 0
    last = runs.last_measured()
    assert last is not None
    assert last.seconds > 0
    worth = work(24, 2, thorough=False)
    assert (last.fixed_work, last.training_work) == (worth.fixed, worth.training)
    assert 0 < last.training_seconds < last.seconds
    assert datetime.fromisoformat(last.begun) > datetime.now(UTC) - timedelta(minutes=1)
    at = datetime.fromisoformat(last.begun).astimezone()
    assert words[words.index("--name") + 1] == f"model of {at.day} {at:%b %H:%M}"


def test_a_dialog_that_was_closed_shows_the_run_when_it_is_opened_again(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow]
) -> None:
    retraining = flow("listens")
    opened(retraining)
    with qtbot.waitSignal(retraining.process.event_came, timeout=15_000):
        press(retraining.dialog, "Start")
    qtbot.waitUntil(
        lambda: retraining.process.running and len(read_events(folder_of(retraining))) == 2,
        timeout=5000,
    )
    press(retraining.dialog, "Close")
    qtbot.waitUntil(lambda: retraining.dialog is None)
    assert retraining.busy
    opened(retraining)
    assert retraining.dialog is not None
    assert retraining.dialog.state == "running"
    assert "Training" in retraining.dialog.shown_text()
    retraining.dialog.close()
    with qtbot.waitSignal(retraining.ended, timeout=5000):
        retraining.process.stop()
    opened(retraining)
    assert retraining.dialog.state == "ended"
    assert "Stopped with the best so far." in retraining.dialog.shown_text()


def test_cancel_discards_frames_and_candidate(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow]
) -> None:
    retraining = flow("hang")
    opened(retraining)
    with qtbot.waitSignal(retraining.process.event_came, timeout=15_000):
        press(retraining.dialog, "Start")
    with qtbot.waitSignal(retraining.ended, timeout=5000) as done:
        press(retraining.dialog, "Cancel")
    assert done.args is not None
    assert done.args[0] == "cancelled"
    assert CANCELLED in present(retraining.dialog).shown_text()
    assert not (done.args[1] / "labels").exists()
    assert not (done.args[1] / "candidate").exists()


def test_a_run_that_was_killed_is_gone_on_with_and_another_choice_begins_anew(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow]
) -> None:
    outcome, first = run(qtbot, flow("killed"))
    assert outcome == "failed"
    outcome, second = run(qtbot, flow("proves"))
    assert (outcome, second) == ("finished", first)
    end = ending(read_events(first))
    assert end is not None
    assert end.outcome == "finished"
    _, third = run(qtbot, flow("proves"))
    assert third != first


def test_nothing_starts_without_the_replay_set(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow], tmp_path: Path
) -> None:
    (tmp_path / "replay.safetensors").unlink()
    retraining = flow("proves")
    opened(retraining)
    press(retraining.dialog, "Start")
    assert retraining.dialog is not None
    assert NO_REPLAY in retraining.dialog.shown_text()
    assert not (tmp_path / "runs").exists()
    assert not retraining.busy
