"""``kd-core export``: write a model for other programs (ONNX, int8 ONNX, torch.export) and
check it against torch.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kd_core.schema.errors import CoreError, DataError
from kd_core.schema.model_card import ModelCard

if TYPE_CHECKING:
    from kd_core.models.student import Student
    from kd_core.models.teacher import Teacher
    from kd_core.schema.manifest import Sample

HELP = "write the ONNX file of a model again and check it"
#: int8 scales come from so many training pictures. More or fewer of them (16 to 512) made no
#: difference beyond chance.
CALIBRATION_PICTURES = 128
_CALIBRATION_BATCH = 16


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--model",
        required=True,
        type=Path,
        help="a model folder, or the folder of a teacher (made by train-teacher)",
    )
    parser.add_argument(
        "--out",
        required=True,
        type=Path,
        help="the file to write: .onnx, or .pt2 for --format torch",
    )
    parser.add_argument(
        "--format",
        choices=("onnx", "torch"),
        default="onnx",
        help=(
            "onnx: for ONNX Runtime and this application; torch: a torch.export program for PyTorch"
            " (torch.export.load). Opening a .pt2 file can run code that it holds: never open one"
            " from a source you do not trust (default: %(default)s)"
        ),
    )
    parser.add_argument(
        "--int8",
        action="store_true",
        help=(
            "write 8-bit integers instead of floats, and say what that costs on the validation"
            " pictures; needs --data"
        ),
    )
    parser.add_argument(
        "--data", type=Path, help="for --int8: a folder of class folders, or a manifest.csv"
    )
    parser.add_argument(
        "--split",
        type=Path,
        help=(
            "for --int8: the split that the model was trained with (made by `kd-core split`)."
            " Without it one is drawn with seed 0, and its validation part may hold pictures that"
            " the model was trained on"
        ),
    )
    parser.add_argument(
        "--ignore-unknown",
        action="store_true",
        help="leave images of other classes out instead of refusing the data",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="numbers for programs; standard output holds nothing else",
    )


def run(options: argparse.Namespace) -> int:
    """Export, check on a batch and on a single picture, write, say the difference and what int8
    costs.
    """
    if options.int8 and options.format != "onnx":
        raise CoreError("int8 is made for ONNX only.", "Leave out --format torch, or --int8.")
    if options.int8 and not options.data:
        way_out = "Name the pictures that the model was trained with: --data DIR --split FILE"
        raise DataError(
            "An int8 model needs pictures to set its scales and to measure what it loses.", way_out
        )
    import torch

    from kd_core.artifacts import onnx_export as export
    from kd_core.artifacts.checkpoint import sha256_of
    from kd_core.schema.atomic_file import write_atomically
    from kd_core.vision.preprocess import INPUT_SIZE

    model, card = _load(options.model)
    sample = torch.randn(4, 3, INPUT_SIZE, INPUT_SIZE, generator=torch.Generator().manual_seed(1))
    made: dict[str, Any] = {
        "file": str(options.out),
        "format": options.format,
        "model": card.version,
    }
    if options.format == "torch":
        content = export.to_program(model, _metadata(card))
        made |= {
            "difference": export.program_difference(content, model, sample),
            "accepted": export.PROGRAM_TOLERANCE,
        }
    else:
        content = export.to_onnx(model, _metadata(card))
        made |= {
            "difference": export.difference_to_torch(content, model, sample),
            "accepted": export.TOLERANCE,
        }
    if options.int8:
        content, made["int8"] = _int8(options, card, content)
    try:
        write_atomically(options.out, content)
    except OSError as error:
        raise CoreError(
            f"{options.out} cannot be written: {error.strerror}.", "Choose another place."
        ) from error
    made |= {"bytes": len(content), "sha256": sha256_of(options.out)}
    print(json.dumps(made) if options.json else _words(made))
    return 0


def _load(folder: Path) -> tuple[Student | Teacher, ModelCard]:
    from kd_core.artifacts.checkpoint import load_student
    from kd_core.artifacts.teacher_folder import load_teacher
    from kd_core.schema.model_card import read_card
    from kd_core.schema.model_files import TEACHER_WEIGHTS_NAME

    if (folder / TEACHER_WEIGHTS_NAME).is_file():
        loaded = load_teacher(folder, read_card(folder).classes)
        return loaded.teacher.teacher, loaded.card
    return load_student(folder)


def _metadata(card: ModelCard) -> dict[str, str]:
    import msgspec

    return {
        "version": card.version,
        "classes": msgspec.json.encode(card.classes).decode(),
        "preprocessing": msgspec.json.encode(card.preprocessing).decode(),
    }


def _int8(
    options: argparse.Namespace, card: ModelCard, content: bytes
) -> tuple[bytes, dict[str, Any]]:
    """The int8 file's bytes, and what ``quantise.compare`` says of it."""
    import numpy as np

    from kd_core.artifacts.quantise import compare, to_int8
    from kd_core.data.image_files import load_squares
    from kd_core.vision.preprocess import normalise

    train, validation, ignored = _parts(options, card.classes)
    # Sorted by class on disk: the first 128 would be of one class.
    chosen = random.Random(0).sample(train, min(CALIBRATION_PICTURES, len(train)))
    squares, _, broken = load_squares(chosen)
    steps = range(0, len(squares), _CALIBRATION_BATCH)
    small = to_int8(
        content,
        (
            np.stack([normalise(square) for square in squares[i : i + _CALIBRATION_BATCH]])
            for i in steps
        ),
    )
    calibrated = len(squares)
    squares, kept, more = load_squares(validation)
    truth = np.array([card.classes.index(sample.label) for sample in kept], np.int64)
    made = compare(content, small, squares, truth, card.classes)
    return small, {
        **made,
        "calibration_pictures": calibrated,
        "ignored": ignored,
        "unreadable": broken + more,
    }


