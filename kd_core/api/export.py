"""Writing a model for other programs (ONNX, int8 ONNX, torch.export), checked against torch."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import torch
from torch import nn

from kd_core.artifacts import onnx_export
from kd_core.artifacts.checkpoint import load_any_student, sha256_of
from kd_core.artifacts.quantise import FileScores, compare, to_int8
from kd_core.artifacts.teacher_folder import load_teacher
from kd_core.data.image_files import load_crops
from kd_core.data.parted import read_parted
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.errors import CoreError, DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_card import ModelCard, read_card
from kd_core.schema.model_files import TEACHER_WEIGHTS_NAME
from kd_core.vision.preprocess import normalise

#: int8 scales come from so many training images. More or fewer of them (16 to 512) made no
#: difference beyond chance.
CALIBRATION_IMAGES = 128
_CALIBRATION_BATCH = 16


class Int8Cost(msgspec.Struct, frozen=True, kw_only=True, rename={"float32": "float"}):
    """The int8 file beside the float one; ``same_class``: the share of images named alike."""

    images: int
    calibration_images: int
    float32: FileScores
    int8: FileScores
    same_class: float
    ignored: dict[str, int]
    unreadable: list[str]

    def lines(self) -> list[str]:
        """A table for people."""
        rows = {"float": self.float32, "int8": self.int8}
        lines = [
            f"int8 beside float on {self.images} validation images, scales from"
            f" {self.calibration_images} training images",
            "       accuracy  macro-F1  ms per image      bytes",
        ]
        lines += [
            f"{name:<5}  {row.accuracy:8.4f}  {row.macro_f1:8.4f}  {row.ms:12.3f}  {row.bytes:9,}"
            for name, row in rows.items()
        ]
        lines += [
            f"change {self.int8.accuracy - self.float32.accuracy:+8.4f}"
            f"  {self.int8.macro_f1 - self.float32.macro_f1:+8.4f}",
            f"same class on {100 * self.same_class:.1f} % of the images",
        ]
        lines += [f"left out: {count} {name}" for name, count in self.ignored.items()]
        return lines + [f"cannot be read: {name}" for name in self.unreadable]


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """The file; ``difference``: the largest to torch, of which ``accepted`` is allowed."""

    file: str
    format: str
    model: str
    difference: float
    accepted: float
    bytes: int
    sha256: str
    int8: Int8Cost | msgspec.UnsetType = msgspec.UNSET

    def __str__(self) -> str:
        of_float = "of the float model: " if self.int8 else ""
        lines = [
            f"{self.file}: {self.bytes:,} bytes, {of_float}largest difference to torch"
            f" {self.difference:.1e} (accepted: {self.accepted:.0e})"
        ]
        return "\n".join(
            [*lines, *(self.int8.lines() if self.int8 else []), f"sha256 {self.sha256}"]
        )


def export_model(
    model: str | Path,
    out: str | Path,
    *,
    form: Literal["onnx", "torch"] = "onnx",
    int8: bool = False,
    data: str | Path | None = None,
    split: str | Path | None = None,
    ignore_unknown: bool = False,
) -> Exported:
    """Write the student or teacher in ``model`` into the file ``out``, once it agrees with torch.

    ``int8`` needs the ``data`` and ``split`` that the model was trained with. Opening a .pt2 file
    can run code that it holds: never open one from a source you do not trust. Raises CoreError.
    """
    if int8 and form != "onnx":
        raise CoreError("int8 is made for ONNX only.", "Leave out --format torch, or --int8.")
    if int8 and not data:
        raise DataError(
            "An int8 model needs images to set its scales and to measure what it loses.",
            "Name the images that the model was trained with: --data DIR --split FILE",
        )
    loaded, card = _load(Path(model))
    size = card.preprocessing.input_size
    sample = torch.randn(4, 3, size, size, generator=torch.Generator().manual_seed(1))
    if form == "torch":
        content = onnx_export.to_program(loaded, _metadata(card), size)
        difference = onnx_export.program_difference(content, loaded, sample)
        accepted = onnx_export.PROGRAM_TOLERANCE
    else:
        content = onnx_export.to_onnx(loaded, _metadata(card), size)
        difference = onnx_export.difference_to_torch(content, loaded, sample)
        accepted = onnx_export.TOLERANCE
    cost: Int8Cost | msgspec.UnsetType = msgspec.UNSET
    if int8 and data:
        content, cost = _int8(content, card, Path(data), split, ignore_unknown)
    try:
        write_atomically(Path(out), content)
    except OSError as error:
        raise CoreError(
            f"{out} cannot be written: {error.strerror}.", "Choose another place."
        ) from error
    return Exported(
        file=str(out),
        format=form,
        model=card.version,
        difference=difference,
        accepted=accepted,
        bytes=len(content),
        sha256=sha256_of(Path(out)),
        int8=cost,
    )


def _load(folder: Path) -> tuple[nn.Module, ModelCard]:
    if (folder / TEACHER_WEIGHTS_NAME).is_file():
        loaded = load_teacher(folder, read_card(folder).classes)
        return loaded.teacher.teacher, loaded.card
    return load_any_student(folder)


def _metadata(card: ModelCard) -> dict[str, str]:
    metadata = {
        "version": card.version,
        "classes": msgspec.json.encode(card.classes).decode(),
        "preprocessing": msgspec.json.encode(card.preprocessing).decode(),
    }
    if card.heads:
        heads = [head.stored for head in card.heads]
        metadata["heads"] = msgspec.json.encode(heads).decode()
    return metadata


def _int8(
    content: bytes, card: ModelCard, data: Path, split: str | Path | None, ignore_unknown: bool
) -> tuple[bytes, Int8Cost]:
    """The int8 file's bytes, and what they cost."""
    if card.heads:
        raise DataError(
            "An int8 model is compared by one class an image, and this one names one of each"
            " class group.",
            "Export it without --int8.",
        )
    parted = read_parted(
        data, card.classes, Path(split) if split else None, ignore_unknown=ignore_unknown
    )
    train = _not_empty(parted.part("train"), "train")
    validation = _not_empty(parted.part("val"), "validation")
    # Sorted by class on disk: the first 128 would be of one class.
    chosen = random.Random(0).sample(train, min(CALIBRATION_IMAGES, len(train)))
    crops, _, broken = load_crops(chosen, size=card.preprocessing.input_size)
    steps = range(0, len(crops), _CALIBRATION_BATCH)
    batches = (crops[i : i + _CALIBRATION_BATCH] for i in steps)
    small = to_int8(content, (np.stack([normalise(crop) for crop in part]) for part in batches))
    calibrated = len(crops)
    crops, kept, more = load_crops(validation, size=card.preprocessing.input_size)
    truth = np.array([card.classes.index(sample.label) for sample in kept], np.int64)
    compared = compare(content, small, crops, truth, card.classes)
    return small, Int8Cost(
        images=compared.images,
        calibration_images=calibrated,
        float32=compared.float32,
        int8=compared.int8,
        same_class=compared.same_class,
        ignored=dict(parted.ignored),
        unreadable=broken + more,
    )


def _not_empty(samples: list[Sample], name: str) -> list[Sample]:
    if not samples:
        raise DataError(
            f"The {name} part of the split is empty.", "Give more images, or another split."
        )
    return samples
