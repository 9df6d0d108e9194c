"""``endoscope-app benchmark``: what the application reaches on this machine, each figure beside its
target.

Speeds are medians of several runs; a ratio compares two figures of the same run, because machines
drift.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import msgspec

from endoscope_app.base.errors import AppError
from endoscope_app.base.paths import shipped_model
from endoscope_app.cli.benchmark.figures import MachineFigures, WindowPart
from endoscope_app.cli.benchmark.history import (
    RATIOS,
    fallen,
    last_kept,
    ratios_in,
    this_machine,
)
from endoscope_app.cli.benchmark.parts import PARTS, Part, measure
from endoscope_app.cli.benchmark.peer import PEERS
from endoscope_app.cli.benchmark.spoken import say

#: How often what seems slower than before is measured before that is believed.
ATTEMPTS = 3

Printed = dict[str, dict[str, object]]


def run_benchmark(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="endoscope-app benchmark", description=__doc__)
    parser.add_argument(
        "--json",
        action="store_true",
        help="numbers for programs; standard output holds nothing else",
    )
    parser.add_argument(
        "--clip", type=Path, help="a video to measure on (default: one is drawn, 1080p25 H.264)"
    )
    parser.add_argument(
        "--seconds", type=int, default=60, help="length of the drawn clip (default: %(default)s)"
    )
    parser.add_argument(
        "--runs", type=int, default=3, help="runs of each speed (default: %(default)s)"
    )
    parser.add_argument(
        "--parts", default=",".join(PARTS), help="comma-separated (default: %(default)s)"
    )
    parser.add_argument("--model", type=Path, help="a model folder (default: the shipped student)")
    parser.add_argument(
        "--peer",
        choices=PEERS,
        help="also what a program reaches that puts well-known parts together (needs torch)",
    )
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FOLDER",
        help="compare ratios with the last file of --json there, and fail where one has fallen"
        " by 15 %%",
    )
    options = parser.parse_args(arguments)
    wanted = options.parts.split(",")
    if unknown := set(wanted) - set(PARTS):
        raise AppError(
            f"There is no part called {', '.join(sorted(unknown))}.",
            f"Parts are {', '.join(PARTS)}.",
        )
    model = options.model or shipped_model()
    with tempfile.TemporaryDirectory(prefix="endoscope-benchmark-") as folder:
        printed = _measured(set(wanted), Path(folder), options, model)
        print(json.dumps(printed) if options.json else "\n".join(_rows(printed)))
        if options.against is None:
            return 0
        again = partial(_measured, set(wanted) & RATIOS.keys(), Path(folder), options, model)
        return _compare(printed, options.against, again)


def _measured(wanted: set[str], folder: Path, options: argparse.Namespace, model: Path) -> Printed:
    parts = measure(wanted, folder, options, model)
    machine = msgspec.structs.asdict(this_machine(options.runs, _clip(options)))
    return {"machine": machine, **{name: dict(_printed(part)) for name, part in parts.items()}}


def _clip(options: argparse.Namespace) -> str:
    return str(options.clip.name) if options.clip else f"drawn, {options.seconds} s of 1080p25"


def _compare(printed: Printed, history: Path, again: Callable[[], Printed]) -> int:
    """0, or 1 where a ratio has fallen against the last that ``history`` keeps, however often it
    is measured: what else a machine does comes and goes, a slower program stays.
    """
    kept = last_kept(history, msgspec.convert(printed["machine"], MachineFigures))
    if kept is None:
        say(f"{history} keeps no figures of a machine like this one: nothing is compared.")
        return 0
    best = ratios_in(printed)
    for attempt in range(ATTEMPTS):
        slower = list(fallen(best, kept))
        for name, before, now in slower:
            say(f"{name} is {now:.3f}; {kept.name} has {before:.3f}")
        if not slower:
            say(f"no ratio has fallen against {kept.name}")
            return 0
        if attempt + 1 < ATTEMPTS:
            say("measuring again")
            for name, value in ratios_in(again()).items():
                best[name] = max(value, best.get(name, value))
    return 1


def _printed(part: Part) -> Mapping[str, object]:
    return part.printed() if isinstance(part, WindowPart) else msgspec.structs.asdict(part)


def _rows(printed: Printed) -> Iterator[str]:
    for part, figures in printed.items():
        for name, value in figures.items():
            yield f"{part:10} {name:20} {value}"
