"""Every control of the comparison, driven by keys and clicks in the real window, does what it
says it does.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton, QToolButton

from endoscope_app.labels.library import class_edits
from endoscope_app.retraining.comparison import comparison_dialog
from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog
from endoscope_app.retraining.comparison.confusion_view import ConfusionMatrix
from endoscope_app.retraining.run_folders import RunFolders, RunRecord
from kd_core.schema.model_card import read_card
from kd_core.schema.run_files import COMPARED_NAME
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.comparison_run import CANDIDATE, FRAMES, STUDENT, make_run
from tests.endoscope_app.label_session import in_front, ready, store

LEFT = Qt.MouseButton.LeftButton
SHIPPED = read_card(STUDENT).version


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(
        RunFolders(tmp_path / "data" / "runs").new(RunRecord(SHIPPED, {}, (), CANDIDATE))
    )


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path, run: Path) -> Iterator[Session]:
    with running(tmp_path / "data", STUDENT) as made:
        made.until(lambda: made.app.classifier is not None, "the model")
        yield made


def opened(session: Session) -> ComparisonDialog:
    """As a reader opens it: from the window Retrain."""
    window = session.app.window
    in_front(session, window)
    QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    session.until(lambda: session.app.retraining.flow.dialog is not None, "the window Retrain")
    training = session.app.retraining.flow.dialog
    assert training is not None
    button = next(
        button for button in training.findChildren(QPushButton) if button.text() == "Compare last…"
    )
    session.until(button.isVisible, "the last comparison is offered")
    in_front(session, training)
    click(button)
    session.until(lambda: session.app.retraining.comparison.dialog is not None, "the comparison")
    dialog = session.app.retraining.comparison.dialog
    assert dialog is not None
    in_front(session, dialog)
    return dialog


def click(button: QPushButton | QToolButton | QCheckBox) -> None:
    assert button.isEnabled(), button.toolTip()
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)


def named(dialog: ComparisonDialog, text: str) -> QPushButton:
    return next(
        button
        for button in dialog.findChildren(QPushButton)
        if button.text().replace("&", "") == text
    )


def press(dialog: ComparisonDialog, letter: Qt.Key) -> None:
    QTest.keyClick(dialog, letter, Qt.KeyboardModifier.AltModifier)


def versions(session: Session) -> set[str]:
    return {entry.version for entry in session.app.models.registry.entries()}


def test_tabs_are_chosen_by_key(session: Session, run: Path) -> None:
    dialog = opened(session)
    for letter, wanted in (
        (Qt.Key.Key_C, dialog.confusions),
        (Qt.Key.Key_F, dialog.differing),
        (Qt.Key.Key_S, dialog.scores),
    ):
        press(dialog, letter)
        assert dialog.tabs.currentWidget() is wanted


def test_filters_show_the_frames_of_their_kind(session: Session, run: Path) -> None:
    dialog = opened(session)
    press(dialog, Qt.Key.Key_F)
    kinds = {one["path"]: one for one in FRAMES}
    for button in dialog.differing.findChildren(QToolButton):
        # Others belong to the images themselves
        if not button.isEnabled() or button.property("kind") is None:
            continue
        click(button)
        shown = dialog.differing.list.frames()
        kind = str(button.property("kind"))
        assert shown
        assert all(one.path in kinds for one in shown)
        assert kind == "all" or {one.kind for one in shown} == {kind}
        assert button.text().endswith(f"({len(shown)})")


def test_heat_maps_are_shown_and_hidden(session: Session, run: Path) -> None:
    dialog = opened(session)
    press(dialog, Qt.Key.Key_F)
    (box,) = dialog.differing.findChildren(QCheckBox)
    assert [sight.view._heat_map_visible for sight in dialog.differing.sights] == [True, True]
    click(box)
    assert [sight.view._heat_map_visible for sight in dialog.differing.sights] == [False, False]


def test_confusions_are_of_the_chosen_frames(session: Session, run: Path) -> None:
    path = run / "candidate" / "evidence.json"
    proof = json.loads(path.read_text())
    proof["known_before"]["confusion"][0][0][0] = 77
    path.write_text(json.dumps(proof))
    dialog = opened(session)
    press(dialog, Qt.Key.Key_C)
    matrix = dialog.confusions.findChildren(ConfusionMatrix)[0]
    held_out, old = dialog.confusions.findChildren(QToolButton)
    assert matrix._table[0][0] == 0
    click(old)
    assert matrix._table[0][0] == 77
    click(held_out)
    assert matrix._table[0][0] == 0


def test_promoting_needs_its_reason_and_keeps_it(session: Session, run: Path) -> None:
    dialog = opened(session)
    assert not named(dialog, "Use this model").isEnabled()
    reason = dialog.findChild(QLineEdit)
    assert reason is not None
    reason.setFocus()
    QTest.keyClicks(reason, "Polyps count more here.")
    press(dialog, Qt.Key.Key_U)
    session.until(lambda: session.app.retraining.comparison.dialog is None, "promoted")
    session.until(
        lambda: session.app.classifier is not None and session.app.classifier.version == CANDIDATE,
        "in use",
    )
    (promotion,) = session.app.models.registry.history()
    assert (promotion.version, promotion.reason) == (CANDIDATE, "Polyps count more here.")


def test_keeping_puts_it_among_the_models_without_using_it(session: Session, run: Path) -> None:
    dialog = opened(session)
    assert CANDIDATE not in versions(session)
    press(dialog, Qt.Key.Key_K)
    session.until(lambda: session.app.retraining.comparison.dialog is None, "kept")
    assert CANDIDATE in versions(session)
    assert session.app.classifier is not None
    assert session.app.classifier.version == SHIPPED


def test_discarding_asks_and_deletes(
    session: Session, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [False, True]
    monkeypatch.setattr(comparison_dialog, "ask", lambda *_: answers.pop(0))
    dialog = opened(session)
    press(dialog, Qt.Key.Key_D)
    session.until(lambda: len(answers) == 1, "asked once")
    assert (run / "candidate").exists()
    session.until(lambda: not named(dialog, "Discard…").isDown(), "the button is up again")
    press(dialog, Qt.Key.Key_D)
    session.until(lambda: session.app.retraining.comparison.dialog is None, "discarded")
    assert not (run / "candidate").exists()
    assert not (run / "labels").exists()


def test_the_report_is_opened(session: Session, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (run / "candidate" / "report.html").write_text("<p>report</p>")
    asked: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: (asked.append(url.toLocalFile()), True)[1]
    )
    press(opened(session), Qt.Key.Key_R)
    session.until(lambda: bool(asked), "the report asked for")
    assert asked == [str(run / "candidate" / "report.html")]


def test_return_on_a_frame_opens_it_in_its_procedure(
    session: Session, run: Path, tmp_path: Path
) -> None:
    ready(session, make_clip(tmp_path / "one.mp4", 40))
    where = session.app.labels.procedure.fingerprint
    session.press("1")
    session.until(
        lambda: bool(store(session).read.frame_labels(where)),
        "a label, so that the library knows the procedure",
    )
    path = run / "candidate" / COMPARED_NAME
    compared = json.loads(path.read_text())
    name = f"{where}/f000023-p11776.png"
    (run / "labels" / where).mkdir()
    shutil.copy(run / "labels" / compared["frames"][0]["path"], run / "labels" / name)
    compared["frames"] = [{**compared["frames"][0], "path": name, "procedure": where}]
    path.write_text(json.dumps(compared))
    ready(session, make_clip(tmp_path / "two.mp4", 30))
    dialog = opened(session)
    press(dialog, Qt.Key.Key_F)
    session.until(lambda: dialog.current_frame() is not None, "a frame")
    dialog.differing.list.setFocus()
    QTest.keyClick(dialog.differing.list, Qt.Key.Key_Return)
    session.until(
        lambda: session.app.labels.procedure.fingerprint == where and session.on_screen() == 23,
        "the frame in its procedure",
    )


def test_classes_are_named_as_the_reader_names_them(
    session: Session, run: Path, tmp_path: Path
) -> None:
    ready(session, make_clip(tmp_path / "one.mp4", 40))
    polyps = next(
        label_class
        for label_class in session.app.labels.session.classes
        if label_class.key == "polyps"
    )
    session.app.labels.writer.write(
        lambda library: class_edits.rename_class(library.read, polyps.id, "Polyp, any")
    )
    session.until(
        lambda: any(
            label_class.name == "Polyp, any" for label_class in session.app.labels.session.classes
        ),
        "the new name",
    )
    dialog = opened(session)
    rows = [dialog.scores.table.text(row, 0) for row in range(dialog.scores.table.rowCount())]
    assert {"Sensitivity, Caecum", "Sensitivity, Polyp, any"} <= set(rows)
    assert "Polyp, any" in dialog.confusions.matrices[0]._classes
    frames = dialog.differing.list.frames()
    assert {frame.truth for frame in frames} <= {"Caecum", "Polyp, any", "Impacted stool"}
    question = next(
        label.text()
        for label in dialog.findChildren(QLabel)
        if "Why use this model" in label.text()
    )
    assert "Caecum" in question
    sights = dialog.differing.sights
    session.until(
        lambda: all(sight.view._heat_map is not None for sight in sights),
        "heat maps, which go by the model's own words",
    )
