"""``kd-core compare``: is model B better than model A on the same pictures, or can that not be
said?
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kd_core.cli.answers import Answers
from kd_core.cli.labelled_options import add_data, readable_answers, wanted
from kd_core.evaluation.group_scores import ScoreOfTwo, compare_scores
from kd_core.schema.errors import ModelError
from kd_core.schema.model_card import RESEARCH_USE
from kd_core.vision.predictor import Predictor

HELP = "say whether one model is better than another on the same images"
SEED = 0
MOST_LISTED = 20


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("a", metavar="A", type=Path, help="a model folder: the one to compare with")
    parser.add_argument(
        "b",
        metavar="B",
        type=Path,
        help="a model folder of the same classes: the one that may be better",
    )
    add_data(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help="one document for programs; standard output holds nothing else",
    )


def run(options: argparse.Namespace) -> int:
    """Ask both models about every picture, draw the differences again by group, print what may
    be said of B.
    """
    first, second = Predictor.load(options.a), Predictor.load(options.b)
    classes = first.card.classes
    _refuse_other_classes(first, second)
    samples, ignored = wanted(options, classes)
    answered = readable_answers([first, second], samples, classes)
    made = {
        "a": {"folder": str(options.a), "model": first.card.version},
        "b": {"folder": str(options.b), "model": second.card.version},
        "notice": RESEARCH_USE,
        "classes": list(classes),
        "n": len(answered.samples),
        "groups": len(set(answered.groups.tolist())),
        **_compared(answered, classes),
        "latency_ms": dict(zip("ab", answered.milliseconds, strict=True)),
        "ignored": dict(ignored),
        "unreadable": answered.broken,
    }
    print(json.dumps(made) if options.json else _table(made, options.data.absolute()))
    return 0


def _refuse_other_classes(first: Predictor, second: Predictor) -> None:
    """Another order of the same classes is no hindrance."""
    only_a = [name for name in first.card.classes if name not in second.card.classes]
    only_b = [name for name in second.card.classes if name not in first.card.classes]
    if not only_a and not only_b:
        return
    parts = [
        f"only {letter} knows {', '.join(names)}"
        for letter, names in (("A", only_a), ("B", only_b))
        if names
    ]
    raise ModelError(
        f"The two models do not have the same classes: {'; '.join(parts)}.",
        "Choose two models of the same classes.",
    )


def _compared(answered: Answers, classes: tuple[str, ...]) -> dict[str, Any]:
    said_a, said_b = (table.argmax(axis=1) for table in answered.probabilities)
    paired = compare_scores(answered.truth, said_a, said_b, answered.groups, classes, SEED)
    right_a, right_b = said_a == answered.truth, said_b == answered.truth
    return {
        "accuracy": _as_json(paired.accuracy),
        "macro_f1": _as_json(paired.macro_f1),
        "recall": {
            name: _as_json(paired.recall[name]) if name in paired.recall else None
            for name in classes
        },
        "both_right": int((right_a & right_b).sum()),
        "only_a_right": int((right_a & ~right_b).sum()),
        "only_b_right": int((right_b & ~right_a).sum()),
        "neither_right": int((~right_a & ~right_b).sum()),
        "differing": int((said_a != said_b).sum()),
        "differ": _differ(answered, said_a, said_b, classes),
    }


def _differ(
    answered: Answers, said_a: NDArray[np.intp], said_b: NDArray[np.intp], classes: tuple[str, ...]
) -> list[dict[str, str]]:
    """The first pictures of which the models say different classes, in the order of the data
    set.
    """
    return [
        {
            "file": sample.path,
            "truth": sample.label,
            "a": classes[said_a[place]],
            "b": classes[said_b[place]],
        }
        for place, sample in enumerate(answered.samples)
        if said_a[place] != said_b[place]
    ][:MOST_LISTED]


def _as_json(row: ScoreOfTwo) -> dict[str, Any]:
    value, low, high = row.comparison.difference
    return {
        "a": row.a,
        "b": row.b,
        "difference": value,
        "low": low,
        "high": high,
        "b is": row.comparison.verdict,
    }


def _table(made: dict[str, Any], data: Path) -> str:
    rows = {"accuracy": made["accuracy"], "macro-F1": made["macro_f1"]} | {
        f"recall {name}": row for name, row in made["recall"].items()
    }
    width = max(len(name) for name in rows)
    lines = [
        f"{letter.upper()} is model {made[letter]['model']} ({made[letter]['folder']})"
        for letter in "ab"
    ]
    lines += [f"on {made['n']} images in {made['groups']} groups. {made['notice']}", ""]
    lines.append(f"{'':<{width}}       A       B   B - A  [95 % by group]   B is")
    for name, row in rows.items():
        if row is None:
            lines.append(f"{name:<{width}}  no image has this class")
            continue
        bounds = f"[{row['low']:+.3f} {row['high']:+.3f}]"
        lines.append(
            f"{name:<{width}}  {row['a']:6.3f}  {row['b']:6.3f}  {row['difference']:+6.3f} "
            f" {bounds}   {row['b is']}"
        )
    lines.append(
        "each line is at 95 % on its own: of twenty lines that differ by chance alone, about one"
        " will not say undecided"
    )
    lines += [
        "",
        (
            f"right: both {made['both_right']}, only A {made['only_a_right']}, only B"
            f" {made['only_b_right']}"
        ),
    ]
    lines[-1] += f", neither {made['neither_right']}"
    taken = made["latency_ms"]
    lines.append(
        f"ms a picture: A {taken['a']:.2f}, B {taken['b']:.2f} (median, one thread, without reading"
        " the file)"
    )
    if made["differing"]:
        shown = f"; the first {MOST_LISTED}" if made["differing"] > MOST_LISTED else ""
        lines += ["", f"they say different classes of {made['differing']} images{shown}:"]
        lines += [
            f"  {_short(row['file'], data)}: {row['truth']}; A says {row['a']}, B says {row['b']}"
            for row in made["differ"]
        ]
    if made["ignored"]:
        lines.append(
            "left out: " + ", ".join(f"{count} {name}" for name, count in made["ignored"].items())
        )
    return "\n".join(lines)


def _short(file: str, data: Path) -> str:
    """The name inside the data set, as its manifest or folders have it."""
    root = data.parent if data.is_file() else data
    path = Path(file)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else file
