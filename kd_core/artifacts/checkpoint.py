"""Weights on disk: safetensors beside their card, replaced in one step.

Pickles are refused, because loading one runs its code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from kd_core.models.registry import Maker, student_maker
from kd_core.models.student import Student, fitting
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.model_card import ModelCard, read_card
from kd_core.schema.model_files import LARGEST_WEIGHTS, WEIGHTS_NAME, is_pickle
from kd_core.schema.plain_file import read_plain
from kd_core.signing.model_signature import refuse_misfit, remove_signature
from kd_core.vision import preprocess


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Around what writes to ``place``.

    A full disk or a folder that may not be written is a DataError with the way out.
    """
    try:
        yield
    except OSError as error:
        way_out = (
            "Free some space there or choose another place, then start the same command again."
        )
        raise DataError(f"{place} cannot be written: {error.strerror}.", way_out) from error


def remove_old_signature(folder: Path, on_warning: Callable[[str], None]) -> None:
    """Before a signed model's card is written anew; it is said. Raises OSError."""
    if remove_signature(folder):
        on_warning(
            f"The model in {folder.name} was signed. Its card changes, so the signature was taken"
            " away: sign it again (kd-core sign-model)."
        )


def save_weights(student: nn.Module, path: Path) -> None:
    """All tensors of the student (parameters and batch norm statistics) in float32."""
    tensors = {
        name: tensor.detach().cpu().contiguous() for name, tensor in student.state_dict().items()
    }
    write_atomically(path, safetensors.torch.save(tensors))


def refuse_not_finite(tensors: Iterable[Tensor], name: str) -> None:
    """Raise ModelError where any of the file ``name`` is NaN or infinite."""
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors):
        raise ModelError(
            f"The weights {name} hold what is no number (NaN or infinite).",
            "Use another copy of the model.",
        )


def load_weights(path: Path, make: Maker, class_count: int) -> nn.Module:
    """The network of ``make`` in eval mode.

    Raises ModelError for a pickle, a damaged file, or weights of another shape.
    """
    if is_pickle(path.name):
        raise ModelError(
            f"{path.name} is a pickle, which can run any program when it is opened, so it is"
            " refused.",
            "Save the weights as safetensors.",
        )
    student = make(class_count)
    try:
        tensors = safetensors.torch.load(read_plain(path, LARGEST_WEIGHTS))
        refuse_not_finite(tensors.values(), path.name)
        if isinstance(student, Student):
            student = fitting(student, tensors)
        student.load_state_dict(tensors)
    except OSError:
        raise ModelError(
            f"The weights {path.name} cannot be read.", "Use a complete copy of the model."
        ) from None
    except SafetensorError as error:
        raise ModelError(
            f"{path.name} is no safetensors file, or it is damaged.",
            "Use another copy of the model.",
        ) from error
    except RuntimeError as error:
        raise ModelError(
            f"The weights {path.name} have another shape than a student of {class_count} classes.",
            "Choose the model's own weights.",
        ) from error
    student.eval()
    return student


def load_student(model_dir: Path) -> tuple[Student, ModelCard]:
    """As ``load_any_student``, for what only the built-in student can do.

    Raises ModelError for another.
    """
    student, card = load_any_student(model_dir)
    if not isinstance(student, Student):
        raise ModelError(
            f"Model {card.version} is a student of its own kind ('{card.architecture}').",
            "Choose a model of the built-in student for this.",
        )
    return student, card


def refuse_old_preprocessing(card: ModelCard) -> None:
    """Raises ModelError for a model that sees images in an older way than training makes them.

    It runs as it always did, but what it would be taught on is not what it would see.
    """
    if card.preprocessing != preprocess.constants(card.preprocessing.input_size):
        raise ModelError(
            f"Model {card.version} sees images in an older way (preprocessing"
            f" {card.preprocessing.version}) than this program teaches: it still runs, but cannot"
            " be taught further.",
            f"Choose a model of preprocessing {preprocess.VERSION}, as the one that comes with the"
            " program.",
        )


def load_any_student(model_dir: Path) -> tuple[nn.Module, ModelCard]:
    """The student of a model folder in eval mode, its weights checked against the card's hash.

    Raises ModelError, also where nobody has registered its architecture.
    """
    card = read_card(model_dir)
    refuse_misfit(model_dir)
    path = model_dir / WEIGHTS_NAME
    if path.is_file() and card.files.get(WEIGHTS_NAME) != sha256_of(path):
        raise ModelError(
            f"The weights of model {card.version} are not the ones its card describes.",
            "Use another copy of the model.",
        )
    return load_weights(path, student_maker(card.architecture), len(card.classes)), card
