"""The held-out frames on which two models differ, ready to lie inside a page.

Small images with the heat maps of both.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from kd_core.data.augment import Normalise
from kd_core.models.student import Student
from kd_core.retraining.evidence import PairedPredictions
from kd_core.vision.blanking import shown_in
from kd_core.vision.cam import grad_cam, visible_unit_range
from kd_core.vision.field_of_view import WHOLE_IMAGE
from kd_core.vision.heat_overlay import overlay

Image = NDArray[np.uint8]
#: A page that is opened in a second: 24 frames in three small images each are about half a
#: megabyte.
MOST_FRAMES = 24
SIDE, QUALITY = 160, 80  # px, of JPEG
CORRECTED, BROKEN, BOTH_WRONG = "corrected", "broken", "both wrong"


class ShownPrediction(NamedTuple):
    """A model's class, its calibrated probability, and its heat map.

    The map is drawn over the frame, as a data URI.
    """

    called: str
    probability: float
    heat: str


class FrameShown(NamedTuple):
    """One frame and what both models predict of it.

    ``change``: what came of it; ``name`` of its file; ``truth``: the reader's class; ``image``:
    the frame as a data URI.
    """

    change: str
    name: str
    truth: str
    image: str
    active: ShownPrediction
    candidate: ShownPrediction


def differing_frames(
    students: tuple[Student, Student],
    pair: PairedPredictions,
    crops: NDArray[np.uint8],
    paths: Sequence[str],
    classes: Sequence[str],
    most: int = MOST_FRAMES,
) -> list[FrameShown]:
    """Up to ``most`` of the (N, S, S, 3) uint8 crops that both models call differently.

    (active, candidate): corrected, broken, then both wrong.
    """
    both = pair.active, pair.candidate
    chosen = chosen_places(pair, most)
    places = [place for group in chosen.values() for place in group]
    if not places:
        return []
    called = [probabilities.argmax(axis=1) for probabilities in both]
    heats = [
        heat_maps(student, crops[places], row[places])
        for student, row in zip(students, called, strict=True)
    ]
    kinds = [kind for kind, group in chosen.items() for _ in group]
    shown = []
    for number, (kind, place) in enumerate(zip(kinds, places, strict=True)):
        seen, predicted = darkened(crops[place]), []
        for probabilities, row, heat in zip(both, called, heats, strict=True):
            over = data_uri(overlay(seen, heat[number], WHOLE_IMAGE))
            predicted.append(
                ShownPrediction(classes[row[place]], float(probabilities[place, row[place]]), over)
            )
        truth = classes[pair.truth[place]]
        shown.append(
            FrameShown(
                kind, PurePath(paths[place]).name, truth, data_uri(seen), predicted[0], predicted[1]
            )
        )
    return shown


def chosen_places(pair: PairedPredictions, most: int) -> dict[str, list[int]]:
    """By what came of them, the places of frames to show.

    As many of each kind as there is room for, spread over all of that kind. None of the kinds fills
    the page alone: a page of corrected frames would hide the broken ones.
    """
    active, candidate = pair.active.argmax(axis=1), pair.candidate.argmax(axis=1)
    differ = active != candidate
    kinds = {
        CORRECTED: np.flatnonzero(differ & (candidate == pair.truth)),
        BROKEN: np.flatnonzero(differ & (active == pair.truth)),
        BOTH_WRONG: np.flatnonzero(differ & (active != pair.truth) & (candidate != pair.truth)),
    }
    counts = dict.fromkeys(kinds, 0)
    while sum(counts.values()) < most:
        open_kinds = [kind for kind, places in kinds.items() if counts[kind] < len(places)]
        if not open_kinds:
            break
        fewest = min(open_kinds, key=lambda kind: counts[kind])
        counts[fewest] += 1
    return {kind: _spread(places, counts[kind]) for kind, places in kinds.items()}


def _spread(places: NDArray[np.intp], count: int) -> list[int]:
    picked: list[int] = (
        places[[number * len(places) // count for number in range(count)]].tolist() if count else []
    )
    return picked


@torch.inference_mode()
def heat_maps(
    student: Student, crops: NDArray[np.uint8], called: NDArray[np.integer[Any]]
) -> list[NDArray[np.float32]]:
    """(N, S, S, 3) uint8 and the class of each to explain -> N maps (h, w) in 0..1.

    Grad-CAM in closed form, as the live view draws; nothing of what is no class (none of a group).
    """
    student.eval()
    device = next(student.parameters()).device
    inputs = Normalise(device).crops(torch.from_numpy(crops).to(device))
    features = student(inputs).features.cpu().numpy()
    weights = student.head.weight.detach().cpu().numpy()
    nothing = np.zeros_like(weights[0])
    return [
        visible_unit_range(
            grad_cam(feature_map, weights[index] if index < len(weights) else nothing), shown
        )
        for feature_map, index, shown in zip(features, called, inputs.cpu().numpy(), strict=True)
    ]


def darkened(crop: Image) -> Image:
    """(S, S, 3) uint8 covered -> the same, black where no model looks.

    That is where recorders burn names and dates in.
    """
    return np.where(shown_in(crop)[:, :, None], crop, np.uint8(0))


def data_uri(rgb: Image) -> str:
    """(S, S, 3) RGB -> a JPEG of SIDE pixels as a data URI."""
    small = cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    _, content = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(content.tobytes()).decode()
