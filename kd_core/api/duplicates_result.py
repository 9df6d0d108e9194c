"""Near-copies that were found: for programs and for people."""

from __future__ import annotations

import msgspec

MOST_LISTED = 1000
MOST_PRINTED = 20


class NearCopies(msgspec.Struct, frozen=True):
    """Images of one group, and their labels."""

    files: list[str]
    labels: list[str]


class NearPair(msgspec.Struct, frozen=True, omit_defaults=True):
    """Two near-copies that differ in ``labels``, or in the data set's own ``groups``."""

    files: tuple[str, str]
    similarity: float
    labels: tuple[str, str] | None = None
    groups: tuple[str, str] | None = None


class NearPairs(msgspec.Struct, frozen=True):
    """How many, and up to MOST_LISTED of the ``most_alike``."""

    pairs: int
    most_alike: list[NearPair]

    def lines(self, what: str) -> list[str]:
        """For people: ``what`` they are and the first MOST_PRINTED."""
        lines = [f"{self.pairs} {what}"]
        for pair in self.most_alike[:MOST_PRINTED]:
            (first, second), (left, right) = pair.files, pair.labels or pair.groups or ("", "")
            lines.append(f"  {pair.similarity:.3f}  {left}  {first}  |  {right}  {second}")
        more = self.pairs - MOST_PRINTED
        if more > 0:
            lines.append(f"  and {more} more (--json lists up to {MOST_LISTED})")
        return lines


class GroupAgreement(msgspec.Struct, frozen=True):
    """Pairs in one group: ``found`` here, ``given`` in the data set, and in ``both``."""

    precision: float | None
    recall: float | None
    found: int
    given: int
    both: int
    apart: NearPairs

    def lines(self) -> list[str]:
        """For people."""
        precision, recall = (
            "undefined" if share is None else f"{share:.3f}"
            for share in (self.precision, self.recall)
        )
        return [
            f"against the groups of the data set: pairwise precision {precision}, recall {recall}",
            f"  pairs in one group: {self.found} here, {self.given} there, {self.both} in both",
            *self.apart.lines("pairs of near-copies are in different groups there"),
        ]


class Duplicates(msgspec.Struct, frozen=True, kw_only=True):
    """``print`` shows it as a table; ``featureless`` images show too little to be compared."""

    threshold: float
    near_pairs: int
    images: int
    groups: int
    duplicates: list[NearCopies]
    label_contradictions: NearPairs
    featureless: list[str]
    unreadable: list[str]
    against_groups: GroupAgreement | msgspec.UnsetType = msgspec.UNSET

    def __str__(self) -> str:
        lines = []
        for number, group in enumerate(self.duplicates, 1):
            lines.append(f"group {number}: {len(group.files)} near-copies")
            lines += [
                f"  {label}  {file}" for file, label in zip(group.files, group.labels, strict=True)
            ]
        copies = sum(len(group.files) for group in self.duplicates)
        lines += [
            f"{self.images} images, {self.groups} groups; {len(self.duplicates)} groups of more"
            f" than one hold {copies} images",
            f"{self.near_pairs} pairs correlate at {self.threshold:g} or more",
            *self.label_contradictions.lines("pairs of near-copies have labels that disagree"),
        ]
        if self.featureless:
            names = ", ".join(self.featureless[:MOST_PRINTED])
            lines.append(f"{len(self.featureless)} show too little to be compared: {names}")
        return "\n".join(lines + (self.against_groups.lines() if self.against_groups else []))
