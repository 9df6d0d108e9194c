"""``kd-core train-teacher``: fine-tune a pretrained backbone on labelled images, so that it can
teach students.
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

HELP = "fine-tune a pretrained backbone as teacher"
EXAMPLE = (
    "--backbone efficientnet_lite0 --data DIR --split split.json --out teachers/lite0. Then teach a"
    " student with: kd-core distil --teachers teachers/lite0"
)
#: Few epochs at a low rate: the backbone knows pictures already.
DEFAULTS = TrainConfig(epochs=6, learning_rate=4e-4, warm_up_epochs=1, ema=0.98, weight_decay=0.05)


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--backbone",
        default="efficientnet_lite0",
        help="efficientnet_lite0 to 2, or a torchvision name",
    )
    parser.add_argument(
        "--weights",
        default="imagenet",
        help="imagenet, none, or a local file (default: %(default)s)",
    )
    add_data(parser)
    add_run(parser, DEFAULTS)


def run(options: argparse.Namespace) -> int:
    """Fine-tune, calibrate on validation, score on test, write the teacher's folder."""
    config = chosen_config(options, DEFAULTS)
    if teachers_needed(config.losses):
        raise DataError(
            "A teacher is fine-tuned with cross-entropy alone.", "Leave the other weights out."
        )
    from kd_core.training.teacher_run import TeacherRun

    place = free_place(options, chosen_device(options))
    data = read_data(options)
    weights = None if options.weights == "none" else options.weights
    return carry_out(
        TeacherRun(
            config, data, place, options.backbone, weights, open_test=not options.keep_test_closed
        ),
        options.events,
    )
