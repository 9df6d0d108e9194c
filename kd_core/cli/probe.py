"""``kd-core probe``: what in the pictures tells the class without being tissue, and whether
preprocessing leaves any of it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kd_core.cli.training_options import chosen_classes
from kd_core.schema.errors import DataError
from kd_core.schema.taxonomy import LOWER_GI

if TYPE_CHECKING:
    from kd_core.evaluation.shortcuts import Probe

HELP = "ask what could be cheated on, and whether preprocessing leaves any of it"

#: What each view is, in the words of the table.
_WORDS = {
    "masked-out": (
        "pixels that preprocessing blanks (inset, text, corners; some tissue lies under them)"
    ),
    "geometry": "size, field of view, light and dark of corners, inset and text strip",
    "after preprocessing": "the same two, taken from the finished model input",
    "rim": "dark pixels at the rim of what the model sees (border left over, or a dark lumen)",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--data",
        required=True,
        type=Path,
        help="a folder of class folders, or a manifest.csv with a group column",
    )
    parser.add_argument(
        "--split",
        type=Path,
        help="a split made by `kd-core split`: learn on train, score test (default: from --seed)",
    )
    parser.add_argument(
        "--classes", help=f"comma-separated classes (default: {','.join(LOWER_GI)})"
    )
    parser.add_argument(
        "--ignore-unknown",
        action="store_true",
        help="leave images of other classes out instead of refusing the data",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        help="of shuffled labels, intervals, and the split made here (default: %(default)s)",
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="torch's threads (default: %(default)s)"
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="numbers for programs; standard output holds nothing else",
    )


def run(options: argparse.Namespace) -> int:
    """Look at every picture of train and test, train the probes, print what they reach."""
    made = measured(options)
    print(json.dumps(made) if options.json else _table(made))
    return 0


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """What is printed, ready for JSON; ``options`` as ``add`` makes them."""
    import torch

    if options.threads < 1 or options.seed < 0:
        raise DataError("--threads must be 1 or more, and --seed 0 or more.")
    torch.set_num_threads(options.threads)
    return _probe_all(options, chosen_classes(options))


def _probe_all(options: argparse.Namespace, classes: tuple[str, ...]) -> dict[str, Any]:
    import numpy as np

    from kd_core.data.folders import read_samples, relabel
    from kd_core.data.labelled import TEST_SHARE, VAL_SHARE
    from kd_core.data.splits import make_split, read_split
    from kd_core.evaluation.shortcuts import SHUFFLES, VIEWS, Seen, look_at_all, probe

    samples, ignored = relabel(
        read_samples(options.data), classes, ignore_unknown=options.ignore_unknown
    )
    split = (
        read_split(options.split)
        if options.split
        else make_split(samples, val=VAL_SHARE, test=TEST_SHARE, seed=options.seed)
    )
    unreadable: list[str] = []

    def leave_out(path: str) -> None:
        unreadable.append(path)
        print(f"kd-core: {path} cannot be read and is left out.", file=sys.stderr)

    parts: list[dict[str, Seen]] = []
    for name in ("train", "test"):
        chosen = split.part(samples, name)
        if not chosen:
            raise DataError(
                f"The {name} part of the split is empty.", "Give more images, or another split."
            )
        features, kept = look_at_all(chosen, leave_out)
        labels = np.array([classes.index(sample.label) for sample in kept], np.int64)
        groups = np.array([sample.group for sample in kept])
        parts.append({view: Seen(features[view], labels, groups) for view in VIEWS})
    train, test = parts
    probes = {view: probe(train[view], test[view], options.seed) for view in VIEWS}
    found = probes[VIEWS[0]]  # chance is the same for every view
    labels = train[VIEWS[0]].labels
    return {
        "classes": list(classes),
        "train": len(labels),
        "test": len(test[VIEWS[0]].labels),
        "seed": options.seed,
        "shuffles": SHUFFLES,
        "chance": {
            "class": classes[int(np.bincount(labels).argmax())],
            "accuracy": found.chance_accuracy,
            "macro_f1": found.chance_macro_f1,
        },
        "probes": {
            view: _entry(view, train[view].features.shape[1], probes[view]) for view in VIEWS
        },
        "ignored": dict(ignored),
        "unreadable": unreadable,
    }


def _entry(view: str, features: int, found: Probe) -> dict[str, Any]:
    return {
        "sees": _WORDS[view],
        "features": features,
        "accuracy": found.accuracy._asdict(),
        "macro_f1": found.macro_f1._asdict(),
        "gain": found.gain._asdict(),
        "shuffled": {
            "accuracy": found.shuffled_accuracy,
            "macro_f1": found.shuffled_macro_f1,
            "best_macro_f1": found.shuffled_best,
        },
        "better_than_chance": found.better,
        "verdict": f"{view}: {found.verdict}.",
    }


def _table(made: Mapping[str, Any]) -> str:
    chance = made["chance"]
    width = max(len(view) for view in (*made["probes"], "chance"))
    head = f"{'probe':<{width}}  {'accuracy':<18}  {'macro-F1':<18}  shuffled labels"
    lines = [
        (
            f"trained on {made['train']} images, scored on {made['test']} held-out ones; 95 %"
            " intervals by resampled groups"
        ),
        "",
        head,
    ]
    lines.append(
        f"{'chance':<{width}}  {chance['accuracy']:<18.3f}  {chance['macro_f1']:<18.3f}  (always"
        f" {chance['class']})"
    )
    for view, row in made["probes"].items():
        shuffled = row["shuffled"]
        spans = "  ".join(f"{_span(row[key]):<18}" for key in ("accuracy", "macro_f1"))
        lines.append(
            f"{view:<{width}}  {spans}  {shuffled['accuracy']:.3f}, {shuffled['macro_f1']:.3f} to"
            f" {shuffled['best_macro_f1']:.3f}"
        )
    lines += [
        "",
        (
            f"shuffled labels: mean accuracy, mean and highest macro-F1 of {made['shuffles']}"
            " trainings"
        ),
        "",
    ]
    for row in made["probes"].values():
        lines += [row["verdict"], f"    It sees {row['sees']}."]
    if made["ignored"]:
        lines.append(
            "left out: " + ", ".join(f"{count} {name}" for name, count in made["ignored"].items())
        )
    return "\n".join(lines)


def _span(interval: Mapping[str, float]) -> str:
    return f"{interval['value']:.3f} ({interval['low']:.3f}-{interval['high']:.3f})"
