"""How many frames are labelled, procedure by procedure and in the whole library; frames of
ranges count like all others. No Qt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from endoscope_app.labels.library.effective_labels import EffectiveLabels, effective
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import FRAME_KINDS


@dataclass(frozen=True)
class LabelCounts:
    """Frames: ``by_class`` of each class id, agreed ones among them; ``agreed``, ``unusable``
    (none of these) and ``from_ranges``; ``beside``: labels that are not the only one of their
    frame, without the first of each.
    """

    by_class: Mapping[int, int] = field(default_factory=dict)
    agreed: int = 0
    unusable: int = 0
    from_ranges: int = 0
    beside: int = 0

    @property
    def labelled(self) -> int:
        """All frames that the reader has said something of."""
        return sum(self.by_class.values()) - self.beside + self.unusable


def counts_of(labels: EffectiveLabels) -> LabelCounts:
    """Of one procedure."""
    classes, frames = np.unique(labels.class_id[labels.class_id >= 0], return_counts=True)
    by_class = dict(zip(classes.tolist(), frames.tolist(), strict=True))
    agreed = (labels.kind == FRAME_KINDS.index("agreed")).any(axis=0)
    named = np.count_nonzero(labels.class_id >= 0, axis=0)
    own = ((labels.class_id >= 0) & ~labels.from_range).any(axis=0)
    return LabelCounts(
        by_class,
        int(agreed.sum()),
        int(labels.unusable.sum()),
        int((labels.from_range.any(axis=0) & ~own).sum()),
        int((named - 1).clip(min=0).sum()),
    )


def added(counts: list[LabelCounts]) -> LabelCounts:
    """Several procedures together."""
    by_class: Counter[int] = Counter()
    for part in counts:
        by_class.update(part.by_class)
    return LabelCounts(
        dict(by_class),
        sum(part.agreed for part in counts),
        sum(part.unusable for part in counts),
        sum(part.from_ranges for part in counts),
        sum(part.beside for part in counts),
    )


class Tally:
    """Kept from act to act: a library of 100,000 labels is counted once, and then only the
    procedures that an act changed.
    """

    def __init__(self) -> None:
        self._of: dict[str, LabelCounts] = {}

    def read(self, reader: LabelReader) -> None:
        """Count everything anew.

        Where there are no ranges the database counts, which is ten times as fast as reading the
        labels.
        """
        roots = {item.id: reader.resolved_class(item.id).id for item in reader.classes()}
        one_by_one, parts = reader.procedures_with_ranges(), dict[str, list[LabelCounts]]()
        beside = reader.labels_beside()
        if any(class_id != root for class_id, root in roots.items()):
            one_by_one |= beside.keys()  # two labels of a frame whose classes were merged are one
        for fingerprint, kind, class_id, frames in reader.grouped_frame_labels():
            by_class = {} if class_id is None else {roots[class_id]: frames}
            counts = LabelCounts(
                by_class, frames * (kind == "agreed"), frames * (kind == "unusable")
            )
            parts.setdefault(fingerprint, []).append(counts)
        for fingerprint, labels in beside.items():
            parts[fingerprint].append(LabelCounts(beside=labels))
        self._of = {
            fingerprint: added(counts)
            for fingerprint, counts in parts.items()
            if fingerprint not in one_by_one
        }
        for fingerprint in one_by_one:
            self.read_one(reader, fingerprint)

    def read_one(self, reader: LabelReader, fingerprint: str) -> None:
        """Count one procedure anew."""
        procedure = reader.procedure(fingerprint)
        if procedure is not None:
            self._of[fingerprint] = counts_of(effective(reader, fingerprint, procedure.frame_count))

    def note(self, fingerprint: str, counts: LabelCounts) -> None:
        """One procedure has been counted elsewhere."""
        self._of[fingerprint] = counts

    def of(self, fingerprint: str) -> LabelCounts:
        """One procedure's; nothing where it has no labels."""
        return self._of.get(fingerprint, LabelCounts())

    def library(self) -> LabelCounts:
        """All procedures together."""
        return added(list(self._of.values()))

    def procedures(self) -> dict[str, LabelCounts]:
        """Those with any label, by fingerprint."""
        return {fingerprint: counts for fingerprint, counts in self._of.items() if counts.labelled}
