"""One procedure of the queue: opened, analysed where it was left, and kept as it grows."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QThread, Signal

from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.analysis.embeddings import Embeddings
from endoscope_app.analysis.frame_analysis import Analysis
from endoscope_app.analysis.kept_parts import (
    embeddings_of_parts,
    known_measures,
    known_predictions,
)
from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.analysis.quality.frame_measures import FrameMeasures
from endoscope_app.analysis.quality.measures import Rows
from endoscope_app.base.errors import AppError
from endoscope_app.base.faults import fault_in_words
from endoscope_app.media.opening import OpeningStopped, open_source
from endoscope_app.media.source import FrameSource, SourceInfo
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.worklist import wording
from endoscope_app.worklist.entry import Entry

#: A crash costs no more than this.
SAVE_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How it ended: ``analysed`` frames are kept by ``model``; ``is_whole``: no frame is left to
    try; ``trouble``: the procedure's own; ``not_kept``: the data folder's.
    """

    fingerprint: str
    analysed: int
    model: str
    is_whole: bool
    trouble: AppError | None = None
    not_kept: AppError | None = None


@dataclass(slots=True)
class _Rows:
    """raw (N, C), known (N,), damaged (N,), embeddings: as the stores keep them."""

    raw: NDArray[np.float16]
    known: NDArray[np.bool_]
    damaged: NDArray[np.bool_]
    embeddings: Embeddings
    measures: FrameMeasures

    @property
    def done(self) -> NDArray[np.bool_]:
        """(N,) frames that need not be classified again."""
        return self.known & self.embeddings.known


