"""Which procedures are kept for checking, chosen before a retraining starts."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.plan import wording
from endoscope_app.retraining.retraining_flow import RetrainingFlow
from kd_core.schema.held_out import HeldOut, read_held_out
from tests.endoscope_app.choice_stage import FIRST, SECOND, can_start, check, listed, words
from tests.endoscope_app.label_library import READER, STOOL, moment
from tests.endoscope_app.retraining_stage import (
    folder_of,
    opened,
    press,
)


def test_what_is_held_out_is_chosen_and_what_cannot_be_is_refused_at_once(
    flow: RetrainingFlow,
) -> None:
    opened(flow)
    assert listed(flow).checked() == (SECOND,)  # as kd-core would choose
    assert "24 labelled frames of 1 procedure to learn from." in words(flow)
    check(flow, 0, True)
    assert (
        "All labelled procedures are kept for checking (colon 1, colon 2), so nothing could be"
        " learnt." in words(flow)
    )
    assert not can_start(flow)
    check(flow, 1, False)
    assert can_start(flow)
    assert (
        "6 labelled frames of 1 procedure to learn from. 24 frames of 1 procedure kept for"
        " checking." in words(flow)
    )
    assert (
        "Shown only by procedures kept for checking, so no more of it is learnt: cecum."
        in words(flow)
    )
    check(flow, 0, False)
    assert wording.NONE_CHECKED in words(flow)
    assert can_start(flow)


def test_a_new_class_that_only_held_out_procedures_show_is_refused(
    flow: RetrainingFlow, store: LabelStore
) -> None:
    store.apply(
        edits.label_frames(store.read, SECOND, [moment(index) for index in range(50, 56)], STOOL),
        READER,
    )
    opened(flow)
    assert listed(flow).checked() == ()
    check(flow, 1, True)
    assert "stool is new and shown only by procedures kept for checking (colon 2)" in words(flow)
    assert not can_start(flow)


def test_a_new_class_of_which_too_little_is_learnt_from_is_said_to_be_left_out(
    flow: RetrainingFlow, store: LabelStore
) -> None:
    for where, frames in ((FIRST, range(50, 53)), (SECOND, range(50, 56))):
        store.apply(
            edits.label_frames(store.read, where, [moment(index) for index in frames], STOOL),
            READER,
        )
    opened(flow)
    check(flow, 0, False)
    check(flow, 1, True)
    left_out = (
        "Too few frames to learn a new class with these procedures kept for checking, so they are"
        " left out: stool 3."
    )
    assert left_out in words(flow)
    assert "learnt from your labels alone" not in words(flow)
    check(flow, 1, False)
    assert left_out not in words(flow)
    assert "learnt from your labels alone: stool." in words(flow)


def test_a_patient_who_stood_on_both_sides_is_learnt_from_and_named(
    flow: RetrainingFlow, store: LabelStore, tmp_path: Path
) -> None:
    store.apply(edits.set_patient(store.read, [FIRST, SECOND], "K7"), READER)
    (tmp_path / "runs").mkdir()
    flow._runs.held_out.write_text(json.dumps({"held_out": [FIRST], "learnt": [SECOND]}))
    opened(flow)
    assert (
        "Patient K7 was both kept for checking and learnt from: all procedures of K7 are learnt"
        " from now." in words(flow)
    )
    assert listed(flow).checked() == ()
    assert listed(flow).count() == 1


def test_the_choice_reaches_the_trainer_and_is_fixed_from_then_on(
    qtbot: QtBot, flow: RetrainingFlow
) -> None:
    opened(flow)
    assert flow.dialog is not None
    check(flow, 1, False)
    check(flow, 0, True)
    next(
        field
        for field in flow.dialog.findChildren(QLineEdit)
        if field.accessibleName() == "Replay weight"
    ).setText("2,5")
    with qtbot.waitSignal(flow.ended, timeout=15_000):
        press(flow.dialog, "Start")
    parsed = json.loads((folder_of(flow) / "candidate" / "words.json").read_text())
    assert read_held_out(Path(parsed[parsed.index("--held-out") + 1])) == HeldOut(
        (FIRST,), (SECOND,)
    )
    assert parsed[parsed.index("--weight") + 1] == "replay=2.5"
    flow.dialog.close()
    qtbot.waitUntil(lambda: flow.dialog is None)
    opened(flow)
    first, second = (listed(flow).item(row) for row in (0, 1))
    assert (first.checkState(), second.checkState()) == (
        Qt.CheckState.Checked,
        Qt.CheckState.Unchecked,
    )
    assert not (first.flags() | second.flags()) & Qt.ItemFlag.ItemIsUserCheckable
    assert (first.toolTip(), second.toolTip()) == (
        f"colon 1\n{wording.KEPT_FOR_EVER}",
        f"colon 2\n{wording.LEARNT_FOR_EVER}",
    )
