"""An act written in pieces: killed at any piece, what is there is journalled and undone at once."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import acts_in_pieces, edits, history
from endoscope_app.labels.library import library_files as files
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act
from tests.endoscope_app.label_library import (
    CECUM,
    PROCEDURE,
    READER,
    label,
    labelled,
    library,
    moment,
)
from tests.places import REPOSITORY

COUNT, PIECE = 1200, 100
WRITE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from endoscope_app.labels.library import acts_in_pieces
from endoscope_app.labels.library.label_store import LabelStore
from tests.endoscope_app.label_library import READER
from tests.endoscope_app.labels.library.test_acts_in_pieces import act
folder = Path(sys.argv[1])
acts_in_pieces.PIECE = 100
def told(done, total):
    print(done, flush=True)
    if done == int(sys.argv[2]):
        sys.stdin.read()
with LabelStore(folder) as store:
    acts_in_pieces.write_in_pieces(
        folder, act(store), READER, datetime.now(UTC), told, lambda: False
    )
"""


def act(store: LabelStore) -> Act:
    frames = [moment(index) for index in range(COUNT)]
    return edits.label_frames(store.read, PROCEDURE.fingerprint, frames, CECUM)


def _never() -> bool:
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
@pytest.mark.parametrize("pieces", [1, 5, 11])
def test_a_kill_between_pieces_leaves_one_act_of_what_was_written(
    tmp_path: Path, pieces: int
) -> None:
    library(tmp_path).close()
    with subprocess.Popen(
        [sys.executable, "-c", WRITE, str(tmp_path), str(pieces * PIECE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    ) as process:
        assert process.stdout is not None
        while int(process.stdout.readline()) < pieces * PIECE:
            pass
        process.kill()
    with LabelStore(tmp_path) as store:
        assert labelled(store) == dict.fromkeys(range(pieces * PIECE), CECUM)
        assert files.is_sound(store.reading())
        assert len(store.undo(READER, PROCEDURE.fingerprint).rows) == pieces * PIECE
        assert labelled(store) == {}
        store.redo(READER, PROCEDURE.fingerprint)
        assert len(labelled(store)) == pieces * PIECE


def test_what_somebody_else_has_written_meanwhile_is_seen_before_anything_is_written(
    tmp_path: Path,
) -> None:
    with library(tmp_path) as store:
        wanted = act(store)
        label(store, COUNT - 1)
        before = list(store.read.journal_rows())
        with pytest.raises(AppError, match="changed"):
            acts_in_pieces.write_in_pieces(
                tmp_path, wanted, READER, datetime.now(UTC), lambda done, total: None, _never
            )
        assert list(store.read.journal_rows()) == before


def test_a_piece_that_the_disk_refuses_keeps_those_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts_in_pieces, "PIECE", PIECE)
    with library(tmp_path) as store:
        kept: list[int] = []

        def told(done: int, _total: int) -> None:
            kept.append(done)
            if done == 3 * PIECE:
                monkeypatch.setattr(history, "check_frames", refuse)

        def refuse(*_: object) -> None:
            raise AppError("The disk is full.", "Free some space.")

        written = acts_in_pieces.write_in_pieces(
            tmp_path, act(store), READER, datetime.now(UTC), told, _never
        )
        assert (written.done, written.total) == (3 * PIECE, COUNT)
        assert "disk is full" in str(written.problem)
        assert len(labelled(store)) == written.done
        monkeypatch.undo()
        assert len(store.undo(READER, PROCEDURE.fingerprint).rows) == written.done


def test_a_store_that_rests_refuses_acts_in_words_and_nothing_else(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        store.rest(AppError("Labels are being imported.", "Wait."))
        with pytest.raises(AppError, match="being imported"):
            label(store, 1)
        with pytest.raises(AppError, match="being imported"):
            store.undo(READER, PROCEDURE.fingerprint)
        with store.writing("the worklist") as connection:
            connection.execute("INSERT OR REPLACE INTO settings VALUES ('a', 'b')")
        store.rest(None)
        label(store, 1)
        assert list(labelled(store)) == [1]
