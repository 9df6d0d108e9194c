"""A new model's folder as what the comparison shows: evidence, frames, images and heat maps.

For the background; no Qt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.media.image_file import decode, to_bgra
from endoscope_app.models import model_folders
from endoscope_app.retraining.comparison import wording
from endoscope_app.retraining.comparison.compared_models import (
    Comparison,
    DifferingFrame,
    Side,
    differing,
    shown_names,
)
from endoscope_app.retraining.run_folders import CANDIDATE_NAME, LABELS_NAME
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.viewing.heat_map import HeatMap
from endoscope_app.viewing.identity_mask import without_identity, without_identity_bgra
from kd_core.schema.compared import ComparedFrames, read_compared
from kd_core.schema.errors import CoreError
from kd_core.schema.evidence import Evidence, read_evidence
from kd_core.schema.json_text import JsonError
from kd_core.schema.model_card import ModelCard
from kd_core.schema.run_files import REPORT_NAME

THUMBNAIL_HEIGHT = 144  # rows: twice what the list shows, for screens with two pixels a point
#: Both models, or why there is none: in use, new.
Models = tuple[Classifier | None, Classifier | None]


@dataclass(frozen=True, eq=False)
class SeenFrame:
    """One frame for looking at.

    ``image`` (H, W, 4) BGRA, None where there is none; a heat map is None where its model has
    none. ``trouble``: why something is missing, empty where nothing is.
    """

    path: str
    image: NDArray[np.uint8] | None
    active: HeatMap | None = None
    candidate: HeatMap | None = None
    trouble: str = ""


def read_comparison(run: Path, names: Mapping[str, str]) -> Comparison:
    """All but images, with classes as the reader calls them (``names``: key -> name).

    Raises AppError where the new model is gone or its evidence or card is damaged; without the
    predictions of each frame it says so in ``trouble``.
    """
    folder = run / CANDIDATE_NAME
    evidence, card = _evidence(folder), model_folders.card_of(folder)
    try:
        compared, trouble = read_compared(folder), ""
    except CoreError as error:
        compared, trouble = None, f"{error.sentence} {error.way_out}"
    if compared is not None and (compared.candidate != card.version or not compared.classes):
        compared, trouble = None, wording.OTHER_MODEL
    if compared is not None and not compared.frames:
        trouble = wording.NO_FRAMES
    return _comparison(folder, evidence, card, compared, trouble, names)


def look(
    run: Path, frame: DifferingFrame, models: Models, trouble: str = "", *, blanked: bool = False
) -> SeenFrame:
    """The frame's image, and where each model found the class that it called.

    ``trouble``: why a model is missing; ``blanked``: the image says nothing of the patient, after
    the models have seen it as it is.
    """
    image = _image(run, frame.path)
    if image is None:
        return SeenFrame(frame.path, None, trouble=wording.NO_IMAGE)
    image = to_bgra(image)
    active, candidate = models
    heat = _heat(active, image, frame.active.key), _heat(candidate, image, frame.candidate.key)
    shown = without_identity_bgra(image) if blanked else image
    return SeenFrame(frame.path, shown, *heat, trouble)


def thumbnail(run: Path, path: str, *, blanked: bool = False) -> NDArray[np.uint8] | None:
    """(h, w, 4) BGRA with few rows; None where there is no image."""
    image = _image(run, path)
    if image is None:
        return None
    if blanked:
        image = np.ascontiguousarray(without_identity(image[..., ::-1])[..., ::-1])
    height = min(THUMBNAIL_HEIGHT, image.shape[0])
    width = max(1, round(image.shape[1] * height / image.shape[0]))
    return to_bgra(
        np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    )


def _evidence(folder: Path) -> Evidence:
    try:
        return read_evidence(folder)
    except FileNotFoundError as error:
        raise AppError(wording.GONE, wording.RETRAIN) from error
    except (OSError, JsonError) as error:
        raise AppError(wording.DAMAGED, wording.RETRAIN, type(error).__name__) from error


def _comparison(
    folder: Path,
    evidence: Evidence,
    card: ModelCard,
    compared: ComparedFrames | None,
    trouble: str,
    names: Mapping[str, str],
) -> Comparison:
    keys = compared.classes if compared is not None else card.classes
    shown = shown_names(keys, names)
    return Comparison(
        evidence,
        Side(compared.active if compared is not None else card.parent or ""),
        Side(card.version, card.created),
        shown,
        differing(compared, shown) if compared is not None else (),
        trouble,
        (folder / REPORT_NAME).is_file(),
    )


def _image(run: Path, path: str) -> NDArray[np.uint8] | None:
    labels = (run / LABELS_NAME).resolve()
    place = (labels / path).resolve()
    # the path comes from a file: nothing outside the run's own frames is read
    return decode(place) if place.is_relative_to(labels) and place.is_file() else None


def _heat(model: Classifier | None, image: NDArray[np.uint8], called: str) -> HeatMap | None:
    if model is None or called not in model.classes:
        return None
    return model.heat_map(model.classify(image), model.classes.index(called))
