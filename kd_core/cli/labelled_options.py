"""The labelled pictures that evaluate and compare score models on: their options, and what is
refused.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from kd_core.cli.answers import Answers, Asked, answers
from kd_core.data.folders import read_samples, relabel
from kd_core.data.image_files import MOST_UNREADABLE
from kd_core.data.splits import PARTS, read_split
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample


def add_data(parser: argparse.ArgumentParser) -> None:
    """--data, --ignore-unknown, --split and --part."""
    parser.add_argument(
        "--data", required=True, type=Path, help="a folder of class folders, or a manifest.csv"
    )
    parser.add_argument(
        "--ignore-unknown",
        action="store_true",
        help="leave images of other classes out instead of refusing the data",
    )
    parser.add_argument(
        "--split", type=Path, help="score only one part of this split (made by `kd-core split`)"
    )
    parser.add_argument(
        "--part", choices=PARTS, default="test", help="which part of --split (default: %(default)s)"
    )


def wanted(
    options: argparse.Namespace, classes: tuple[str, ...]
) -> tuple[list[Sample], Counter[str]]:
    """The samples that the options of ``add_data`` name, in the words of ``classes``, and how many
    of each other label were left out.

    Raises DataError where the data set or the split cannot be used, or the part is empty.
    """
    samples, ignored = relabel(
        read_samples(options.data), classes, ignore_unknown=options.ignore_unknown
    )
    if options.split:
        samples = read_split(options.split).part(samples, options.part)
    if not samples:
        raise DataError(
            f"The {options.part} part of the split is empty.",
            "Choose another part, or another split.",
        )
    return samples, ignored


def readable_answers(
    predictors: Sequence[Asked], samples: Sequence[Sample], classes: tuple[str, ...]
) -> Answers:
    """As kd_core.cli.answers.answers; names on standard error what cannot be read.

    Raises DataError where that is too much.
    """
    made = answers(predictors, samples, classes)
    for name in made.broken:
        print(f"kd-core: {name} cannot be read and is left out.", file=sys.stderr)
    if not made.samples or len(made.broken) > MOST_UNREADABLE * len(samples):
        raise DataError(
            f"{len(made.broken)} of {len(samples)} images cannot be read.",
            "Copy the data set again, or choose another part.",
        )
    return made
