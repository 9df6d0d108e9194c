"""Where in one image the evidence for a class lies, by any method of the grad-cam package."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.data.image_files import read_rgb
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.errors import CoreError, DataError
from kd_core.schema.heat_map_methods import LAST_LAYER
from kd_core.schema.model_card import ModelCard
from kd_core.schema.taxonomy import require
from kd_core.vision import cam
from kd_core.vision.field_of_view import FieldOfView
from kd_core.vision.head_probabilities import class_probabilities
from kd_core.vision.heat_overlay import overlay
from kd_core.vision.predictor import Array, Image, Predictor
from kd_core.vision.preprocess import prepare


class Explanation(msgspec.Struct, frozen=True, kw_only=True, rename={"target": "class"}):
    """What was explained, and the file with the heat map drawn over the image.

    ``field``: left, top, right, bottom of the field of view, in parts of the image.
    ``raw_maximum``: the map's highest value before it was scaled to 0..1.
    """

    model: str
    file: str
    target: str
    probability: float
    method: str
    layer: str
    map_size: tuple[int, int]
    raw_maximum: float
    field: tuple[float, float, float, float]
    out: str

    def __str__(self) -> str:
        return (
            f"{self.target} {self.probability:.3f}: {self.method} of {self.layer} is in {self.out}"
        )


def explain(
    model: str | Path,
    image: str | Path,
    out: str | Path,
    *,
    method: str = "gradcam",
    layer: str = LAST_LAYER,
    target: str | None = None,
    map_file: str | Path | None = None,
) -> Explanation:
    """Draw into ``out`` why the student in ``model`` sees the class ``target`` in ``image``.

    The class is the predicted one by default. ``map_file``: also write the map as .npy, (h, w)
    float32 in 0..1, 0 where the model is shown nothing. Raises DataError, ModelError and CoreError.
    """
    path, pixels = Path(model), read_rgb(Path(image))
    if layer == LAST_LAYER:
        explained = _by_predictor(path, pixels, target, method)
    else:
        explained = _by_package(path, pixels, target, method, layer)
    heat = cam.to_unit_range(explained.raw * explained.shown)
    _write(Path(out), _encoded(Path(out), overlay(pixels, heat, explained.field)))
    if map_file:
        buffer = io.BytesIO()
        np.save(buffer, heat)
        _write(Path(map_file), buffer.getvalue())
    return Explanation(
        model=explained.card.version,
        file=str(image),
        target=explained.target,
        probability=explained.probability,
        method=method,
        layer=layer,
        map_size=(explained.raw.shape[0], explained.raw.shape[1]),
        raw_maximum=float(explained.raw.max()),
        field=(
            explained.field.left,
            explained.field.top,
            explained.field.right,
            explained.field.bottom,
        ),
        out=str(out),
    )


class _Map(NamedTuple):
    """``raw`` (h, w): before it is scaled to 0..1; ``shown`` (h, w): share that shows tissue."""

    card: ModelCard
    target: str
    probability: float
    raw: Array
    shown: Array
    field: FieldOfView


def _by_predictor(model: Path, pixels: Image, target: str | None, method: str) -> _Map:
    """Of the last layer, as the live view: from the ONNX file, without torch."""
    predictor = Predictor.load(model)
    prediction = predictor.predict([pixels])[0]
    index, name = _class_of(predictor.card, target, prediction.probabilities)
    raw = predictor.explain(pixels, index, method)
    chance = float(prediction.probabilities[index])
    return _Map(predictor.card, name, chance, raw, prediction.shown, prediction.region)


def _by_package(model: Path, pixels: Image, target: str | None, method: str, layer: str) -> _Map:
    import torch

    from kd_core.artifacts.checkpoint import load_student
    from kd_core.evaluation.torch_explain import grad_cam_map

    student, card = load_student(model)
    sees = card.preprocessing
    tensor, field = prepare(pixels, sees.input_size, sees.version)
    batch = torch.from_numpy(tensor)[None]
    with torch.no_grad():
        chances = class_probabilities(student(batch).logits.numpy(), card)[0]
    index, name = _class_of(card, target, chances)
    raw = grad_cam_map(student, batch, index, method, layer)
    shown = cam.shown_share(tensor, raw.shape)
    return _Map(card, name, float(chances[index]), raw, shown, field)


def _class_of(card: ModelCard, target: str | None, chances: Array) -> tuple[int, str]:
    """Index and name of the class to explain: the predicted one where none is named."""
    name = require(target, card.classes) if target else card.classes[int(chances.argmax())]
    return card.classes.index(name), name


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise CoreError(
            f"{path} cannot be written: {error.strerror}.", "Choose another place."
        ) from error


def _encoded(path: Path, rgb: NDArray[np.uint8]) -> bytes:
    try:
        done, content = cv2.imencode(path.suffix or ".png", rgb[:, :, ::-1])
    except cv2.error:
        done = False
    if not done:
        raise DataError(f"An image cannot be written as '{path.suffix}'.", "Use .png or .jpg.")
    return bytes(content)
