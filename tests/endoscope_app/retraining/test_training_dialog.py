"""The dialog that retrains while it is chosen: what it refuses and what it hands on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QTableWidget,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from endoscope_app.retraining import training_dialog
from endoscope_app.retraining.plan.learning_plan import LearningPlan
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.training_dialog import TrainingDialog
from endoscope_app.retraining.wording import NOTHING_LABELLED
from tests.endoscope_app.inner_widgets import choose_scheme
from tests.endoscope_app.training_dialog_stage import PLAN, button
from tests.present import present


@pytest.fixture
def dialog(qtbot: QtBot) -> TrainingDialog:
    made = TrainingDialog(PLAN)
    qtbot.addWidget(made)
    made.show()
    return made


def field(dialog: TrainingDialog, name: str) -> QLineEdit:
    return next(field for field in dialog.findChildren(QLineEdit) if field.accessibleName() == name)


def problem(dialog: TrainingDialog, name: str) -> str:
    """What is said beside a field."""
    label = next(
        label
        for label in dialog.findChildren(QLabel)
        if label.accessibleName() == f"What is wrong with {name}"
    )
    return "" if label.isHidden() else label.text()


def test_the_plan_is_said_in_words_and_tables(dialog: TrainingDialog) -> None:
    assert (
        "208 labelled frames of 1 procedure to learn from. 55 frames of 1 procedure kept for"
        " checking." in dialog.shown_text()
    )
    assert "Of all frames, 42 are new since model 1a2b3c, which is in use." in dialog.shown_text()
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
        TrainingChoice("response", False, ("models/a", "models/b"), 2.0, 0.001, 0, 0, {}, ("b2",))
    ]


def test_what_is_chosen_is_handed_on(qtbot: QtBot, dialog: TrainingDialog) -> None:
    choose_scheme(dialog.form, "feature")
    next(
        button
        for button in dialog.findChildren(QRadioButton)
        if button.text() == "Thorough (about 9 min, 1.2 GB of memory)"
    ).click()
    next(
        button for button in dialog.findChildren(QToolButton) if button.text() == "Advanced"
    ).click()
    next(box for box in dialog.findChildren(QCheckBox) if box.text() == "Lite0").click()
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


def test_on_a_low_screen_schemes_are_their_names_alone(
    dialog: TrainingDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: QRect(0, 0, 1920, 1400))
    cards = dialog.form._advanced._schemes._cards.values()
    heights = []
    for room in (0, 10_000):
        monkeypatch.setattr(training_dialog, "ROOM_FOR_ALL", room)
        dialog.form._fold.set_open(True)
        QApplication.processEvents()
        heights.append(max(card.height() for card in cards))
        dialog.form._fold.set_open(False)
    assert heights[1] < heights[0] / 2
