"""``kd-core train``: the student alone, with cross-entropy, on a labelled data set split by groups."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from kd_core.contract.config import TrainConfig
from kd_core.contract.errors import DataError
from kd_core.contract.events import EpochEnded, RunEnded, RunEvent, RunProgress
from kd_core.contract.manifest import Sample
from kd_core.contract.taxonomy import LOWER_GI
from kd_core.datasets.folders import read_samples, relabel
from kd_core.datasets.splits import Split, make_split, read_split

HELP = "train the student alone (cross-entropy) on labelled images, split by groups"


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    defaults = TrainConfig()
    parser.add_argument("--data", required=True, type=Path, help="a folder of class folders, or a manifest.csv")
    parser.add_argument("--out", required=True, type=Path, help="the model folder to write")
    parser.add_argument("--split", type=Path, help="a split made by `kd-core split` (default: made here, by groups, from --seed)")
    parser.add_argument("--classes", help=f"comma-separated classes in output order (default: {','.join(LOWER_GI)})")
    parser.add_argument("--ignore-unknown", action="store_true", help="leave images of other classes out instead of refusing the data")
    parser.add_argument("--epochs", type=int, default=defaults.epochs, help="passes over the training part (default: %(default)s)")
    parser.add_argument("--learning-rate", type=float, default=defaults.learning_rate, help="the highest of the run (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=defaults.seed, help="of weights, order and augmentation (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="torch's threads (set OMP_WAIT_POLICY=PASSIVE; default: %(default)s)")
    parser.add_argument("--name", default="student", help="the model's name in its card (default: %(default)s)")
    parser.add_argument("--data-name", default="", help="what the card says of the data: name, licence, citation")
    parser.add_argument("--events", action="store_true", help="JSON lines on standard output instead of words on standard error")


def run(options: argparse.Namespace) -> int:
    """Train, calibrate on validation, score on test, write the folder."""
    import torch

    from kd_core.evaluate import fit_temperature
    from kd_core.evaluate import scores as score
    from kd_core.model_folder import hardware_words, write_model_folder
    from kd_core.models.student import Student
    from kd_core.predictor import softmax
    from kd_core.train import Training, logits_of

    classes = tuple(options.classes.split(",")) if options.classes else LOWER_GI
    _check(options, classes)
    torch.set_num_threads(options.threads)
    begun = time.monotonic()
    samples, ignored = relabel(read_samples(options.data), classes, ignore_unknown=options.ignore_unknown)
    split = read_split(options.split) if options.split else make_split(samples, val=0.15, test=0.2, seed=options.seed)
    train, val, test = (_load(samples, split, part, classes) for part in ("train", "val", "test"))
    config = TrainConfig(epochs=options.epochs, learning_rate=options.learning_rate, seed=options.seed)
    training = Training(config, classes, train, val)
    for event in training.run():
        _say(event, options.events)
    student = Student(len(classes))
    student.load_state_dict(training.best)
    temperature = fit_temperature(logits_of(student, val.squares), val.labels)
    results: dict[str, Any] = {}
    for part, data in (("validation", val), ("test", test)):
        if len(data.labels):
            results[part] = score(softmax(logits_of(student, data.squares) / np.float32(temperature)), data.labels, classes)
    card = write_model_folder(
        student,
        options.out,
        name=options.name,
        classes=classes,
        temperature=temperature,
        data=_data_words(options, samples, ignored, split, (len(train.labels), len(val.labels), len(test.labels))),
        training={
            "scheme": "student alone, cross-entropy; our reading of arXiv 2308.08731",
            "config": msgspec.to_builtins(config),
            "hardware": hardware_words(),
            "minutes": round((time.monotonic() - begun) / 60, 1),
            "kept": "the averaged weights of the epoch with the best macro-F1 on the validation groups",
        },
        scores=results,
    )
    last = results.get("test") or results["validation"]
    sentence = f"Model {card.version}: accuracy {last['accuracy']:.3f}, macro-F1 {last['macro_f1']:.3f} on {last['n']} held-out images."
    _say(RunEnded("finished", sentence, str(options.out)), options.events)
    return 0


def _check(options: argparse.Namespace, classes: tuple[str, ...]) -> None:
    """What would otherwise fail after the training, or not at all."""
    if options.epochs < 1 or options.threads < 1 or not options.learning_rate > 0:
        raise DataError("--epochs and --threads must be 1 or more, and --learning-rate above 0.")
    if len(set(classes)) < 2 or len(set(classes)) != len(classes):
        raise DataError("--classes must name two or more different classes.", f"For example {','.join(LOWER_GI)}.")
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{options.out} cannot be made a model folder: {error.strerror}.", "Choose another place.") from error


def _load(samples: list[Sample], split: Split, part: str, classes: tuple[str, ...]) -> Any:
    from kd_core.datasets.pictures import load_squares
    from kd_core.train import LabelledSquares

    squares, kept, broken = load_squares(split.part(samples, part))
    if broken:
        print(f"skipped {len(broken)} unreadable images: {', '.join(broken[:5])}", file=sys.stderr)
    if not kept and part != "test":
        raise DataError(f"The {part} part of the split is empty.", "Give more images, or another split.")
    return LabelledSquares(squares, np.array([classes.index(sample.label) for sample in kept], np.int64))


def _data_words(
    options: argparse.Namespace, samples: list[Sample], ignored: dict[str, int], split: Split, sizes: tuple[int, int, int]
) -> dict[str, Any]:
    return {
        "source": options.data_name or options.data.name,
        "images": len(samples),
        "groups": len({sample.group for sample in samples}),
        "left out": dict(ignored),
        "split": f"by near-duplicate group, seed {split.seed}: {sizes[0]} train, {sizes[1]} validation, {sizes[2]} test images",
    }


def _say(event: RunEvent, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(event).decode(), flush=True)
    elif isinstance(event, EpochEnded):
        numbers = "  ".join(f"{name} {value:.4f}" for name, value in {**event.losses, **event.scores}.items())
        print(f"epoch {event.epoch}: {numbers}", file=sys.stderr, flush=True)
    elif isinstance(event, RunProgress) and sys.stderr.isatty():
        print(f"\r{event.done} of {event.total} steps, {event.seconds_left:.0f} s left   ", end="", file=sys.stderr, flush=True)
    elif isinstance(event, RunEnded):
        print(event.sentence, file=sys.stderr)
