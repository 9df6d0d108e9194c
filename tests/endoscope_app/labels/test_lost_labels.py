"""On a full disk every label that is lost is counted in the banner, before all else, until one
is saved again.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import go, labels, ready, store
from tests.model_factory import make_model_dir

COUNT = 20


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=COUNT)


def fill(session: Session) -> None:
    """SQLite finds no room for another page from now on."""
    connection = store(session)._open_connection()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")


def label_until_full(session: Session, keys: str) -> None:
    """Label frame after frame, with the one key and the other in turn, until a label is not
    written.
    """
    for number in range(10_000):
        before = len(list(store(session).read.journal_rows()))
        go(session, number % COUNT)
        session.press(keys[number // COUNT % 2])
        if len(list(store(session).read.journal_rows())) == before:
            return
    raise AssertionError("the disk never filled")


def test_lost_labels_are_counted_before_all_else_until_one_is_saved(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        session.app.window.banner.show_standing_message("Something of less weight.")
        fill(session)
        label_until_full(session, "12")
        held = labels(session)
        assert session.message().startswith("1 label could not be saved: the disk is full.")
        go(session, 3)
        session.press("X")
        session.app.window.banner.show_message("A picture was not kept.")
        assert session.message().startswith("2 labels could not be saved: the disk is full.")
        assert "Something of less weight." in session.message()
        assert labels(session) == held
        store(session)._open_connection().execute("PRAGMA max_page_count = 1000000")
        session.press("X")
        assert "could not be saved" not in session.message()
        assert "Something of less weight." in session.message()
        assert [label.kind for label in labels(session) if label.frame_index == 3] == ["unusable"]
        fill(session)
        label_until_full(session, "34")
        assert session.message().startswith("1 label could not be saved")


def test_the_first_label_of_a_procedure_counts_too(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        # SQLite refuses every write
        store(session)._open_connection().execute("PRAGMA query_only = ON")
        go(session, 2)
        session.press("1")
        session.press("2")
        assert session.message().startswith(
            "2 labels could not be saved: the label library may not be written."
        )
        store(session)._open_connection().execute("PRAGMA query_only = OFF")
        session.press("1")
        assert session.message() == "" or "could not be saved" not in session.message()
        assert len(labels(session)) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk can only be mounted by root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_on_a_disk_that_is_really_full(
    qtbot: QtBot, small_disk: Path, model: Path, clip: Path
) -> None:
    with running(small_disk / "data", model) as session:
        ready(session, clip)
        go(session, 1)
        session.press("1")
        session.app.tasks.close()  # its picture is written
        filler = small_disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        lost = 0
        for index in range(2, 12):
            go(session, index)
            before = len(labels(session))
            session.press("2")
            lost += len(labels(session)) == before
        assert lost > 0
        assert session.message().startswith(
            f"{lost} label{'s' if lost > 1 else ''} could not be saved: the disk is full."
        )
        filler.unlink()
        session.press("2")
        assert "could not be saved" not in session.message()
