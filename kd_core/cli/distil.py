"""``kd-core distil``: train the student with teachers, by responses, features or relations."""

from __future__ import annotations

import argparse

from kd_core.cli.training_options import (
    add_data,
    add_run,
    add_teachers,
    carry_out,
    chosen_config,
    chosen_device,
    free_place,
    read_data,
    teacher_folders,
)
from kd_core.schema.config import SCHEMES, TrainConfig, teachers_needed
from kd_core.schema.errors import DataError

HELP = "train the student with teachers"
EXAMPLE = (
    "--scheme relation --teachers teachers/lite0,teachers/lite1 --data DIR --split split.json --out"
    " student. Teachers and student must share a split: one that has seen held-out images is"
    " refused."
)
NAMES = tuple(name for name in SCHEMES if name != "alone")


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--scheme",
        choices=NAMES,
        default="relation",
        help="default: %(default)s; --weight combines them freely",
    )
    add_teachers(parser)
    parser.add_argument(
        "--fusion",
        choices=("attention", "mean"),
        help="how teachers' features are fused (default: attention)",
    )
    parser.add_argument(
        "--weighting",
        choices=("average", "entropy", "confidence"),
        help="of several teachers' answers (default: average)",
    )
    parser.add_argument(
        "--temperature",
        type=float,
        help=f"of softened answers (default: {TrainConfig().temperature})",
    )
    parser.add_argument(
        "--standardise",
        action="store_true",
        default=None,
        help="standardise logits before they are compared",
    )
    add_data(parser)
    add_run(parser, TrainConfig())
    parser.add_argument(
        "--name", default="student", help="the model's name in its card (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    """Ask the teachers (once, into the cache), train, calibrate on validation, score on test,
    write the folder.
    """
    config = chosen_config(options, TrainConfig(losses=SCHEMES[options.scheme]))
    if not teachers_needed(config.losses):
        raise DataError("These losses compare with no teacher.", "Use: kd-core train")
    from kd_core.artifacts.teacher_folder import load_teacher
    from kd_core.training.run import Run

    place = free_place(options, chosen_device(options))
    data = read_data(options)
    teachers = [load_teacher(folder, data.classes) for folder in teacher_folders(options)]
    return carry_out(
        Run(
            config, data, place, teachers, name=options.name, open_test=not options.keep_test_closed
        ),
        options.events,
    )
