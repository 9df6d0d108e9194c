"""Deciding once, by groups and seed, what is trained on and what is held out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec

from kd_core.api.labelled_data import OnWarning, ignore
from kd_core.data.folders import check_classes, classes_of, read_samples, relabel
from kd_core.data.joined_groups import joined_groups
from kd_core.data.near_duplicates import THRESHOLD
from kd_core.data.official_split import read_official_split
from kd_core.data.parted import check_class_names
from kd_core.data.splits import PARTS, UNUSED, make_split, write_split
from kd_core.schema.manifest import Sample
from kd_core.schema.model_scores import left_out_line


class SplitCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: images of each class in each of ``parts``; ``print`` shows it in lines.

    ``left_out`` counts images of classes that are not among ``classes``, ``joined`` the groups of
    the data that went into another because it holds near-copies of them.
    """

    classes: tuple[str, ...]
    parts: dict[str, dict[str, int]]
    left_out: dict[str, int]
    joined: int

    def __str__(self) -> str:
        lines = [
            f"{part}: {sum(counts.values())} images:"
            f" {', '.join(f'{name} {count}' for name, count in sorted(counts.items()))}"
            for part, counts in self.parts.items()
        ]
        if self.joined:
            lines.append(f"near-copies: {self.joined} groups joined with another")
        return "\n".join([*lines, *([left_out_line(self.left_out)] if self.left_out else [])])


def split_data(
    data: str | Path,
    out: str | Path,
    *,
    classes: tuple[str, ...] | None = None,
    join_near_copies: bool = False,
    threshold: float = THRESHOLD,
    official: str | Path | None = None,
    fold: int = 0,
    drop_straddling: bool = False,
    val: float = 0.15,
    test: float = 0.2,
    seed: int = 0,
    source: str = "",
    on_progress: Callable[[int, int], None] | None = None,
    on_warning: OnWarning = ignore,
) -> SplitCounts:
    """Write a split file and return how many images of each class each part holds.

    ``classes``: all of the data, unless some are named; images of others are left out and counted,
    here and in the file. ``join_near_copies``: images that correlate at ``threshold`` or more stay
    in one part, whatever their groups. ``official``: Hyper-KVASIR's 2_fold_split.csv or
    5_fold_split.csv, of which ``fold`` is the test part; ``drop_straddling`` leaves out training
    images with a near-copy there. Raises DataError.
    """
    read = read_samples(Path(data))
    chosen = check_class_names(classes if classes is not None else classes_of(read))
    # What does not belong to the classes is counted, and no near-copy of what does.
    kept, ignored = relabel(read, chosen, ignore_unknown=True)
    for sentence in check_classes(kept, chosen, Path(data)):
        on_warning(sentence)
    samples, joined = (
        joined_groups(kept, threshold, on_progress) if join_near_copies else (kept, {})
    )
    if official:
        fine = _with_own_labels(read, samples)
        split = read_official_split(
            Path(official), fine, fold, val=val, seed=seed, drop_straddling=drop_straddling
        )
    else:
        split = make_split(samples, val=val, test=test, seed=seed, source=source)
    split = msgspec.structs.replace(
        split, classes=chosen, other_classes=dict(sorted(ignored.items())), joined=joined
    )
    write_split(Path(out), split)
    counts = {
        part: dict(Counter(sample.label for sample in split.part(kept, part)))
        for part in (*PARTS, UNUSED)
    }
    return SplitCounts(
        classes=chosen,
        parts={part: count for part, count in counts.items() if part in PARTS or count},
        left_out=split.other_classes,
        joined=len(joined),
    )


def _with_own_labels(read: list[Sample], kept: list[Sample]) -> list[Sample]:
    """A class that is merged here has the finer name in an official split."""
    labels = {sample.path: sample.label for sample in read}
    return [msgspec.structs.replace(sample, label=labels[sample.path]) for sample in kept]
