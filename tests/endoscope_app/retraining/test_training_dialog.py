"""The dialog that retrains: what it refuses while it is chosen, what it hands on, and what it
says while and after a run.
"""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QTableWidget,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from endoscope_app.retraining import training_dialog
from endoscope_app.retraining.plan.learning_plan import ClassPlan, LearningPlan, ProcedurePlan
from endoscope_app.retraining.plan.training_choice import RetrainFiles, TrainingChoice
from endoscope_app.retraining.plan.training_cost import Cost
from endoscope_app.retraining.run.closing_question import ask_before_closing
from endoscope_app.retraining.run.curve_plot import CurvePlot
from endoscope_app.retraining.run.training_run import RunEnd
from endoscope_app.retraining.run.wording import COMPARING, KEEP, STAY, STOP_AND_DISCARD
from endoscope_app.retraining.training_dialog import TrainingDialog
from endoscope_app.retraining.wording import NOTHING_LABELLED
from kd_core.cli.run_settings import folders_of
from kd_core.cli.running import parsed
from kd_core.schema.events import EpochEnded, PartStarted, RunEnded, RunProgress, RunStarted
from tests.endoscope_app.inner_widgets import choose_scheme
from tests.present import present

PLAN = LearningPlan(
    "1a2b3c",
    (ClassPlan("cecum", 120, 12, 30), ClassPlan("polyps", 88, 30, 25)),
    (ProcedurePlan("first", 208, False, "a1"), ProcedurePlan("second", 55, True, "b2")),
    ("polyps has labels that contradict each other.",),
    (("models/a", "Lite0"), ("models/b", "Lite1")),
    Cost(118.0, 870.0),
    Cost(560.0, 1240.0),
)


@pytest.fixture
def dialog(qtbot: QtBot) -> TrainingDialog:
    made = TrainingDialog(PLAN)
    qtbot.addWidget(made)
    made.show()
    return made


def button(dialog: TrainingDialog, text: str) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text() == text)


def field(dialog: TrainingDialog, name: str) -> QLineEdit:
    return next(one for one in dialog.findChildren(QLineEdit) if one.accessibleName() == name)


def problem(dialog: TrainingDialog, name: str) -> str:
    """What is said beside a field."""
    label = next(
        one
        for one in dialog.findChildren(QLabel)
        if one.accessibleName() == f"What is wrong with {name}"
    )
    return "" if label.isHidden() else label.text()


def test_the_plan_is_said_in_words_and_tables(dialog: TrainingDialog) -> None:
    assert (
        "208 labelled frames of 1 procedure to learn from. 55 frames of 1 procedure kept for"
        " checking." in dialog.shown_text()
    )
    assert "42 of all frames are new since model 1a2b3c, which is in use." in dialog.shown_text()
    assert "contradict each other" in dialog.shown_text()
    classes, procedures = dialog.findChildren(QTableWidget)
    assert [present(classes.item(1, column)).text() for column in range(4)] == [
        "polyps",
        "88",
        "30",
        "25",
    ]
    assert [present(procedures.item(1, column)).text() for column in range(3)] == [
        "second",
        "55",
        "checking",
    ]


def test_the_default_can_be_started_as_it_is(qtbot: QtBot, dialog: TrainingDialog) -> None:
    with qtbot.waitSignal(dialog.start_requested, timeout=1000) as started:
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert started.args == [
        TrainingChoice("relation", False, ("models/a", "models/b"), 2.0, 0.001, 0, 0, {}, ("b2",))
    ]


def test_what_is_chosen_is_handed_on(qtbot: QtBot, dialog: TrainingDialog) -> None:
    choose_scheme(dialog.form, "feature")
    next(
        one
        for one in dialog.findChildren(QRadioButton)
        if one.text() == "Thorough (about 9 min, 1.2 GB of memory)"
    ).click()
    next(one for one in dialog.findChildren(QToolButton) if one.text() == "Advanced").click()
    next(one for one in dialog.findChildren(QCheckBox) if one.text() == "Lite0").click()
    field(dialog, "Temperature").setText("3,5")
    field(dialog, "Learning rate").setText("5e-4")
    field(dialog, "Weight of features").setText("0.7")
    for spin, value in zip(dialog.findChildren(QSpinBox), (6, 42), strict=True):
        spin.setValue(value)
    assert field(dialog, "Weight of features").isVisible()
    assert not field(dialog, "Weight of relation").isVisible()
    assert dialog.choice == TrainingChoice(
        "feature", True, ("models/b",), 3.5, 0.0005, 6, 42, {"hint": 0.7}, ("b2",)
    )


