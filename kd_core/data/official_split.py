"""Hyper-KVASIR's official folds as a split that does not leak.

The files are those of Borgli et al. 2020 (Scientific Data 7:283).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from kd_core.data.kvasir import HYPER_KVASIR, image_stem, refuse_any
from kd_core.data.listing import read_table
from kd_core.data.splits import Split, make_split
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.taxonomy import require, resolve


def read_official_split(
    path: Path,
    samples: Sequence[Sample],
    fold: int,
    val: float = 0.15,
    seed: int = 0,
    *,
    drop_straddling: bool = False,
) -> Split:
    """Hyper-KVASIR's 2_fold_split.csv or 5_fold_split.csv as a Split.

    Fold ``fold`` is the test part, as published. The other folds are trained on, but for a share
    ``val`` of each class that is carved out for validation: whole groups, seeded
    (splits.make_split). ``samples`` may lack classes, but no image of a class that they have.

    The official folds part near-copies. A group with members inside and outside the test fold would
    be trained on and tested on, so it raises DataError; with ``drop_straddling`` the test fold
    stays whole, for its scores to compare with published ones, and the group's members OUTSIDE it
    are left out (part "unused"): fewer images to train on is the honest side to err.

    Raises DataError also where the file and ``samples`` disagree, and where there is no such fold.
    """
    folds = _official_folds(path, samples)
    known = sorted(set(folds))
    if fold not in known:
        raise DataError(
            f"{path} has no fold {fold}.",
            f"Choose one of {', '.join(map(str, known))} with --fold.",
        )
    tested = {sample.group for sample, index in zip(samples, folds, strict=True) if index == fold}
    straddling = [
        sample
        for sample, index in zip(samples, folds, strict=True)
        if index != fold and sample.group in tested
    ]
    if straddling and not drop_straddling:
        count = len({sample.group for sample in straddling})
        sentence = (
            f"{count} groups of near-copies lie both inside and outside fold {fold}; the first is"
            f" {straddling[0].group}."
        )
        raise DataError(
            sentence,
            "Leave their images outside the fold out with --drop-straddling, or make a split by"
            " groups.",
        )
    rest = [sample for sample in samples if sample.group not in tested]
    if not rest:
        raise DataError(
            f"Fold {fold} of {path} leaves nothing to train on.",
            "Use a file with two folds or more.",
        )
    split = make_split(rest, val=val, test=0.0, seed=seed)
    groups = {**split.groups, **dict.fromkeys(tested, "test")}
    left_out = tuple(sorted(Path(sample.path).name for sample in straddling))
    return Split(
        seed,
        split.shares,
        dict(sorted(groups.items())),
        f"{path.name}, fold {fold} tested",
        left_out,
    )


def _official_folds(path: Path, samples: Sequence[Sample]) -> list[int]:
    """The fold of each sample. Raises DataError where the file does not fit them."""
    by_stem: dict[str, Sample] = {}
    for sample in samples:
        other = by_stem.setdefault(Path(sample.path).stem.casefold(), sample)
        if other is not sample:
            raise DataError(
                f"{other.path} and {sample.path} have one name, so the split file cannot tell them"
                " apart.",
                "Rename one.",
            )
    rows = _official_rows(path)
    labels = sorted({sample.label for sample in samples})
    is_wanted: Mapping[str, bool] = {
        row.label: resolve(row.label, labels) is not None for row in rows.values()
    }
    whole = "Use the complete data set: scores on a part of a fold compare with nothing published."
    missing = [
        f"{row.image} (row {row.line})"
        for stem, row in rows.items()
        if stem not in by_stem and is_wanted[row.label]
    ]
    refuse_any(missing, f"images of {path} are missing", whole)
    other_data = "Leave them out, or use the file of this data."
    refuse_any(
        [stem for stem in by_stem if stem not in rows], f"images have no row in {path}", other_data
    )
    # Asked of the sample's own label: where a data set spells a class in two ways, both are right.
    wrong = [
        stem
        for stem, sample in by_stem.items()
        if resolve(rows[stem].label, (sample.label,)) is None
    ]
    if wrong:
        first = rows[wrong[0]]
        what = (
            f"images have another class than {path} says ({by_stem[wrong[0]].label}, not"
            f" {first.label} as in row {first.line})"
        )
        refuse_any(wrong, what, "Correct the labels, or use the file of this data.")
    return [rows[Path(sample.path).stem.casefold()].fold for sample in samples]


class _OfficialRow(NamedTuple):
    """``image`` as it is written there; ``label`` canonical."""

    image: str
    label: str
    fold: int
    line: int


def _official_rows(path: Path) -> dict[str, _OfficialRow]:
    """Every row by its image's stem in small letters.

    On some systems files are copied in capitals.
    """
    way_out = "Take 2_fold_split.csv or 5_fold_split.csv from the Hyper-KVASIR authors again."
    rows: dict[str, _OfficialRow] = {}
    columns = ("file-name", "class-name", "split-index")
    for line, row in read_table(path, columns, kind="split file", way_out=way_out):
        image, label, index = (
            image_stem(row["file-name"]),
            row["class-name"].strip().casefold(),
            row["split-index"].strip(),
        )
        if not image or image.casefold() in rows or not (index.isascii() and index.isdigit()):
            raise DataError(
                f"Row {line} of {path} lacks its image or its fold, or names an image twice.",
                way_out,
            )
        if resolve(label, HYPER_KVASIR) is None:
            raise DataError(
                f"Row {line} of {path} names a class that Hyper-KVASIR does not have.", way_out
            )
        rows[image.casefold()] = _OfficialRow(image, require(label, HYPER_KVASIR), int(index), line)
    return rows
