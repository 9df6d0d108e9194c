"""Going back to a backup: all of it or nothing, and what was there is kept."""

from __future__ import annotations

import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import backups, restoring
from endoscope_app.labels.library.label_store import LabelStore
from tests.endoscope_app.label_library import (
    READER,
    Clock,
    child,
    label,
    labelled,
    library,
)

KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from endoscope_app.labels.library import backups, restoring
from tests.endoscope_app.label_library import READER
library, moment = Path(sys.argv[1]), sys.argv[2]
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
if moment == "before what is here is kept":
    backups.write_replaced = die
elif moment == "after the change":
    backups.stand_back = die
elif moment == "while pages are written":
    class Dying:
        def __init__(self, copy): self.copy = copy
        def __getattr__(self, name): return getattr(self.copy, name)
        def backup(self, live): self.copy.backup(live, pages=1, progress=die)
    real = restoring._copy_of
    restoring._copy_of = lambda path: Dying(real(path))
restoring.restore(library, Path(sys.argv[3]), READER, datetime.now(UTC))
"""


def with_backup(folder: Path) -> tuple[LabelStore, Path]:
    """A library with two labels, of which its backup has one."""
    clock = Clock()
    store = library(folder, clock)
    label(store, 3)
    backup = backups.write_automatic(store.reading(), folder / backups.FOLDER, clock())
    clock.move(1)
    label(store, 4)
    return store, backup


def test_the_list_says_what_would_change(tmp_path: Path) -> None:
    store, backup = with_backup(tmp_path)
    with store:
        (kept,) = restoring.kept_backups(tmp_path)
    assert (kept.path, kept.procedures, kept.labels) == (backup, 2, 1)
    assert (kept.missing, kept.differing) == (0, 1)


def test_the_open_library_holds_what_the_backup_held_and_the_way_back_is_kept(
    tmp_path: Path,
) -> None:
    store, backup = with_backup(tmp_path)
    clock = Clock()
    clock.move(2)
    with store:
        restoring.restore(tmp_path, backup, READER, clock())
        assert sorted(labelled(store)) == [3]
        title = store.reading().execute(
            "SELECT title, reader FROM journal ORDER BY sequence DESC LIMIT 1"
        )
        assert title.fetchone() == (
            f"Labels restored from the backup of {clock_text(backup)}",
            READER.reader,
        )
        label(store, 9)  # it is written on as before
        assert sorted(labelled(store)) == [3, 9]
        again = next(
            kept for kept in restoring.kept_backups(tmp_path) if kept.path.name.startswith("repl")
        )
        assert again.when == clock().replace(microsecond=0)
        restoring.restore(tmp_path, again.path, READER, clock() + timedelta(hours=1))
        assert sorted(labelled(store)) == [3, 4]
    with LabelStore(tmp_path) as reopened:
        assert sorted(labelled(reopened)) == [3, 4]


def clock_text(backup: Path) -> str:
    return f"{backups.written_at(backup).astimezone():%Y-%m-%d %H:%M}"


def test_backups_of_what_was_replaced_are_never_restored_by_themselves(tmp_path: Path) -> None:
    store, backup = with_backup(tmp_path)
    clock = Clock()
    clock.move(2)
    with store:
        for index in range(10, 20):
            label(store, index)
        later = backups.write_automatic(store.reading(), tmp_path / backups.FOLDER, clock())
        clock.move(1)
        restoring.restore(tmp_path, backup, READER, clock())
        newest = backups.newest_first(tmp_path / backups.FOLDER)
    assert newest == [backup]
    assert not later.exists()
    assert len(backups.replaced(tmp_path / backups.FOLDER)) == 2
    (tmp_path / "labels.sqlite").write_bytes(b"damaged")
    with LabelStore(tmp_path) as healed:
        assert sorted(labelled(healed)) == [3]


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed so on Windows")
@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("before what is here is kept", [3, 4]),
        ("while pages are written", [3, 4]),
        ("after the change", [3]),
    ],
)
def test_killed_at_any_moment_there_is_the_one_or_the_other(
    tmp_path: Path, moment: str, expected: list[int]
) -> None:
    store, backup = with_backup(tmp_path)
    store.close()
    done = child(KILLED, tmp_path, moment, str(backup))
    assert done.returncode == -signal.SIGKILL, done.stderr
    with LabelStore(tmp_path) as opened:
        assert opened.opened_from_backup == ""
        assert sorted(labelled(opened)) == expected
        restoring.restore(tmp_path, backup, READER, Clock()())
        assert sorted(labelled(opened)) == [3]


def test_a_damaged_backup_changes_nothing(tmp_path: Path) -> None:
    store, backup = with_backup(tmp_path)
    content = bytearray(backup.read_bytes())
    content[4096:12288] = b"\xff" * 8192
    backup.write_bytes(content)
    with store:
        with pytest.raises(AppError, match="Nothing was changed"):
            restoring.restore(tmp_path, backup, READER, Clock()())
        assert sorted(labelled(store)) == [3, 4]
