"""``kd-core split``: decide once, by groups and seed, what is trained on and what is held out."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from kd_core.data.folders import read_samples, relabel
from kd_core.data.kvasir import read_official_split
from kd_core.data.splits import PARTS, UNUSED, make_split, write_split
from kd_core.schema.taxonomy import LOWER_GI

HELP = "write a seeded, stratified split that keeps groups together"
EXAMPLE = (
    "--data DIR --out split.json --seed 7. Group near-copies first: kd-core dedupe DIR --out"
    " groups.csv, then --data groups.csv"
)


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--data",
        required=True,
        type=Path,
        help="a folder of class folders, or a manifest.csv with a group column",
    )
    parser.add_argument(
        "--classes",
        help=f"comma-separated classes; others are left out (default: {','.join(LOWER_GI)})",
    )
    parser.add_argument(
        "--official",
        type=Path,
        help="Hyper-KVASIR's 2_fold_split.csv or 5_fold_split.csv: --fold of it is the test part",
    )
    parser.add_argument("--fold", type=int, default=0, help="of --official (default: %(default)s)")
    parser.add_argument(
        "--drop-straddling",
        action="store_true",
        help="leave out training images with a near-copy in the test fold",
    )
    parser.add_argument("--out", required=True, type=Path, help="the JSON file to write")
    parser.add_argument(
        "--val",
        type=float,
        default=0.15,
        help="share of each class for validation (default: %(default)s)",
    )
    parser.add_argument(
        "--test",
        type=float,
        default=0.2,
        help="share of each class for the test (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--source", default="", help="a name for the data, stored in the file")


def run(options: argparse.Namespace) -> int:
    """Split and say how many images of each class went where."""
    classes = tuple(options.classes.split(",")) if options.classes else LOWER_GI
    read = read_samples(options.data)
    samples, _ = relabel(read, classes, ignore_unknown=True)
    if options.official:
        kept = {sample.path for sample in samples}
        # Under their own labels: a class that is merged here has the finer name there.
        fine = [sample for sample in read if sample.path in kept]
        split = read_official_split(
            options.official,
            fine,
            options.fold,
            val=options.val,
            seed=options.seed,
            drop_straddling=options.drop_straddling,
        )
    else:
        split = make_split(
            samples, val=options.val, test=options.test, seed=options.seed, source=options.source
        )
    write_split(options.out, split)
    for part in (*PARTS, UNUSED):
        counts = Counter(sample.label for sample in split.part(samples, part))
        if part == UNUSED and not counts:
            continue
        print(
            f"{part}: {sum(counts.values())} images:"
            f" {', '.join(f'{name} {n}' for name, n in sorted(counts.items()))}"
        )
    return 0
