"""``kd-core retrain``: a better student from a reader's labels, proved on procedures that were
held out.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from kd_core.cli.training_options import (
    EVENTS_HELP,
    add_machine,
    add_teachers,
    carry_out,
    chosen_config,
    chosen_device,
    place_of,
    refuse_finished,
    teacher_folders,
)
from kd_core.schema.config import SCHEMES
from kd_core.schema.errors import DataError
from kd_core.schema.model_files import CARD_NAME
from kd_core.schema.run_files import HELD_OUT_NAME

HELP = "distil a better student from a reader's labels, and prove it"
EXAMPLE = (
    "--labels EXPORT --base resources/models/student --teachers A,B --replay"
    " resources/models/replay.safetensors --out candidate"
)
NAMES = tuple(name for name in SCHEMES if name != "alone")


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--labels",
        required=True,
        type=Path,
        help="the application's label export: class folders with manifest.csv",
    )
    parser.add_argument(
        "--base", required=True, type=Path, help="the model to start from and to compare with"
    )
    add_teachers(parser)
    parser.add_argument(
        "--replay",
        required=True,
        type=Path,
        help="the replay set of the base's ancestor (kd-core replay)",
    )
    parser.add_argument("--scheme", choices=NAMES, default="relation", help="default: %(default)s")
    parser.add_argument("--thorough", action="store_true", help="four times as long")
    parser.add_argument(
        "--held-out",
        type=Path,
        help="file that says which procedures no model ever learns from (default: beside --out)",
    )
    parser.add_argument(
        "--sides",
        type=Path,
        help="file of the same kind: the choice for this run (default: chosen here)",
    )
    parser.add_argument(
        "--out",
        required=True,
        type=Path,
        help="the candidate's folder; a run that was killed goes on from it",
    )
    parser.add_argument(
        "--name", default="student", help="the model's name in its card (default: %(default)s)"
    )
    parser.add_argument(
        "--epochs", type=int, help="instead of as many as the number of labels asks for"
    )
    parser.add_argument("--temperature", type=float, help="of softened answers")
    parser.add_argument("--learning-rate", type=float, help="the highest of the run")
    parser.add_argument(
        "--weight",
        action="append",
        default=[],
        metavar="LOSS=W",
        help="weight of a named loss; repeatable",
    )
    parser.add_argument("--seed", type=int, help="of order and augmentation (default: 0)")
    parser.add_argument(
        "--config", type=Path, help="a JSON file of settings; the options here override it"
    )
    add_machine(parser)
    parser.add_argument("--events", action="store_true", help=EVENTS_HELP)


def run(options: argparse.Namespace) -> int:
    """Read, hold out, retrain, prove; the proof, the report and the answers are in the
    candidate's folder.
    """
    refuse_finished(options)
    retraining, data = _prepared(options, chosen_device(options))
    # A program that listens keeps standard error in its log, where no patient may be named
    if not options.events:
        for sentence in data.warnings:
            print(f"kd-core: {sentence}", file=sys.stderr)
    status = carry_out(retraining, options.events)
    if (options.out / CARD_NAME).exists():
        _compare(options, data)
    return status


def _prepared(options: argparse.Namespace, device: str) -> tuple[Any, Any]:
    """The retraining and its data.

    Whatever is refused is refused in here, before anything is written.
    """
    from kd_core.artifacts.checkpoint import load_student
    from kd_core.artifacts.replay import read_replay
    from kd_core.retraining.held_out import sides_of_run
    from kd_core.retraining.reader_data import data_set, read_labels, teachable, without_seen
    from kd_core.retraining.run import Base, Retraining, Sides
    from kd_core.retraining.teachers import load_teachers
    from kd_core.schema.held_out import read_held_out
    from kd_core.schema.retraining_defaults import retrain_config

    student, card = load_student(options.base)
    replay = read_replay(options.replay, student)
    labels = read_labels(options.labels, card.classes)
    kept = options.held_out or options.out.absolute().parent / HELD_OUT_NAME
    sides, both = sides_of_run(labels.samples, read_held_out(kept), options.sides, options.out)
    warnings = [
        f"Patient {name} was held out and learnt from; all procedures of {name} are learnt from"
        " now."
        for name in both
    ]
    samples, classes, too_few = teachable(labels, card.classes, sides)
    teachers = load_teachers(teacher_folders(options), classes)
    data = data_set(samples, classes, sides, "labels of a reader", too_few, warnings)
    data = without_seen(data, frozenset().union(*(loaded.seen for loaded in teachers)))
    frames, none_of_these = len(data.train.labels), len(data.none_of_these.learnt) > 0
    config = chosen_config(
        options,
        retrain_config(
            options.scheme, frames, thorough=options.thorough, none_of_these=none_of_these
        ),
    )
    fixed = Sides(kept, sides)
    return (
        Retraining(
            config,
            data,
            place_of(options, device),
            teachers,
            Base(student, card),
            replay,
            fixed,
            options.name,
        ),
        data,
    )


def _compare(options: argparse.Namespace, data: Any) -> None:
    """Compare, and write the report; one that cannot be written is said, and the candidate
    stays.
    """
    from kd_core.retraining.comparison import compare_with_base, write_report

    comparison = compare_with_base(options.base, options.out, options.replay, options.labels, data)
    print(comparison.evidence.sentence, file=sys.stderr)
    try:
        write_report(options.out, comparison, data)
    except DataError as error:
        print(f"kd-core: The report is missing, the model is not: {error}", file=sys.stderr)
