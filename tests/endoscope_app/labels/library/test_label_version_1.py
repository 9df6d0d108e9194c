"""A library of version 1, made by the last program of that version: it opens for ever, with all it
held and its undo.

labels_v1.json says what that program itself read from it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library import library_files as files
from endoscope_app.labels.library import library_schema as schema
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import CLASSES_SCOPE, FrameMoment
from tests.endoscope_app.label_library import READER, REPOSITORY, said
from tests.places import FIXTURES

A, B, B2, C = ("a1" * 20, "b2" * 20, "b3" * 20, "c4" * 20)
NAMES = {
    1: ("bbps-0-1", "Poor preparation (BBPS 0-1)"),
    2: ("bbps-2-3", "Good preparation (BBPS 2-3)"),
    3: ("cecum", "Caecum"),
    4: ("impacted-stool", "Impacted stool"),
    5: ("polyps", "Polypen"),  # renamed by the reader
    6: ("ulcerative-colitis", "Ulcerative colitis"),
    # Version 1 added the model's class again once the first one had been renamed
    7: ("polyps (2)", "polyps"),
    8: ("lesion", "lesion"),
    9: ("much stool", "much stool"),
    10: ("diverticulum", "diverticulum"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(FIXTURES / "labels_v1.sqlite", tmp_path / files.NAME)
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[LabelStore]:
    with LabelStore(folder) as opened:
        yield opened


def held() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / "labels_v1.json").read_text())
    return found


def without(value: object, *fields: str) -> dict[str, object]:
    return {name: one for name, one in dataclasses.asdict(value).items() if name not in fields}  # type: ignore[call-overload]


def test_nothing_of_it_is_lost(store: LabelStore) -> None:
    old = held()
    for film in (A, B, B2, C):
        assert [without(label, "slot") for label in store.read.frame_labels(film)] == old[
            "frame_labels"
        ][film]
        assert [dataclasses.asdict(span) for span in store.read.ranges(film)] == old["ranges"][film]
    new = ("patient", "width", "height", "stamp_kind", "first_image")
    assert [without(procedure, *new) for procedure in store.read.procedures()] == old["procedures"]
    assert [without(row, "scope") for row in store.read.journal_rows()] == old["journal"]
    since = ("key", "name", "class_group")
    assert [without(label_class, *since) for label_class in store.read.classes()] == [
        {name: label_class[name] for name in label_class if name != "name"}
        for label_class in old["classes"]
    ]
    assert store.read.reader_name() == "Dr. Älter"
    assert json.loads(json.dumps(dataclasses.asdict(store.read.statistics()))) == old["statistics"]


def test_a_class_has_its_first_name_as_its_key_and_shipped_ones_what_a_clinician_writes(
    store: LabelStore,
) -> None:
    assert {
        label_class.id: (label_class.key, label_class.name) for label_class in store.read.classes()
    } == NAMES
    polyps = store.read.class_of_key("polyps")
    assert polyps is not None
    assert polyps.name == "Polypen"


def test_a_brought_up_library_has_the_tables_of_a_new_one(
    tmp_path: Path, store: LabelStore
) -> None:
    def shape(connection: sqlite3.Connection) -> object:
        names = connection.execute(
            "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type,"
            " name"
        ).fetchall()
        return names, [
            connection.execute(f"PRAGMA table_info({name})").fetchall()
            for kind, name in names
            if kind == "table"
        ]

    with LabelStore(tmp_path / "new") as fresh:
        assert shape(store._open_connection()) == shape(fresh._open_connection())
    assert files.is_sound(store._open_connection())
    assert store._open_connection().execute("PRAGMA foreign_key_check").fetchall() == []
    with pytest.raises(sqlite3.IntegrityError, match="never edited"):
        store._open_connection().execute("UPDATE journal SET title = 'x'")


def test_every_procedure_undoes_its_own_acts_of_then(store: LabelStore) -> None:
    titles = []
    while store.read.undo_title(A):
        titles.append(store.undo(READER, A).title)
    # the act on frame 20 had been undone already
    assert titles == [
        "ulcerative-colitis on 21",
        "lesion on 100-200",
        "Polypen on 14",
        "unusable on 13",
        "reviewed 12",
        "cecum on 11",
        "polyps on 10",
    ]
    assert (store.read.frame_labels(A), store.read.ranges(A)) == ([], [])
    assert len(store.read.frame_labels(C)) == 2
    for title in reversed(titles):
        assert store.redo(READER, A).title == title
    assert [without(label, "slot") for label in store.read.frame_labels(A)] == held()[
        "frame_labels"
    ][A]
    assert [dataclasses.asdict(span) for span in store.read.ranges(A)] == held()["ranges"][A]


def test_what_had_been_undone_then_can_be_redone(store: LabelStore) -> None:
    assert store.read.redo_title(C) == "cecum on 3"
    store.redo(READER, C)
    assert [(label.frame_index, label.class_id) for label in store.read.frame_labels(C)] == [
        (1, 10),
        (2, 10),
        (3, 3),
    ]


def test_labels_that_were_carried_over_go_back(store: LabelStore) -> None:
    assert store.read.undo_title(B2) == "carry 4 labels over"
    store.undo(READER, B2)
    assert (
        len(store.read.frame_labels(B)),
        len(store.read.ranges(B)),
        store.read.frame_labels(B2),
    ) == (3, 1, [])


def test_class_acts_of_then_are_undone_one_by_one(store: LabelStore) -> None:
    before = [dataclasses.asdict(label_class) for label_class in store.read.classes()]
    assert store.read.undo_title(CLASSES_SCOPE) == "merge much stool into impacted-stool"
    store.undo(READER, CLASSES_SCOPE)
    assert store.read.label_class(9).merged_into is None
    # its labels stand, so the class itself cannot go
    with pytest.raises(AppError, match="The class much stool still has labels"):
        store.undo(READER, CLASSES_SCOPE)
    store.redo(READER, CLASSES_SCOPE)
    assert [dataclasses.asdict(label_class) for label_class in store.read.classes()] == before


def test_a_rename_of_then_is_undone_to_the_name_of_now(store: LabelStore) -> None:
    for film in (B2, B, A, C):  # what the reader labelled keeps classes in use
        while store.read.undo_title(film):
            store.undo(READER, film)
    titles = []
    while store.read.undo_title(CLASSES_SCOPE):
        titles.append(store.undo(READER, CLASSES_SCOPE).title)
    assert titles == [
        "merge much stool into impacted-stool",
        "add class much stool",
        "add class lesion",
        "classes of the model",
        "rename polyps to Polypen",
        "classes of the model",
    ]
    assert store.read.classes() == []
    for title in reversed(titles):
        assert store.redo(READER, CLASSES_SCOPE).title == title
    assert {
        label_class.id: (label_class.key, label_class.name) for label_class in store.read.classes()
    } == {number: NAMES[number] for number in range(1, 10)}


def test_the_model_still_finds_its_class_and_agreement_is_by_key(store: LabelStore) -> None:
    store.apply(class_edits.rename_class(store.read, 3, "Zökum"), READER)
    store.apply(edits.label_frames(store.read, A, [FrameMoment(12000, 300)], 3), said("cecum"))
    agrees = (
        store._open_connection()
        .execute("SELECT agrees FROM journal ORDER BY sequence DESC LIMIT 1")
        .fetchone()
    )
    assert agrees == (1,)


def test_a_copy_of_it_as_it_was_lies_among_the_backups(folder: Path, store: LabelStore) -> None:
    (copy,) = (folder / "backups").iterdir()
    with contextlib.closing(files.connect_read_only(copy)) as connection:
        assert files.versions(connection) == (schema.APPLICATION_ID, 1)


OPEN = """
import sys
from pathlib import Path
from endoscope_app.labels.library.label_store import LabelStore
print("begins", flush=True)
LabelStore(Path(sys.argv[1])).close()
print("ends", flush=True)
"""


@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.9])
def test_a_kill_in_the_middle_leaves_a_library_that_opens(folder: Path, part: float) -> None:
    """At moments spread over the time that opening takes here."""
    command = [sys.executable, "-c", OPEN]
    environment = {"PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    trial = folder / "trial"
    trial.mkdir()
    shutil.copy(folder / files.NAME, trial / files.NAME)

    def begun(where: Path) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [*command, str(where)],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "begins\n"
        return child

    start = time.monotonic()
    begun(trial).communicate(timeout=60)
    whole = time.monotonic() - start
    child = begun(folder)
    end = time.monotonic() + part * whole
    while time.monotonic() < end:
        pass
    child.kill()
    child.communicate(timeout=60)
    with LabelStore(folder) as store:
        assert (store.read_only_because, store.opened_from_backup) == ("", "")
        assert {
            label_class.id: (label_class.key, label_class.name)
            for label_class in store.read.classes()
        } == NAMES
        assert len(store.read.frame_labels(A)) == len(held()["frame_labels"][A])


def test_a_kill_before_the_step_is_committed_leaves_the_old_version(folder: Path) -> None:
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom endoscope_app.labels.library import"
        " migrations\nfrom endoscope_app.labels.library.label_store import LabelStore\nstep ="
        " migrations.STEPS[1]\ndef dies(connection):\n    step(connection)\n   "
        " os.kill(os.getpid(), signal.SIGKILL)\nmigrations.STEPS[1] ="
        " dies\nLabelStore(Path(sys.argv[1]))\n"
    )
    environment = {"PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    died = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        cwd=REPOSITORY,
        env=environment,
        check=False,
        timeout=60,
    )
    assert died.returncode == -9
    with contextlib.closing(files.connect_read_only(folder / files.NAME)) as connection:
        assert files.versions(connection) == (schema.APPLICATION_ID, 1)
    with LabelStore(folder) as store:
        assert {
            label_class.id: (label_class.key, label_class.name)
            for label_class in store.read.classes()
        } == NAMES