@pytest.mark.parametrize(
    ("scheme", "name", "text", "where", "said"),
    [
        ("response", "Temperature", "0", "temperature", "above 0"),
        ("response", "Temperature", "-1", "temperature", "above 0"),
        ("response", "Temperature", "warm", "temperature", "a number"),
        ("relation", "Temperature", "nan", "temperature", "a number"),
        ("relation", "Learning rate", "0.5", "learning rate", "up to 0.1"),
        ("relation", "Learning rate", "", "learning rate", "above 0"),
        ("feature", "Weight of features", "0", "loss weights", "the same as Response"),
        ("relation", "Weight of relation", "0", "loss weights", "the same as Response"),
        ("relation", "Weight of fusion", "0", "loss weights", "follow noise"),
        (
            "response",
            "Weight of distillation",
            "0",
            "loss weights",
            "nothing is learnt from the reference models",
        ),
        ("response", "Weight of distillation", "-1", "loss weights", "from 0"),
        ("response", "Replay weight", "0", "replay weight", "without replay"),
        ("relation", "Replay weight", "11", "replay weight", "from 0.1 to 10"),
        ("feature", "Replay weight", "much", "replay weight", "a number"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    dialog: TrainingDialog, scheme: str, name: str, text: str, where: str, said: str
) -> None:
    choose_scheme(dialog.form, scheme)
    before = field(dialog, name).text()
    assert button(dialog, "Start").isEnabled()
    field(dialog, name).setText(text)
    assert said in problem(dialog, where)
    assert not button(dialog, "Start").isEnabled()
    field(dialog, name).setText(before)
    assert said not in problem(dialog, where)
    assert button(dialog, "Start").isEnabled()


@pytest.mark.parametrize("scheme", ["response", "feature", "relation"])
def test_no_scheme_starts_without_a_teacher(dialog: TrainingDialog, scheme: str) -> None:
    choose_scheme(dialog.form, scheme)
    for box in dialog.findChildren(QCheckBox):
        box.setChecked(False)
    assert scheme.capitalize() in problem(dialog, "reference models")
    assert "choose at least one" in dialog.shown_text()
    assert not button(dialog, "Start").isEnabled()


def test_without_labels_or_teachers_there_is_nothing_to_start(qtbot: QtBot) -> None:
    empty = TrainingDialog(LearningPlan("1a", (), ()))
    qtbot.addWidget(empty)
    assert NOTHING_LABELLED in empty.shown_text()
    assert not button(empty, "Start").isEnabled()
    no_teachers = TrainingDialog(LearningPlan("1a", PLAN.classes, PLAN.procedures))
    qtbot.addWidget(no_teachers)
    assert "choose at least one" in no_teachers.shown_text()
    assert not button(no_teachers, "Start").isEnabled()


def test_a_run_is_told_from_its_events(qtbot: QtBot, dialog: TrainingDialog) -> None:
    dialog.show_running()
    assert not button(dialog, "Start").isVisible()
    dialog.take(PartStarted("computing the teachers' logits"))
    dialog.take(RunProgress(10, 40, 200.0))
    assert "Running the reference models, 3 min left" in dialog.shown_text()
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
    assert [one.text() for one in dialog.findChildren(QPushButton) if one.isDefault()] == [
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


def retrain_files(folder: Path) -> RetrainFiles:
    names = ("labels", "base", "replay", "held-out.json", "out", "cache")
    labels, base, replay, held_out, out, cache = (folder / name for name in names)
    return RetrainFiles(labels, base, replay, held_out, out, cache)


def test_on_a_low_screen_schemes_are_their_names_alone(
    dialog: TrainingDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = dialog.form._advanced._schemes._cards.values()
    heights = []
    for room in (0, 10_000):
        monkeypatch.setattr(training_dialog, "ROOM_FOR_ALL", room)
        dialog.form._fold.set_open(True)
        QApplication.processEvents()
        heights.append(max(card.height() for card in cards))
        dialog.form._fold.set_open(False)
    assert heights[1] < heights[0] / 2


def test_the_command_understands_every_word_of_a_choice(tmp_path: Path) -> None:
    files = retrain_files(tmp_path)
    choice = TrainingChoice("feature", True, ("a", "b"), 3.5, 5e-4, 6, 42, {"hint": 0.7, "kl": 1.0})
    options = parsed("retrain", [*choice.arguments(files), "--threads", "1", "--events"])
    assert (options.scheme, options.thorough, options.teachers, options.temperature) == (
        "feature",
        True,
        ["a", "b"],
        3.5,
    )
    assert (options.learning_rate, options.epochs, options.seed, options.weight) == (
        5e-4,
        6,
        42,
        ["hint=0.7", "kl=1"],
    )
    assert (options.labels, options.held_out, options.out) == (
        files.labels,
        files.held_out,
        files.out,
    )
    plain = parsed("retrain", TrainingChoice(teachers=("a",)).arguments(files))
    assert (plain.epochs, plain.thorough, plain.weight) == (None, False, None)
    assert set(TrainingChoice(temperature=math.nan).problems()) == {"teachers", "temperature"}


def test_a_comma_in_a_teachers_path_separates_nothing(tmp_path: Path) -> None:
    files = retrain_files(tmp_path)
    folders = [tmp_path / "Endoscopy, app" / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir(parents=True)
    options = parsed("retrain", TrainingChoice(teachers=tuple(map(str, folders))).arguments(files))
    assert folders_of(options.teachers) == folders


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
                next(one for one in box.buttons() if one.text() == text).click()

        QTimer.singleShot(50, click)
        assert ask_before_closing(QWidget()) == answer
