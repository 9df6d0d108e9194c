"""The face of a model that the application sees: images in, probabilities and heat maps out.

ONNX Runtime, no torch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kd_core.schema.errors import ModelError
from kd_core.schema.heat_map_methods import SCORE_CAM
from kd_core.schema.json_text import JsonError, decode_any_json
from kd_core.schema.lack_of_memory import lacks_memory
from kd_core.schema.model_card import ModelCard, read_card
from kd_core.schema.model_files import LARGEST_WEIGHTS, ONNX_NAME
from kd_core.schema.plain_file import read_plain
from kd_core.signing.model_signature import refuse_misfit
from kd_core.vision import cam, onnx_graph, preprocess
from kd_core.vision.closed_forms import CLOSED_FORMS, LastLayer
from kd_core.vision.field_of_view import FieldOfView
from kd_core.vision.head_probabilities import class_probabilities, leading_classes
from kd_core.vision.score_cam import score_cam

if TYPE_CHECKING:
    import onnxruntime as ort

Image = NDArray[np.uint8]
Array = NDArray[np.float32]

#: More in one run leave the processor's cache: eight together take 15 % longer per image than two,
#: and 30 MB more.
IMAGES_PER_RUN = 2


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one version of a model says of one image.

    ``probabilities`` (C,), ``features`` (K, h, w), ``shown`` (h, w): how much of each position of
    that map shows tissue, 0 to 1; ``region`` is the part of the image that it looked at.
    """

    probabilities: Array
    features: Array = field(repr=False)
    shown: Array = field(repr=False)
    region: FieldOfView
    model_version: str
    leading: int | None = None

    @property
    def label(self) -> int:
        """Index of the most probable class.

        Of a model with a softmax for each class group that of the first group that is named, which
        is ``leading``.
        """
        return int(self.probabilities.argmax()) if self.leading is None else self.leading

    @property
    def embedding(self) -> Array:
        """(K,): the features' mean over positions, which the head turns into logits."""
        mean: Array = self.features.mean(axis=(1, 2))
        return mean


class Predictor:
    """One model, loaded and verified.

    Runs on one thread; safe to call from several threads, one call at a time each.
    """

    def __init__(
        self, card: ModelCard, session: ort.InferenceSession, class_weights: Array
    ) -> None:
        self.card = card
        self._session = session
        self._class_weights = class_weights  # (C, K)
        self._columns = [head.columns(card.classes) for head in card.heads]
        self._levels = np.array([card.threshold(name) for name in card.classes])

    @classmethod
    def load(cls, model_dir: Path) -> Predictor:
        """Verify the card, the hash and the shapes of ``model_dir``, then open it.

        Its signature too, where there is one. Raises ModelError with the way out.
        """
        card = read_card(model_dir)
        refuse_misfit(model_dir)
        if not preprocess.is_known(card.preprocessing):
            raise ModelError(
                f"Model {card.version} was trained with other preprocessing than this program's.",
                "Export it again with this version, or choose another model.",
            )
        content = _read_verified(model_dir / ONNX_NAME, card)
        _refuse_program(content, card)
        import onnxruntime as ort  # a window is on screen before it needs this

        options = ort.SessionOptions()
        # Two intra-op threads on two cores starve the decoder: measured 104 dropped frames against
        # 1.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except (
            Exception
        ) as error:  # onnxruntime raises its own classes, all straight from Exception
            if lacks_memory(error):  # another copy of the model would be no help
                raise MemoryError from error
            raise ModelError(
                f"Model {card.version} cannot be opened.", "Use another copy of the model."
            ) from error
        return cls(card, session, _checked_weights(session, card))

    def predict(self, images: Sequence[Image]) -> list[Prediction]:
        """Predict images (H, W, 3) uint8 RGB of any size, calibrated by the card's temperature."""
        predictions: list[Prediction] = []
        for start in range(0, len(images), IMAGES_PER_RUN):
            run = images[start : start + IMAGES_PER_RUN]
            predictions += self._run([self._prepared(image) for image in run])
        return predictions

    def _prepared(self, image: Image) -> tuple[Array, FieldOfView]:
        sees = self.card.preprocessing
        return preprocess.prepare(image, sees.input_size, sees.version)

    def predict_bgra(self, bgra: Image) -> Prediction:
        """(H, W, 4) uint8 BGRA of any size, as a screen holds it -> its prediction."""
        sees = self.card.preprocessing
        return self._run([preprocess.prepare_bgra(bgra, sees.input_size, sees.version)])[0]

    def _run(self, prepared: Sequence[tuple[Array, FieldOfView]]) -> list[Prediction]:
        logits, features = self._session.run(
            None, {"input": np.stack([tensor for tensor, _ in prepared])}
        )
        probabilities = class_probabilities(logits, self.card)
        leading = (
            leading_classes(probabilities, self._levels, self._columns).tolist()
            if self._columns
            else [None] * len(probabilities)
        )
        return [
            Prediction(
                probabilities[i],
                features[i],
                cam.shown_share(tensor, features[i].shape[1:]),
                region,
                self.card.version,
                leading[i],
            )
            for i, (tensor, region) in enumerate(prepared)
        ]

    @property
    def embedding_size(self) -> int:
        """K: numbers of an embedding."""
        return int(self._class_weights.shape[1])

    def explain(self, image: Image, class_index: int, method: str) -> Array:
        """(H, W, 3) uint8 RGB of any size -> (h, w) map of that class's logit, not scaled.

        ``method``: any of kd_core.schema.heat_map_methods; KeyError for another. Score-CAM takes a
        forward pass per channel, the others one in all.
        """
        model_input, _ = self._prepared(image)
        logits, features = self._session.run(None, {"input": model_input[None]})
        if method == SCORE_CAM:
            return score_cam(model_input, features[0], self._logits, class_index)
        logit = float(logits[0, class_index])
        return CLOSED_FORMS[method](LastLayer(features[0], self._class_weights[class_index], logit))

    def _logits(self, batch: Array) -> Array:
        logits: Array = self._session.run(["logits"], {"input": batch})[0]
        return logits

    @staticmethod
    def shrink(image: Image) -> Image:
        """The first step of preprocessing alone, for callers that hand a large image on."""
        return preprocess.shrink(image)

    @staticmethod
    def decoding_height(height: int) -> int:
        """Rows to which a decoder may scale an image of ``height`` rows.

        That does not change what the model sees.
        """
        return preprocess.decoding_height(height)

    def cam(self, prediction: Prediction, class_index: int) -> Array:
        """-> (h, w) Grad-CAM of that class's logit in 0..1.

        0 where the model is shown nothing.
        """
        heat = cam.grad_cam(prediction.features, self._class_weights[class_index])
        return cam.to_unit_range(heat * prediction.shown)


