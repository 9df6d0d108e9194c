"""``kd-core train``: the student alone, with cross-entropy, on a labelled data set split by
groups.
"""

from __future__ import annotations

import argparse

from kd_core.cli.training_options import (
    add_data,
    add_run,
    carry_out,
    chosen_config,
    chosen_device,
    free_place,
    read_data,
)
from kd_core.schema.config import TrainConfig, teachers_needed
from kd_core.schema.errors import DataError

HELP = "train the student alone (cross-entropy) on labelled images, split by groups"
EXAMPLE = (
    "--data DIR --split split.json --out student. The baseline that every distilled student has to"
    " beat."
)


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_data(parser)
    add_run(parser, TrainConfig())
    parser.add_argument(
        "--name", default="student", help="the model's name in its card (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    """Train, calibrate on validation, score on test, write the folder."""
    config = chosen_config(options, TrainConfig())
    if teachers_needed(config.losses):
        raise DataError("These losses compare with teachers.", "Use: kd-core distil --teachers A,B")
    from kd_core.training.run import Run

    place = free_place(options, chosen_device(options))
    data = read_data(options)
    return carry_out(
        Run(config, data, place, name=options.name, open_test=not options.keep_test_closed),
        options.events,
    )
