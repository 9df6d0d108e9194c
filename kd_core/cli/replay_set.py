"""``kd-core replay``: store what a student's front makes of labelled pictures, so that
retraining does not forget them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from kd_core.cli.training_options import add_teachers, teacher_folders
from kd_core.schema.errors import DataError

HELP = "store latents of labelled pictures for retraining"
EXAMPLE = (
    "--model resources/models/student --teachers A,B --data DIR --split split.json --out"
    " replay.safetensors"
)


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--model",
        required=True,
        type=Path,
        help="the student's folder; the set serves its descendants",
    )
    add_teachers(parser)
    parser.add_argument(
        "--data",
        required=True,
        type=Path,
        help="class folders, a manifest.csv, KVASIR-V2 or Hyper-KVASIR as downloaded",
    )
    parser.add_argument(
        "--split",
        required=True,
        type=Path,
        help="train pictures are replayed, val pictures check old knowledge",
    )
    parser.add_argument(
        "--ignore-unknown",
        action="store_true",
        help="leave images of other classes out instead of refusing the data",
    )
    parser.add_argument(
        "--per-class",
        type=int,
        default=80,
        help="most pictures of a class to replay (default: %(default)s)",
    )
    parser.add_argument(
        "--source", default="", help="name, licence and citation of the data, kept in the file"
    )
    parser.add_argument("--out", required=True, type=Path, help="the file to write")
    parser.add_argument(
        "--threads", type=int, default=1, help="torch's threads (default: %(default)s)"
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="numbers for programs; standard output holds nothing else",
    )


def run(options: argparse.Namespace) -> int:
    """Ask student and teachers, store, and say what eight bits cost."""
    import torch

    from kd_core.artifacts.checkpoint import load_student
    from kd_core.artifacts.replay import write_replay

    if options.per_class < 1 or options.threads < 1:
        raise DataError("--per-class and --threads must be 1 or more.")
    torch.set_num_threads(options.threads)
    student, card = load_student(options.model)
    replay, cost = _made(options, student, card.classes)
    write_replay(replay, options.out)
    made = {
        "pictures": len(replay.labels),
        "held out": int(replay.held_out.sum()),
        "megabytes": options.out.stat().st_size / 1e6,
        **cost,
    }
    print(
        json.dumps(made)
        if options.json
        else "  ".join(f"{name} {value:.4g}" for name, value in made.items())
    )
    return 0


def _made(
    options: argparse.Namespace, student: Any, classes: tuple[str, ...]
) -> tuple[Any, dict[str, float]]:
    import numpy as np
    import torch

    from kd_core.artifacts.replay import Replay, front_digest, quantised
    from kd_core.artifacts.teacher_folder import load_teacher
    from kd_core.data.augment import Normalise
    from kd_core.data.folders import read_samples, relabel
    from kd_core.data.image_files import load_squares
    from kd_core.data.splits import read_split
    from kd_core.models.student import front_of
    from kd_core.training.train import logits_of, replayed_logits

    samples, _ = relabel(read_samples(options.data), classes, ignore_unknown=options.ignore_unknown)
    split = read_split(options.split)
    learnt = _at_most(split.part(samples, "train"), options.per_class)
    checked = split.part(samples, "val")
    if not learnt or not checked:
        raise DataError(
            "The split has no train or no val part.",
            "Use the split that the model was trained with.",
        )
    print(
        f"kd-core: {len(learnt)} pictures to replay, {len(checked)} to check by ...",
        file=sys.stderr,
        flush=True,
    )
    squares, kept, _ = load_squares([*learnt, *checked])
    held = {sample.path for sample in checked}
    with torch.no_grad():
        normalise = Normalise()
        batches = [
            torch.from_numpy(squares[start : start + 32]) for start in range(0, len(squares), 32)
        ]
        latents = torch.cat([front_of(student, normalise.squares(batch)) for batch in batches])
    stored, scale = quantised(latents)
    teachers = [
        load_teacher(folder, classes).teacher.teacher for folder in teacher_folders(options)
    ]
    answers = np.mean([logits_of(teacher, squares) for teacher in teachers], axis=0)
    labels = torch.tensor([classes.index(sample.label) for sample in kept])
    held_out = torch.tensor([sample.path in held for sample in kept])
    replay = Replay(
        stored,
        scale,
        labels,
        torch.from_numpy(answers),
        held_out,
        classes,
        front_digest(student),
        options.source,
    )
    exact, near = logits_of(student, squares[held_out.numpy()]), replayed_logits(student, replay)
    truth = labels[held_out].numpy()
    return replay, {
        "accuracy from pictures": float((exact.argmax(axis=1) == truth).mean()),
        "accuracy from latents": float((near.argmax(axis=1) == truth).mean()),
    }


def _at_most(samples: list[Any], count: int) -> list[Any]:
    """At most ``count`` of each class, in an order that does not depend on how they are listed."""
    taken: dict[str, int] = {}
    made = []
    for sample in sorted(samples, key=lambda sample: (sample.group, sample.path)):
        if taken.setdefault(sample.label, 0) < count:
            taken[sample.label] += 1
            made.append(sample)
    return made
