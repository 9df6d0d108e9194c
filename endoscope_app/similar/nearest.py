"""The frames nearest to one, by the angle between what the model sees in them. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.analysis.embeddings import Embeddings
from endoscope_app.base.errors import AppError

#: Frames of a video nearer in time than this are one: neighbours must not fill the list.
APART_MS = 2000.0
MOST = 60
_ROWS = 8192


@dataclass(frozen=True, slots=True)
class Place:
    """A procedure of the worklist: ``patient`` is a pseudonym; ``stills``: frames have no times."""

    fingerprint: str
    path: Path
    patient: str
    stills: bool
    frame_count: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A frame, and how alike it is: the cosine, at most 1. ``stamp``: what its label is kept
    under.
    """

    place: Place
    index: int
    time_ms: float
    stamp: int
    alike: float


@dataclass(frozen=True)
class Query:
    """Frame ``index`` of the procedure ``fingerprint``, as the model ``version`` sees it (K,)."""

    fingerprint: str
    index: int
    time_ms: float
    version: str
    vector: NDArray[np.float32] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """``hits``: most alike first; ``without``: procedures that this model has not looked at."""

    hits: tuple[Hit, ...]
    without: tuple[Place, ...]


def cosines(vectors: NDArray[np.float16], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, K) and (K,) -> (N,) between -1 and 1; 0 for a vector of nothing."""
    result = np.zeros(len(vectors), np.float32)
    length = float(np.linalg.norm(query))
    for start in range(0, len(vectors), _ROWS):
        rows = vectors[start : start + _ROWS].astype(np.float32)
        lengths = np.linalg.norm(rows, axis=1) * length
        result[start : start + _ROWS] = (rows @ query) / np.where(lengths > 0, lengths, np.inf)
    return result


def nearest(query: Query, place: Place, kept: Embeddings, most: int = MOST) -> list[Hit]:
    """Those of one procedure, most alike first, each two of a video APART_MS from each other and
    from what was asked about.
    """
    alike = np.where(kept.known, cosines(kept.vectors, query.vector), -2.0)
    apart = 0.0 if place.stills else APART_MS
    here = place.fingerprint == query.fingerprint
    taken = [query.time_ms] if here else []
    hits: list[Hit] = []
    for index in np.argsort(-alike, kind="stable").tolist():
        if len(hits) == most or alike[index] <= 0:
            break
        if here and index == query.index:
            continue
        time_ms = float(kept.times_ms[index])
        if any(abs(time_ms - other) < apart for other in taken):
            continue
        taken.append(time_ms)
        hits.append(Hit(place, index, time_ms, int(kept.stamps[index]), float(alike[index])))
    return hits


def search(
    query: Query,
    places: Sequence[Place],
    store: EmbeddingStore,
    in_memory: Callable[[str], Embeddings | None],
    progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> Found:
    """Over all ``places``; ``in_memory``: of a procedure that is open. A file that cannot be read
    is one that the model has not looked at.
    """
    hits: list[Hit] = []
    without: list[Place] = []
    for done, place in enumerate(places):
        if should_stop():
            break
        progress(done, len(places))
        kept = in_memory(place.fingerprint)
        if kept is None:
            try:
                kept = store.load(place.fingerprint, query.version)
            except AppError:
                kept = None
        if kept is None or not kept.known.any() or kept.vectors.shape[1] != len(query.vector):
            without.append(place)
            continue
        hits += nearest(query, place, kept)
    hits.sort(key=lambda hit: -hit.alike)
    return Found(tuple(hits[:MOST]), tuple(without))
