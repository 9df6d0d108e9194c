"""Seeded, stratified splits that never part a group.

Near-copies of one image would otherwise be trained on and tested on.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kd_core.schema.errors import DataError
from kd_core.schema.json_text import JsonError, read_json
from kd_core.schema.manifest import Sample

PARTS = ("train", "val", "test")
#: A group or image that is in none of them.
UNUSED = "unused"


class Split(msgspec.Struct, frozen=True):
    """Which part each group belongs to, and how that was decided.

    It is written to a file that can be committed and cited, and names no place of this machine.
    ``left_out`` names image files (without their folder) that are unused although their group has a
    part. ``classes`` in output order (none in a split of before 2026-12); ``other_classes``: how
    many images of each class of the data belong to none of them. ``joined``: a group of the data
    -> the name here of the group that holds near-copies of it.
    """

    seed: int
    shares: dict[str, float]
    groups: dict[str, str]
    source: str = ""
    left_out: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    other_classes: dict[str, int] = {}
    joined: dict[str, str] = {}

    def part(self, samples: Sequence[Sample], name: str) -> list[Sample]:
        """The samples of one part (of PARTS, or UNUSED), by the split's names of groups.

        Raises DataError where a group is not in this split.
        """
        left_out = set(self.left_out)
        chosen, missing = [], 0
        for sample in samples:
            group = self.joined.get(sample.group, sample.group)
            # Splits of class folders had absolute paths for groups before 2026-12.
            part = self.groups.get(group) or self.groups.get(sample.path)
            missing += part is None
            if (UNUSED if Path(sample.path).name in left_out else part) == name:
                chosen.append(msgspec.structs.replace(sample, group=group))
        if missing:
            raise DataError(
                f"{missing} images belong to groups that this split does not know.",
                "Use the split of this data set.",
            )
        return chosen


def make_split(
    samples: Sequence[Sample], *, val: float, test: float, seed: int, source: str = ""
) -> Split:
    """Assign whole groups so that each class is parted by the shares as nearly as its groups allow.

    Groups are shuffled, then handed out the largest first within each class (a group counts for its
    most frequent label), each to the part that is furthest below its share of that class.
    """
    if not (val >= 0 and test >= 0 and val + test < 1):
        raise DataError(
            "The shares of validation and test must be 0 or more and leave something to train on.",
            "For example .15 and .2.",
        )
    shares = {"train": 1.0 - val - test, "val": val, "test": test}
    members: dict[str, list[str]] = defaultdict(list)
    for sample in samples:
        # What an image shows of all class groups, where they are read
        members[sample.group].append("+".join(name for _, name in sample.labels) or sample.label)
    by_class: dict[str, list[str]] = defaultdict(list)
    for group, labels in members.items():
        by_class[Counter(sorted(labels)).most_common(1)[0][0]].append(group)
    chosen: dict[str, str] = {}
    generator = random.Random(seed)
    for label in sorted(by_class):
        groups = sorted(by_class[label])
        generator.shuffle(groups)
        groups.sort(key=lambda group: -len(members[group]))
        total = sum(len(members[group]) for group in groups)
        filled = dict.fromkeys(PARTS, 0)
        # Each part gets one group of every class before any gets its second: a class that is never
        # tested is worse than a wrong share.
        first = [part for part in PARTS if shares[part] > 0]
        for group in groups:
            name = (
                first.pop(0)
                if first
                else max(PARTS, key=lambda part: shares[part] * total - filled[part])
            )
            chosen[group] = name
            filled[name] += len(members[group])
    return Split(seed, shares, dict(sorted(chosen.items())), source)


def read_split(path: Path) -> Split:
    """Raises DataError where the file is missing, no split, or names parts that do not exist."""
    try:
        split = read_json(path, Split)
        unknown = sorted(set(split.groups.values()) - {*PARTS, UNUSED})
        if unknown:
            raise DataError(
                f"The split {path} has a part '{unknown[0]}'.",
                f"Parts are {', '.join(PARTS)} and {UNUSED}.",
            )
        return split
    except (OSError, JsonError) as error:
        why = str(error).rstrip(".")
        raise DataError(
            f"The split {path} cannot be read: {why}.",
            "Make one with: kd-core split --data DIR --out FILE",
        ) from error


def write_split(path: Path, split: Split) -> None:
    """As readable JSON. Raises DataError where nothing can be written."""
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(split), indent=1) + b"\n")
    except OSError as error:
        raise DataError(
            f"{path} cannot be written: {error.strerror}.", "Choose another place."
        ) from error
