"""The worklist as it is shown: searched, sorted, and grouped by patient. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from endoscope_app.media.still_listing import natural_key
from endoscope_app.worklist import wording
from endoscope_app.worklist.entry import STATES, Entry, State

Order = Literal["name", "date", "length", "learning", "state"]
ORDERS: tuple[Order, ...] = ("name", "date", "length", "learning", "state")
_KEYS: Mapping[Order, Callable[[Entry], Any]] = MappingProxyType(
    {
        "name": lambda entry: natural_key(entry.path.name),
        "date": lambda entry: entry.changed_at,
        "length": lambda entry: (entry.length_ms, entry.frame_count),
        "learning": lambda entry: (entry.use, entry.side),
        "state": lambda entry: STATES.index(entry.state),
    }
)


@dataclass(frozen=True, slots=True)
class Sight:
    """What the reader asked to see, and in which order; ``state`` None for all."""

    search: str = ""
    state: State | None = None
    order: Order = "name"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The procedures of one patient; ``patient`` is empty for those without a pseudonym."""

    patient: str
    entries: tuple[Entry, ...]


def groups(entries: Iterable[Entry], sight: Sight) -> list[Group]:
    """Those that ``sight`` lets through, by patient, in its order; those without one last."""
    shown = [entry for entry in entries if _is_shown(entry, sight)]
    shown.sort(key=lambda entry: natural_key(entry.path.name))
    shown.sort(key=_KEYS[sight.order], reverse=sight.descending)
    by_patient: dict[str, list[Entry]] = {}
    for entry in shown:
        by_patient.setdefault(entry.patient, []).append(entry)
    named = sorted((patient for patient in by_patient if patient), key=natural_key)
    last = [""] if "" in by_patient else []
    return [Group(patient, tuple(by_patient[patient])) for patient in [*named, *last]]


def in_order(shown: Sequence[Group]) -> list[Entry]:
    """All of them from the top."""
    return [entry for group in shown for entry in group.entries]


def _is_shown(entry: Entry, sight: Sight) -> bool:
    if sight.state is not None and entry.state != sight.state:
        return False
    patient = entry.patient or wording.NO_PATIENT
    text = " ".join(
        (
            patient,
            entry.path.name,
            *entry.parts,
            wording.date(entry.changed_at),
            wording.state(entry),
        )
    ).casefold()
    return all(word in text for word in sight.search.casefold().split())
