"""Deciding once, by groups and seed, what is trained on and what is held out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from kd_core.data.folders import read_samples, relabel
from kd_core.data.official_split import read_official_split
from kd_core.data.splits import PARTS, UNUSED, make_split, write_split
from kd_core.schema.taxonomy import LOWER_GI


class SplitCounts(dict[str, Counter[str]]):
    """Part -> images of each class; ``print`` shows a line for each part."""

    def __str__(self) -> str:
        return "\n".join(
            f"{part}: {sum(counts.values())} images:"
            f" {', '.join(f'{name} {count}' for name, count in sorted(counts.items()))}"
            for part, counts in self.items()
        )


def split_data(
    data: str | Path,
    out: str | Path,
    *,
    classes: tuple[str, ...] = LOWER_GI,
    official: str | Path | None = None,
    fold: int = 0,
    drop_straddling: bool = False,
    val: float = 0.15,
    test: float = 0.2,
    seed: int = 0,
    source: str = "",
) -> SplitCounts:
    """Write a split file and return how many images of each class each part holds.

    ``official``: Hyper-KVASIR's 2_fold_split.csv or 5_fold_split.csv, of which ``fold`` is the test
    part; ``drop_straddling`` leaves out training images with a near-copy there. Images of other
    classes are left out. Raises DataError.
    """
    read = read_samples(Path(data))
    samples, _ = relabel(read, classes, ignore_unknown=True)
    if official:
        kept = {sample.path for sample in samples}
        # Under their own labels: a class that is merged here has the finer name there.
        fine = [sample for sample in read if sample.path in kept]
        split = read_official_split(
            Path(official), fine, fold, val=val, seed=seed, drop_straddling=drop_straddling
        )
    else:
        split = make_split(samples, val=val, test=test, seed=seed, source=source)
    write_split(Path(out), split)
    counts = {
        part: Counter(sample.label for sample in split.part(samples, part))
        for part in (*PARTS, UNUSED)
    }
    return SplitCounts({part: count for part, count in counts.items() if part in PARTS or count})
