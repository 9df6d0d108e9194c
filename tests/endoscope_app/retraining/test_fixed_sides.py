"""Which procedures a run fixes as learnt from or kept for checking, and what releases them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.retraining.plan import checking_set as sides
from endoscope_app.retraining.retraining_flow import RetrainingFlow
from endoscope_app.retraining.run_folders import RunFolders, RunRecord
from kd_core.schema.held_out import HeldOut, read_held_out
from kd_core.schema.manifest import Sample
from kd_core.schema.reader_labels import choose_held_out
from tests.endoscope_app.choice_stage import FIRST, SECOND, can_start, check, listed, words
from tests.endoscope_app.retraining_stage import (
    folder_of,
    opened,
    press,
)


@pytest.mark.parametrize("what", ["refused", "works", "dies_later", "babbles"])
def test_nothing_is_fixed_by_a_run_that_has_not_learnt(
    qtbot: QtBot, flow: RetrainingFlow, what: str
) -> None:
    flow.process._trainer = (*flow.process._trainer[:2], what)
    dialog = opened(flow)
    with qtbot.waitSignal(flow.process.event_came, timeout=15_000):
        press(dialog, "Start")
    assert read_held_out(folder_of(flow) / "sides.json") == HeldOut((SECOND,), (FIRST,))
    if what == "works":
        press(dialog, "Cancel")
    qtbot.waitUntil(lambda: dialog.state == "ended", timeout=15_000)
    assert not flow._runs.held_out.exists()
    dialog.close()
    qtbot.waitUntil(lambda: flow.dialog is None)
    opened(flow)
    check(flow, 1, False)
    check(flow, 0, True)
    assert can_start(flow)


def test_sides_that_a_refused_run_of_an_earlier_version_fixed_are_released_by_a_button(
    qtbot: QtBot, flow: RetrainingFlow, tmp_path: Path
) -> None:
    runs = RunFolders(tmp_path / "runs")
    stuck = runs.new(RunRecord("base-1", {}, (f"{FIRST}:0:polyps",), fixed=(FIRST, SECOND)))
    runs.held_out.write_text(json.dumps({"held_out": [FIRST, SECOND], "learnt": []}))
    (stuck / "events.jsonl").write_text(
        '{"type":"ended","outcome":"failed","sentence":"All labelled procedures are held out."}\n'
    )
    dialog = opened(flow)
    assert not can_start(flow)
    assert (
        "(colon 1, colon 2), so nothing could be learnt. Release them: no kept model depends on"
        " them." in words(flow)
    )
    press(dialog, "Release 2 procedures")
    qtbot.waitUntil(lambda: can_start(flow), timeout=5000)
    assert read_held_out(runs.held_out) == HeldOut()
    assert listed(flow).checked() == (SECOND,)
    with qtbot.waitSignal(flow.ended, timeout=15_000):
        press(dialog, "Start")
    assert read_held_out(runs.held_out) == HeldOut((SECOND,), (FIRST,))


def test_only_sides_that_no_kept_model_depends_on_can_be_released(tmp_path: Path) -> None:
    runs = RunFolders(tmp_path)
    words = {"m1": ("a:0:x", "b:0:x"), "m2": ("c:0:x",), "m3": ("d:0:x",)}
    for version, base in (("m1", "shipped"), ("m2", "m1"), ("m3", "shipped")):
        runs.new(RunRecord(base, {}, words[version], version))
    runs.held_out.write_text(json.dumps({"held_out": ["a", "c"], "learnt": ["b", "d", "e"]}))
    assert sides.releasable(runs, {}) == {"a", "b", "c", "d", "e"}
    # What it came from has learnt from a and b
    assert sides.releasable(runs, {"m2": "m1"}) == {"d", "e"}
    assert sides.releasable(runs, {"m3": "shipped"}) == {"a", "b", "c", "e"}
    # Nobody knows what that one learnt from
    assert sides.releasable(runs, {"m9": "elsewhere"}) == frozenset()
    candidate = runs.all()[2][0] / "candidate"
    candidate.mkdir()
    (candidate / "evidence.json").write_text("{}")
    # It is not decided yet what becomes of it
    assert sides.releasable(runs, {}) == {"a", "b", "c", "e"}
    sides.release(runs.held_out, {"a", "e"})
    assert read_held_out(runs.held_out) == HeldOut(("c",), ("b", "d"))


def test_sides_of_before_stay_whatever_is_chosen(tmp_path: Path) -> None:
    samples = [Sample("", "polyps", group) for group in "abcd"]
    before = HeldOut(("a", "z"), ("b",))
    after = sides.decided(samples, before, ("b", "c"))
    assert after == HeldOut(("a", "c", "z"), ("b", "d"))
    assert choose_held_out(samples, after) == after  # kd-core keeps to it