def _read_verified(path: Path, card: ModelCard) -> bytes:
    expected = card.files.get(path.name)
    try:
        content = read_plain(path, LARGEST_WEIGHTS)
    except FileNotFoundError:
        raise ModelError(
            f"Model {card.version} lacks its file {path.name}.", "Use a complete copy of the model."
        ) from None
    except OSError as error:
        raise ModelError(
            f"The file {path.name} of model {card.version} cannot be read: {error.strerror}.",
            "Use another copy of the model.",
        ) from None
    if expected is None or hashlib.sha256(content).hexdigest() != expected:
        raise ModelError(
            f"The file {path.name} of model {card.version} is not the one its card describes (its"
            " hash differs).",
            "It may be damaged or exchanged: use another copy of the model.",
        )
    return content


def _refuse_program(content: bytes, card: ModelCard) -> None:
    """A model is a program of whoever made it: only what a student needs is run."""
    try:
        why = onnx_graph.refusal(onnx_graph.read_graph(content))
    except ValueError:
        why = "is no ONNX file"
    if why:
        raise ModelError(
            f"Model {card.version} is not loaded: its file {ONNX_NAME} {why}.",
            "Use another copy of the model, or export it again with kd-core.",
        )


def _checked_weights(session: ort.InferenceSession, card: ModelCard) -> Array:
    """The (C, K) weights of the linear head from the model's metadata, and the classes.

    After a trial run checked every shape.
    """
    wrong = ModelError(
        f"Model {card.version} does not have the shape its card promises.",
        "Use another copy of the model.",
    )
    size = card.preprocessing.input_size
    if [item.name for item in session.get_inputs()] != ["input"] or len(session.get_outputs()) != 2:
        raise wrong
    try:
        logits, features = session.run(None, {"input": np.zeros((1, 3, size, size), np.float32)})
    except Exception as error:  # onnxruntime raises its own classes, all straight from Exception
        raise wrong from error
    stored = session.get_modelmeta().custom_metadata_map
    try:
        weights = np.frombuffer(bytes.fromhex(stored.get("head_weight", "")), np.float32).reshape(
            len(card.classes), -1
        )
        named = decode_any_json(stored.get("classes", "null"))
        heads = decode_any_json(stored.get("heads", "[]"))
    except (ValueError, JsonError) as error:
        raise wrong from error
    if not all(np.isfinite(numbers).all() for numbers in (logits, features, weights)):
        raise ModelError(
            f"Model {card.version} gives no numbers (NaN or infinite).",
            "Use another copy of the model.",
        )
    if (
        logits.shape != (1, len(card.classes))
        or features.ndim != 4
        or features.shape[1] != weights.shape[1]
    ):
        raise wrong
    if named != list(card.classes):
        raise ModelError(
            f"The card of model {card.version} names other classes, or in another order, than its"
            f" file {ONNX_NAME}.",
            "Use another copy of the model.",
        )
    if heads != [head.stored for head in card.heads]:
        raise ModelError(
            f"The card of model {card.version} shares its classes out to other class groups than"
            f" its file {ONNX_NAME}.",
            "Use another copy of the model.",
        )
    return weights
