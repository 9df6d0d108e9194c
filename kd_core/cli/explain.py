"""``kd-core explain``: where in one image the evidence for a class lies, by any method of the
grad-cam package.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

from kd_core.schema.errors import CoreError, DataError
from kd_core.schema.heat_map_methods import METHODS
from kd_core.schema.taxonomy import require

HELP = "heat map of one image by any method of the grad-cam package"


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--model", required=True, type=Path, help="a model folder (its safetensors are used)"
    )
    parser.add_argument("--image", required=True, type=Path, help="a still of any size")
    parser.add_argument(
        "--method", choices=tuple(METHODS), default="gradcam", help="default: %(default)s"
    )
    parser.add_argument(
        "--layer",
        default="stages.10",
        help="the student's layer to look at (default: %(default)s, the last map)",
    )
    parser.add_argument(
        "--class", dest="target", help="the class to explain (default: the predicted one)"
    )
    parser.add_argument(
        "--out", required=True, type=Path, help="the picture to write, with the map drawn over it"
    )
    parser.add_argument(
        "--map",
        type=Path,
        help=(
            "also write the map as .npy: (h, w) float32, 0 to 1, 0 where the model is shown nothing"
        ),
    )
    parser.add_argument("--json", action="store_true", help="say what was drawn as JSON")


def run(options: argparse.Namespace) -> int:
    """Explain, draw, write."""
    import numpy as np
    import torch

    from kd_core.artifacts.checkpoint import load_student
    from kd_core.data.image_files import read_rgb
    from kd_core.evaluation.torch_explain import grad_cam_map, overlay
    from kd_core.schema.atomic_file import write_atomically
    from kd_core.vision import cam
    from kd_core.vision.preprocess import prepare

    student, card = load_student(options.model)
    picture = read_rgb(options.image)
    tensor, field = prepare(picture)
    batch = torch.from_numpy(tensor)[None]
    with torch.no_grad():
        chances = torch.softmax(student(batch).logits[0] / card.temperature, 0)
    target = (
        require(options.target, card.classes)
        if options.target
        else card.classes[int(chances.argmax())]
    )
    index = card.classes.index(target)
    raw = grad_cam_map(student, batch, index, options.method, options.layer)
    heat = cam.visible_unit_range(raw)
    files = {options.out: _encoded(options.out, overlay(picture, heat, field))}
    if options.map:
        buffer = io.BytesIO()
        np.save(buffer, heat)
        files[options.map] = buffer.getvalue()
    for path, content in files.items():
        try:
            write_atomically(path, content)
        except OSError as error:
            raise CoreError(
                f"{path} cannot be written: {error.strerror}.", "Choose another place."
            ) from error
    words = {
        "model": card.version,
        "file": str(options.image),
        "class": target,
        "probability": float(chances[index]),
    }
    words |= {
        "method": options.method,
        "layer": options.layer,
        "map_size": list(raw.shape),
        "raw_maximum": float(raw.max()),
    }
    words |= {"field": [field.left, field.top, field.right, field.bottom], "out": str(options.out)}
    print(
        json.dumps(words)
        if options.json
        else (
            f"{target} {chances[index]:.3f}: {options.method} of {options.layer} is in"
            f" {options.out}"
        )
    )
    return 0


def _encoded(path: Path, rgb: object) -> bytes:
    import cv2
    import numpy as np

    try:
        done, content = cv2.imencode(path.suffix or ".png", np.asarray(rgb)[:, :, ::-1])
    except cv2.error:
        done = False
    if not done:
        raise DataError(f"A picture cannot be written as '{path.suffix}'.", "Use .png or .jpg.")
    return bytes(content)
