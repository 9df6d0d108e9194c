"""Every control of the dialog that retrains, driven by keys in the real window, against the
command line of the child that it starts.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QToolButton,
    QWidget,
)

from endoscope_app.base.paths import shipped_model, shipped_teachers
from endoscope_app.retraining.plan.checking_list import CheckingList
from endoscope_app.retraining.training_dialog import TrainingDialog
from kd_core.schema.held_out import HeldOut
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.label_library import OTHER, PROCEDURE
from tests.endoscope_app.label_session import in_front
from tests.endoscope_app.retraining_stage import FAKE, labelled

Words = dict[str, tuple[str, ...]]
FIRST, SECOND = PROCEDURE.fingerprint, OTHER.fingerprint
TEACHERS = tuple(str(folder) for folder in shipped_teachers())


@pytest.fixture(scope="module")
def session(qapp: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    data = tmp_path_factory.mktemp("data")
    labelled(data / "labels").close()
    with running(data, shipped_model()) as made:
        made.app.retraining.flow.process._trainer = (sys.executable, FAKE, "says_words")
        made.until(lambda: made.app.classifier is not None, "the model")
        yield made


def opened(session: Session) -> TrainingDialog:
    """By its key, with the rest unfolded."""
    window = session.app.window
    in_front(session, window)
    QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    session.until(lambda: session.app.retraining.flow.dialog is not None, "the dialog")
    dialog = session.app.retraining.flow.dialog
    assert dialog is not None
    in_front(session, dialog)
    QTest.mouseClick(button(dialog, QToolButton, "Advanced"), Qt.MouseButton.LeftButton)
    session.until(button(dialog, QPushButton, "Start").isEnabled, "the labels counted")
    return dialog


def started(session: Session, drive: Callable[[TrainingDialog], None]) -> tuple[Words, HeldOut]:
    """Drive the controls, start, and read what the child was started with; paths of the run
    itself are left out.
    """
    dialog = opened(session)
    drive(dialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    session.until(lambda: dialog.state == "ended", "the end of the run")
    run = session.app.retraining.flow.running.run
    assert run is not None
    words = json.loads((run.folder / "words.json").read_text())
    sides = json.loads((run.folder / "sides.json").read_text())
    dialog.close()
    session.until(lambda: session.app.retraining.flow.dialog is None, "the dialog is gone")
    return options_of(words), HeldOut(tuple(sides["held_out"]), tuple(sides["learnt"]))


def options_of(words: list[str]) -> Words:
    made: dict[str, tuple[str, ...]] = defaultdict(tuple)
    option = ""
    for word in words:
        if word.startswith("--"):
            option = word
            made[option] = made[option]
        else:
            made[option] = (*made[option], word)
    for own in ("--labels", "--out", "--sides", "--name"):
        del made[own]
    return dict(made)


@pytest.fixture(scope="module")
def usual(session: Session) -> tuple[Words, HeldOut]:
    return started(session, lambda dialog: None)


def button(dialog: QWidget, kind: type[QAbstractButton], text: str) -> QAbstractButton:
    return next(widget for widget in dialog.findChildren(kind) if widget.text().startswith(text))


def tick(dialog: QWidget, kind: type[QAbstractButton], text: str) -> None:
    found = button(dialog, kind, text)
    found.setFocus()
    QTest.keyClick(found, Qt.Key.Key_Space)


def scheme(text: str) -> Callable[[TrainingDialog], None]:
    return lambda dialog: tick(dialog, QRadioButton, text)


def field(
    name: str, text: str, first: Callable[[TrainingDialog], None] = lambda dialog: None
) -> Callable[[TrainingDialog], None]:
    def drive(dialog: TrainingDialog) -> None:
        first(dialog)
        fields = [*dialog.findChildren(QLineEdit), *dialog.findChildren(QSpinBox)]
        found = next(field for field in fields if field.accessibleName() == name)
        assert found.isVisible()
        found.setFocus()
        QTest.keyClick(found, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(found, text)

    return drive


def hold_out(*rows: int) -> Callable[[TrainingDialog], None]:
    """Space on these rows of the list."""

    def drive(dialog: TrainingDialog) -> None:
        child_widget = dialog.findChild(CheckingList)
        assert child_widget is not None
        child_widget.setFocus()
        for row in rows:
            QTest.keyClick(child_widget, Qt.Key.Key_Home)
            for _ in range(row):
                QTest.keyClick(child_widget, Qt.Key.Key_Down)
            QTest.keyClick(child_widget, Qt.Key.Key_Space)

    return drive


CONTROLS: list[tuple[str, Callable[[TrainingDialog], None], Words]] = [
    ("scheme relation", scheme("Relation"), {"--scheme": ("relation",)}),
    ("scheme feature", scheme("Feature"), {"--scheme": ("feature",)}),
    ("thorough", lambda dialog: tick(dialog, QRadioButton, "Thorough"), {"--thorough": ()}),
    (
        "teacher 1",
        lambda dialog: tick(dialog, QCheckBox, "EfficientNet Lite0"),
        {"--teachers": TEACHERS[1:]},
    ),
    (
        "teacher 3",
        lambda dialog: tick(dialog, QCheckBox, "EfficientNet Lite2"),
        {"--teachers": TEACHERS[:2]},
    ),
    (
        "teacher 2",
        lambda dialog: tick(dialog, QCheckBox, "EfficientNet Lite1"),
        {"--teachers": (TEACHERS[0], *TEACHERS[2:])},
    ),
    ("temperature", field("Temperature", "3,5"), {"--temperature": ("3.5",)}),
    ("learning rate", field("Learning rate", "5e-4"), {"--learning-rate": ("0.0005",)}),
    ("epochs", field("Epochs", "7"), {"--epochs": ("7",)}),
    ("seed", field("Seed", "42"), {"--seed": ("42",)}),
    ("replay share", field("Replay weight", "2"), {"--weight": ("replay=2",)}),
    (
        "weight of labels",
        field("Weight of cross-entropy", "0.3"),
        {"--weight": ("cross_entropy=0.3",)},
    ),
    ("weight of answers", field("Weight of distillation", "0.3"), {"--weight": ("kl=0.3",)}),
    (
        "weight of fusion",
        field("Weight of fusion", "0.7", scheme("Relation")),
        {"--scheme": ("relation",), "--weight": ("anchor=0.7",)},
    ),
    (
        "weight of relation",
        field("Weight of relation", "0.7", scheme("Relation")),
        {"--scheme": ("relation",), "--weight": ("guide=0.7",)},
    ),
    (
        "weight of features",
        field("Weight of features", "0.7", scheme("Feature")),
        {"--scheme": ("feature",), "--weight": ("hint=0.7",)},
    ),
]


@pytest.mark.parametrize(
    ("drive", "changed"), [pytest.param(*rest, id=name) for name, *rest in CONTROLS]
)
def test_a_control_changes_what_it_says_and_nothing_else(
    session: Session,
    usual: tuple[Words, HeldOut],
    drive: Callable[[TrainingDialog], None],
    changed: Words,
) -> None:
    words, sides = usual
    assert started(session, drive) == ({**words, **changed}, sides)
    assert {**words, **changed} != words


def test_the_list_of_what_is_held_out_changes_the_sides_of_the_run_alone(
    session: Session, usual: tuple[Words, HeldOut]
) -> None:
    words, sides = usual
    assert sides == HeldOut((SECOND,), (FIRST,))
    assert started(session, hold_out(0, 1)) == (words, HeldOut((FIRST,), (SECOND,)))
    assert started(session, hold_out(1)) == (words, HeldOut((), (FIRST, SECOND)))


def test_the_usual_run_asks_for_what_the_dialog_shows(
    usual: tuple[Words, HeldOut], session: Session
) -> None:
    words, _ = usual
    assert words["--scheme"] == ("response",)
    assert words["--teachers"] == TEACHERS
    assert (words["--temperature"], words["--learning-rate"], words["--seed"]) == (
        ("2",),
        ("0.001",),
        ("0",),
    )
    assert not {"--epochs", "--thorough", "--weight"} & set(words)
    assert Path(words["--base"][0]) == shipped_model()


def test_every_control_of_the_dialog_is_driven_here(session: Session) -> None:
    dialog = opened(session)
    fields = {
        field.accessibleName() for field in dialog.findChildren(QLineEdit) if field.accessibleName()
    }
    spins = {widget.accessibleName() for widget in dialog.findChildren(QSpinBox)}
    driven = {
        "Temperature",
        "Learning rate",
        "Replay weight",
        "Weight of cross-entropy",
        "Weight of distillation",
    }
    driven |= {"Weight of fusion", "Weight of relation", "Weight of features"}
    assert (fields, spins) == (driven, {"Epochs", "Seed"})
    assert len(dialog.findChildren(QRadioButton)) == 5
    # the one beside them is driven in test_unlabelled_learnt
    assert len(dialog.findChildren(QCheckBox)) == len(TEACHERS) + 1
    dialog.close()
    session.until(lambda: session.app.retraining.flow.dialog is None, "the dialog is gone")
