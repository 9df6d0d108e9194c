"""Which frames are nearest, as values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.analysis.embeddings import Embeddings
from endoscope_app.similar.nearest import Place, Query, cosines, nearest, search

VIDEO = Place("aa" * 20, Path("a.mp4"), "P1", False, 300, 12.0)
STILLS = Place("bb" * 20, Path("b"), "", True, 300, 0.0)


def turning(count: int = 300) -> Embeddings:
    """Vectors that turn by a degree a frame; 25 frames a second."""
    angle = np.radians(np.arange(count, dtype=np.float64))
    vectors = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float16)
    times = np.arange(count, dtype=np.float64) * 40
    return Embeddings(vectors, np.ones(count, np.bool_), times, np.arange(count, dtype=np.int64))


def query(where: str, index: int, degrees: float) -> Query:
    angle = np.radians(degrees)
    vector = np.array([np.cos(angle), np.sin(angle)], np.float32) * 7
    return Query(where, index, index * 40.0, "m", vector)


def test_a_cosine_is_that_of_the_angle_whatever_the_lengths() -> None:
    vectors = np.array([[2, 0], [0, 3], [0, 0], [1, 1]], np.float16)
    found = cosines(vectors, np.array([5, 0], np.float32))
    assert found.tolist() == pytest.approx([1, 0, 0, np.sqrt(0.5)], abs=1e-3)


def test_neighbours_in_time_are_one_frame_of_the_list() -> None:
    hits = nearest(query("cc" * 20, 0, 30.0), VIDEO, turning())
    times = sorted(hit.time_ms for hit in hits)
    assert hits[0].index == 30
    assert min(np.diff(times)) >= 2000
    assert all(hit.alike > 0 for hit in hits)
    assert [hit.alike for hit in hits] == sorted((hit.alike for hit in hits), reverse=True)


def test_what_was_asked_about_and_its_neighbours_are_not_found_again() -> None:
    hits = nearest(query(VIDEO.fingerprint, 30, 30.0), VIDEO, turning())
    assert min(abs(hit.time_ms - 1200) for hit in hits) >= 2000
    stills = nearest(query(STILLS.fingerprint, 30, 30.0), STILLS, turning(), most=3)
    assert {hit.index for hit in stills} == {29, 31, 28} or {29, 31, 32} == {
        hit.index for hit in stills
    }


def test_frames_that_were_not_looked_at_are_never_found() -> None:
    kept = turning()
    kept.known[20:60] = False
    hits = nearest(query("cc" * 20, 0, 30.0), STILLS, kept)
    assert not {hit.index for hit in hits} & set(range(20, 60))


def test_a_procedure_of_another_model_is_said_to_be_missing(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path)
    store.save(VIDEO.fingerprint, "m", turning())
    store.save(STILLS.fingerprint, "another", turning())
    steps: list[tuple[int, int]] = []
    found = search(
        query("cc" * 20, 0, 30.0),
        [VIDEO, STILLS],
        store,
        lambda _: None,
        lambda *step: steps.append(step),
        lambda: False,
    )
    assert {hit.place for hit in found.hits} == {VIDEO}
    assert found.without == (STILLS,)
    assert steps == [(0, 2), (1, 2)]


def test_a_search_that_is_stopped_looks_no_further(tmp_path: Path) -> None:
    asked: list[str] = []

    def in_memory(where: str) -> Embeddings:
        asked.append(where)
        return turning()

    found = search(
        query("cc" * 20, 0, 30.0),
        [VIDEO, STILLS],
        EmbeddingStore(tmp_path),
        in_memory,
        lambda *_: None,
        lambda: bool(asked),
    )
    assert asked == [VIDEO.fingerprint]
    assert {hit.place for hit in found.hits} == {VIDEO}
