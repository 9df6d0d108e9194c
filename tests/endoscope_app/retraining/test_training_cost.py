"""How long a retraining takes and how much memory: measured, learnt from runs, and said."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import astuple
from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox, QRadioButton, QSpinBox
from pytestqt.qtbot import QtBot

from endoscope_app.retraining.plan import plan_work, wording
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
from tests.endoscope_app.choice_stage import SECOND
from tests.endoscope_app.retraining_stage import (
    opened,
    press,
)
from tests.present import present


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
        button
        for button in flow.dialog.findChildren(QRadioButton)
        if button.text().startswith("Quick")
    )
    # 24 frames learnt: 13.7 x 24 x 4 x 2 + 3100 = 5730, and 83 epochs of 2.88 x 24 + 141 = 210
    assert quick.text().startswith(
        f"Quick (about {round(0.01 * (5730 + 83 * 210) / spare_cores() / 60)} min"
    )
    present(flow.dialog.findChild(QSpinBox)).setValue(3)
    three = 5 * round(0.01 * (5730 + 3 * 210) / spare_cores() / 5)
    assert quick.text().startswith(f"Quick (about {three} s,")
    next(box for box in flow.dialog.findChildren(QCheckBox) if box.text() == "Lite0").click()
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
        (Cost(9600, 800), "about 2 h 40 min, 0.8 GB of memory"),
    ],
)
def test_costs_are_said_in_round_words(known: Cost, said: str) -> None:
    assert wording.cost_text(known.seconds, known.megabytes) == said


def test_one_new_frame_is_said_as_one() -> None:
    said = [wording.plan_sentence(8, 1, 0, 0, new, "1a2b3c", at_most=False) for new in (1, 2)]
    assert "Of all frames, 1 is new since model 1a2b3c" in said[0]
    assert "Of all frames, 2 are new since model 1a2b3c" in said[1]


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
        button
        for button in flow.dialog.findChildren(QRadioButton)
        if button.text().startswith("Quick")
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
