"""How a reader's labels are used: what is too little to learn from, and which procedures are never learnt from.

Held-out procedures are chosen once, kept in a file, and held out for every later model, so that models compare.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kd_core.contract.errors import DataError
from kd_core.contract.manifest import Sample

SHARE = 0.25
#: A class with fewer frames to learn from is warned of; a new class with fewer is not taught.
FEW, FEWEST_OF_NEW = 10, 5


class HeldOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``held_out`` and ``learnt`` are procedures (groups) by fingerprint; one that is in neither was never seen."""

    held_out: tuple[str, ...] = ()
    learnt: tuple[str, ...] = ()


def read_held_out(path: Path) -> HeldOut:
    """What was chosen before; nothing where there is no file. Raises DataError for a file that is none of ours."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=HeldOut)
    except FileNotFoundError:
        return HeldOut()
    except (OSError, msgspec.DecodeError) as error:
        way_out = "Restore it from a backup; without it models could be tested on what they have learnt."
        raise DataError(f"{path.name} does not say which procedures are held out.", way_out) from error



def choose_held_out(samples: Sequence[Sample], before: HeldOut, share: float = SHARE) -> HeldOut:
    """Every procedure of ``samples`` goes to one side; those that have a side keep it.

    New ones are held out until about ``share`` of the procedures is, in an order that their fingerprints give, and never the
    last that shows a class: what is learnt nowhere need not be tested. One procedure alone is learnt from.
    """
    groups = {sample.group for sample in samples}
    held, learnt = set(before.held_out), set(before.learnt)
    fresh = sorted(groups - held - learnt, key=lambda group: hashlib.sha256(group.encode()).digest())
    wanted = round(share * len(groups | held | learnt)) if len(groups | held | learnt) > 1 else 0
    shown: dict[str, set[str]] = {}
    for sample in samples:
        shown.setdefault(sample.label, set()).add(sample.group)
    for group in fresh:
        others = {label: seen - held - {group} for label, seen in shown.items() if group in seen}
        if len(held) < max(1, wanted) and len(groups | learnt) > 1 and all(others.values()):
            held.add(group)
        else:
            learnt.add(group)
    return HeldOut(tuple(sorted(held)), tuple(sorted(learnt)))
