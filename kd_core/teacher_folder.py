"""A teacher on disk: a folder with its weights (safetensors) and its card, as the student's, so that the same checks hold."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from kd_core.checkpoint import PICKLE_SUFFIXES, sha256_of, write_atomically
from kd_core.contract.errors import DataError, ModelError
from kd_core.contract.model_card import ModelCard, read_card, write_card
from kd_core.datasets import preprocess
from kd_core.models.student import count_parameters
from kd_core.models.teacher import FrozenTeacher, Teacher

TEACHER_WEIGHTS = "teacher.safetensors"
_BASIS = "basis"
PURPOSE = "Teaches the student; too slow for the live view."


def write_teacher_folder(
    teacher: Teacher,
    basis: Tensor,
    out: Path,
    *,
    classes: tuple[str, ...],
    temperature: float,
    data: dict[str, Any],
    training: dict[str, Any],
    scores: dict[str, Any],
) -> ModelCard:
    """Write a fine-tuned teacher. Raises DataError where nothing can be written."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in teacher.state_dict().items()}
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_atomically(out / TEACHER_WEIGHTS, safetensors.torch.save({**tensors, _BASIS: basis.cpu().contiguous()}))
    except OSError as error:
        raise DataError(f"The teacher cannot be written to {out}: {error.strerror}.", "Choose another place.") from error
    digest = sha256_of(out / TEACHER_WEIGHTS)
    now = datetime.now(UTC)
    card = ModelCard(
        name=teacher.name,
        version=f"{now:%Y.%m.%d}-{digest[:8]}",
        created=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        architecture=teacher.name,
        classes=classes,
        preprocessing=preprocess.constants(),
        temperature=temperature,
        parameters={"teacher": count_parameters(teacher)},
        files={TEACHER_WEIGHTS: digest},
        purpose=PURPOSE,
        not_for="Anything but teaching and comparison: diagnosis, treatment, screening, use during a procedure.",
        data=data,
        training=training,
        scores=scores,
    )
    write_card(out, card)
    return card


def load_teacher(folder: Path, classes: tuple[str, ...]) -> tuple[FrozenTeacher, ModelCard]:
    """The teacher of a folder, frozen, its logits in the order of ``classes``.

    Raises ModelError for a pickle, damaged or exchanged weights; DataError where its classes are not those asked for.
    """
    pickles = [path.name for path in folder.glob("*") if path.suffix in PICKLE_SUFFIXES] if folder.is_dir() else []
    if pickles and not (folder / TEACHER_WEIGHTS).exists():
        raise ModelError(f"{pickles[0]} is a pickle, which can run any program when it is opened, so it is refused.", "Use safetensors.")
    card = read_card(folder)
    if set(card.classes) != set(classes):
        theirs, ours = sorted(set(card.classes) - set(classes)), sorted(set(classes) - set(card.classes))
        differing = "; ".join(
            words for words in (theirs and f"only it has {', '.join(theirs)}", ours and f"it lacks {', '.join(ours)}") if words
        )
        raise DataError(f"The teacher {folder.name} was taught other classes: {differing}.", "Fine-tune it first: kd-core train-teacher")
    if card.preprocessing != preprocess.constants():
        raise ModelError(f"The teacher {folder.name} was made for another preprocessing.", "Fine-tune it again: kd-core train-teacher")
    path = folder / TEACHER_WEIGHTS
    try:
        content = path.read_bytes()
        if card.files.get(TEACHER_WEIGHTS) != sha256_of(path):
            raise ModelError(f"The weights of teacher {folder.name} are not the ones its card describes.", "Use another copy of it.")
        tensors = safetensors.torch.load(content)
        basis = tensors.pop(_BASIS)
        teacher = Teacher(card.architecture, len(card.classes), weights=None)
        teacher.load_state_dict(tensors)
    except OSError:
        raise ModelError(f"The folder {folder.name} holds no {TEACHER_WEIGHTS}.", "Name the folder of a teacher.") from None
    except (SafetensorError, KeyError, RuntimeError) as error:
        raise ModelError(f"The weights of teacher {folder.name} are damaged.", "Use another copy of it.") from error
    _reorder(teacher, [card.classes.index(name) for name in classes])
    return FrozenTeacher(teacher, basis), card


@torch.no_grad()
def _reorder(teacher: Teacher, order: list[int]) -> None:
    teacher.head.weight.copy_(teacher.head.weight[order].clone())
    teacher.head.bias.copy_(teacher.head.bias[order].clone())
