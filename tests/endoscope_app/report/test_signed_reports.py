"""A signed report is frozen: later changes make another version, and what was tampered with is not
shown.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.endoscope_app.app_session import Session
from tests.endoscope_app.report.report_session import (
    button,
    choose_version,
    mark,
    opened,
    saved,
    shown,
    sign,
    versions,
)


def records(data: Path) -> list[Path]:
    return sorted(data.glob("reports/*/version-*/signature.json"))


def state_in_worklist(session: Session) -> str:
    """Of the open procedure, as the library has it."""
    where = session.app.labels.procedure.fingerprint
    entries = session.app.worklist.view.entries
    return next(entry.state for entry in entries if entry.fingerprint == where)


def test_signing_freezes_and_a_later_change_makes_version_2(
    session: Session, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    dialog = opened(session)
    asked = sign(session, dialog)
    assert asked.startswith("Sign this report as Dr. Test? It is kept as version 1")
    (record,) = records(data)
    kept = json.loads(record.read_bytes())
    assert (kept["version"], kept["signed_by"]) == (1, "Dr. Test")
    assert set(kept["files"]) == {f"report.{end}" for end in ("pdf", "html", "xlsx", "csv", "txt")}
    for name, digest in kept["files"].items():
        assert hashlib.sha256((record.parent / name).read_bytes()).hexdigest() == digest
    assert "Signed by: Dr. Test" in shown(dialog)
    assert state_in_worklist(session) == "signed"
    first = shown(dialog)

    choose_version(session, dialog, 0)
    session.until(lambda: "Nothing has changed" in dialog.said(), "the draft says what was signed")
    assert not button(dialog, "Sign").isEnabled()
    mark(session, 41, 44, "6")
    session.until(lambda: "Ulcerative colitis" in shown(dialog), "the new finding")
    session.until(button(dialog, "Sign").isEnabled, "something new to sign")
    assert "kept as version 2" in sign(session, dialog)
    one, two = (json.loads(path.read_bytes()) for path in records(data))
    assert two["version"] == 2
    assert two["before"] == hashlib.sha256(records(data)[0].read_bytes()).hexdigest()
    assert one["report"] != two["report"]

    assert [versions(dialog).itemText(row)[:9] for row in range(3)] == [
        "Draft, as",
        "Version 2",
        "Version 1",
    ]
    choose_version(session, dialog, 2)
    session.until(lambda: shown(dialog) == first, "the first version as it was")
    content = saved(session, dialog, tmp_path / "old.pdf")
    assert hashlib.sha256(content).hexdigest() == one["files"]["report.pdf"]


def test_it_is_there_after_a_restart_and_not_shown_where_it_was_changed(
    session: Session, tmp_path: Path
) -> None:
    dialog = opened(session)
    sign(session, dialog)
    dialog.close()
    again = opened(session)
    assert versions(again).count() == 2
    (record,) = records(tmp_path / "data")
    page = record.parent / "report.html"
    page.chmod(0o600)
    page.write_bytes(page.read_bytes().replace(b"Polyp", b"Ileum"))
    choose_version(session, again, 1)
    assert "not as it was when it was signed" in again.said()
    assert "Ileum" not in shown(again)


def test_a_version_whose_record_is_damaged_is_no_version_and_its_number_is_not_given_again(
    session: Session, tmp_path: Path
) -> None:
    sign(session, opened(session))
    (record,) = records(tmp_path / "data")
    record.chmod(0o600)
    record.write_bytes(b"{")
    session.app.report.dialog.close()  # type: ignore[union-attr]
    dialog = opened(session)
    assert versions(dialog).count() == 1
    assert "kept as version 2" in sign(session, dialog)


def test_a_reader_without_a_name_is_asked_for_it_before_signing(session: Session) -> None:
    store = session.app.labels.session.store
    store.set_reader_name("")
    dialog = opened(session)
    button(dialog, "Sign").click()
    assert "Enter your name first" in dialog.said()
    asking = session.app.labels.reader.dialog
    assert asking is not None
    asking.reject()
