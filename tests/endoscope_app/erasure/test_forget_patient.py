"""Forget this patient: planted markers are in no file of the data folder any more, another
patient's data are all there, and a program that dies in between goes on.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from endoscope_app.erasure import erasure_flow, wording
from endoscope_app.erasure.commands import FORGET_PATIENT
from endoscope_app.erasure.file_erasure import erase_files
from endoscope_app.erasure.traces import traces_of
from endoscope_app.labels.library import backups
from endoscope_app.labels.library.reading_times import add_seconds
from endoscope_app.second_reading.second_library import FOLDER
from kd_core.schema.held_out import HeldOut, read_held_out, write_held_out
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.joining_session import join, make_parts
from tests.endoscope_app.label_session import give, ready, store
from tests.model_factory import make_model_dir

NAME, OTHER = "Wintermarker", "Sommermarker"
PSEUDONYM, OTHER_PSEUDONYM = "Patient Zobel", "Patient Hermelin"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "shipped")


@pytest.fixture
def data(qtbot: QtBot, tmp_path: Path, model: Path) -> Path:
    """A data folder of two patients, with all that a program leaves of them."""
    folder = tmp_path / "data"
    with running(folder, model) as session:
        for name, patient, count in ((NAME, PSEUDONYM, 20), (OTHER, OTHER_PSEUDONYM, 24)):
            clip = make_clip(tmp_path / f"{name}.mp4", count=count)
            ready(session, clip)
            session.until(session.analysed, "the analysis")
            # One image is alike in both, and must stay as long as one of them is kept
            give(session, {3: "1", 7 if name == NAME else 8: "2"})
            entry = session.app.worklist.view.entry_at(clip)
            assert entry is not None
            session.app.worklist.flow._patients.name([entry], patient)
            with store(session).writing("the reading time") as connection:
                add_seconds(connection, entry.fingerprint, f"Dr. {name}", 75.0)
        store(session).back_up(folder / "labels" / backups.FOLDER / backup_name())
    second = folder / "labels" / FOLDER
    second.mkdir()
    shutil.copy(folder / "labels" / backups.FOLDER / backup_name(), second / "labels.sqlite")
    shutil.copytree(folder / "labels/frames", second / "frames")
    of = {name: fingerprint(folder, name) for name in (NAME, OTHER)}
    for name in (NAME, OTHER):
        for place in (f"reports/{of[name]}/version-001/report.txt", f"runs/of {name}/images/x.png"):
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(name.encode())
        (folder / f"runs/of {name}/manifest.csv").write_text(f"x.png,{of[name]}\n")
        (folder / "added").mkdir(exist_ok=True)
        (folder / f"added/{name}.added").write_bytes(os.fsencode(tmp_path / f"{name}.mp4"))
    (folder / "added" / f"{NAME}.added").rename(folder / "added" / "1.waiting")
    (folder / "added" / f"{OTHER}.added").rename(folder / "added" / "2.waiting")
    write_held_out(folder / "runs/held-out.json", HeldOut((of[NAME], of[OTHER]), ()))
    assert found(folder, of[NAME]) >= 8
    return folder


def backup_name() -> str:
    return "labels-000000000009-20260101T000000Z.sqlite"


def fingerprint(data: Path, name: str) -> str:
    with closing(sqlite3.connect(data / "labels/labels.sqlite")) as connection:
        rows = connection.execute("SELECT fingerprint, path FROM procedures").fetchall()
    return next(str(key) for key, path in rows if name.encode() in path)


def fingerprints(data: Path, name: str) -> list[str]:
    """Of the lines of the worklist that are called so."""
    with closing(sqlite3.connect(data / "labels/labels.sqlite")) as connection:
        rows = connection.execute("SELECT fingerprint, path FROM worklist").fetchall()
    return [str(key) for key, path in rows if name.encode() in path]


def markers(mark: str) -> list[bytes]:
    name, patient = (NAME, PSEUDONYM) if mark == NAME else (OTHER, OTHER_PSEUDONYM)
    return [name.encode(), patient.encode()]


def found(data: Path, *texts: str | bytes) -> int:
    """In how many files of the data folder, or their names, any of these stands."""
    wanted = [text.encode() if isinstance(text, str) else text for text in texts]
    return sum(
        any(text in path.read_bytes() or text in os.fsencode(path) for text in wanted)
        for path in data.rglob("*")
        if path.is_file()
    )


@pytest.fixture
def yes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked; the answer is yes."""
    asked: list[str] = []

    def exec_(box: QMessageBox) -> int:
        asked.append(box.text())
        return QMessageBox.StandardButton.Yes.value

    monkeypatch.setattr(QMessageBox, "exec", exec_)
    return asked


