"""A student's folder or a teacher's, asked in the same way by commands that examine or compare what is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kd_core.contract.model_card import ONNX_NAME, ModelCard

if TYPE_CHECKING:
    from kd_core.datasets.pictures import Image
    from kd_core.predictor import Array

    Ask = Callable[[Sequence[Image]], list[Array]]


def load_any(folder: Path, card: ModelCard, threads: int) -> Ask:
    """Pictures (H, W, 3) uint8 RGB -> calibrated probabilities (C,) each, in the order of the card's classes.

    The student through the same file and code as the application runs; a teacher through torch, on ``threads`` of its threads. Raises
    ModelError and DataError as Predictor.load and load_teacher do.
    """
    if ONNX_NAME in card.files:
        from kd_core.predictor import Predictor

        predictor = Predictor.load(folder)
        return lambda pictures: [made.probabilities for made in predictor.predict(pictures)]
    import numpy as np
    import torch

    from kd_core.datasets.preprocess import crop_square
    from kd_core.model_files.teacher_folder import load_teacher
    from kd_core.predictor import softmax
    from kd_core.training.train import logits_of

    torch.set_num_threads(threads)
    teacher = load_teacher(folder, card.classes).teacher.teacher

    def ask(pictures: Sequence[Image]) -> list[Array]:
        squares = np.stack([crop_square(picture)[0] for picture in pictures])
        return list(softmax(logits_of(teacher, squares) / np.float32(card.temperature)))

    return ask
