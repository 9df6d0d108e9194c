"""What an act left behind, beside what it leaves where all goes well."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.hostile.full_disk_acts import Act, Place


def before(act: Act, pristine: Path, root: Path) -> object:
    """The state of a copy at ``root`` that the act was not done on."""
    shutil.copytree(pristine, root)
    with act.open(Place(root)):
        pass
    return act.state(Place(root))


def after(act: Act, pristine: Path, root: Path) -> object:
    """That of a copy on which it was done."""
    shutil.copytree(pristine, root)
    with act.open(Place(root)) as opened:
        act.do(Place(root), opened)
    return act.state(Place(root))


def fault_of(act: Act, place: Place, said: str, old: object, new: object, *, ended: bool) -> str:
    """Why what is there must not be, empty where it may: it is ``old`` or ``new``, what is not done
    was ``said`` or the process ``ended``, and the act can be done then.
    """
    now = act.state(place)
    if now != new and (now != old or not (said or ended)):
        return f"what is there is neither the old nor the new: {said!r}"
    if now != new:
        with act.open(place) as opened:
            act.do(place, opened)
        if act.state(place) != new:
            return "with enough of everything again, it is not done"
    return ""
