"""What is seen of a run: its events in words, its curves, and how it is stopped or closed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from endoscope_app.retraining.run.closing_question import ask_before_closing
from endoscope_app.retraining.run.curve_plot import CurvePlot
from endoscope_app.retraining.run.training_run import RunEnd
from endoscope_app.retraining.run.wording import COMPARING, KEEP, STAY, STOP_AND_DISCARD
from endoscope_app.retraining.training_dialog import TrainingDialog
from kd_core.schema.events import EpochEnded, PartStarted, RunEnded, RunProgress, RunStarted
from tests.endoscope_app.training_dialog_stage import PLAN, button
from tests.present import present


@pytest.fixture
def dialog(qtbot: QtBot) -> TrainingDialog:
    made = TrainingDialog(PLAN)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_run_is_told_from_its_events(qtbot: QtBot, dialog: TrainingDialog) -> None:
    dialog.show_running()
    assert not button(dialog, "Start").isVisible()
    dialog.take(PartStarted("computing the teachers' logits"))
    dialog.take(RunProgress(10, 40, 200.0))
    assert "Running the reference models, 3 min left" in dialog.shown_text()
    dialog.take(RunProgress(40, 40, 0.0))
    assert "Running the reference models…" in dialog.shown_text()
    assert " left" not in dialog.shown_text(), "no time for a part that has not begun"
    for event in (
        PartStarted("training"),
        RunStarted(15, 208, ("cecum", "polyps"), 5),
        EpochEnded(1, {"kl": 0.5, "replay": 0.25}, {"old_macro_f1": 0.875}),
        RunProgress(30, 150, 40.4),
    ):
        dialog.take(event)
    assert "Training, pass 2 of 15, 40 s left" in dialog.shown_text()
    assert present(dialog.findChild(CurvePlot)).points("kl") == [(1, 0.5)]
    dialog.show_silence("It says nothing.")
    assert "It says nothing." in dialog.shown_text()
    dialog.take(RunEnded("finished", "Model 2.", "out"))
    assert "It says nothing." not in dialog.shown_text()
    assert COMPARING in dialog.shown_text()
    with qtbot.waitSignal(dialog.compare_requested, timeout=1000):
        dialog.show_end(RunEnd("finished", "Better: 31 of 60.", can_compare=True))
        button(dialog, "Compare…").click()
    assert "Better: 31 of 60." in dialog.shown_text()
    assert not button(dialog, "Stop").isVisible()


def test_when_it_has_ended_one_button_is_what_return_does(
    qtbot: QtBot, dialog: TrainingDialog
) -> None:
    dialog.show_running()
    button(dialog, "Stop").setFocus()
    dialog.show_end(RunEnd("finished", "Better.", can_compare=True))
    assert [button.text() for button in dialog.findChildren(QPushButton) if button.isDefault()] == [
        "Compare…"
    ]
    assert dialog.focusWidget() is button(dialog, "Compare…")
    dialog.show_running()
    dialog.show_end(RunEnd("cancelled", "Nothing was kept."))
    assert dialog.focusWidget() is button(dialog, "Close")


def test_stop_and_cancel_are_answered_at_once_and_asked_once(
    qtbot: QtBot, dialog: TrainingDialog
) -> None:
    dialog.show_running()
    with qtbot.waitSignal(dialog.stop_requested, timeout=1000):
        button(dialog, "Stop").click()
    assert not button(dialog, "Stop").isEnabled()
    assert "Stopping" in dialog.shown_text()
    with qtbot.waitSignal(dialog.cancel_requested, timeout=1000):
        button(dialog, "Cancel").click()
    assert not button(dialog, "Cancel").isEnabled()
    assert "Cancelling" in dialog.shown_text()
    dialog.show_end(RunEnd("cancelled", "Nothing was kept."))
    assert not button(dialog, "Compare…").isVisible()


def test_closing_leaves_the_run_going(qtbot: QtBot, dialog: TrainingDialog) -> None:
    dialog.show_running()
    assert "continues when this window is closed" in dialog.shown_text()
    with (
        qtbot.assertNotEmitted(dialog.cancel_requested),
        qtbot.assertNotEmitted(dialog.stop_requested),
    ):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_refused_start_brings_the_choices_back(dialog: TrainingDialog) -> None:
    dialog.show_running()
    dialog.show_refusal("A training is already running.")
    assert "A training is already running." in dialog.shown_text()
    assert button(dialog, "Start").isVisible()


def test_the_curves_say_their_last_values(qtbot: QtBot) -> None:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    assert plot.accessibleDescription() == "No pass has ended yet."
    plot.add_epoch(1, {"kl": 0.5}, {"accuracy": 0.25})
    plot.add_epoch(2, {"kl": 0.25, "new_loss": 1.0}, {})
    plot.add_epoch(2, {"kl": 0.125}, {})  # the epoch was done again after a break
    assert plot.points("kl") == [(1, 0.5), (2, 0.125)]
    assert (
        plot.accessibleDescription()
        == "Pass 2. Losses: distillation 0.125, new loss 1.000. Scores: accuracy 0.250."
    )
    plot.clear()
    assert plot.points("kl") == []


def test_there_are_no_axes_before_an_epoch_and_no_halves_of_epochs(qtbot: QtBot) -> None:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(700, 300)
    plot.show()
    axes = [
        one._plot.getAxis(side)
        for one in (plot._losses, plot._scores)
        for side in ("left", "bottom")
    ]
    assert not any(axis.isVisible() for axis in axes)
    for epoch in (1, 2, 3):
        plot.add_epoch(epoch, {"kl": 1 / epoch}, {"accuracy": 0.5})
    assert all(axis.isVisible() for axis in axes)
    for low, high in ((0.9, 2.1), (0.9, 3.1), (0.5, 12.5), (-20, 520), (0, 2000)):
        ticks = [value for _, values in axes[1].tickValues(low, high, 300) for value in values]
        assert ticks
        assert all(value == int(value) for value in ticks), (low, high)
    plot.clear()
    assert not any(axis.isVisible() for axis in axes)


def test_curves_load_neither_torch_nor_opengl_and_the_application_starts_without_them() -> None:
    program = (
        "import sys, endoscope_app.app\n"
        "assert 'pyqtgraph' not in sys.modules\n"
        "import endoscope_app.retraining.training_dialog, pyqtgraph\n"
        "assert not pyqtgraph.getConfigOption('useOpenGL')\n"
        "print([name for name in ('torch', 'OpenGL', 'pyqtgraph.opengl') if name in sys.modules])"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert (made.stdout.strip(), made.stderr) == ("[]", "")


def test_the_question_has_three_answers_and_escape_stays(qtbot: QtBot) -> None:
    answers = (
        (KEEP, Qt.Key.Key_Return, "keep"),
        (STOP_AND_DISCARD, None, "discard"),
        (STAY, None, "stay"),
        ("", Qt.Key.Key_Escape, "stay"),
    )
    for text, key, answer in answers:

        def click(text: str = text, key: Qt.Key | None = key) -> None:
            box = QApplication.activeModalWidget()
            assert isinstance(box, QMessageBox)
            if key is not None:
                qtbot.keyClick(box, key)
            else:
                next(button for button in box.buttons() if button.text() == text).click()

        QTimer.singleShot(50, click)
        assert ask_before_closing(QWidget()) == answer
