"""A model that can be held or made to fail, and a table that counts what an analysis hands over."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.analysis.frame_analysis import Analysis
from endoscope_app.media import fingerprint, opening, scan
from endoscope_app.media.container import VideoFile
from endoscope_app.media.opening import open_source
from endoscope_app.media.opening_watch import OpeningWatch
from endoscope_app.media.packet_table import PacketTable
from endoscope_app.viewing.classifier import Classifier
from kd_core.vision.predictor import Predictor

Array = NDArray[np.float32]
COUNT = 120
WAIT_S = 20.0


class WatchedClassifier(Classifier):
    """The real model; counts pictures, and after ``allowed`` of them waits until ``go_on`` (or
    fails with ``fault``).
    """

    def __init__(self, model_dir: Path) -> None:
        super().__init__(Predictor.load(model_dir))
        self.allowed = 10**9
        self.pictures = 0
        self.held, self.go_on = threading.Event(), threading.Event()
        self.fault: Exception | None = None
        self._lock = threading.Lock()

    def probabilities(self, pictures: Sequence[NDArray[np.uint8]]) -> Array:
        with self._lock:
            self.pictures += len(pictures)
            enough = self.pictures > self.allowed
        if enough:
            self.held.set()
            assert self.go_on.wait(WAIT_S), "the test never let the worker go on"
            if self.fault is not None:
                raise self.fault
        return super().probabilities(pictures)


class Table:
    """What arrived, and how often each frame did."""

    def __init__(self, classes: int, count: int = COUNT) -> None:
        self.rows = np.zeros((count, classes), np.float32)
        self.times = np.zeros(count, np.int64)
        self._came = threading.Condition()

    def add(self, start: int, rows: Array) -> None:
        with self._came:
            self.rows[start : start + len(rows)] = rows
            self.times[start : start + len(rows)] += 1
            self._came.notify_all()

    def reached(self, frames: int, limit_s: float = WAIT_S) -> bool:
        """Wait until so many frames have arrived."""
        with self._came:
            return self._came.wait_for(lambda: int((self.times > 0).sum()) >= frames, limit_s)


def joined(
    chunks: Sequence[tuple[int, Array]], frame_count: int, class_count: int
) -> tuple[Array, NDArray[np.bool_]]:
    """Chunks in any order -> probabilities (N, C) and which rows are known (N,)."""
    table = np.zeros((frame_count, class_count), np.float32)
    known = np.zeros(frame_count, np.bool_)
    for start, rows in chunks:
        table[start : start + len(rows)] = rows
        known[start : start + len(rows)] = True
    return table, known


def one_by_one(path: Path, classifier: Classifier) -> Array:
    """Frame for frame in order, one picture a call: what the analysis must come to."""
    with open_source(path) as source:
        small = source.small_frames(
            0, source.info.frame_count, classifier.analysis_height(source.info.height)
        )
        return np.concatenate([classifier.probabilities([picture]) for _, picture in small])


def analysis_of(path: Path, classifier: Classifier, *, background: bool = True) -> Analysis:
    """Of a file that was opened and closed before: what an analysis needs outlives that."""
    with open_source(path) as source:
        return Analysis(source, classifier, background=background)


class Looks:
    """Counts how often a video file is demuxed whole, and how often it is fingerprinted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.demuxed = self.fingerprinted = 0
        # A process of its own would count for itself
        monkeypatch.setattr(opening, "decodes_apart", lambda: False)
        self._demux, self._fingerprint = scan.read_packets, fingerprint.of_file
        monkeypatch.setattr(scan, "read_packets", self._on_demux)
        monkeypatch.setattr(fingerprint, "of_file", self._on_fingerprint)

    def _on_demux(self, file: VideoFile, byte_count: int, watch: OpeningWatch) -> PacketTable:
        self.demuxed += 1
        return self._demux(file, byte_count, watch)

    def _on_fingerprint(self, path: Path) -> str:
        self.fingerprinted += 1
        return self._fingerprint(path)
