"""The disk becomes full at the n-th operation of an act, for n = 1 and on, until it needs no more.

``python -m tests.hostile.full_disk FOLDER STRIDE ACT ...``, with the library made of full_disk.c in
front of the system's (LD_PRELOAD). Prints a line of JSON for every act: how often it was tried, how
often it was refused, what must not be.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import sys
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import kd_core  # noqa: F401  (before onnxruntime: it tells it to be quiet)
from endoscope_app.base.errors import AppError
from tests.hostile import act_states
from tests.hostile.full_disk_acts import ACTS, Act, Place, make_place

_MOST = 5000
_WAY_OUT, _RAISED = " | ", "!"


@dataclass
class Tried:
    """Of one act. ``faults``: what must not be."""

    act: str
    tried: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)


class FullDisk:
    """The shim of this process."""

    def __init__(self) -> None:
        self._shim = ctypes.CDLL(None)

    def fill(self, folder: Path, operations: int, only_one: bool) -> None:
        """The n-th from now on is refused; ``only_one``: and no other behind it."""
        path = str(folder.resolve()).encode()
        self._shim.disk_fill(path, ctypes.c_long(operations), ctypes.c_int(only_one))

    def free(self) -> int:
        """There is room again; how many operations were refused."""
        return int(self._shim.disk_free_again())


def attack(act: Act, pristine: Path, folder: Path, stride: int) -> Tried:
    """At every operation, or at more distant ones the further it goes."""
    tried, disk = Tried(act.name), FullDisk()
    before, after = (
        act_states.before(act, pristine, folder / "0"),
        act_states.after(act, pristine, folder / "1"),
    )
    if before == after and not act.is_undone:
        tried.faults.append("the act does nothing that could be seen")
    for only_one in (False, True):
        for number in _numbers(stride):
            place = Place(folder / f"{number} {only_one}")
            shutil.copytree(pristine, place.root)
            said, refusals = _do_on_full(act, place, disk, number, only_one)
            tried.tried += 1
            fault = _fault(act, place, said, before, after)
            if fault:
                tried.faults.append(f"operation {number} of {act.name}: {fault}")
            tried.refused += bool(said)
            shutil.rmtree(place.root)
            if not refusals:
                break
    return tried


def _numbers(stride: int) -> Iterator[int]:
    number = 1
    while number < _MOST:
        yield number
        number += max(1, number * stride // 100)


def _do_on_full(
    act: Act, place: Place, disk: FullDisk, number: int, only_one: bool
) -> tuple[str, int]:
    """What it said, empty where it was done; and how many operations were refused.

    What the program does behind it, as closing the library, is on the full disk too.
    """
    said = ""
    try:
        with act.open(place) as opened:
            disk.fill(place.root, number, only_one)
            act.do(place, opened)
    except AppError as error:
        said = f"{error.sentence}{_WAY_OUT}{error.way_out}"
    except Exception as error:
        said = _RAISED + "".join(traceback.format_exception(error))[-1800:]
    return said, disk.free()


def _fault(act: Act, place: Place, said: str, before: object, after: object) -> str:
    """Why this must not be; empty where it may."""
    sentence, _, way_out = said.partition(_WAY_OUT)
    if said.startswith(_RAISED):
        return said
    if said and not (sentence.endswith(".") and "\n" not in sentence and way_out):
        return f"no sentence with a way out: {said!r}"
    return act_states.fault_of(act, place, said, before, after, ended=False)


def main() -> None:
    """All acts that are named."""
    folder, stride, names = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    make_place(folder / "pristine")
    for act in ACTS:
        if act.name in names:
            found = attack(act, folder / "pristine", folder / act.name, stride)
            print(json.dumps(asdict(found)), flush=True)


if __name__ == "__main__":
    main()
