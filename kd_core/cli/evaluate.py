"""``kd-core evaluate``: score a model on labelled images; a student through the same ONNX file
and code that the application runs.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from kd_core.cli.any_model import AskedModel
from kd_core.cli.labelled_options import add_data, readable_answers, wanted
from kd_core.evaluation.group_scores import full_scores
from kd_core.schema.errors import DataError
from kd_core.schema.model_card import RESEARCH_USE

HELP = "score a model on labelled images"
SEED = 0


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--model", required=True, type=Path, help="a model folder, of a student or a teacher"
    )
    add_data(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help="numbers for programs; standard output holds nothing else",
    )
    parser.add_argument(
        "--plots",
        type=Path,
        metavar="DIR",
        help="draw reliability, confusion and recall by class into this folder",
    )
    parser.add_argument(
        "--plot-format",
        choices=("png", "svg"),
        default="png",
        help="svg stays sharp at any size and its words can be searched (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Predict every image, compare with its label, print the scores and how sure they are."""
    predictor = AskedModel(options.model)
    classes = predictor.card.classes
    samples, ignored = wanted(options, classes)
    if options.plots:
        _make_folder(options.plots)
    answered = readable_answers([predictor], samples, classes)
    probabilities, truth = answered.probabilities[0], answered.truth
    made = {
        "model": predictor.card.version,
        "notice": RESEARCH_USE,
        "classes": list(classes),
        **full_scores(probabilities, truth, answered.groups, classes, SEED),
        "latency_ms": answered.milliseconds[0],
        "ignored": dict(ignored),
        "unreadable": answered.broken,
    }
    if options.plots:
        made["plots"] = _plots(made, options.plots, options.plot_format)
    print(json.dumps(made) if options.json else _table(made))
    return 0


def _make_folder(folder: Path) -> None:
    """Before the work, not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"The folder {folder} cannot be made: {error.strerror}.",
            "Choose another place for --plots.",
        ) from error


def _plots(made: dict[str, Any], folder: Path, kind: str) -> list[str]:
    from kd_core.evaluation.calibration import ReliabilityRow
    from kd_core.evaluation.plots import confusion_diagram, recall_diagram, reliability_diagram

    version, classes, confusion = made["model"], made["classes"], np.array(made["confusion"])
    paths = [folder / f"{name}.{kind}" for name in ("reliability", "confusion", "recall")]
    reliability_diagram(
        [ReliabilityRow(**row) for row in made["reliability"]], made["ece"], version, paths[0]
    )
    confusion_diagram(confusion, classes, version, paths[1])
    recall_diagram(confusion, classes, version, paths[2])
    return [str(path) for path in paths]


def _table(made: dict[str, Any]) -> str:
    width = max(len("class"), *(len(name) for name in made["classes"]))
    numbers = "  ".join(
        f"{name} {made[name]:.4f}" for name in ("accuracy", "macro_f1", "mcc", "ece")
    )
    lines = [
        f"model {made['model']} on {made['n']} images in {made['groups']} groups. {made['notice']}",
        numbers,
    ]
    lines.append(
        "95 % by group: "
        + "  ".join(
            f"{name} {i['low']:.3f} to {i['high']:.3f}" for name, i in made["intervals"].items()
        )
    )
    lines.append(
        "  ".join(
            f"{name} {_number(made[name], '.4f')}"
            for name in ("macro_precision", "macro_recall", "macro_auroc")
        )
    )
    lines += [
        (
            f"{made['latency_ms']:.2f} ms a picture (median, one thread, preprocessing included,"
            " reading the file not)"
        ),
        "",
    ]
    lines.append(
        f"{'class':<{width}}  {'precision [95 %]':>20}  {'recall [95 %]':>20}      f1   auroc "
        " support"
    )
    for name, row in made["per_class"].items():
        bounds = made["per_class_intervals"][name]
        cells = "  ".join(
            f"{row[s]:.3f} [{bounds[s]['low']:.3f} {bounds[s]['high']:.3f}]".rjust(20)
            for s in ("precision", "recall")
        )
        lines.append(
            f"{name:<{width}}  {cells}  {row['f1']:6.3f}  {_number(made['auroc'][name], '.3f'):>6} "
            f" {row['support']:7d}"
        )
    lines.append("intervals of a class are Wilson's: they take pictures for independent")
    lines += ["", "confusion (rows are the truth, columns as the rows)"]
    for name, counts in zip(made["classes"], made["confusion"], strict=True):
        lines.append(f"{name:<{width}}  " + " ".join(f"{count:5d}" for count in counts))
    if made["ignored"]:
        lines.append(
            "left out: " + ", ".join(f"{count} {name}" for name, count in made["ignored"].items())
        )
    lines += [f"drawn: {path}" for path in made.get("plots", [])]
    return "\n".join(lines)


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
