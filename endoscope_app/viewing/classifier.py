"""The ONE door to kd_core.vision.predictor: frames in, predictions and heat maps out, errors in
the application's words.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from kd_core.schema.card_text import as_markdown
from kd_core.schema.errors import CoreError
from kd_core.schema.model_card import ModelCard
from kd_core.vision.predictor import FramePrediction, Predictor

Image = NDArray[np.uint8]
Array = NDArray[np.float32]

#: cv2's own worker threads would compete with the decoder for two cores.
cv2.setNumThreads(1)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one model version says of one frame.

    ``probabilities`` (C,), ``features`` (K, h, w), ``box`` is where it looked: left, top, right,
    bottom as fractions of the frame; ``infer_ms`` includes preprocessing.
    """

    index: int
    probabilities: Array
    features: Array = field(repr=False)
    box: tuple[float, float, float, float]
    model_version: str
    infer_ms: float

    @property
    def label(self) -> int:
        """Index of the most probable class."""
        return int(self.probabilities.argmax())


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
        "unsure".
        """
        return np.array([self.card.threshold(name) for name in self.classes])

    def is_unsure(self, prediction: Prediction) -> bool:
        """Whether the best class stays below its threshold."""
        return bool(
            prediction.probabilities[prediction.label]
            < self.card.threshold(self.classes[prediction.label])
        )

    def card_text(self, shown: Callable[[str], str] = str) -> str:
        """The card as Markdown for "About this model"; ``shown`` names the classes."""
        return as_markdown(self.card, shown)

    def classify(self, index: int, bgra: Image) -> Prediction:
        """(H, W, 4) BGRA frame as shown -> its prediction."""
        begun = time.perf_counter()
        # Shrunk before the channels are reordered: a full-HD colour conversion alone would cost as
        # much as the student.
        rgb = cv2.cvtColor(self._predictor.shrink(bgra), cv2.COLOR_BGRA2RGB)
        made: FramePrediction = self._predictor.predict([rgb])[0]
        place = made.field
        return Prediction(
            index,
            made.probabilities,
            made.features,
            (place.left, place.top, place.right, place.bottom),
            self.version,
            (time.perf_counter() - begun) * 1000.0,
        )

    def analysis_height(self, height: int) -> int:
        """Rows to which a decoder should scale frames of ``height`` rows: small, and no other
        model input than the live view's.
        """
        return self._predictor.decoding_height(height)

    def probabilities(self, pictures: Sequence[Image]) -> Array:
        """(h, w, 3) RGB pictures -> (N, C)."""
        return np.stack([made.probabilities for made in self._predictor.predict(pictures)])

    def shrunk(self, picture: Image) -> Image:
        """(H, W, C) -> the same picture with fewer rows, to which every model gives the same
        answer: less to hand over.
        """
        return self._predictor.shrink(picture)

    def heat(self, prediction: Prediction, target: int | None = None) -> Array:
        """Grad-CAM of ``target`` (None: the predicted class) as (h, w) in 0..1 over the
        prediction's box.
        """
        return self._predictor.cam(
            prediction.features, prediction.label if target is None else target
        )
