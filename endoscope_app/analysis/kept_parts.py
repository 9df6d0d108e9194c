"""What was kept of a procedure, or of its files before they were joined: their frames need no
second analysis. No Qt.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.analysis.embeddings import Embeddings
from endoscope_app.analysis.prediction_store import PredictionStore, Stored
from endoscope_app.analysis.quality.frame_measures import FrameMeasures
from endoscope_app.analysis.quality.measure_store import MeasureStore
from endoscope_app.media.part import Part
from endoscope_app.media.source import SourceInfo


def known_predictions(
    store: PredictionStore, info: SourceInfo, version: str, classes: int
) -> Stored | None:
    """By that model; None where nothing was kept. AppError where it cannot be read."""
    whole = store.load(info.fingerprint, version, info.frame_count, classes)
    return whole or _predictions_of_parts(store, info.parts, version, classes)


def known_measures(store: MeasureStore, info: SourceInfo) -> FrameMeasures | None:
    """None where nothing was kept."""
    return store.load(info.fingerprint, info.frame_count) or _measures_of_parts(store, info.parts)


def _predictions_of_parts(
    store: PredictionStore, parts: Sequence[Part], version: str, classes: int
) -> Stored | None:
    kept = [store.load(part.fingerprint, version, part.frame_count, classes) for part in parts]
    if all(each is None for each in kept):
        return None
    count = parts[-1].end
    whole = Stored(
        np.zeros((count, classes), np.float16), np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    )
    for part, each in zip(parts, kept, strict=True):
        if each is not None:
            for column, of_part in zip(whole, each, strict=True):
                column[part.first : part.end] = of_part
    return whole


def _measures_of_parts(store: MeasureStore, parts: Sequence[Part]) -> FrameMeasures | None:
    kept = [store.load(part.fingerprint, part.frame_count) for part in parts]
    if all(each is None for each in kept):
        return None
    whole = FrameMeasures.none(parts[-1].end)
    for part, each in zip(parts, kept, strict=True):
        if each is not None:
            whole.rows[part.first : part.end] = each.rows
            whole.known[part.first : part.end] = each.known
    return whole


def embeddings_of_parts(
    store: EmbeddingStore, parts: Sequence[Part], version: str, whole: Embeddings
) -> Embeddings:
    """``whole``, none yet of the joined procedure, with those that were kept of its files."""
    for part in parts:
        kept = store.load(part.fingerprint, version)
        shape = (part.frame_count, whole.vectors.shape[1])
        if kept is not None and kept.vectors.shape == shape:
            _put(whole.vectors, part, kept.vectors)
            _put(whole.known, part, kept.known)
    return whole


def _put(column: NDArray[np.generic], part: Part, rows: NDArray[np.generic]) -> None:
    column[part.first : part.end] = rows
