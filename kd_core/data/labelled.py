"""A labelled data set as a run needs it.

Read once, split by groups, checked for what would make the result worthless.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kd_core.data.folders import check_classes
from kd_core.data.head_labels import first_classes, head_labels
from kd_core.data.image_files import load_crops
from kd_core.data.parted import PartedData, read_parted
from kd_core.data.splits import PARTS, Split
from kd_core.schema.class_heads import ClassHead
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_origin import DataNotes
from kd_core.schema.model_scores import left_out_line
from kd_core.vision.preprocess import INPUT_SIZE


@dataclass(frozen=True)
class Part:
    """crops (N, S, S, 3) uint8, labels (N,) int64 and groups (N,) of one part of the split.

    ``head_labels`` (N, G): see kd_core.data.head_labels; ``labels`` are then the first classes.
    """

    crops: NDArray[np.uint8]
    labels: NDArray[np.int64]
    groups: NDArray[np.str_]
    head_labels: NDArray[np.int64] | None = None

    def first(self, count: int) -> Part:
        """Its first ``count`` images."""
        own = None if self.head_labels is None else self.head_labels[:count]
        return Part(self.crops[:count], self.labels[:count], self.groups[:count], own)


@dataclass(frozen=True)
class DataSet:
    """Train, val and test parts of a data set.

    ``unreadable`` names images that were skipped, ``warnings`` are sentences for the reader,
    ``notes`` are for the model card. ``heads``: of a student with a softmax for each class group.
    """

    classes: tuple[str, ...]
    train: Part
    val: Part
    test: Part
    unreadable: tuple[str, ...]
    warnings: tuple[str, ...]
    notes: DataNotes
    heads: tuple[ClassHead, ...] = field(default=(), kw_only=True)


def load_data_set(
    source: Path,
    classes: tuple[str, ...] | None = None,
    *,
    split_file: Path | None = None,
    split_seed: int = 0,
    ignore_unknown: bool = False,
    name: str = "",
    input_size: int = INPUT_SIZE,
    class_groups: bool = False,
    complete_labels: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> DataSet:
    """Read ``source`` by its split (see parted.read_parted) as crops of ``input_size``.

    ``complete_labels``: see head_labels. Raises DataError: unknown classes, a part without some
    class, unreadable images.
    """
    parted = read_parted(
        source,
        classes,
        split_file,
        ignore_unknown=ignore_unknown,
        seed=split_seed,
        class_groups=class_groups,
    )
    classes, samples, split = parted.classes, parted.samples, parted.split
    warnings = check_classes(samples, classes, source)
    if parted.ignored:
        warnings.append(f"Images of other classes are {left_out_line(parted.ignored)}.")
    wanted = {part: parted.part(part) for part in PARTS}
    crops, kept, broken = load_crops(
        [sample for part in PARTS for sample in wanted[part]], on_progress, input_size
    )
    readable = {sample.path for sample in kept}
    counts = [sum(sample.path in readable for sample in wanted[part]) for part in PARTS]
    train, val, test = (
        _part(crops, kept, sum(counts[:place]), counts[place], parted, complete_labels)
        for place in range(len(PARTS))
    )
    _check(train, "train", classes, parted.heads)
    _check(val, "validation", classes, parted.heads)
    sizes = f"{len(train.labels)} train, {len(val.labels)} validation, {len(test.labels)} test"
    made_by, remarks = _how_split(split, samples)
    notes = DataNotes(
        source=name or source.name,
        images=len(samples),
        groups=len({sample.group for sample in samples}),
        left_out=dict(parted.ignored),
        unreadable=len(broken),
        split=f"{made_by}: {sizes} images",
        complete_labels=complete_labels and bool(parted.heads),
    )
    told = tuple(warnings + remarks)
    return DataSet(classes, train, val, test, tuple(broken), told, notes, heads=parted.heads)


def _part(
    crops: NDArray[np.uint8],
    kept: list[Sample],
    first: int,
    count: int,
    parted: PartedData,
    complete: bool,
) -> Part:
    # A view, not a copy: a part can be gigabytes.
    chosen = kept[first : first + count]
    return Part(
        crops[first : first + count],
        first_classes(chosen, parted.classes),
        np.array([sample.group for sample in chosen], np.str_),
        head_labels(chosen, parted.heads, complete=complete) if parted.heads else None,
    )


def _how_split(split: Split, samples: list[Sample]) -> tuple[str, list[str]]:
    """How the parts were made, for the card.

    And a warning where near-copies may lie on both sides.
    """
    if split.source:
        return split.source, []
    if len({sample.group for sample in samples}) < len(samples):
        return f"by group, seed {split.seed}", []
    remark = (
        "No groups are known here: near-copies of test images may be trained on. See: kd-core"
        " dedupe DIR --out groups.csv"
    )
    return f"by image, seed {split.seed}", [remark]


def _check(part: Part, name: str, classes: tuple[str, ...], heads: tuple[ClassHead, ...]) -> None:
    shown = {classes[label] for label in set(part.labels.tolist()) if label < len(classes)}
    if part.head_labels is not None:
        shown = {
            label
            for place, head in enumerate(heads)
            for number, label in enumerate(head.classes)
            if number in part.head_labels[:, place]
        }
    missing = [label for label in classes if label not in shown]
    if len(missing) == len(classes):
        raise DataError(
            f"The {name} part of the split is empty.", "Give more images, or another split."
        )
    if missing:
        way_out = (
            "Give more images of it (of three or more groups), leave the class out with --classes,"
            " or use another split."
        )
        raise DataError(f"The {name} part has no image of {', '.join(missing)}.", way_out)
