"""Storing what a student's frozen stem makes of labelled images.

So retraining does not forget them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from kd_core.api.labelled_data import ignore
from kd_core.artifacts.checkpoint import load_student, refuse_old_preprocessing
from kd_core.artifacts.replay import Replay, quantised, stem_digest, write_replay
from kd_core.artifacts.teacher_folder import load_teacher
from kd_core.data.augment import Normalise
from kd_core.data.image_files import Image, load_crops
from kd_core.data.mask_bank import bank_of
from kd_core.data.parted import read_parted
from kd_core.models.student import Student, stem_of
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_scores import left_out_line
from kd_core.training.validation import logits_of, replayed_logits

PER_CLASS = 60
#: Masks of the replayed images that go with them: 64 take 0.4 MB.
REPLAYED_MASKS = 64
_BATCH = 32


class StoredReplay(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the file, and what its eight bits cost on the held-out images."""

    images: int
    held_out: int
    megabytes: float
    accuracy_from_images: float
    accuracy_from_latents: float

    def __str__(self) -> str:
        numbers = msgspec.to_builtins(self).items()
        return "  ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in numbers)


def store_replay(
    model: str | Path,
    teachers: Sequence[str | Path],
    data: str | Path,
    split: str | Path,
    out: str | Path,
    *,
    per_class: int = PER_CLASS,
    source: str = "",
    ignore_unknown: bool = False,
    threads: int = 1,
    on_part: Callable[[str], None] = ignore,
) -> StoredReplay:
    """Write the replay set of the student in ``model`` into the file ``out``.

    It serves the student's descendants. Of ``split`` train images are replayed, at most
    ``per_class``, and val images check what was known. ``source``: name, licence and citation of
    the data. Raises DataError and ModelError.
    """
    if per_class < 1 or threads < 1:
        raise DataError("--per-class and --threads must be 1 or more.")
    torch.set_num_threads(threads)
    student, card = load_student(Path(model))
    refuse_old_preprocessing(card)
    classes = card.classes
    parted = read_parted(Path(data), classes, Path(split), ignore_unknown=ignore_unknown)
    learnt, checked = _at_most(parted.part("train"), per_class), parted.part("val")
    if not learnt or not checked:
        raise DataError(
            "The split has no train or no val part.",
            "Use the split that the model was trained with.",
        )
    if parted.ignored:
        on_part(f"images of other classes are {left_out_line(parted.ignored)}")
    on_part(f"{len(learnt)} images to replay, {len(checked)} to check by ...")
    crops, kept, _ = load_crops([*learnt, *checked])
    held = {sample.path for sample in checked}
    stored, scale = quantised(_latents(student, crops))
    loaded = [load_teacher(Path(folder), classes).teacher for folder in teachers]
    logits = np.mean([logits_of(teacher, crops) for teacher in loaded], axis=0)
    labels = torch.tensor([classes.index(sample.label) for sample in kept])
    held_out = torch.tensor([sample.path in held for sample in kept])
    digest = stem_digest(student)
    replay = Replay(
        stored,
        scale,
        labels,
        torch.from_numpy(logits),
        held_out,
        classes,
        digest,
        source,
        bank_of(crops[~held_out.numpy()][:: max(1, len(learnt) // REPLAYED_MASKS)]),
    )
    write_replay(replay, Path(out))
    exact, near = logits_of(student, crops[held_out.numpy()]), replayed_logits(student, replay)
    truth = labels[held_out].numpy()
    return StoredReplay(
        images=len(replay.labels),
        held_out=int(replay.held_out.sum()),
        megabytes=Path(out).stat().st_size / 1e6,
        accuracy_from_images=_accuracy(exact, truth, card),
        accuracy_from_latents=_accuracy(near, truth, card),
    )


def _accuracy(logits: NDArray[np.float32], truth: NDArray[np.int64], card: ModelCard) -> float:
    """Of the label alone: of a model with several softmaxes among the classes of its group."""
    own = np.full(logits.shape, -np.inf, np.float32)
    for columns in [head.columns(card.classes) for head in card.heads] or [
        list(range(len(card.classes)))
    ]:
        rows = np.isin(truth, columns)
        own[np.ix_(rows, np.array(columns))] = logits[np.ix_(rows, np.array(columns))]
    return float((own.argmax(axis=1) == truth).mean())


@torch.no_grad()
def _latents(student: Student, crops: Image) -> torch.Tensor:
    normalise = Normalise()
    batches = [torch.from_numpy(crops[i : i + _BATCH]) for i in range(0, len(crops), _BATCH)]
    return torch.cat([stem_of(student, normalise.crops(batch)) for batch in batches])


def _at_most(samples: list[Sample], count: int) -> list[Sample]:
    """At most ``count`` of each class, in an order that does not depend on how they are listed."""
    taken: dict[str, int] = {}
    kept = []
    for sample in sorted(samples, key=lambda sample: (sample.group, sample.path)):
        if taken.setdefault(sample.label, 0) < count:
            taken[sample.label] += 1
            kept.append(sample)
    return kept
