"""A data set by the classes and the parts of its split, as every command reads it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from kd_core.data.folders import class_groups_of, classes_of, read_samples, relabel
from kd_core.data.splits import Split, make_split, read_split
from kd_core.schema.class_groups import ClassGroup
from kd_core.schema.class_heads import NONE, ClassHead, heads_for
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.taxonomy import LOWER_GI

VAL_SHARE, TEST_SHARE = 0.15, 0.2


@dataclass(frozen=True)
class PartedData:
    """``samples`` labelled by the names of ``classes``, and their ``split``.

    ``ignored``: images left out of each other class. ``heads``: where all class groups are read,
    one for each.
    """

    classes: tuple[str, ...]
    samples: list[Sample]
    ignored: Counter[str]
    split: Split
    heads: tuple[ClassHead, ...] = ()

    def part(self, name: str) -> list[Sample]:
        """The samples of one part. Raises DataError where the split is of other data."""
        return self.split.part(self.samples, name)


def read_parted(
    source: Path,
    classes: tuple[str, ...] | None,
    split_file: Path | None,
    *,
    ignore_unknown: bool = False,
    seed: int = 0,
    class_groups: bool = False,
    heads: tuple[ClassHead, ...] = (),
) -> PartedData:
    """Read ``source`` (see folders.read_samples) and its split, or make one by ``seed``.

    ``classes`` without a value: those of the split (those of lower GI in a split of before 2026-12,
    which names none), else all that the data has. What a split says it leaves out is left out;
    another unknown class raises DataError unless ``ignore_unknown``, as does a class named twice.
    ``class_groups``: read the labels of all class groups, for heads made here, or for ``heads`` of
    a model; classes are then all that the data has, but those that the split leaves out.
    """
    grouped = class_groups or bool(heads)
    read = read_samples(source, all_groups=grouped)
    split = read_split(split_file) if split_file else None
    if classes is None and grouped:
        left_out = split.other_classes if split else {}
        classes = tuple(name for name in classes_of(read) if name not in left_out)
    if classes is None:
        classes = (split.classes or LOWER_GI) if split else classes_of(read)
    check_class_names(classes)
    samples, ignored = relabel(
        read,
        classes,
        ignore_unknown=ignore_unknown,
        other_classes=split.other_classes if split else (),
    )
    made = split or make_split(samples, val=VAL_SHARE, test=TEST_SHARE, seed=seed)
    if class_groups and not heads:
        none = {ClassGroup(group) for each in read for group, name in each.labels if name == NONE}
        heads = heads_for(classes, class_groups_of(samples, classes), none)
    return PartedData(classes, samples, ignored, made, heads)


def check_class_names(classes: tuple[str, ...]) -> tuple[str, ...]:
    """``classes`` as they are. Raises DataError for fewer than two, or one twice."""
    if len(set(classes)) < 2 or len(set(classes)) != len(classes):
        raise DataError(
            "--classes must name two or more different classes.",
            f"For example {','.join(LOWER_GI)}.",
        )
    return classes
