"""A student's folder or a teacher's, asked in the same way by commands that examine or compare
what is trained.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kd_core.schema.model_card import ModelCard, read_card
from kd_core.schema.model_files import ONNX_NAME

if TYPE_CHECKING:
    from kd_core.data.image_files import Image
    from kd_core.vision.predictor import Array

    Ask = Callable[[Sequence[Image]], list[Array]]


class Said(NamedTuple):
    """Calibrated probabilities (C,) of one image, as a Prediction has them."""

    probabilities: Array


class AskedModel:
    """A model of either kind with what ``answers`` needs of a Predictor: its card, and
    probabilities of images.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Raises ModelError and DataError as ``load_any``."""
        self.card = read_card(folder)
        self._ask = load_any(folder, self.card, threads)

    def predict(self, pictures: Sequence[Image]) -> list[Said]:
        """Images (H, W, 3) uint8 RGB -> what is said of each."""
        return [Said(probabilities) for probabilities in self._ask(pictures)]


def load_any(folder: Path, card: ModelCard, threads: int) -> Ask:
    """Pictures (H, W, 3) uint8 RGB -> calibrated probabilities (C,) each, in the order of the
    card's classes.

    The student through the same file and code as the application runs; a teacher through torch, on
    ``threads`` of its threads. Raises ModelError and DataError as Predictor.load and load_teacher
    do.
    """
    if ONNX_NAME in card.files:
        from kd_core.vision.predictor import Predictor

        predictor = Predictor.load(folder)
        return lambda pictures: [made.probabilities for made in predictor.predict(pictures)]
    import numpy as np
    import torch

    from kd_core.artifacts.teacher_folder import load_teacher
    from kd_core.training.train import logits_of
    from kd_core.vision.predictor import softmax
    from kd_core.vision.preprocess import crop_square

    torch.set_num_threads(threads)
    teacher = load_teacher(folder, card.classes).teacher.teacher

    def ask(pictures: Sequence[Image]) -> list[Array]:
        squares = np.stack([crop_square(picture)[0] for picture in pictures])
        return list(softmax(logits_of(teacher, squares) / np.float32(card.temperature)))

    return ask
