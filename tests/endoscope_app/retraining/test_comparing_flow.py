"""The comparison of a run in the application: opened from its folder, and decided on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton

from endoscope_app.retraining.comparison import comparison_dialog, wording
from kd_core.schema.model_card import read_card
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.comparing_session import SHIPPED, give_reason, opened, press
from tests.endoscope_app.comparison_run import CANDIDATE, STUDENT


def ended(session: Session) -> None:
    session.until(
        lambda: session.app.retraining.comparison.dialog is None, "the end of the comparison"
    )


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
    assert dialog._comparison.active.created[:10] == SHIPPED[:10].replace(".", "-")
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
        button for button in again.findChildren(QPushButton) if button.text() == wording.USE
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
    assert [entry.version for entry in session.app.models.registry.entries()] == [
        SHIPPED,
        CANDIDATE,
    ]
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
    assert [entry.version for entry in session.app.models.registry.entries()] == [SHIPPED]
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
