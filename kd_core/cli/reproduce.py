"""``kd-core reproduce``: the paper's table on any labelled data set, over several seeds; start
it again and it goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from kd_core.cli import train_teacher
from kd_core.cli.training_options import (
    add_data,
    add_machine,
    chosen_device,
    place_of,
    read_data,
    say,
    stop_on_interrupt,
)
from kd_core.schema.config import DEFAULT_TEACHERS, TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schema.json_text import JsonError, read_json

HELP = (
    "the paper's table on any labelled data set: teachers, student alone, response, feature,"
    " relation"
)
EXAMPLE = (
    "--data DIR --seeds 3 --out table. Start it again after a stop and it goes on; to compare"
    " settings on validation add --search variants.json."
)


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_data(parser)
    parser.add_argument(
        "--out",
        required=True,
        type=Path,
        help="a folder for every run, table.md, table.json and table.png",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=3,
        help="how many (default: %(default)s: 0, 1, 2); the split stays the same",
    )
    parser.add_argument(
        "--teachers",
        default=",".join(DEFAULT_TEACHERS),
        help="backbones to fine-tune as teachers (default: %(default)s)",
    )
    parser.add_argument(
        "--epochs",
        type=int,
        default=TrainConfig().epochs,
        help="of every student (default: %(default)s)",
    )
    parser.add_argument(
        "--teacher-epochs",
        type=int,
        default=train_teacher.DEFAULTS.epochs,
        help="of every teacher (default: %(default)s)",
    )
    parser.add_argument(
        "--views",
        type=int,
        default=TrainConfig().views,
        help="fixed augmentations an image has (default: %(default)s)",
    )
    parser.add_argument(
        "--search",
        type=Path,
        help="JSON of variants (name to changed settings) to compare on validation",
    )
    add_machine(parser)
    parser.add_argument("--json", action="store_true", help="print the table as JSON")
    parser.add_argument(
        "--events",
        action="store_true",
        help="JSON lines on standard output; the table is then only in its files",
    )


def run(options: argparse.Namespace) -> int:
    """Run what is missing, write and print the table."""
    from kd_core.training.distributed import under_torchrun

    if under_torchrun():
        raise DataError(
            "The table is made by one process.",
            "Start it without torchrun; single runs can use it.",
        )
    if options.seeds < 1 or options.epochs < 1 or options.teacher_epochs < 1 or options.views < 1:
        raise DataError("--seeds, --epochs, --teacher-epochs and --views must be 1 or more.")
    from kd_core.reproduction.report import markdown, table
    from kd_core.reproduction.reproduce import Reproduction, paper_rows, search_rows

    options.cache = options.cache or options.out / "kd-cache"
    place = place_of(options, chosen_device(options))
    teacher = msgspec.structs.replace(
        train_teacher.DEFAULTS, epochs=options.teacher_epochs, views=options.views
    )
    student = TrainConfig(epochs=options.epochs, views=options.views)
    backbones = options.teachers.split(",")
    if options.search:
        rows = search_rows(backbones, teacher, student, _variants(options.search))
    else:
        rows = paper_rows(backbones, teacher, student)
    data = read_data(options)
    made = Reproduction(rows, range(options.seeds), data, place)
    with stop_on_interrupt() as should_stop:
        for event in made.events(should_stop):
            say(event, options.events)
    summary = table(made, ("validation",) if options.search else ("validation", "test"))
    _write(options, summary, markdown(summary, "kd-core " + " ".join(sys.argv[1:])))
    complete = all(len(results) == options.seeds for results in made.results.values())
    return 0 if complete else 130


def _write(options: argparse.Namespace, summary: dict[str, Any], page: str) -> None:
    from kd_core.reproduction.report import plot

    name = "search" if options.search else "table"
    try:
        (options.out / f"{name}.md").write_text(page, encoding="utf-8")
        (options.out / f"{name}.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")
        if summary["rows"]:
            plot(summary, options.out / f"{name}.png")
    except OSError as error:
        way_out = "Free some space and start the same command again."
        raise DataError(f"{options.out} cannot be written: {error.strerror}.", way_out) from error
    if not options.events:
        print(json.dumps(summary) if options.json else page)


def _variants(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return read_json(path, dict[str, dict[str, Any]])
    except (OSError, JsonError) as error:
        why = str(error).rstrip(".")
        raise DataError(
            f"The variants {path} cannot be read: {why}.",
            'They look like {"kl only": {"losses": {"kl": 1}}}.',
        ) from error
