"""Which procedures are held out, and what a retraining takes: chosen and measured before it
begins.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QRadioButton, QSpinBox
from pytestqt.qtbot import QtBot

from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.plan import checking_set as sides
from endoscope_app.retraining.plan import plan_work, wording
from endoscope_app.retraining.plan.checking_list import CheckingList
from endoscope_app.retraining.plan.training_cost import (
    Cost,
    Work,
    cost,
    forward_seconds,
    spare_cores,
    work,
)
from endoscope_app.retraining.retraining_flow import RetrainingFlow
from endoscope_app.retraining.run.trainer import peak_mb
from endoscope_app.retraining.run_folders import RunFolders, RunRecord
from endoscope_app.shell.main_window import MainWindow
from kd_core.schema.held_out import HeldOut, read_held_out
from kd_core.schema.manifest import Sample
from kd_core.schema.reader_labels import choose_held_out
from tests.endoscope_app.label_library import OTHER, PROCEDURE, READER, STOOL, moment
from tests.endoscope_app.retraining_stage import (
    folder_of,
    labelled,
    make_flow,
    models_in,
    opened,
    press,
)
from tests.present import present

FIRST, SECOND = PROCEDURE.fingerprint, OTHER.fingerprint  # "ab…", "cd…": in this order in the list


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with labelled(tmp_path / "labels") as made:
        yield made


@pytest.fixture
def flow(qtbot: QtBot, tmp_path: Path, store: LabelStore) -> Iterator[RetrainingFlow]:
    models_in(tmp_path)
    window = MainWindow()
    qtbot.addWidget(window)
    made = make_flow(window, store, tmp_path, "proves")
    made.closing._ask = lambda _: "keep"
    yield made
    made.close()


def listed(flow: RetrainingFlow) -> CheckingList:
    assert flow.dialog is not None
    found = flow.dialog.findChild(CheckingList)
    assert found is not None
    return found


def check(flow: RetrainingFlow, row: int, on: bool) -> None:
    listed(flow).item(row).setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def can_start(flow: RetrainingFlow) -> bool:
    assert flow.dialog is not None
    return next(
        one for one in flow.dialog.findChildren(QPushButton) if one.text() == "Start"
    ).isEnabled()


def words(flow: RetrainingFlow) -> str:
    assert flow.dialog is not None
    return flow.dialog.shown_text()


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
        one
        for one in flow.dialog.findChildren(QLineEdit)
        if one.accessibleName() == "Replay weight"
    ).setText("2,5")
    with qtbot.waitSignal(flow.ended, timeout=15_000):
        press(flow.dialog, "Start")
    said = json.loads((folder_of(flow) / "candidate" / "words.json").read_text())
    assert read_held_out(Path(said[said.index("--held-out") + 1])) == HeldOut((FIRST,), (SECOND,))
    assert said[said.index("--weight") + 1] == "replay=2.5"
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


def test_the_estimate_gives_back_what_it_was_made_from() -> None:
    # 78 s for 120 frames to learn from of 160, two teachers, 50 epochs of quick, where the student
    # takes 1.92 ms
    made = cost(work(120, 2, thorough=False, epochs=50), 160, None, 0.00192, threads=1)
    assert made is not None
    assert made.seconds == pytest.approx(78, abs=1)
    assert made.megabytes == pytest.approx(888, abs=2)
    larger = cost(work(720, 2, thorough=False), 960, None, 0.00192, threads=1)
    assert larger is not None
    assert larger.megabytes == pytest.approx(1414, abs=5)
    assert cost(Work(1.0, 1.0), 160, None, None, threads=1) is None
    # by hand: 1000 frames learnt: 13.7 x 1000 x 6 x 1 + 3100, and 8 epochs of 2.88 x 1000 + 141
    assert astuple(work(1000, 1, thorough=True)) == pytest.approx((82_200 + 3_100, 8 * 3_021))
    assert astuple(work(3000, 1, thorough=False, epochs=1)) == pytest.approx(
        (164_400 + 3_100, 8_640 + 141)
    )
    # 8.5 ms a frame and 0.42 s besides, where the model takes 1.92 ms and half of the machine: as
    # much as 60 and 8 frames were measured
    per_epoch = [work(frames, 2, thorough=False, epochs=1).training for frames in (60, 8)]
    assert per_epoch[0] / per_epoch[1] == pytest.approx(0.93 / 0.49, abs=0.05)


def test_an_earlier_run_tells_better_than_the_probe() -> None:
    before = RunRecord(
        "base",
        {},
        ("a",) * 100,
        seconds=18.0,
        training_seconds=3.0,
        fixed_work=1000.0,
        training_work=30.0,
        peak_mb=900.0,
    )
    assert cost(Work(3000.0, 60.0), 200, before, 0.5, threads=1) == Cost(
        15.0 * 3 + 3.0 * 2,
        pytest.approx(900 + 66),  # type: ignore[arg-type]
    )
    # Twenty times as many epochs: the 15 s that were none of theirs stay 15 s.
    assert cost(Work(1000.0, 600.0), 100, before, 0.5, threads=1) == Cost(75.0, 900.0)


def test_the_estimate_follows_epochs_and_teachers(qtbot: QtBot, flow: RetrainingFlow) -> None:
    flow._planning._meter._forward = 0.01
    opened(flow)
    assert flow.dialog is not None
    quick = next(
        one for one in flow.dialog.findChildren(QRadioButton) if one.text().startswith("Quick")
    )
    # 24 frames learnt: 13.7 x 24 x 4 x 2 + 3100 = 5730, and 83 epochs of 2.88 x 24 + 141 = 210
    assert quick.text().startswith(
        f"Quick (about {round(0.01 * (5730 + 83 * 210) / spare_cores() / 60)} min"
    )
    present(flow.dialog.findChild(QSpinBox)).setValue(3)
    three = 5 * round(0.01 * (5730 + 3 * 210) / spare_cores() / 5)
    assert quick.text().startswith(f"Quick (about {three} s,")
    next(one for one in flow.dialog.findChildren(QCheckBox) if one.text() == "Lite0").click()
    one_less = 5 * round(0.01 * (5730 - 1315 + 3 * 210) / spare_cores() / 5)
    assert one_less < three
    assert quick.text().startswith(f"Quick (about {one_less} s,")


def test_a_run_that_was_stopped_counts_for_the_epochs_that_it_had(
    qtbot: QtBot, flow: RetrainingFlow, tmp_path: Path
) -> None:
    flow.process._trainer = (*flow.process._trainer[:2], "proves_half")
    opened(flow)
    with qtbot.waitSignal(flow.ended, timeout=15_000):
        press(flow.dialog, "Start")
    last = RunFolders(tmp_path / "runs").last_measured()
    assert last is not None
    assert last.training_work == pytest.approx(work(24, 2, thorough=False).training / 4)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (Cost(78, 888), "about 80 s, 0.9 GB of memory"),
        (Cost(1, 20), "about 5 s, 0.1 GB of memory"),
        (Cost(130, 2449), "about 2 min, 2.4 GB of memory"),
    ],
)
def test_costs_are_said_in_round_words(known: Cost, said: str) -> None:
    assert wording.cost_text(known.seconds, known.megabytes) == said


def test_the_dialog_measures_in_the_background_and_then_says_it(
    qtbot: QtBot, flow: RetrainingFlow, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, measure = threading.Event(), forward_seconds
    monkeypatch.setattr(
        plan_work, "forward_seconds", lambda model: measure(model) if gate.wait(60) else None
    )
    opened(flow)
    assert flow.dialog is not None
    quick = next(
        one for one in flow.dialog.findChildren(QRadioButton) if one.text().startswith("Quick")
    )
    assert quick.text() == "Quick (measuring…)"
    gate.set()
    qtbot.waitUntil(lambda: quick.text().startswith("Quick (about "), timeout=60_000)
    assert quick.text().endswith("0.8 GB of memory)")
    assert flow.dialog.choice.held_out == (SECOND,)  # nothing that was chosen is lost by it


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_the_most_memory_of_a_process_is_read_and_kept(
    qtbot: QtBot, flow: RetrainingFlow, tmp_path: Path
) -> None:
    assert 10 < peak_mb(os.getpid()) < 20_000
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "status").write_text("VmPeak:\t  999 kB\nVmHWM:\t  2000 kB\n")
    assert peak_mb(7, tmp_path) == pytest.approx(2.048)
    assert peak_mb(8, tmp_path) == 0
    opened(flow)
    with qtbot.waitSignal(flow.ended, timeout=15_000):
        press(flow.dialog, "Start")
    last = RunFolders(tmp_path / "runs").last_measured()
    assert last is not None
    assert last.peak_mb > 5


def test_records_of_earlier_versions_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "20250101-080000-00"
    folder.mkdir()
    (folder / "run.json").write_text(
        '{"base":"b","settings":{"thorough":false},"labels":["a:1:polyps"],"version":"v","seconds":80.0}'
    )
    record = RunFolders(tmp_path).last_measured()
    assert record == RunRecord("b", {"thorough": False}, ("a:1:polyps",), "v", 80.0)
    assert record is not None
    # It does not say how much that was
    assert cost(Work(50.0, 50.0), 10, record, 0.01, threads=1) == Cost(
        1.0,
        pytest.approx(783 + 6.6),  # type: ignore[arg-type]
    )
