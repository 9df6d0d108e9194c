"""The comparison of a run in the application: opened from its folder, decided on, and what a
damaged or missing folder is answered with.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.media.image_file import decode, to_bgra
from endoscope_app.retraining.comparison import comparison_dialog, wording
from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog
from endoscope_app.retraining.run_folders import RunFolders, RunRecord
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.model_card import read_card
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.comparison_run import CANDIDATE, CLASSES, FRAMES, STUDENT, frame, make_run
from tests.endoscope_app.label_session import give

SHIPPED = read_card(STUDENT).version


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(data: Path) -> Path:
    return make_run(RunFolders(data / "runs").new(RunRecord(SHIPPED, {}, ())))


@pytest.fixture
def session(qtbot: QtBot, data: Path, run: Path) -> Iterator[Session]:
    with running(data, STUDENT) as session:
        session.until(lambda: session.app.classifier is not None, "the model to begin with")
        yield session


def opened(session: Session, run: Path) -> ComparisonDialog:
    session.app.retraining.flow.compare_requested.emit(run)
    session.until(lambda: session.app.retraining.comparison.dialog is not None, "the comparison")
    dialog = session.app.retraining.comparison.dialog
    assert dialog is not None
    return dialog


def press(dialog: ComparisonDialog, text: str) -> None:
    button = next(
        one for one in dialog.findChildren(QPushButton) if one.text().replace("&", "") == text
    )
    assert button.isEnabled(), button.toolTip()
    button.click()


def give_reason(dialog: ComparisonDialog, text: str) -> None:
    field = dialog.findChild(QLineEdit)
    assert field is not None
    field.setText(text)


def ended(session: Session) -> None:
    session.until(
        lambda: session.app.retraining.comparison.dialog is None, "the end of the comparison"
    )


def test_the_chosen_frame_is_shown_with_both_heat_maps(session: Session, run: Path) -> None:
    dialog = opened(session, run)
    sights = dialog.differing.sights
    session.until(
        lambda: all(sight.view._heat_map is not None for sight in sights), "both heat maps"
    )
    picture = decode(run / "labels" / "cecum" / "a.png")
    assert picture is not None
    np.testing.assert_array_equal(sights[0].view._image, to_bgra(picture))
    student = Classifier.load(STUDENT)
    made = student.classify(to_bgra(picture))
    # As the file says of this frame
    for sight, called in zip(sights, ("cecum", "polyps"), strict=True):
        overlay = sight.view._heat_map
        assert overlay is not None
        expected = student.heat_map(made, CLASSES.index(called))
        np.testing.assert_allclose(overlay.evidence, expected.evidence)
        assert overlay.region == made.region
    first, second = (sight.view._heat_map for sight in sights)
    assert first is not None
    assert second is not None
    assert not np.array_equal(first.evidence, second.evidence)


def test_walking_through_the_frames_ends_with_the_last_ones_picture(
    session: Session, run: Path
) -> None:
    dialog = opened(session, run)
    frames = dialog.differing.list
    for row in (1, 2, 3, 0, 3):
        frames.setCurrentIndex(frames.model().index(row, 0))
    picture = decode(run / "labels" / "polyps" / "d.png")
    assert picture is not None
    view = dialog.differing.sights[1].view
    session.until(
        lambda: view._image is not None and np.array_equal(view._image, to_bgra(picture)),
        "the last one",
    )
    spin(100)
    np.testing.assert_array_equal(view._image, to_bgra(picture))


def test_thumbnails_come_by_themselves(session: Session, run: Path) -> None:
    dialog = opened(session, run)
    dialog.tabs.setCurrentWidget(dialog.differing)
    model = dialog.differing.list._model
    session.until(lambda: len(model._images) == 4, "four thumbnails")
    assert set(model._images) == {"cecum/a.png", "polyps/b.png", "polyps/c.png", "polyps/d.png"}


def test_the_active_models_date_and_the_report_are_found(
    session: Session, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = run / "candidate" / "report.html"
    report.write_text("<p>the report")
    opened_urls: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: bool(opened_urls.append(url.toLocalFile())) or True
    )
    dialog = opened(session, run)
    assert dialog._comparison.active.created[:10] == "2026-11-21"
    press(dialog, "Open report")
    assert opened_urls == [str(report)]
    report.unlink()
    press(dialog, "Open report")
    assert "could not be opened" in dialog.problem()


def test_promoting_takes_it_in_uses_it_and_keeps_the_reason_in_its_card(
    session: Session, run: Path
) -> None:
    session.app.labels.writer.name_reader("Dr. Test")
    dialog = opened(session, run)
    give_reason(dialog, "Polyps matter more here.")
    press(dialog, "Use this model")
    ended(session)
    registry = session.app.models.registry
    assert registry.active_path().name == CANDIDATE
    assert session.app.classifier is not None
    assert session.app.classifier.version == CANDIDATE
    assert registry.history()[-1].reason == "Polyps matter more here."
    note = read_card(registry.active_path()).checks.promoted_in_spite_of
    assert note is not None
    assert (note.classes, note.reason, note.reader) == (
        ("cecum",),
        "Polyps matter more here.",
        "Dr. Test",
    )
    assert f"Model {CANDIDATE} is in use now." in session.message()
    again = opened(session, run)
    assert again.note() == wording.IS_IN_USE
    assert not next(
        one for one in again.findChildren(QPushButton) if one.text() == wording.USE
    ).isEnabled()


def test_after_a_promotion_both_the_way_back_and_the_offer_to_analyse_are_said(
    session: Session, run: Path, tmp_path: Path
) -> None:
    session.open(make_clip(tmp_path / "clip.mp4", count=8))
    session.until(session.analysed, "the analysis")
    dialog = opened(session, run)
    give_reason(dialog, "Polyps matter more here.")
    press(dialog, "Use this model")
    session.until(lambda: "Ctrl+R" in session.message(), "the offer")
    assert (
        session.message()
        == f"Model {CANDIDATE} is in use now. Model, Models goes back to the one before. This"
        f" procedure was analysed by model {SHIPPED}: Ctrl+R analyses it again with model"
        f" {CANDIDATE}."
    )
    assert session.app.window.progress.text() == "Not analysed yet by this model – Ctrl+R analyses"
    session.app.models.list.open()
    models = session.app.models.list.dialog
    assert models is not None
    models.choose(CANDIDATE)
    assert (
        models.why()
        == "Chosen by Dr. Test although sensitivity was lost (Caecum): Polyps matter more here."
    )
    at = datetime(2026, 12, 1, 8, tzinfo=UTC).astimezone()
    assert models.text(1, 4) == f"{at:%Y-%m-%d %H:%M}"
    models.choose(SHIPPED)
    assert models.why() == ""
    models.go_back_requested.emit()
    session.until(session.analysed, "the kept analysis")
    assert session.message() == ""


def test_a_candidate_that_is_kept_is_not_used_and_can_be_promoted_later(
    session: Session, run: Path
) -> None:
    press(opened(session, run), "Keep for later")
    ended(session)
    assert [one.version for one in session.app.models.registry.entries()] == [SHIPPED, CANDIDATE]
    assert session.app.models.registry.active_path() == STUDENT
    assert f"Model {CANDIDATE} is kept." in session.message()
    dialog = opened(session, run)
    give_reason(dialog, "Now it is time.")
    press(dialog, "Use this model")
    ended(session)
    assert session.app.models.registry.active_path().name == CANDIDATE


def test_closing_decides_nothing_and_it_can_be_opened_again(session: Session, run: Path) -> None:
    dialog = opened(session, run)
    dialog.reject()
    ended(session)
    assert [one.version for one in session.app.models.registry.entries()] == [SHIPPED]
    assert (run / "candidate" / "card.json").is_file()
    assert opened(session, run) is not dialog


def test_a_discarded_candidate_is_gone_and_said_to_be(
    session: Session, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison_dialog, "ask", lambda *_: True)
    press(opened(session, run), "Discard…")
    ended(session)
    assert not (run / "candidate").exists()
    assert (run / "run.json").is_file()
    session.app.retraining.comparison.open(run)
    session.until(lambda: wording.GONE in session.message(), "the sentence")
    assert "Retrain to make another." in session.message()
    assert session.app.retraining.comparison.dialog is None


def test_a_damaged_candidate_is_compared_but_can_only_be_discarded(
    session: Session, run: Path
) -> None:
    (run / "candidate" / "student.onnx").write_bytes(b"torn")
    dialog = opened(session, run)
    session.until(lambda: "its hash differs" in dialog.problem(), "the sentence")
    assert "use another copy of the model" in dialog.problem()
    enabled = {
        one.text().replace("&", "") for one in dialog.findChildren(QPushButton) if one.isEnabled()
    }
    assert enabled == {"Discard…", "Close"}
    active, candidate = (sight.view for sight in dialog.differing.sights)
    session.until(lambda: candidate._image is not None, "the picture")
    assert active._heat_map is not None
    assert candidate._heat_map is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"sentence": 7}', b'{"new": {"accuracy": []}}', b"[" * 100_000]
)
def test_a_damaged_proof_is_one_sentence(session: Session, run: Path, content: bytes) -> None:
    (run / "candidate" / "evidence.json").write_bytes(content)
    session.app.retraining.comparison.open(run)
    session.until(
        lambda: f"{wording.DAMAGED} {wording.RETRAIN}" in session.message(),
        "the sentence",
    )
    assert session.app.retraining.comparison.dialog is None


@pytest.mark.parametrize("what", ["missing", "damaged", "of another model"])
def test_without_the_answers_to_each_frame_the_scores_are_shown(
    session: Session, run: Path, what: str
) -> None:
    file = run / "candidate" / "compared.json"
    if what == "missing":
        file.unlink()
    elif what == "damaged":
        file.write_text("{")
    else:
        file.write_text(json.dumps({**json.loads(file.read_text()), "candidate": "another"}))
    dialog = opened(session, run)
    assert dialog._comparison.frames == ()
    assert dialog._comparison.trouble
    assert dialog._comparison.active.version == SHIPPED  # the candidate's parent
    assert dialog.scores.table.rowCount() > 4


def test_a_picture_outside_the_run_or_gone_is_not_shown(session: Session, run: Path) -> None:
    outside = run.parent / "secret.png"
    shutil.copy(run / "labels" / "cecum" / "a.png", outside)
    file = run / "candidate" / "compared.json"
    found = json.loads(file.read_text())
    paths = "../../secret.png", str(outside), "polyps/no.png"
    found["frames"] = [{**one, "path": path} for one, path in zip(FRAMES, paths, strict=False)]
    file.write_text(json.dumps(found))
    dialog = opened(session, run)
    view = dialog.differing.sights[0].view
    for row in range(3):
        dialog.differing.list.setCurrentIndex(dialog.differing.list.model().index(row, 0))
        session.until(lambda: view._message == wording.NO_IMAGE, "the sentence")
        assert view._image is None


def test_an_active_model_that_is_gone_leaves_its_heat_map_out(session: Session, run: Path) -> None:
    file = run / "candidate" / "compared.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "active": "2026.01.01-00000000"}))
    dialog = opened(session, run)
    active, candidate = (sight.view for sight in dialog.differing.sights)
    session.until(lambda: candidate._heat_map is not None, "the candidate's heat map")
    assert active._image is not None
    assert active._heat_map is None
    assert (
        dialog.note()
        == f"Model {SHIPPED} is in use now; this comparison is with model 2026.01.01-00000000."
    )


def test_a_promotion_that_fails_is_said_and_nothing_is_changed(session: Session, run: Path) -> None:
    card = read_card(run / "candidate")
    dialog = opened(session, run)
    # after the dialog has looked: the file that its card vouches for is another one now
    session.until(lambda: dialog.differing.sights[1].view._heat_map is not None, "the heat map")
    (run / "candidate" / "student.safetensors").write_bytes(b"torn")
    give_reason(dialog, "All the same.")
    press(dialog, "Use this model")
    session.until(lambda: "its hash differs" in dialog.problem(), "the sentence")
    assert session.app.models.registry.active_path() == STUDENT
    assert read_card(run / "candidate") == card
    assert not msgspec.json.encode(session.app.models.registry.history()).strip(b"[]")


@pytest.mark.parametrize("is_open", [True, False])
def test_return_on_a_frame_shows_it_in_its_procedure(
    session: Session, data: Path, tmp_path: Path, is_open: bool
) -> None:
    clip, other = make_clip(tmp_path / "a.mp4", count=30), make_clip(tmp_path / "b.mp4", count=20)
    session.open(clip)
    give(session, {3: "1"})
    info = session.app.player.info
    assert info is not None
    if not is_open:
        session.open(other)
    image = f"polyps/{info.fingerprint[:12]}-f000017-t00000.680s-p680.png"
    frames = [frame(image, info.fingerprint, {"cecum": 1.0}, {"polyps": 1.0})]
    dialog = opened(
        session, make_run(RunFolders(data / "runs").new(RunRecord(SHIPPED, {}, ())), frames=frames)
    )
    dialog.tabs.setCurrentWidget(dialog.differing)
    QTest.keyClick(dialog.differing.list, Qt.Key.Key_Return)
    session.until(lambda: session.on_screen() == 17, "frame 17")
    assert session.app.player.info is not None
    assert session.app.player.info.path == clip


@pytest.mark.parametrize("name", ["f000017.png", "abababababab-f000017-t00000.680s-p680.png"])
def test_a_frame_whose_procedure_is_gone_is_said(session: Session, data: Path, name: str) -> None:
    frames = [frame(f"polyps/{name}", "ab" * 20, {"cecum": 1.0}, {"polyps": 1.0})]
    run = make_run(RunFolders(data / "runs").new(RunRecord(SHIPPED, {}, ())), frames=frames)
    dialog = opened(session, run)
    dialog.tabs.setCurrentWidget(dialog.differing)
    QTest.keyClick(dialog.differing.list, Qt.Key.Key_Return)
    session.until(lambda: "frame" in session.message(), "why it is not shown")
