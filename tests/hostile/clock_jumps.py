"""The clock is set before and while the program writes: each act of the full-disk attack comes to
the same, and a library whose days run backwards keeps the order of what was done.

``python -m tests.hostile.clock_jumps FOLDER``, with the library made of clock_jumps.c in front of
the system's (LD_PRELOAD). Prints a line of JSON for each jump: how many acts, what must not be.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

import kd_core  # noqa: F401  (before onnxruntime: it tells it to be quiet)
from endoscope_app.labels.library import backups, edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import FrameMoment
from tests.hostile.full_disk_acts import ACTS, READER, Act, Place, fingerprint, make_place

DAY = 86_400
#: Name -> seconds, and whether every other reading is unshifted.
JUMPS = {
    "a year back": (-365 * DAY, False),
    "to 1971": (-55 * 365 * DAY, False),
    "ten years on": (3650 * DAY, False),
    "to and fro": (-3650 * DAY, True),
}
_DAYS_BACK = 40


class Clock:
    """The shim of this process."""

    def __init__(self) -> None:
        self._shim = ctypes.CDLL(None)

    def set(self, seconds: int, *, to_and_fro: bool = False) -> None:
        """As far from the true time of day from now on."""
        self._shim.clock_set(ctypes.c_long(seconds), ctypes.c_int(to_and_fro))

    def is_there(self) -> bool:
        """Whether this program asks it at all."""
        before = self._shim.clock_asked()
        self.set(3650 * DAY)
        jumped = time.time() - time.monotonic()
        year = datetime.now(UTC).year
        self.set(0)
        true = time.time() - time.monotonic()
        return self._shim.clock_asked() > before and jumped - true > DAY and year >= 2034


def come_to(act: Act, pristine: Path, root: Path, clock: Clock, jump: tuple[int, bool]) -> object:
    """What is there once ``act`` was done while the clock jumped, read at the true time."""
    shutil.copytree(pristine, root)
    place = Place(root)
    try:
        with act.open(place) as opened:
            clock.set(jump[0], to_and_fro=jump[1])
            act.do(place, opened)
    except Exception as error:
        return "".join(traceback.format_exception(error))[-1500:]
    finally:
        clock.set(0)
    return act.state(place)


def days_backwards(root: Path, pristine: Path, clock: Clock) -> str:
    """Each start a day before the last one, a label each time: none is lost, the newest backup
    holds all but the last start's, and undo takes the last. Why not, or nothing.
    """
    shutil.copytree(pristine, root)
    folder = root / "data" / "labels"
    for day in range(_DAYS_BACK):
        clock.set(-day * DAY)
        with LabelStore(folder) as store:
            if store.opened_from_backup or store.read_only_because:
                return f"day {day}: {store.opened_from_backup}{store.read_only_because}"
            where = fingerprint(store)
            moment = [FrameMoment(40 * (100 + day), 100 + day, None)]
            store.apply(edits.label_frames(store.read, where, moment, 3), READER)
            backups.write_automatic(store.reading(), folder / backups.FOLDER, datetime.now(UTC))
    clock.set(0)
    newest = backups.newest_first(folder / backups.FOLDER)[0]
    shutil.copy(newest, root / "newest.sqlite")
    with LabelStore(folder) as store:
        where = fingerprint(store)
        given = {one.frame_index for one in store.read.frame_labels(where)}
        wanted = set(range(100, 100 + _DAYS_BACK))
        if not wanted <= given:
            return f"lost: {sorted(wanted - given)}"
        store.undo(READER, where)
        left = {one.frame_index for one in store.read.frame_labels(where)}
        if given - left != {100 + _DAYS_BACK - 1}:
            return f"undo took {sorted(given - left)}"
    return _of_backup(root, wanted)


def _of_backup(root: Path, wanted: set[int]) -> str:
    """Opened as a library of its own."""
    folder = root / "from backup"
    folder.mkdir()
    (root / "newest.sqlite").rename(folder / "labels.sqlite")
    with LabelStore(folder) as store:
        where = fingerprint(store)
        held = {one.frame_index for one in store.read.frame_labels(where)}
    missing = wanted - held
    return f"the newest backup has not {sorted(missing)}" if missing else ""


def main() -> None:
    """All jumps on all acts, then days that run backwards."""
    folder, clock = Path(sys.argv[1]), Clock()
    assert clock.is_there(), "the clock cannot be set"
    pristine = folder / "pristine"
    make_place(pristine)
    steady = {
        act.name: come_to(act, pristine, folder / act.name, clock, (0, False)) for act in ACTS
    }
    for name, jump in JUMPS.items():
        faults = []
        for act in ACTS:
            found = come_to(act, pristine, folder / name / act.name, clock, jump)
            if found != steady[act.name]:
                faults.append(f"{act.name}, {name}: {found!r:.1500}")
        print(json.dumps({"jump": name, "acts": len(ACTS), "faults": faults}), flush=True)
    fault = days_backwards(folder / "days", pristine, clock)
    print(
        json.dumps({"jump": "days backwards", "acts": _DAYS_BACK, "faults": [fault] * bool(fault)})
    )


if __name__ == "__main__":
    main()