def _parts(
    options: argparse.Namespace, classes: tuple[str, ...]
) -> tuple[list[Sample], list[Sample], dict[str, int]]:
    from kd_core.data.folders import read_samples, relabel
    from kd_core.data.labelled import TEST_SHARE, VAL_SHARE
    from kd_core.data.splits import make_split, read_split

    samples, ignored = relabel(
        read_samples(options.data), classes, ignore_unknown=options.ignore_unknown
    )
    split = (
        read_split(options.split)
        if options.split
        else make_split(samples, val=VAL_SHARE, test=TEST_SHARE, seed=0)
    )
    train, validation = split.part(samples, "train"), split.part(samples, "val")
    for part, name in ((train, "train"), (validation, "validation")):
        if not part:
            raise DataError(
                f"The {name} part of the split is empty.", "Give more images, or another split."
            )
    return train, validation, dict(ignored)


def _words(made: dict[str, Any]) -> str:
    difference = (
        f"largest difference to torch {made['difference']:.1e} (accepted: {made['accepted']:.0e})"
    )
    lines = [
        f"{made['file']}: {made['bytes']:,} bytes,"
        f" {'of the float model: ' if 'int8' in made else ''}{difference}"
    ]
    if "int8" in made:
        row = made["int8"]
        lines += [
            (
                f"int8 beside float on {row['pictures']} validation pictures, scales from"
                f" {row['calibration_pictures']} training pictures"
            ),
            "       accuracy  macro-F1  ms a picture      bytes",
        ]
        for name in ("float", "int8"):
            one = row[name]
            lines.append(
                f"{name:<5}  {one['accuracy']:8.4f}  {one['macro_f1']:8.4f}  {one['ms']:12.3f} "
                f" {one['bytes']:9,}"
            )
        lost = [row["int8"][name] - row["float"][name] for name in ("accuracy", "macro_f1")]
        lines += [
            f"change {lost[0]:+8.4f}  {lost[1]:+8.4f}",
            f"same class on {100 * row['same_class']:.1f} % of the pictures",
        ]
        lines += [f"left out: {count} {name}" for name, count in row["ignored"].items()]
        lines += [f"cannot be read: {name}" for name in row["unreadable"]]
    return "\n".join([*lines, f"sha256 {made['sha256']}"])
