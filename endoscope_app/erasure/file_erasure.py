"""Removing what files of the data folder hold of procedures. No Qt."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from endoscope_app.base.atomic_file import write_file
from endoscope_app.base.paths import DataDir
from endoscope_app.erasure.kept_images import kept_image
from endoscope_app.erasure.library_erasure import erase_from_library
from endoscope_app.erasure.traces import Traces
from kd_core.schema.held_out import HeldOut, read_held_out, write_held_out
from kd_core.schema.run_files import HELD_OUT_NAME

_SQLITE = b"SQLite format 3\0"
_BLOCK = 1 << 20
LIBRARY = "labels.sqlite"


def erase_files(
    data: DataDir,
    traces: Traces,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """Every file of the data folder, ``progress(done, all)`` meanwhile.

    A file or folder whose name holds a fingerprint goes, and one of the images; so does each run
    which names a procedure, and the list of parts of a joined one, with what is known of them. What
    waits for the window, copies of the library, and that of second readings, stay without them. May
    be done again. Raises OSError; DataError where nothing says what is held out.
    """
    for image in traces.images:
        kept_image(data.labels, image).unlink(missing_ok=True)
    files = list(_files(data.root))
    needles = traces.needles()
    for done, path in enumerate(files):
        progress(done, len(files))
        if not path.exists():
            continue
        named = next(
            (
                part
                for part in (path, *path.parents)
                if data.root in part.parents
                and any(each.lower() in part.name.lower() for each in traces.fingerprints)
            ),
            None,
        )
        if named is not None:
            _remove(named)
        elif data.labels in path.parents and path not in _of_library(data.labels):
            if _begins(path, _SQLITE):
                erase_from_library(path, traces)
            elif ".damaged" in path.name:
                # Moved aside, and not even a database any more: it cannot be searched
                path.unlink()
        elif path.is_relative_to(data.runs) and path.parent != data.runs:
            if _holds(path, needles):
                _remove(data.runs / path.relative_to(data.runs).parts[0])
        elif path.is_relative_to(data.joined):
            folder = path.relative_to(data.joined).parts[0]
            if folder in traces.lists:
                _remove(data.joined / folder)
        elif path.is_relative_to(data.added):
            _forget_waiting(path, traces)
    _forget_sides(data.runs / HELD_OUT_NAME, traces)


def _forget_waiting(path: Path, traces: Traces) -> None:
    """What else waits in the same file still comes into the worklist."""
    waiting = path.read_bytes().split(b"\0")
    kept = [each for each in waiting if each not in traces.paths]
    if not kept:
        path.unlink()
    elif kept != waiting:
        write_file(path, b"\0".join(kept))


def _forget_sides(path: Path, traces: Traces) -> None:
    if not path.exists():
        return
    sides = read_held_out(path)
    kept = HeldOut(
        tuple(each for each in sides.held_out if each not in traces.fingerprints),
        tuple(each for each in sides.learnt if each not in traces.fingerprints),
    )
    if kept != sides:
        write_held_out(path, kept)


def _of_library(folder: Path) -> set[Path]:
    """The open library itself, whose rows are erased through its own connection; not that of second
    readings, or a backup.
    """
    return {folder / f"{LIBRARY}{part}" for part in ("", "-wal", "-shm")}


def _files(folder: Path) -> Iterator[Path]:
    """Plain files and links below a folder; links are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or path.is_file():
            yield path


def _begins(path: Path, head: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(head)) == head


def _holds(path: Path, needles: tuple[bytes, ...]) -> bool:
    """Whether a file holds any of these, also over the border of two blocks."""
    longest = max(map(len, needles), default=1)
    rest = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            text = rest + block
            if any(needle in text for needle in needles):
                return True
            rest = text[-longest:]
    return False


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
