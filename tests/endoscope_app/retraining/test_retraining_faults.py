"""A retraining whose trainer, window or frames fail: it always ends in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.retraining_flow import RetrainingFlow
from endoscope_app.retraining.run import wording
from endoscope_app.retraining.run.training_run import named
from tests.endoscope_app.fault_stage import run
from tests.endoscope_app.label_library import POLYPS, PROCEDURE, READER, moment
from tests.endoscope_app.retraining_stage import (
    folder_of,
    opened,
    press,
)


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("dies_later", wording.KILLED),
        ("disk_later", wording.OUT_OF_DISK),
        ("memory_later", wording.OUT_OF_MEMORY),
    ],
)
def test_a_trainer_that_died_after_an_epoch_can_be_gone_on_with_at_once(
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow], what: str, sentence: str
) -> None:
    first = flows(what)
    outcome, words = run(qtbot, first)
    assert (outcome, sentence in words) == ("failed", True)
    first.process._trainer = (*first.process._trainer[:2], "proves")
    with qtbot.waitSignal(first.ended, timeout=15_000) as done:
        press(first.dialog, "Resume")
    assert done.args == ["finished", folder_of(first)]
    assert first._runs.last_measured() is None  # half a run does not say how long a whole one takes


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("babbles", wording.NO_RESULT),
        ("garbage", "All the same."),
        ("memory", wording.OUT_OF_MEMORY),
    ],
)
def test_a_trainer_that_says_nothing_sensible_ends_in_a_sentence(
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow], what: str, sentence: str
) -> None:
    _, words = run(qtbot, flows(what))
    assert sentence in words


def test_a_trainer_that_hangs_is_told_of_in_the_dialog_and_without_one(
    qtbot: QtBot, flows: Callable[..., RetrainingFlow]
) -> None:
    retraining = flows("hang", 300)
    opened(retraining)
    press(retraining.dialog, "Start")
    qtbot.waitUntil(
        lambda: (
            retraining.dialog is not None
            and "reported nothing for" in retraining.dialog.shown_text()
        ),
        timeout=10_000,
    )
    press(retraining.dialog, "Cancel")
    qtbot.waitUntil(lambda: not retraining.busy, timeout=5000)


def test_a_label_changed_during_training_is_not_in_it_and_that_is_said(
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow], store: LabelStore
) -> None:
    retraining = flows("proves")
    opened(retraining)
    with qtbot.waitSignal(retraining.ended, timeout=15_000) as done:
        press(retraining.dialog, "Start")
        store.apply(
            edits.label_frames(store.read, PROCEDURE.fingerprint, [moment(70)], POLYPS), READER
        )
    assert done.args is not None
    assert retraining.dialog is not None
    assert "1 label was changed since." in retraining.dialog.shown_text()
    _, record = retraining._runs.all()[-1]
    assert len(record.labels) == 30


def test_frames_whose_recording_is_gone_are_left_out_and_counted(
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow], store: LabelStore
) -> None:
    store.apply(
        edits.label_frames(store.read, PROCEDURE.fingerprint, [moment(70), moment(71)], POLYPS),
        READER,
    )
    retraining = flows("proves")
    _, words = run(qtbot, retraining)
    assert "2 labelled frames were left out" in words
    _, record = retraining._runs.all()[-1]
    assert record.left_out == (
        f"{PROCEDURE.fingerprint}:2800:polyps",
        f"{PROCEDURE.fingerprint}:2840:polyps",
    )


def test_without_a_single_picture_nothing_is_trained(
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow], tmp_path: Path
) -> None:
    for path in (tmp_path / "labels" / "frames").rglob("*.png"):
        path.unlink()
    outcome, words = run(qtbot, flows("proves"))
    assert (outcome, wording.NO_IMAGES in words) == ("failed", True)


def test_a_refusal_names_procedures_as_the_reader_does(
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow]
) -> None:
    outcome, words = run(qtbot, flows("refused_by_fingerprint"))
    assert (outcome, "Procedure colon 2 cannot be held out." in words) == ("failed", True)


def test_a_cut_fingerprint_is_named_too_and_what_could_be_two_is_not() -> None:
    names = {"ab" * 20: "first", "ab" * 10 + "cd" * 10: "second", "ef" * 20: ""}
    assert named(f"Of {'ab' * 20} and {'ab' * 10 + 'cd'}.", names) == "Of first and second."
    assert (
        named(f"Of {'ab' * 8}, {'ef' * 20} and 2,026.", names)
        == f"Of {'ab' * 8}, {'ef' * 20} and 2,026."
    )
