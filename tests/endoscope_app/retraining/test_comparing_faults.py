"""A comparison of which something is damaged, gone or refused: what is left is shown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QPushButton

from endoscope_app.retraining.comparison import wording
from kd_core.schema.model_card import read_card
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.comparing_session import SHIPPED, give_reason, opened, press
from tests.endoscope_app.comparison_run import FRAMES, STUDENT


def test_a_damaged_candidate_is_compared_but_can_only_be_discarded(
    session: Session, run: Path
) -> None:
    (run / "candidate" / "student.onnx").write_bytes(b"torn")
    dialog = opened(session, run)
    session.until(lambda: "its hash differs" in dialog.problem(), "the sentence")
    assert "use another copy of the model" in dialog.problem()
    enabled = {
        button.text().replace("&", "")
        for button in dialog.findChildren(QPushButton)
        if button.isEnabled()
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