def forget(session: Session, name: str) -> None:
    """As a reader: choose the line, and the command of the menu."""
    view = session.app.worklist.view
    session.until(lambda: any(name in entry.path.name for entry in view.entries), "the worklist")
    line = next(entry for entry in view.entries if name in entry.path.name)
    session.app.window.worklist.table.choose(line.id)
    session.app.window.action(FORGET_PATIENT).trigger()


def forgotten(session: Session, data: Path) -> None:
    session.until(lambda: "is forgotten" in session.message(), "the erasure")
    assert not (data / "erasing.json").exists()


def test_no_file_holds_a_marker_any_more_and_the_other_patient_is_whole(
    data: Path, tmp_path: Path, model: Path, yes: list[str]
) -> None:
    gone, kept = fingerprint(data, NAME), fingerprint(data, OTHER)
    for library in (data / "labels", data / "labels" / FOLDER):
        assert len(set((library / "frames").rglob("*.png"))) == 3
    before = found(data, *markers(OTHER), kept)
    with running(data, model) as session:
        forget(session, NAME)
        forgotten(session, data)
        assert PSEUDONYM in yes[0]
        assert "recordings themselves" in session.message()
        assert [entry.path.name for entry in session.app.worklist.view.entries] == [f"{OTHER}.mp4"]
    assert found(data, *markers(NAME), gone, gone[:12]) == 0
    assert found(data, *markers(OTHER), kept) >= before
    for library in (data / "labels", data / "labels" / FOLDER):
        assert len(set((library / "frames").rglob("*.png"))) == 2
    assert read_held_out(data / "runs/held-out.json") == HeldOut((kept,), ())
    assert (tmp_path / f"{NAME}.mp4").exists()
    with closing(sqlite3.connect(data / "labels/labels.sqlite")) as connection:
        titles = [row[0] for row in connection.execute("SELECT title FROM journal")]
        assert connection.execute("SELECT count(*) FROM frame_labels").fetchone() == (2,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        read = connection.execute("SELECT DISTINCT fingerprint FROM reading_times").fetchall()
        assert read == [(kept,)]
    assert titles[-1] == "A patient was erased: 1 procedure"
    assert titles.count("Erased") >= 2
    # The history may be added to as before, and is still never edited
    with running(data, model) as session:
        ready(session, tmp_path / f"{OTHER}.mp4")
        give(session, {5: "3"})
        assert len(store(session).read.frame_labels(kept)) == 3
        session.press("Ctrl+Z")
        assert len(store(session).read.frame_labels(kept)) == 2
        with pytest.raises(sqlite3.IntegrityError):
            store(session).reading().execute("DELETE FROM journal")


def test_an_erasure_that_was_broken_off_is_completed_at_the_next_start(
    data: Path, model: Path, yes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the program were killed after the rows had gone and before the files."""
    gone = fingerprint(data, NAME)
    with monkeypatch.context() as patch:

        def killed(*_: object) -> None:
            raise OSError("killed")

        patch.setattr(erasure_flow, "erase_files", killed)
        with running(data, model) as session:
            forget(session, NAME)
            session.until(lambda: wording.NOT_ERASED[0] in session.message(), "what was not erased")
    assert found(data, *markers(NAME), gone) > 3
    with running(data, model) as session:
        forgotten(session, data)
    assert found(data, *markers(NAME), gone, gone[:12]) == 0


def test_nothing_goes_where_the_reader_says_no_or_the_procedure_is_open(
    data: Path, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch, yes: list[str]
) -> None:
    gone = fingerprint(data, NAME)
    before = found(data, *markers(NAME), gone)
    with running(data, model) as session:
        monkeypatch.setattr(QMessageBox, "exec", lambda _: QMessageBox.StandardButton.No.value)
        forget(session, NAME)
        assert not (data / "erasing.json").exists()
        ready(session, tmp_path / f"{NAME}.mp4")
        session.press("Ctrl+Home")
        forget(session, NAME)
        assert session.message() == wording.IS_OPEN
        assert not yes
    assert found(data, *markers(NAME), gone) >= before


def test_a_library_that_another_program_holds_is_kept_and_said(
    data: Path, model: Path, yes: list[str]
) -> None:
    """It is busy, not damaged: nothing of it may be lost, and the erasure is not at its end."""
    second = data / "labels" / FOLDER / "labels.sqlite"
    with closing(sqlite3.connect(second, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with running(data, model) as session:
            forget(session, NAME)
            session.until(lambda: wording.NOT_ERASED[0] in session.message(), "what was not erased")
    assert second.exists()
    with running(data, model) as session:
        forgotten(session, data)
    assert found(data, *markers(NAME)) == 0
    with closing(sqlite3.connect(second)) as connection:
        assert connection.execute("SELECT count(*) FROM frame_labels").fetchone() == (2,)


def test_a_log_that_another_program_reads_is_emptied_at_the_next_start(
    data: Path, model: Path, yes: list[str]
) -> None:
    """What is deleted stands in the log until nobody reads what was before."""
    with closing(sqlite3.connect(data / "labels/labels.sqlite", isolation_level=None)) as other:
        with running(data, model) as session:
            other.execute("BEGIN")
            assert other.execute("SELECT count(*) FROM procedures").fetchone() == (2,)
            forget(session, NAME)
            session.until(lambda: wording.NOT_ERASED[1] in session.message(), "what stays")
            assert "nother program is using" in session.message()
            assert len(session.app.worklist.view.entries) == 1
        assert (data / "erasing.json").exists()
        other.execute("ROLLBACK")
    with running(data, model) as session:
        forgotten(session, data)
    assert found(data, *markers(NAME)) == 0


def test_nobody_is_forgotten_where_procedures_of_two_patients_are_chosen(
    data: Path, model: Path, yes: list[str]
) -> None:
    with running(data, model) as session:
        view = session.app.worklist.view
        session.until(lambda: len(view.entries) == 2, "the worklist")
        session.app.window.worklist.table.selectAll()
        session.app.window.action(FORGET_PATIENT).trigger()
        assert session.message() == wording.ONE_PATIENT
        assert not yes
        assert not (data / "erasing.json").exists()
        assert len(view.entries) == 2


def test_a_damaged_backup_cannot_be_searched_and_goes_whole(
    data: Path, model: Path, yes: list[str]
) -> None:
    folder = data / "labels" / backups.FOLDER
    damaged = folder / "labels-000000000001-20250101T000000Z.sqlite.damaged"
    shutil.copy(folder / backup_name(), damaged)
    content = bytearray(damaged.read_bytes())
    content[100:200] = bytes(100)
    damaged.write_bytes(content)
    with running(data, model) as session:
        forget(session, NAME)
        forgotten(session, data)
    assert not damaged.exists()
    assert (folder / backup_name()).exists()


def test_what_lay_at_the_same_path_later_is_another_patients(
    data: Path, tmp_path: Path, model: Path, yes: list[str]
) -> None:
    """Recorders number their files anew on each drive, so a path tells of no patient."""
    kept = fingerprint(data, OTHER)
    path = os.fsencode(tmp_path / f"{OTHER}.mp4")
    with closing(sqlite3.connect(data / "labels/labels.sqlite")) as connection, connection:
        connection.execute("UPDATE procedures SET path = ? WHERE fingerprint <> ?", (path, kept))
    with running(data, model) as session:
        forget(session, NAME)
        forgotten(session, data)
        assert [entry.fingerprint for entry in session.app.worklist.view.entries] == [kept]
        assert session.app.recent_files.position(kept) is not None
        known = store(session).read.procedure(kept)
        assert known is not None
        assert known.patient == OTHER_PSEUDONYM
        assert len(store(session).read.frame_labels(kept)) == 2
    assert (data / "runs" / f"of {OTHER}").exists()


def test_what_waits_beside_a_forgotten_procedure_still_comes_into_the_worklist(
    data: Path, tmp_path: Path, model: Path, yes: list[str]
) -> None:
    (data / "added/1.waiting").unlink()
    both = [os.fsencode(tmp_path / f"{name}.mp4") for name in (NAME, OTHER)]
    (data / "added/2.waiting").write_bytes(b"\0".join(both))
    with running(data, model) as session:
        forget(session, NAME)
        forgotten(session, data)
    assert (data / "added/2.waiting").read_bytes() == both[1]


def test_the_next_erasure_completes_one_that_failed(
    data: Path, model: Path, yes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = [fingerprint(data, name) for name in (NAME, OTHER)]
    with running(data, model) as session:
        with monkeypatch.context() as patch:

            def full(*_: object) -> None:
                raise OSError("no")

            patch.setattr(erasure_flow, "erase_files", full)
            forget(session, NAME)
            session.until(lambda: wording.NOT_ERASED[0] in session.message(), "what was not erased")
        forget(session, OTHER)
        forgotten(session, data)
    assert found(data, *markers(NAME), *markers(OTHER), *gone) == 0


def test_a_second_patient_is_not_begun_with_before_the_first_is_forgotten(
    data: Path, model: Path, yes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note of the first would be taken away with that of the second still needed."""
    goes_on = threading.Event()

    def waits(*arguments: Any) -> None:
        assert goes_on.wait(60)
        erase_files(*arguments)

    monkeypatch.setattr(erasure_flow, "erase_files", waits)
    kept = fingerprint(data, OTHER)
    with running(data, model) as session:
        forget(session, NAME)
        forget(session, OTHER)
        assert wording.IS_ERASED in session.message()
        goes_on.set()
        forgotten(session, data)
        assert len(store(session).read.frame_labels(kept)) == 2


def test_a_damaged_list_of_what_is_held_out_is_said(
    data: Path, model: Path, yes: list[str]
) -> None:
    (data / "runs/held-out.json").write_bytes(b"{")
    with running(data, model) as session:
        forget(session, NAME)
        session.until(lambda: "held out" in session.message(), "the sentence")
    assert (data / "erasing.json").exists()


def test_what_was_moved_aside_because_it_is_damaged_goes(
    data: Path, model: Path, yes: list[str]
) -> None:
    library = (data / "labels/labels.sqlite").read_bytes()
    aside = (
        data / "labels/labels.damaged-20260101T000000Z.sqlite",
        data / "labels/labels.damaged-20260101T000000Z.sqlite-wal",
        data / "recent.json.damaged-20260101T000000Z",
    )
    for path in aside[:2]:
        path.write_bytes(bytes(512) + library[512:])
    aside[2].write_bytes((data / "recent.json").read_bytes()[:-2])
    with running(data, model) as session:
        forget(session, NAME)
        forgotten(session, data)
    assert not any(path.exists() for path in aside)
    assert found(data, *markers(NAME)) == 0


def test_of_a_procedure_in_several_files_neither_list_nor_files_are_known_any_more(
    qtbot: QtBot, tmp_path: Path, model: Path, yes: list[str]
) -> None:
    """One of them was opened by itself before."""
    parts, data = make_parts(tmp_path / "in"), tmp_path / "data"
    other = make_clip(tmp_path / "other.mp4", count=24)
    with running(data, model) as session:
        for clip in (parts[0], other):
            ready(session, clip)
            session.until(session.analysed, "the analysis")
        info = join(session, parts)
        session.until(session.analysed, "the analysis")
        line = session.app.worklist.view.entry_at(info.path)
        assert line is not None
        session.app.worklist.flow._patients.name([line], PSEUDONYM)
    of_part = fingerprints(data, "part1.mp4")
    with running(data, model) as session:
        forget(session, info.path.name)
        forgotten(session, data)
        assert "1 procedure" in session.message()
        left = [entry.path for entry in session.app.worklist.view.entries]
        assert left == [other]
    assert not [path for path in (data / "joined").rglob("*") if path.is_file()]
    assert found(data, info.fingerprint, *of_part, "part1", "part10", PSEUDONYM) == 0
    assert all(part.exists() for part in parts)


def test_a_joined_list_of_the_same_paths_is_the_one_of_the_patient_who_has_it_now(
    qtbot: QtBot, tmp_path: Path, model: Path
) -> None:
    parts, data = make_parts(tmp_path / "in"), tmp_path / "data"
    with running(data, model) as session:
        info = join(session, parts)
        path = os.fsencode(info.path)
        session.until(session.analysed, "the analysis")
        before = traces_of(store(session).reading(), {"f" * 40}, [], data / "joined")
        assert before.lists == ()
        with store(session).writing("x") as connection:
            connection.execute(
                "INSERT INTO procedures (fingerprint, name, path, frame_count, duration_s)"
                " VALUES (?, ?, ?, 1, 1)",
                ("f" * 40, b"x", path),
            )
        traces = traces_of(store(session).reading(), {"f" * 40}, [], data / "joined")
        assert traces.paths == (path,)
        assert traces.lists == ()
        assert traces.fingerprints == ("f" * 40,)
