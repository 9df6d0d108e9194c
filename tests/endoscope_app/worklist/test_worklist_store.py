"""The worklist in the library: states only lead further, a moved file keeps its line, another
content begins anew, and a library of before gets the table.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.library_schema import VERSION
from endoscope_app.labels.library.records import Context
from endoscope_app.media.source import SourceInfo
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.folder_contents import Found
from endoscope_app.worklist.worklist_store import WorklistStore
from tests.endoscope_app.label_library import PROCEDURE
from tests.places import REPOSITORY


@pytest.fixture
def library(tmp_path: Path) -> Iterator[LabelStore]:
    with LabelStore(tmp_path / "labels") as made:
        yield made


@pytest.fixture
def worklist(library: LabelStore) -> WorklistStore:
    return WorklistStore(lambda: library)


def info(path: Path, fingerprint: str, siblings: frozenset[str] = frozenset()) -> SourceInfo:
    path.touch()
    return SourceInfo(
        path, "video", 100, 25.0, 64, 48, 4000.0, fingerprint=fingerprint, siblings=siblings
    )


def only(worklist: WorklistStore) -> Entry:
    (entry,) = worklist.entries()
    return entry


def test_states_only_lead_further(worklist: WorklistStore, tmp_path: Path) -> None:
    worklist.note(info(tmp_path / "a.mp4", "aa"))
    assert only(worklist).state == "new"
    assert worklist.advance("aa", "reviewed")
    assert not worklist.advance("aa", "in review")
    assert not worklist.advance("aa", "reviewed")
    assert not worklist.advance("bb", "signed")
    assert only(worklist).state == "reviewed"


def test_adding_again_adds_nothing_and_wants_what_was_not_analysed(
    worklist: WorklistStore, tmp_path: Path
) -> None:
    odd = Path("/videos/od\udcffd.mp4")
    found = [Found(tmp_path / "a.mp4", 5.0), Found(odd, 0.0)]
    assert worklist.add(found, wanted=True) == 2
    worklist.refuse(odd, "It is damaged.")
    worklist.note(info(tmp_path / "a.mp4", "aa"))
    worklist.advance("aa", "analysed")
    worklist.want([worklist.entries()[0].id], wanted=False)
    assert worklist.add(found, wanted=True) == 0
    assert [(one.path, one.wanted, one.trouble) for one in worklist.entries()] == [
        (tmp_path / "a.mp4", False, ""),
        (odd, True, ""),
    ]


def test_a_moved_file_takes_its_line_along(worklist: WorklistStore, tmp_path: Path) -> None:
    here = tmp_path / "here.mp4"
    line = worklist.note(info(here, "aa"))
    worklist.advance("aa", "signed")
    here.rename(tmp_path / "there.mp4")
    worklist.add([Found(tmp_path / "there.mp4", 0.0)], wanted=True)
    assert worklist.note(info(tmp_path / "there.mp4", "aa")) == line
    assert (only(worklist).path.name, only(worklist).state) == ("there.mp4", "signed")


def test_a_copy_is_a_line_of_its_own_and_goes_along(
    worklist: WorklistStore, tmp_path: Path
) -> None:
    for name in ("a.mp4", "copy.mp4"):
        worklist.note(info(tmp_path / name, "aa"))
    worklist.advance("aa", "signed")
    assert [one.state for one in worklist.entries()] == ["signed", "signed"]


def test_another_content_begins_anew_and_another_stream_does_not(
    worklist: WorklistStore, tmp_path: Path
) -> None:
    path = tmp_path / "a.mp4"
    line = worklist.note(info(path, ""))
    worklist.name_patient([line], "P-1")
    worklist.note(info(path, "aa"))
    assert only(worklist).patient == "P-1"
    worklist.advance("aa", "signed")
    worklist.note(info(path, "stream", frozenset({"aa"})))
    assert (only(worklist).fingerprint, only(worklist).state) == ("aa", "signed")
    assert only(worklist).patient == "P-1"
    worklist.note(info(path, "bb"))
    assert (only(worklist).fingerprint, only(worklist).state) == ("bb", "new")
    # A recorder gives the next patient's files the same names
    assert only(worklist).patient == ""
    assert worklist.patient_before_labels("bb") == ""


def test_the_patient_is_the_librarys_once_it_knows_the_procedure(
    worklist: WorklistStore, library: LabelStore, tmp_path: Path
) -> None:
    line = worklist.note(info(tmp_path / "a.mp4", PROCEDURE.fingerprint))
    worklist.name_patient([line], "P-1")
    assert only(worklist).patient == "P-1"
    reader = Context("r", "hidden")
    library.apply(edits.register_procedure(library.read, PROCEDURE), reader)
    assert only(worklist).patient == "P-1"
    library.apply(edits.set_patient(library.read, [PROCEDURE.fingerprint], "P-2"), reader)
    assert only(worklist).patient == "P-2"
    assert worklist.patient_before_labels(PROCEDURE.fingerprint) == "P-1"
    library.apply(edits.set_patient(library.read, [PROCEDURE.fingerprint], ""), reader)
    worklist.follow_patient(PROCEDURE.fingerprint, "")
    assert only(worklist).patient == ""


def test_a_pause_outlives_a_restart(tmp_path: Path) -> None:
    for paused in (True, False):
        with LabelStore(tmp_path / "labels") as library:
            WorklistStore(lambda library=library: library).pause(paused)  # type: ignore[misc]
        with LabelStore(tmp_path / "labels") as library:
            assert WorklistStore(lambda library=library: library).paused is paused  # type: ignore[misc]


def test_a_library_of_before_gets_an_empty_worklist(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    shutil.copy(
        REPOSITORY / "tests" / "fixtures" / "labels_v1.sqlite",
        tmp_path / "labels" / "labels.sqlite",
    )
    with LabelStore(tmp_path / "labels") as library:
        assert WorklistStore(lambda: library).entries() == []
        assert library.read.procedures()
    with closing(sqlite3.connect(tmp_path / "labels" / "labels.sqlite")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
