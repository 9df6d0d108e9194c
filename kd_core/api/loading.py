"""A trained model of either kind, asked in the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kd_core.schema.model_card import ModelCard, read_card
from kd_core.schema.model_files import ONNX_NAME
from kd_core.vision.predictor import Array, Predictor

Image = NDArray[np.uint8]
Ask = Callable[[Sequence[Image]], list[Array]]


class Probabilities(NamedTuple):
    """Calibrated probabilities (C,) of one image, as a FramePrediction has them."""

    probabilities: Array


class LoadedModel:
    """A student or a teacher in memory with its card; ``load_model`` makes it."""

    def __init__(self, card: ModelCard, ask: Ask) -> None:
        self.card = card
        self._ask = ask

    def predict(self, images: Sequence[Image]) -> list[Probabilities]:
        """Images (H, W, 3) uint8 RGB of any size -> probabilities (C,) of each.

        In the order of the card's classes.
        """
        return [Probabilities(row) for row in self._ask(images)]

    def label(self, image: Image) -> tuple[str, float]:
        """(H, W, 3) uint8 RGB -> the most probable class and its probability."""
        row = self._ask([image])[0]
        return self.card.classes[int(row.argmax())], float(row.max())


def load_model(folder: str | Path, *, threads: int = 1) -> LoadedModel:
    """The model in ``folder``.

    A student runs through the same file and code as in the application, without torch; a teacher
    through torch, on ``threads`` of its threads. Raises ModelError and DataError with the way out.
    """
    path = Path(folder)
    card = read_card(path)
    if ONNX_NAME in card.files:
        predictor = Predictor.load(path)
        return LoadedModel(
            card,
            lambda images: [prediction.probabilities for prediction in predictor.predict(images)],
        )
    return LoadedModel(card, _teacher(path, card, threads))


def _teacher(folder: Path, card: ModelCard, threads: int) -> Ask:
    import torch

    from kd_core.artifacts.quick_teacher import QuickTeacherViews
    from kd_core.artifacts.teacher_folder import load_teacher
    from kd_core.vision.head_probabilities import softmax
    from kd_core.vision.preprocess import model_crop

    torch.set_num_threads(threads)
    size = card.preprocessing.input_size
    teacher, answers = load_teacher(folder, card.classes).teacher, QuickTeacherViews()

    def ask(images: Sequence[Image]) -> list[Array]:
        crops = torch.from_numpy(np.stack([model_crop(image, size)[0] for image in images]))
        logits: Array = answers(teacher, crops).logits.numpy()
        return list(softmax(logits / np.float32(card.temperature)))

    return ask