class QueueThread(QThread):
    """One run over one procedure; the UI polls ``done`` at its own pace."""

    looked = Signal(int, object)  # id of the entry, SourceInfo
    ended = Signal(int, object)  # id of the entry, RunEnd

    def __init__(
        self,
        entry: Entry,
        classifier: Classifier,
        store: PredictionStore,
        embeddings: EmbeddingStore,
        *,
        deinterlace: bool,
    ) -> None:
        super().__init__()
        self.setObjectName("worklist queue")
        self.entry = entry
        self._classifier, self._store, self._deinterlace = classifier, store, deinterlace
        self._embeddings = embeddings
        self._stopped, self._gives_way = threading.Event(), False
        self._lock = threading.Lock()
        self._analysis: Analysis | None = None
        self._rows: _Rows | None = None
        self._info: SourceInfo | None = None
        self._not_kept: AppError | None = None
        self._before, self._begun = 0, 0.0

    def done(self) -> tuple[int, int]:
        """Frames that are known, and all of them; 0 of 0 while the file is being opened."""
        with self._lock:
            return (int(self._rows.done.sum()), len(self._rows.known)) if self._rows else (0, 0)

    def pace(self) -> float | None:
        """Frames per second in this run; None while that is a guess."""
        known, _ = self.done()
        seconds = time.monotonic() - self._begun
        fresh = known - self._before
        return fresh / seconds if self._begun and fresh > 0 and seconds > 1.0 else None

    def stop(self) -> None:
        """Ask for the end; ``ended`` follows within a frame, and what is done is kept."""
        self._stopped.set()
        with self._lock:
            if self._analysis is not None:
                self._analysis.stop()

    def give_way(self, yes: bool) -> None:
        """Leave the processor to what the reader looks at."""
        self._gives_way = yes
        with self._lock:
            if self._analysis is not None:
                self._analysis.give_way(yes)

    def run(self) -> None:
        """Open, analyse, keep; says how it ended whatever happens."""
        trouble: AppError | None = None
        try:
            self._work()
        except OpeningStopped:
            pass
        except AppError as error:
            trouble = error
        except (
            Exception
        ) as error:  # top of a thread loop: a bug must reach the reader, not end in silence
            trouble = fault_in_words(error, wording.FAULT, "fault in the queue")
        known, _ = self.done()
        is_whole = self._info is not None and not self._stopped.is_set()
        self.ended.emit(
            self.entry.id,
            RunEnd(
                self._info.fingerprint if self._info else "",
                known,
                self._classifier.version,
                is_whole and trouble is None and self._not_kept is None,
                trouble,
                self._not_kept,
            ),
        )

    def _work(self) -> None:
        with open_source(
            self.entry.path,
            deinterlace=self._deinterlace,
            progress=lambda _: None,
            should_stop=self._stopped.is_set,
        ) as source:
            self._info = source.info
            self.looked.emit(self.entry.id, source.info)
            self._restore(source)
            self._analyse(source)

    def _restore(self, source: FrameSource) -> None:
        """What an earlier run, or the window, has kept."""
        info = source.info
        classes = len(self._classifier.classes)
        stored = known_predictions(self._store, info, self._classifier.version, classes)
        embeddings = self._kept_embeddings(source)
        measures = known_measures(self._store.measures, info) or FrameMeasures.none(
            info.frame_count
        )
        rows = (
            _Rows(stored.raw, stored.known, stored.damaged, embeddings, measures)
            if stored is not None
            else _Rows(
                np.zeros((info.frame_count, classes), np.float16),
                np.zeros(info.frame_count, np.bool_),
                np.zeros(info.frame_count, np.bool_),
                embeddings,
                measures,
            )
        )
        with self._lock:
            self._rows = rows

    def _kept_embeddings(self, source: FrameSource) -> Embeddings:
        info, size = source.info, self._classifier.embedding_size
        kept = self._embeddings.load(info.fingerprint, self._classifier.version)
        if kept is not None and kept.vectors.shape == (info.frame_count, size):
            return kept
        every = range(info.frame_count)
        times = np.array([source.time_ms(index) for index in every])
        stamps = np.array([source.stamp(index) for index in every], np.int64)
        none_yet = Embeddings.none_yet(size, times, stamps)
        version = self._classifier.version
        return embeddings_of_parts(self._embeddings, info.parts, version, none_yet)

    def _analyse(self, source: FrameSource) -> None:
        assert self._rows is not None
        known, measured = self._rows.done, self._rows.measures.known.copy()
        if (known & measured).all():
            return
        analysis = Analysis(source, self._classifier, embeddings=self._rows.embeddings)
        with self._lock:
            self._analysis = analysis
        analysis.give_way(self._gives_way)
        if self._stopped.is_set():
            return
        self._before, self._begun = int(known.sum()), time.monotonic()
        saved_at = self._begun

        def keep(start: int, probabilities: NDArray[np.float32]) -> None:
            nonlocal saved_at
            assert self._rows is not None
            now = time.monotonic()
            with self._lock:
                stop = start + len(probabilities)
                self._rows.raw[start:stop] = probabilities
                self._rows.known[start:stop] = True
                is_due = now - saved_at > SAVE_EVERY_S
                saved_at = now if is_due else saved_at
            if is_due:
                self._save(analysis, embeddings=False)

        def keep_rows(start: int, rows: Rows) -> None:
            assert self._rows is not None
            with self._lock:
                self._rows.measures.write(start, rows)

        try:
            analysis.run(keep, known, on_measured=keep_rows, measured=measured)
        finally:
            self._save(analysis)

    def _save(self, analysis: Analysis, *, embeddings: bool = True) -> None:
        assert self._rows is not None
        assert self._info is not None
        with self._lock:
            rows = replace(
                self._rows,
                raw=self._rows.raw.copy(),
                known=self._rows.known.copy(),
                damaged=self._rows.damaged.copy(),
                measures=self._rows.measures.copy(),
            )
        corrupt = np.zeros_like(rows.damaged)
        corrupt[list(analysis.corrupt())] = True
        rows.damaged |= corrupt & rows.known
        rows.damaged[list(analysis.lost())] = True
        if not rows.known.any():
            return
        whose = self._info.fingerprint, self._classifier.version
        try:
            self._store.save(*whose, rows.raw, rows.known, rows.damaged)
            if rows.measures.known.any():
                self._store.measures.save(self._info.fingerprint, rows.measures)
            if embeddings:
                self._embeddings.save(*whose, rows.embeddings)
        except AppError as error:
            self._not_kept = error
            analysis.stop()
