"""``kd-core evaluate``: score a model on labelled images through the same ONNX file and code that the application runs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kd_core.contract.errors import DataError
from kd_core.contract.manifest import Sample
from kd_core.datasets.folders import read_samples, relabel
from kd_core.datasets.pictures import MOST_UNREADABLE, read_rgb
from kd_core.datasets.splits import PARTS, read_split
from kd_core.evaluate import scores
from kd_core.predictor import Image, Predictor

HELP = "score a model on labelled images"
BATCH = 32  # pictures in memory at a time: they are read at full size


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--model", required=True, type=Path, help="a model folder")
    parser.add_argument("--data", required=True, type=Path, help="a folder of class folders, or a manifest.csv")
    parser.add_argument("--json", action="store_true", help="numbers for programs; standard output holds nothing else")
    parser.add_argument("--ignore-unknown", action="store_true", help="leave images of other classes out instead of refusing the data")
    parser.add_argument("--split", type=Path, help="score only one part of this split (made by `kd-core split`)")
    parser.add_argument("--part", choices=PARTS, default="test", help="which part of --split (default: %(default)s)")


def run(options: argparse.Namespace) -> int:
    """Predict every image, compare with its label, print the scores."""
    predictor = Predictor.load(options.model)
    classes = predictor.card.classes
    samples, ignored = relabel(read_samples(options.data), classes, ignore_unknown=options.ignore_unknown)
    if options.split:
        samples = read_split(options.split).part(samples, options.part)
    if not samples:
        raise DataError(f"The {options.part} part of the split is empty.", "Choose another part, or another split.")
    probabilities, truth, broken = predict_samples(predictor, samples)
    for name in broken:
        print(f"kd-core: {name} cannot be read and is left out.", file=sys.stderr)
    if not len(truth) or len(broken) > MOST_UNREADABLE * len(samples):
        raise DataError(f"{len(broken)} of {len(samples)} images cannot be read.", "Copy the data set again, or choose another part.")
    made = {
        "model": predictor.card.version,
        "classes": list(classes),
        **scores(probabilities, truth, classes),
        "ignored": dict(ignored),
        "unreadable": broken,
    }
    print(json.dumps(made) if options.json else _table(made))
    return 0


def predict_samples(predictor: Predictor, samples: Sequence[Sample]) -> tuple[NDArray[np.float32], NDArray[np.int64], list[str]]:
    """Samples with the model's labels -> probabilities (N, C), class indices (N,), and the paths that could not be read."""
    classes = predictor.card.classes
    broken: list[str] = []
    truth: list[int] = []
    rows = [np.empty((0, len(classes)), np.float32)]
    for pictures, labels in _batches(samples, broken):
        rows.append(np.stack([made.probabilities for made in predictor.predict(pictures)]))
        truth += [classes.index(label) for label in labels]
    return np.concatenate(rows), np.array(truth, np.int64), broken


def _batches(samples: Sequence[Sample], broken: list[str]) -> Iterator[tuple[list[Image], list[str]]]:
    pictures: list[Image] = []
    labels: list[str] = []
    for sample in samples:
        try:
            pictures.append(read_rgb(Path(sample.path)))
        except DataError:
            broken.append(sample.path)
            continue
        labels.append(sample.label)
        if len(pictures) == BATCH:
            yield pictures, labels
            pictures, labels = [], []
    if pictures:
        yield pictures, labels


def _table(made: dict[str, Any]) -> str:
    width = max(len(name) for name in made["classes"])
    numbers = "  ".join(f"{name} {made[name]:.4f}" for name in ("accuracy", "macro_f1", "mcc", "ece"))
    lines = [f"model {made['model']} on {made['n']} images", numbers, "", f"{'class':<{width}}  precision  recall      f1  support"]
    for name, row in made["per_class"].items():
        lines.append(f"{name:<{width}}  {row['precision']:9.3f}  {row['recall']:6.3f}  {row['f1']:6.3f}  {row['support']:7d}")
    lines += ["", "confusion (rows are the truth, columns as the rows)"]
    for name, counts in zip(made["classes"], made["confusion"], strict=True):
        lines.append(f"{name:<{width}}  " + " ".join(f"{count:5d}" for count in counts))
    if made["ignored"]:
        lines.append("left out: " + ", ".join(f"{count} {name}" for name, count in made["ignored"].items()))
    return "\n".join(lines)
