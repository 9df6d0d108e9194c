"""The one door to the core's predictor: frames in, predictions and heat maps out, errors in the
application's words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.viewing.heat_map import HeatMap
from kd_core.schema.card_text import as_markdown
from kd_core.schema.errors import CoreError
from kd_core.schema.model_card import ModelCard
from kd_core.vision.predictor import Prediction, Predictor

__all__ = ["Array", "Classifier", "GroupSaid", "Image", "ModelGroup", "Prediction"]

Image = NDArray[np.uint8]
Array = NDArray[np.float32]

#: cv2's own worker threads would compete with the decoder for two cores.
cv2.setNumThreads(1)


class ModelGroup(NamedTuple):
    """A class group that the model tells apart: its classes by their ``columns``."""

    name: str
    columns: tuple[int, ...]
    may_be_none: bool


class GroupSaid(NamedTuple):
    """What a model says of a class group: the class ``label``, or None where it shows none.

    ``needed``: the probability from which on that is said for certain. ``name``: of the group,
    empty where the model has one softmax of all classes.
    """

    name: str
    label: int | None
    probability: float
    needed: float

    @property
    def is_sure(self) -> bool:
        """Whether it reaches what is needed."""
        return self.probability >= self.needed


class Classifier:
    """One verified model. Safe to share between threads: ONNX Runtime sessions are."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    @classmethod
    def load(cls, model_dir: Path) -> Classifier:
        """Open a model folder.

        Raises AppError with the reason and the way out; nothing of a bad folder is run.
        """
        try:
            return cls(Predictor.load(model_dir))
        except CoreError as error:
            raise AppError(error.sentence, error.way_out) from error

    @property
    def card(self) -> ModelCard:
        """The card of the loaded model."""
        return self._predictor.card

    @property
    def version(self) -> str:
        """The version that dates every prediction."""
        return self._predictor.card.version

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the probabilities."""
        return self._predictor.card.classes

    @property
    def thresholds(self) -> NDArray[np.float64]:
        """(C,): the probability from which on the model names a class; below it the answer is
        "unsure". The same for all but what a reader has taught, and in older models; above 1 of a
        class that is not named yet.
        """
        return np.array([self.card.threshold(name) for name in self.classes])

    @property
    def groups(self) -> tuple[ModelGroup, ...]:
        """Where the model has a softmax for each class group; none where it has one of all."""
        return tuple(
            ModelGroup(head.group, tuple(head.columns(self.classes)), may_be_none=head.none)
            for head in self.card.heads
        )

    @property
    def columns(self) -> tuple[tuple[int, ...], ...]:
        """The classes of each of ``groups``."""
        return tuple(group.columns for group in self.groups)

    def said(self, prediction: Prediction) -> list[GroupSaid]:
        """What ``prediction`` says of each class group; of all classes where there are none."""
        if not self.groups:
            label = prediction.label
            probability, needed = float(prediction.probabilities[label]), self.needed(prediction)
            return [GroupSaid("", label, probability, needed)]
        rows = []
        for group in self.groups:
            own = prediction.probabilities[list(group.columns)]
            label = group.columns[int(own.argmax())]
            needed = self.card.threshold(self.classes[label])
            none = 1.0 - float(own.sum())
            if group.may_be_none and none > float(own.max()):
                rows.append(GroupSaid(group.name, None, none, needed))
            else:
                rows.append(GroupSaid(group.name, label, float(own.max()), needed))
        return rows

    def of_group(self, probabilities: NDArray[np.float64], label: int) -> NDArray[np.float64]:
        """(C,) of one image -> the same, 0 for all classes that do not exclude the class ``label``:
        those of its class group do, and all where the model has one softmax.
        """
        own = next((list(columns) for columns in self.columns if label in columns), None)
        if own is None:
            return probabilities
        result = np.zeros_like(probabilities)
        result[own] = probabilities[own]
        return result

    def needed(self, prediction: Prediction) -> float:
        """The probability from which on the best class of ``prediction`` is named."""
        return self.card.threshold(self.classes[prediction.label])

    def is_unsure(self, prediction: Prediction) -> bool:
        """Whether the best class stays below what is needed."""
        return bool(prediction.probabilities[prediction.label] < self.needed(prediction))

    def card_text(self, shown: Callable[[str], str] = str) -> str:
        """The card as Markdown for "About this model"; ``shown`` names the classes."""
        return as_markdown(self.card, shown)

    def classify(self, bgra: Image) -> Prediction:
        """(H, W, 4) BGRA frame as shown -> its prediction."""
        return self._predictor.predict_bgra(bgra)

    def analysis_height(self, height: int) -> int:
        """Rows to which a decoder should scale frames of ``height`` rows: small, and no other
        model input than the live view's.
        """
        return self._predictor.decoding_height(height)

    def probabilities(self, images: Sequence[Image]) -> Array:
        """(h, w, 3) RGB images -> (N, C)."""
        predictions = self._predictor.predict(images)
        return np.stack([prediction.probabilities for prediction in predictions])

    def looked_at(self, images: Sequence[Image]) -> tuple[Array, Array]:
        """(h, w, 3) RGB images -> probabilities (N, C) and embeddings (N, K), from one pass."""
        predictions = self._predictor.predict(images)
        return (
            np.stack([prediction.probabilities for prediction in predictions]),
            np.stack([prediction.embedding for prediction in predictions]),
        )

    @property
    def embedding_size(self) -> int:
        """K."""
        return self._predictor.embedding_size

    def shrunk(self, image: Image) -> Image:
        """(H, W, C) -> the same image with fewer rows, to which every model gives the same
        answer: less to hand over.
        """
        return self._predictor.shrink(image)

    def heat_map(self, prediction: Prediction, class_index: int | None = None) -> HeatMap:
        """Grad-CAM of a class (None: the predicted one) on the frame of the prediction."""
        explained = prediction.label if class_index is None else class_index
        evidence = self._predictor.cam(prediction, explained)
        return HeatMap(evidence, prediction.region, explained)
