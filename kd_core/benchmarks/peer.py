"""``python -m kd_core.benchmarks.peer CLIP MODEL``: what a program does that puts well-known parts
together, timed on a recording: OpenCV decodes and shrinks each frame, the student runs in torch as
it was built, the grad-cam package makes the heat map. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.artifacts.checkpoint import load_student
from kd_core.evaluation.torch_explain import grad_cam_map
from kd_core.models.student import Student
from kd_core.schema.errors import DataError
from kd_core.schema.model_card import Preprocessing

#: Frames that the student is asked about at once.
TOGETHER = 32
HEAT_MAPS = 20

Image = NDArray[np.uint8]


class PeerFigures(msgspec.Struct, frozen=True):
    """Frames per second of a whole analysis, and the median of the milliseconds that one decoded
    frame takes to its class and heat map.
    """

    frames: int
    analysis_fps: float
    heat_map_ms: float


def peer_figures(clip: Path, model: Path) -> PeerFigures:
    """Raises DataError where OpenCV reads nothing, ModelError for a model without torch weights."""
    student, card = load_student(model)
    sees = card.preprocessing
    begun, count = time.perf_counter(), 0
    for batch in _batches(clip, sees):
        with torch.no_grad():
            student(batch).logits.softmax(1)
        count += len(batch)
    spent = time.perf_counter() - begun
    if not count:
        raise DataError(f"OpenCV reads no frame of {clip.name}.", "Name another recording.")
    heat_maps = [_heat_map_ms(student, image, sees) for image in _first(clip)]
    return PeerFigures(count, count / spent, statistics.median(heat_maps))


def _decoded(clip: Path) -> Iterator[Image]:
    """(H, W, 3) BGR, in order."""
    capture = cv2.VideoCapture(str(clip))
    try:
        while True:
            there, image = capture.read()
            if not there:
                return
            yield image.astype(np.uint8, copy=False)
    finally:
        capture.release()


def _batches(clip: Path, sees: Preprocessing) -> Iterator[Tensor]:
    waiting: list[Tensor] = []
    for image in _decoded(clip):
        waiting.append(_model_input(image, sees))
        if len(waiting) == TOGETHER:
            yield torch.stack(waiting)
            waiting = []
    if waiting:
        yield torch.stack(waiting)


def _first(clip: Path) -> Iterator[Image]:
    for number, image in enumerate(_decoded(clip)):
        if number == HEAT_MAPS:
            return
        yield image


def _model_input(bgr: Image, sees: Preprocessing) -> Tensor:
    """(H, W, 3) -> (3, S, S): squeezed to a square, without the field of view and the masks that
    this program looks for. It costs less so, and is less right.
    """
    size = (sees.input_size, sees.input_size)
    small = cv2.resize(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), size, interpolation=cv2.INTER_AREA)
    scaled = (small.astype(np.float32) / 255 - np.array(sees.mean, np.float32)) / np.array(
        sees.std, np.float32
    )
    return torch.from_numpy(scaled.transpose(2, 0, 1))


def _heat_map_ms(student: Student, bgr: Image, sees: Preprocessing) -> float:
    begun = time.perf_counter()
    batch = _model_input(bgr, sees)[None]
    with torch.no_grad():
        label = int(student(batch).logits.argmax())
    grad_cam_map(student, batch, label)
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m kd_core.benchmarks.peer", description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("model", type=Path)
    chosen = parser.parse_args()
    print(json.dumps(msgspec.structs.asdict(peer_figures(chosen.clip, chosen.model))))
