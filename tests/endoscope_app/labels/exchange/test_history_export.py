"""History and backups out through the window."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

from endoscope_app.labels.commands import (
    BACK_UP_LABELS,
    EXPORT_HISTORY,
)
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.label_session import Answers, give, labels


def test_the_journal_and_a_backup_are_written_in_the_background(
    session: Session, tmp_path: Path
) -> None:
    give(session, {3: "1", 9: "2"})
    exporting = session.app.labels.exports
    files = Answers(tmp_path / "journal")
    exporting.files = files  # type: ignore[assignment]
    session.app.window.action(EXPORT_HISTORY).trigger()
    session.until(lambda: session.message() == "The history is in journal.csv.", "the journal")
    with (tmp_path / "journal.csv").open(newline="", encoding="utf-8-sig") as file:
        assert [
            row["reader"] for row in csv.DictReader(file) if row["table"] == "frame_labels"
        ] == ["Dr. Test"] * 2
    files.path = tmp_path / "safe.sqlite"
    session.app.window.action(BACK_UP_LABELS).trigger()
    session.until(
        lambda: "All labels and their history are in safe.sqlite." in session.message(),
        "the backup",
    )
    connection = sqlite3.connect(tmp_path / "safe.sqlite")
    assert connection.execute("SELECT count(*) FROM frame_labels").fetchone() == (2,)
    connection.close()
    assert files.asked[0] == "history.csv"
    assert files.asked[1].endswith(".sqlite")
    files.path = tmp_path / "data" / "labels" / "labels.sqlite"
    session.app.window.action(BACK_UP_LABELS).trigger()
    session.until(lambda: "no place for this" in session.message(), "the refusal")
    assert len(labels(session)) == 2
