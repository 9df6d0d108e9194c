"""What two readers say of every frame of one procedure, side by side. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.library.effective_labels import effective
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.second_reading_records import OPEN, Adjudication
from endoscope_app.second_reading.kappa import Runs
from kd_core.schema.reader_labels import NONE_OF_THESE

NOTHING = -1
_LEFT_OPEN = -2


@dataclass(frozen=True, slots=True)
class Difference:
    """Frames ``first_index`` to ``last_index``, both included, on which two readers differ.

    What each says and what was adjudicated are keys of ``TwoReadings.keys``, empty for nothing;
    ``outcome`` None: nobody has adjudicated yet.
    """

    first_index: int
    last_index: int
    first_said: str
    second_said: str
    outcome: str | None = None

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.last_index - self.first_index + 1


@dataclass(frozen=True)
class TwoReadings:
    """N frames as places in ``keys`` (class keys, the last being NONE_OF_THESE), NOTHING for no
    label. Of a frame with labels of several groups the first one counts: pathology, landmarks,
    preparation, other.

    ``first``: as the first reader left them, ``second``: as the second one did, ``now``: as they
    count now, adjudicated ones included; each (N,) int64.
    """

    keys: tuple[str, ...]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    now: NDArray[np.int64]
    adjudications: tuple[Adjudication, ...]

    @property
    def both(self) -> NDArray[np.bool_]:
        """(N,) frames of which both say something."""
        both: NDArray[np.bool_] = (self.first != NOTHING) & (self.second != NOTHING)
        return both

    @property
    def of_one(self) -> int:
        """Frames of which only one says something."""
        return int(((self.first != NOTHING) ^ (self.second != NOTHING)).sum())

    @property
    def agreed(self) -> NDArray[np.bool_]:
        """(N,) frames whose label can be learnt from: both say so, or it was adjudicated so."""
        settled = np.full(len(self.now), NOTHING, np.int64)
        for item in self.adjudications:
            settled[item.first_index : item.last_index + 1] = self._code(item.outcome)
        says = self.now != NOTHING
        agreed: NDArray[np.bool_] = says & ((self.now == self.second) | (self.now == settled))
        return agreed

    def runs(self) -> Runs:
        """Those of the frames of which both say something."""
        spans = list(_spans(self.first, self.second, self.both))
        starts = np.array([start for start, _ in spans], np.int64)
        frames = np.array([end - start for start, end in spans], np.int64)
        return Runs(self.first[starts], self.second[starts], frames)

    def differences(self, *, of_one: bool) -> list[Difference]:
        """In their order; ``of_one``: also where only one of the two says something."""
        differ = self.first != self.second
        if not of_one:
            differ &= self.both
        outcomes = {
            (item.first_index, item.last_index): item.outcome for item in self.adjudications
        }
        return [
            Difference(
                start,
                end - 1,
                self._key(self.first[start]),
                self._key(self.second[start]),
                outcomes.get((start, end - 1)),
            )
            for start, end in _spans(self.first, self.second, differ)
        ]

    def _key(self, code: np.int64) -> str:
        return "" if code == NOTHING else self.keys[int(code)]

    def _code(self, key: str) -> int:
        if key == OPEN:
            return _LEFT_OPEN
        return self.keys.index(key) if key in self.keys else NOTHING


def read_both(main: LabelReader, second: LabelReader, fingerprint: str) -> TwoReadings:
    """Of one procedure that was noted in ``main``; KeyError where it was not.

    Classes of both are those of ``main``: a class that was merged since counts as the one that it
    went into.
    """
    procedure = main.procedure(fingerprint)
    if procedure is None:
        raise KeyError(fingerprint)
    roots = {item.id: main.resolved_class(item.id).key for item in main.classes()}
    known = {item.id: roots.get(item.id, item.key) for item in second.classes()}
    keys = (*dict.fromkeys([*roots.values(), *known.values()]), NONE_OF_THESE)
    now = _codes(main, fingerprint, procedure.frame_count, roots, keys)
    first = now.copy()
    adjudications = tuple(main.adjudications(fingerprint))
    for item in adjudications:
        said = keys.index(item.first_said) if item.first_said in keys else NOTHING
        first[item.first_index : item.last_index + 1] = said
    return TwoReadings(
        keys,
        first,
        _codes(second, fingerprint, procedure.frame_count, known, keys),
        now,
        adjudications,
    )


def _codes(
    reader: LabelReader,
    fingerprint: str,
    frame_count: int,
    key_of: dict[int, str],
    keys: Sequence[str],
) -> NDArray[np.int64]:
    labels = effective(reader, fingerprint, frame_count)
    first = labels.first
    codes = np.full(frame_count, NOTHING, np.int64)
    for class_id in np.unique(first).tolist():
        if class_id in key_of:
            codes[first == class_id] = keys.index(key_of[class_id])
    codes[labels.unusable] = len(keys) - 1
    return codes


def _spans(
    first: NDArray[np.int64], second: NDArray[np.int64], wanted: NDArray[np.bool_]
) -> Iterator[tuple[int, int]]:
    """Stretches (start, end) of ``wanted`` frames within which neither array changes."""
    if not len(wanted):
        return
    changes = (
        (np.diff(first) != 0) | (np.diff(second) != 0) | (np.diff(wanted.astype(np.int8)) != 0)
    )
    edges = np.concatenate([[0], np.flatnonzero(changes) + 1, [len(wanted)]]).tolist()
    for start, end in pairwise(edges):
        if wanted[start]:
            yield start, end
