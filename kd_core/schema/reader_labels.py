"""How a reader's labels are used.

What is too little to learn from, and which procedures are never learnt from.

Sides go by patient: two recordings of one patient resemble each other, so they are learnt from
together or held out together. They are chosen once, kept in a file, and hold for every later model,
so that models compare.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from kd_core.schema.class_heads import NONE
from kd_core.schema.held_out import HeldOut
from kd_core.schema.manifest import Sample

SHARE = 0.25
#: A class with fewer frames to learn from is warned of; a new class with fewer is not taught.
FEW, FEWEST_OF_NEW = 10, 5
#: The label of frames that a reader marked as showing none of the classes. Never a class: what no
#: class may be named on.
NONE_OF_THESE = "none-of-these"


def patient_units(samples: Sequence[Sample]) -> dict[str, str]:
    """Procedure (group) -> what must not be parted.

    That is its patient, or the procedure alone where no patient is given. Procedures that share a
    patient have the same unit; a unit never equals one of another kind.
    """
    units: dict[str, str] = {}
    for sample in samples:
        if sample.patient:
            units[sample.group] = f"patient {sample.patient}"
        else:
            units.setdefault(sample.group, f"procedure {sample.group}")
    return units


def choose_held_out(samples: Sequence[Sample], before: HeldOut, share: float = SHARE) -> HeldOut:
    """Every procedure of ``samples`` goes to one side.

    Those that have a side keep it, and so do others of the same patient. New patients are held out
    until about ``share`` of them is, in an order that fingerprints give, and never the last that
    shows a class: what is learnt nowhere need not be tested. One patient alone is learnt from.
    """
    units = patient_units(samples)
    before, _ = settled(samples, before)
    held, learnt = _units_of(before.held_out, units), _units_of(before.learnt, units)
    shown: dict[str, set[str]] = {}
    for sample in samples:
        named = [name for _, name in sample.labels if name != NONE] or [sample.label]
        for name in named:
            if name not in (NONE, NONE_OF_THESE):
                shown.setdefault(name, set()).add(units[sample.group])
    count = len({*units.values(), *held, *learnt})
    wanted = max(1, round(share * count)) if count > 1 else 0
    first = {
        unit: min(group for group, its in units.items() if its == unit) for unit in units.values()
    }
    for unit in sorted(
        set(first) - held - learnt, key=lambda unit: hashlib.sha256(first[unit].encode()).digest()
    ):
        others = [seen - held - {unit} for seen in shown.values() if unit in seen]
        side = held if len(held) < wanted and others and all(others) else learnt
        side.add(unit)
    return _with_units(before, units, held)


def chosen_sides(samples: Sequence[Sample], before: HeldOut, wanted: HeldOut) -> HeldOut:
    """As ``choose_held_out`` where a reader chose.

    A patient without a side is held out where ``wanted`` says so of every procedure.
    """
    units = patient_units(samples)
    before, _ = settled(samples, before)
    held, learnt = _units_of(before.held_out, units), _units_of(before.learnt, units)
    learnt |= {unit for group, unit in units.items() if group not in wanted.held_out} - held
    return _with_units(before, units, held | (set(units.values()) - learnt))


def settled(samples: Sequence[Sample], sides: HeldOut) -> tuple[HeldOut, tuple[str, ...]]:
    """``sides`` with every patient of ``samples`` on one of them.

    And the patients that stood on both, by name. A model has learnt from such a patient, or may
    have: all of his procedures count as learnt from.
    """
    units = patient_units(samples)
    both = _units_of(sides.held_out, units) & _units_of(sides.learnt, units)
    moved = {group for group, unit in units.items() if unit in both} | (
        set(sides.held_out) & set(sides.learnt)
    )
    held_out = HeldOut(
        tuple(sorted(set(sides.held_out) - moved)), tuple(sorted({*sides.learnt, *moved}))
    )
    return held_out, tuple(
        sorted(
            {sample.patient for sample in samples if sample.patient and units[sample.group] in both}
        )
    )


def _units_of(groups: Collection[str], units: dict[str, str]) -> set[str]:
    """Procedures that no sample is of count as one patient each: whose they are is not known."""
    return {units.get(group, f"procedure {group}") for group in groups}


def _with_units(before: HeldOut, units: dict[str, str], held: set[str]) -> HeldOut:
    sides: tuple[set[str], set[str]] = (set(before.held_out), set(before.learnt))
    for group, unit in units.items():
        sides[0 if unit in held else 1].add(group)
    return HeldOut(tuple(sorted(sides[0])), tuple(sorted(sides[1])))
