"""A teacher on disk: a folder with its weights (safetensors) and its card.

As the student's, so that the same checks hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from kd_core.artifacts.checkpoint import refuse_not_finite, writing
from kd_core.artifacts.seen_contents import SEEN, packed, unpacked
from kd_core.models.registry import teacher_maker
from kd_core.models.teacher import FrozenTeacher, Teacher
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.model_card import ModelCard, read_card, write_card
from kd_core.schema.model_files import LARGEST_WEIGHTS, TEACHER_WEIGHTS_NAME, is_pickle
from kd_core.schema.model_origin import DataNotes, TrainingNotes
from kd_core.schema.model_scores import PartScores
from kd_core.schema.naming_level import NamingLevel
from kd_core.schema.plain_file import read_plain
from kd_core.signing.model_signature import refuse_misfit
from kd_core.vision import preprocess

_BASIS = "basis"
PURPOSE = "Teaches the student; too slow for the live view."


def write_teacher_folder(
    teacher: nn.Module,
    basis: Tensor,
    seen: Collection[str],
    out: Path,
    *,
    classes: tuple[str, ...],
    temperature: float,
    calibration: str = "",
    naming: NamingLevel | None = None,
    data: DataNotes,
    training: TrainingNotes,
    scores: dict[str, PartScores],
    architecture: str | None = None,
    input_size: int = preprocess.INPUT_SIZE,
) -> ModelCard:
    """Write a fine-tuned teacher in half precision.

    ``seen``: contents (hex digests) of the images it was trained on.

    Raises DataError where nothing can be written.
    """
    name = architecture or str(getattr(teacher, "name", type(teacher).__name__))
    tensors = {key: _halved(value.detach().cpu()) for key, value in teacher.state_dict().items()}
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        content = safetensors.torch.save(
            {**tensors, _BASIS: _halved(basis.cpu()), SEEN: torch.from_numpy(packed(seen))}
        )
        write_atomically(out / TEACHER_WEIGHTS_NAME, content)
    digest = hashlib.sha256(content).hexdigest()
    now = datetime.now(UTC)
    card = ModelCard(
        name=name,
        version=f"{now:%Y.%m.%d}-{digest[:8]}",
        created=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        architecture=name,
        classes=classes,
        preprocessing=preprocess.constants(input_size),
        temperature=temperature,
        calibration=calibration,
        naming=naming,
        # not those that can be trained: it is frozen by now
        parameters={"teacher": sum(parameter.numel() for parameter in teacher.parameters())},
        files={TEACHER_WEIGHTS_NAME: digest},
        purpose=PURPOSE,
        not_for=(
            "Anything but teaching and comparison: diagnosis, treatment, screening, use during a"
            " procedure."
        ),
        data=data,
        training=training,
        scores=scores,
    )
    with writing(out):
        write_card(out, card)
    return card


def _halved(tensor: Tensor) -> Tensor:
    """Half the size on disk; a teacher's weights need no more digits."""
    return (tensor.half() if tensor.is_floating_point() else tensor).contiguous()


class LoadedTeacher(NamedTuple):
    """A frozen teacher, its card, and the contents of the images that it was trained on.

    Contents are short hex digests, see ``seen_contents.shortened``.
    """

    teacher: FrozenTeacher
    card: ModelCard
    seen: frozenset[str]


def load_teacher(folder: Path, classes: tuple[str, ...]) -> LoadedTeacher:
    """The teacher of a folder, frozen, its logits in the order of ``classes``.

    Raises ModelError for a pickle, damaged or exchanged weights; DataError where its classes are
    not those asked for.
    """
    _refuse_pickle(folder)
    card = read_card(folder)
    refuse_misfit(folder)
    _refuse_unfit(folder.name, card, classes)
    teacher, basis, seen = _stored(folder, card)
    order: list[int] | None = [card.classes.index(name) for name in classes]
    if isinstance(teacher, Teacher):
        _reorder(teacher, [card.classes.index(name) for name in classes])
        order = None
    # Depthwise layers are quicker in this layout.
    teacher.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    frozen = FrozenTeacher(
        teacher,
        basis,
        name=card.architecture,
        size=card.preprocessing.input_size,
        order=None if order == sorted(order or []) else order,
    )
    return LoadedTeacher(frozen, card, seen)


def _refuse_pickle(folder: Path) -> None:
    if not folder.is_dir() or (folder / TEACHER_WEIGHTS_NAME).exists():
        return
    for path in folder.glob("*"):
        if is_pickle(path.name):
            raise ModelError(
                f"{path.name} is a pickle, which can run any program when it is opened, so it is"
                " refused.",
                "Use safetensors.",
            )


def _refuse_unfit(name: str, card: ModelCard, classes: tuple[str, ...]) -> None:
    """A teacher of other classes, or of another preprocessing."""
    theirs, ours = sorted({*card.classes} - {*classes}), sorted({*classes} - {*card.classes})
    if theirs or ours:
        differing = [f"only it has {', '.join(theirs)}"] if theirs else []
        differing += [f"it lacks {', '.join(ours)}"] if ours else []
        raise DataError(
            f"The teacher {name} was taught other classes: {'; '.join(differing)}.",
            "Choose another teacher, or fine-tune this one for these classes.",
        )
    if card.preprocessing != preprocess.constants(card.preprocessing.input_size):
        raise ModelError(
            f"The teacher {name} sees images in another way than this program teaches"
            f" (preprocessing {card.preprocessing.version}, not {preprocess.VERSION}).",
            "Choose another teacher, or fine-tune this one again.",
        )


def _stored(folder: Path, card: ModelCard) -> tuple[nn.Module, Tensor, frozenset[str]]:
    """The network, the basis of its features, and the contents that it has seen."""
    path = folder / TEACHER_WEIGHTS_NAME
    try:
        content = read_plain(path, LARGEST_WEIGHTS)
        if card.files.get(TEACHER_WEIGHTS_NAME) != hashlib.sha256(content).hexdigest():
            raise ModelError(
                f"The weights of teacher {folder.name} are not the ones its card describes.",
                "Use another copy of it.",
            )
        tensors = safetensors.torch.load(content)
        basis = tensors.pop(_BASIS).float()
        seen = unpacked(tensors.pop(SEEN).numpy())
        # Not the basis: that of a teacher whose maps are flat overflows half precision
        refuse_not_finite(tensors.values(), TEACHER_WEIGHTS_NAME)
        teacher = teacher_maker(card.architecture)(len(card.classes))
        teacher.load_state_dict(tensors)
    except OSError:
        raise ModelError(
            f"The folder {folder.name} holds no {TEACHER_WEIGHTS_NAME}.",
            "Name the folder of a teacher.",
        ) from None
    except (SafetensorError, KeyError, RuntimeError) as error:
        raise ModelError(
            f"The weights of teacher {folder.name} are damaged.", "Use another copy of it."
        ) from error
    return teacher, basis, seen


@torch.no_grad()
def _reorder(teacher: Teacher, order: list[int]) -> None:
    teacher.head.weight.copy_(teacher.head.weight[order].clone())
    teacher.head.bias.copy_(teacher.head.bias[order].clone())
