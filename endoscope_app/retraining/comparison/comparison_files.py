"""A candidate's folder as what the comparison shows: proof, differing frames, pictures and heat
maps. For the background; no Qt.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.media.image_file import decode, to_bgra
from endoscope_app.models import model_folders
from endoscope_app.retraining.comparison.comparison_data import (
    Comparison,
    DifferingFrame,
    Side,
    differing,
    in_words,
)
from endoscope_app.retraining.comparison.seen_frame import SeenFrame
from endoscope_app.retraining.run.run_folders import CANDIDATE_NAME, LABELS_NAME
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.viewing.heat_map import HeatMap
from kd_core.schema.compared import ComparedFrames, read_compared
from kd_core.schema.errors import CoreError
from kd_core.schema.evidence import read_evidence
from kd_core.schema.json_text import JsonError
from kd_core.schema.run_files import REPORT_NAME

GONE = "The candidate of this run is not there any more."
RETRAIN = "Retrain to make another."
DAMAGED_PROOF = "The proof of this candidate is damaged."
NO_PICTURE = "The picture of this frame is not there any more."
THUMBNAIL_HEIGHT = 144  # rows: twice what the list shows, for screens with two pixels a point
#: Both models, or why there is none: active, candidate.
Models = tuple[Classifier | None, Classifier | None]


def read_comparison(run: Path, names: Mapping[str, str]) -> Comparison:
    """All but images, with classes as the reader calls them (``names``: key -> name).

    Raises AppError where the candidate is gone or its evidence or card is damaged; without what the
    models said of each frame it says so in ``trouble``.
    """
    return in_words(_read(run), names)


def _read(run: Path) -> Comparison:
    folder = run / CANDIDATE_NAME
    try:
        evidence = read_evidence(folder)
    except FileNotFoundError as error:
        raise AppError(GONE, RETRAIN) from error
    except (OSError, JsonError) as error:
        raise AppError(DAMAGED_PROOF, RETRAIN, type(error).__name__) from error
    card = model_folders.card_of(folder)
    has_report = (folder / REPORT_NAME).is_file()
    candidate = Side(card.version, card.created)
    try:
        compared = read_compared(folder)
    except CoreError as error:
        return Comparison(
            evidence,
            Side(card.parent or ""),
            candidate,
            card.classes,
            (),
            f"{error.sentence} {error.way_out}",
            has_report,
        )
    if compared.candidate != card.version or not compared.classes:
        trouble = "The answers to each frame are of another model, so they are not shown."
        return Comparison(
            evidence, Side(card.parent or ""), candidate, card.classes, (), trouble, has_report
        )
    return Comparison(
        evidence,
        Side(compared.active),
        candidate,
        compared.classes,
        differing(compared),
        _trouble(compared),
        has_report,
    )


def look(run: Path, frame: DifferingFrame, models: Models, trouble: str = "") -> SeenFrame:
    """The frame's picture, and where each model found the class that it called.

    ``trouble``: why a model is missing.
    """
    image = _picture(run, frame.path)
    if image is None:
        return SeenFrame(frame.path, None, trouble=NO_PICTURE)
    picture = to_bgra(image)
    active, candidate = models
    heat = _heat(active, picture, frame.active.key), _heat(candidate, picture, frame.candidate.key)
    return SeenFrame(frame.path, picture, *heat, trouble)


def thumbnail(run: Path, path: str) -> NDArray[np.uint8] | None:
    """(h, w, 4) BGRA with few rows; None where there is no picture."""
    image = _picture(run, path)
    if image is None:
        return None
    height = min(THUMBNAIL_HEIGHT, image.shape[0])
    width = max(1, round(image.shape[1] * height / image.shape[0]))
    return to_bgra(
        np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    )


def _picture(run: Path, path: str) -> NDArray[np.uint8] | None:
    labels = (run / LABELS_NAME).resolve()
    place = (labels / path).resolve()
    # the path comes from a file: nothing outside the run's own frames is read
    return decode(place) if place.is_relative_to(labels) and place.is_file() else None


def _heat(model: Classifier | None, picture: NDArray[np.uint8], called: str) -> HeatMap | None:
    if model is None or called not in model.classes:
        return None
    return model.heat_map(model.classify(picture), model.classes.index(called))


def _trouble(compared: ComparedFrames) -> str:
    return (
        ""
        if compared.frames
        else (
            "No procedure is held out yet, so there is no frame on which the models could be"
            " compared."
        )
    )
