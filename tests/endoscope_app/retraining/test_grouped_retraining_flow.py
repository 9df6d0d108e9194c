"""A model with class groups from a reader's keys to the next one in use: frames labelled with a
polyp and good preparation, retrained for real by the dialog, compared, promoted, shown.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QSpinBox, QTableWidget
from pytestqt.qtbot import QtBot

from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.training_dialog import TrainingDialog
from kd_core.data.folders import read_samples
from kd_core.schema.model_card import read_card
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import give, in_front, ready, store
from tests.grouped_model import make_grouped_student
from tests.present import present

GOOD, POLYP, COLITIS = "2", "5", "6"
TRAINED_S = 300.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(580)]


def rows_of(dialog: TrainingDialog, name: str) -> list[list[str]]:
    """What a table of the plan shows."""
    table = next(
        each for each in dialog.findChildren(QTableWidget) if each.accessibleName() == name
    )
    return [
        [present(table.item(row, column)).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def labelled(session: Session, clips: list[Path]) -> LabelStore:
    """By keys: on six frames of each a polyp with good preparation, on two colitis alone."""
    for clip in clips:
        ready(session, clip)
        for frame in range(0, 18, 3):
            give(session, {frame: POLYP})
            session.press(GOOD)
        give(session, {20: COLITIS, 22: COLITIS})
    return store(session)


def begun(session: Session) -> TrainingDialog:
    """Ctrl+T, one epoch, Enter on Start."""
    session.press("Ctrl+T")
    dialog = present(session.app.retraining.flow.dialog)
    session.until(lambda: not dialog._is_counting, "the labels counted")
    assert rows_of(dialog, "Labels by class") == [
        ["Good preparation (BBPS 2-3)", "6", "12", "6"],
        ["Polyp", "6", "12", "6"],
        ["Ulcerative colitis", "2", "4", "2"],
    ]
    assert [row[1] for row in rows_of(dialog, "Labels by procedure")] == ["8", "8"]
    assert "8 labelled frames of 1 procedure to learn from." in dialog.shown_text()
    assert "12 frames have labels of several groups." in dialog.shown_text()
    assert "it learns all of them" in dialog.shown_text()
    epochs = next(
        each for each in dialog.findChildren(QSpinBox) if each.accessibleName() == "Epochs"
    )
    epochs.setValue(1)
    in_front(session, dialog)
    start = next(each for each in dialog.findChildren(QPushButton) if each.text() == "Start")
    session.until(start.isEnabled, "Start can be pressed")
    QTest.keyClick(present(QApplication.focusWidget()), Qt.Key.Key_Return)
    session.until(lambda: dialog.state == "running", "the run begins")
    return dialog


def version_on_screen(session: Session) -> str:
    """Of the model; empty while the frame is asked about anew."""
    prediction = session.app.prediction_view.prediction
    return "" if prediction is None else prediction.model_version


def test_labels_of_two_groups_make_a_model_of_groups_that_the_window_shows(
    qtbot: QtBot, tmp_path: Path
) -> None:
    clips = [
        make_clip(tmp_path / f"{name}.mp4", count=count) for name, count in (("a", 24), ("b", 25))
    ]
    base = make_grouped_student(tmp_path / "grouped")
    with running(tmp_path / "data", base) as session:
        labelled(session, clips)
        dialog = begun(session)
        session.until(lambda: dialog.state == "ended", "the end of the run", TRAINED_S)
        assert dialog._compare.isEnabled(), dialog.shown_text()
        run = present(session.app.retraining.flow.running.run)
        written = read_samples(run.folder / "labels", all_groups=True)
        assert [sample.labels for sample in written].count(
            (("Pathology", "polyps"), ("Preparation", "bbps-2-3"))
        ) == 12
        card = read_card(run.folder / "candidate")
        assert card.parent == read_card(base).version
        assert [head.group for head in card.heads] == ["Pathology", "Landmarks", "Preparation"]
        assert all(head.naming is not None for head in card.heads)

        QTest.keyClick(dialog._compare, Qt.Key.Key_Return)
        comparing = session.app.retraining.comparison
        session.until(lambda: comparing.dialog is not None, "the comparison")
        comparison = present(comparing.dialog)
        said = " ".join(
            row for table in comparison.findChildren(QTableWidget) for row in _rows(table)
        )
        assert "Polyp" in said
        assert "Good preparation (BBPS 2-3)" in said
        field = present(comparison.findChild(QLineEdit))
        field.setText("It is of the test.")
        use = next(
            each
            for each in comparison.findChildren(QPushButton)
            if each.text().replace("&", "") == "Use this model"
        )
        session.until(use.isEnabled, "it can be used")
        QTest.keyClick(use, Qt.Key.Key_Space)
        session.until(lambda: comparing.dialog is None, "the decision")
        session.until(
            lambda: present(session.app.classifier).version == card.version, "the model in use"
        )
        session.until(
            lambda: version_on_screen(session) == card.version,
            "the frame by the new model",
        )
        groups = [group.name for group in present(session.app.classifier).groups]
        assert groups == ["Pathology", "Landmarks", "Preparation"]
        verdict = session.app.window.verdict.text()
        # the surest group leads, the others stand below it by name
        assert sum(f"{group}: " in verdict for group in groups) == 2, verdict


def _rows(table: QTableWidget) -> list[str]:
    return [
        present(table.item(row, 0)).text()
        for row in range(table.rowCount())
        if table.item(row, 0) is not None
    ]
