"""What the worklist allows holds in the plan of a retraining, and in the run that it starts."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from endoscope_app.labels.library.records import USES_SCOPE, Act, RowChange
from endoscope_app.labels.library.second_reading_records import LearningUse, ProcedureUse
from endoscope_app.retraining.retraining_flow import RetrainingFlow
from kd_core.schema.held_out import HeldOut, read_held_out
from tests.endoscope_app.choice_stage import FIRST, SECOND, can_start, words
from tests.endoscope_app.label_library import READER
from tests.endoscope_app.retraining_stage import folder_of, opened, press


def allow(flow: RetrainingFlow, fingerprint: str, use: LearningUse) -> None:
    row = RowChange("procedure_uses", fingerprint, None, ProcedureUse(fingerprint, use))
    flow._session.main.apply(Act("use", (row,), scope=USES_SCOPE), READER)


def test_what_is_kept_for_checking_is_not_learnt(qtbot: QtBot, flow: RetrainingFlow) -> None:
    allow(flow, FIRST, "checking")  # left alone, it would be learnt from
    dialog = opened(flow)
    with qtbot.waitSignal(flow.process.event_came, timeout=15_000):
        press(dialog, "Start")
    assert read_held_out(folder_of(flow) / "sides.json").held_out[:1] == (FIRST,)
    assert SECOND in read_held_out(folder_of(flow) / "sides.json").learnt
    press(dialog, "Cancel")
    qtbot.waitUntil(lambda: dialog.state == "ended", timeout=15_000)


def test_where_all_is_kept_for_checking_the_way_out_is_the_worklist(flow: RetrainingFlow) -> None:
    allow(flow, FIRST, "checking")
    allow(flow, SECOND, "checking")
    opened(flow)
    assert not can_start(flow)
    assert "in the worklist (Ctrl+U)" in words(flow)


def test_what_is_excluded_is_neither_learnt_nor_checked_on(
    qtbot: QtBot, flow: RetrainingFlow
) -> None:
    allow(flow, SECOND, "excluded")
    dialog = opened(flow)
    assert "1 labelled procedure is excluded in the worklist (Ctrl+U)." in words(flow)
    with qtbot.waitSignal(flow.process.event_came, timeout=15_000):
        press(dialog, "Start")
    assert read_held_out(folder_of(flow) / "sides.json") == HeldOut((), (FIRST,))
    press(dialog, "Cancel")
    qtbot.waitUntil(lambda: dialog.state == "ended", timeout=15_000)
