"""Memory ends while an act is done: each in a process of its own, with less room each time.

``python -m tests.hostile.scarce_memory FOLDER ROOMS ACT ...``: the process fills what room it has
(RLIMIT_AS, and what its allocators hold free), gets one of ROOMS kilobytes back, and does the act.
Prints a line of JSON for every act: how often it was tried, refused and how often the process fell,
and what must not be.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path

import kd_core  # noqa: F401  (before onnxruntime: it tells it to be quiet)
from endoscope_app.base.errors import AppError
from endoscope_app.base.faults import fault_in_words
from tests.hostile import act_states
from tests.hostile.full_disk_acts import Act, Place
from tests.hostile.memory_acts import MEMORY_ACTS, make_place

_FAULT = "!"
_SMALLEST, _LARGEST = 16, 1 << 20


@dataclass
class Tried:
    """Of one act. ``fell``: a library ended the process; ``faults``: what must not be."""

    act: str
    tried: int = 0
    refused: int = 0
    fell: int = 0
    faults: list[str] = field(default_factory=list)


class Shortage:
    """What this process holds so that nothing else can."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._limits = resource.getrlimit(resource.RLIMIT_AS)

    def begin(self, room_kb: int) -> None:
        """From now on there is as much, and no more."""
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        used = pages * resource.getpagesize()
        held, size, most = self._held, _LARGEST, self._limits[1]
        resource.setrlimit(resource.RLIMIT_AS, (used, most))
        while size >= _SMALLEST:
            try:
                while True:
                    held.append(bytes(size))
            except MemoryError:
                size //= 2
        resource.setrlimit(resource.RLIMIT_AS, (used + (room_kb << 10), most))

    def end(self) -> None:
        """There is enough again."""
        resource.setrlimit(resource.RLIMIT_AS, self._limits)
        self._held.clear()


def attack(act: Act, pristine: Path, folder: Path, rooms: list[int]) -> Tried:
    """With as much room as each of ``rooms`` says, in kilobytes."""
    tried = Tried(act.name)
    before, after = (
        act_states.before(act, pristine, folder / "0"),
        act_states.after(act, pristine, folder / "1"),
    )
    if before == after and not act.is_undone:
        tried.faults.append("the act does nothing that could be seen")
    for room in rooms:
        place = Place(folder / f"room {room}")
        shutil.copytree(pristine, place.root)
        said, fell = _in_a_child(act, place, room)
        tried.tried += 1
        tried.refused += bool(said)
        tried.fell += fell
        fault = _fault(act, place, said, fell, before, after)
        if fault:
            tried.faults.append(f"{act.name} with {room} kB: {fault}")
        shutil.rmtree(place.root)
    return tried


def _in_a_child(act: Act, place: Place, room: int) -> tuple[str, bool]:
    """What it said, empty where it was done; whether the process was ended by a library."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        said = _do(act, place, room)
        os.write(write_end, said.encode()[:3000])
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return said, os.WIFSIGNALED(status)


def _do(act: Act, place: Place, room: int) -> str:
    """As the borders of the program's threads do it: what nobody foresaw is put in words there."""
    shortage = Shortage()
    try:
        with act.open(place) as opened:
            shortage.begin(room)
            try:
                act.do(place, opened)
            except AppError:
                raise
            except Exception as error:
                raise fault_in_words(error, _FAULT, "an act") from error
    except AppError as error:
        shortage.end()
        if error.sentence == _FAULT:
            return _FAULT + error.detail[-1800:]
        return error.sentence if error.way_out else f"{_FAULT}no way out: {error.sentence}"
    except MemoryError:  # there was none even to say it: as a process that a library ends
        os.abort()
    except BaseException as error:
        shortage.end()
        return f"{_FAULT}at the end: " + "".join(traceback.format_exception(error))[-1800:]
    finally:
        shortage.end()
    return ""


def _fault(act: Act, place: Place, said: str, fell: bool, before: object, after: object) -> str:
    """Why this must not be; empty where it may."""
    if said.startswith(_FAULT):
        return said
    if said and not said.endswith("."):
        return f"no sentence: {said!r}"
    return act_states.fault_of(act, place, said, before, after, ended=fell)


def main() -> None:
    """All acts that are named, or all."""
    folder, rooms, names = Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]
    make_place(folder / "pristine")
    for act in MEMORY_ACTS:
        if act.name in names or not names:
            found = attack(act, folder / "pristine", folder / act.name, rooms)
            print(json.dumps(asdict(found)), flush=True)


if __name__ == "__main__":
    main()
