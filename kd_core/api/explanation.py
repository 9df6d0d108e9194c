"""Where in one image the evidence for a class lies, by any method of the grad-cam package."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from kd_core.artifacts.checkpoint import load_student
from kd_core.data.image_files import read_rgb
from kd_core.evaluation.torch_explain import LAST_LAYER, grad_cam_map, overlay
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.errors import CoreError, DataError
from kd_core.schema.taxonomy import require
from kd_core.vision import cam
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
    """Explain why the student in ``model`` sees the class ``target`` (the predicted one by default)
    in ``image``, and draw the heat map into the file ``out``.

    ``map_file``: also write the map as .npy, (h, w) float32 in 0..1, 0 where the model is shown
    nothing. Raises DataError, ModelError and CoreError.
    """
    student, card = load_student(Path(model))
    picture = read_rgb(Path(image))
    tensor, field = prepare(picture)
    batch = torch.from_numpy(tensor)[None]
    with torch.no_grad():
        chances = torch.softmax(student(batch).logits[0] / card.temperature, 0)
    name = require(target, card.classes) if target else card.classes[int(chances.argmax())]
    index = card.classes.index(name)
    raw = grad_cam_map(student, batch, index, method, layer)
    heat = cam.visible_unit_range(raw)
    _write(Path(out), _encoded(Path(out), overlay(picture, heat, field)))
    if map_file:
        buffer = io.BytesIO()
        np.save(buffer, heat)
        _write(Path(map_file), buffer.getvalue())
    return Explanation(
        model=card.version,
        file=str(image),
        target=name,
        probability=float(chances[index]),
        method=method,
        layer=layer,
        map_size=(raw.shape[0], raw.shape[1]),
        raw_maximum=float(raw.max()),
        field=(field.left, field.top, field.right, field.bottom),
        out=str(out),
    )


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
