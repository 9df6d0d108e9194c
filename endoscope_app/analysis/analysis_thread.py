"""Whole-file analysis in the background: chunks collected for the UI to fetch, progress with
time left, an end in words.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QThread, Signal

from endoscope_app.analysis import wording
from endoscope_app.analysis.embeddings import Embeddings
from endoscope_app.analysis.frame_analysis import Analysis
from endoscope_app.analysis.quality.measures import Rows
from endoscope_app.analysis.quick_analysis import QuickAnalysis
from endoscope_app.base.errors import AppError
from endoscope_app.base.faults import fault_in_words
from endoscope_app.media.source import SharedFrames
from endoscope_app.viewing.classifier import Classifier

Array = NDArray[np.float32]


class AnalysisThread(QThread):
    """One run over one procedure; a new one is made for the next.

    The UI polls ``take_chunks`` at its own pace.
    """

    ended = Signal(int, object)  # generation, AppError or None

    def __init__(
        self,
        generation: int,
        frames: SharedFrames,
        classifier: Classifier,
        known: NDArray[np.bool_] | None,
        measured: NDArray[np.bool_] | None = None,
        embeddings: Embeddings | None = None,
        *,
        quick: Sequence[NDArray[np.int64]] = (),
    ) -> None:
        """``known``, ``measured`` (N,): frames that need not be classified, or measured, again;
        ``quick``: key frames that are looked at before all others, stage by stage.
        """
        super().__init__()
        self.setObjectName("analysis")
        self.generation = generation
        self.model_version = classifier.version
        self._analysis = Analysis(frames, classifier, embeddings=embeddings)
        self._quick = QuickAnalysis(frames, classifier)
        self._stages = quick
        self.looks_wanted = sum(len(stage) for stage in quick)
        self._known, self._measured = known, measured
        self._looks: list[tuple[int, Array]] = []
        self._chunks: list[tuple[int, Array]] = []
        self._rows: list[tuple[int, Rows]] = []
        self._lock = threading.Lock()

    def run(self) -> None:
        """A quick look, then every frame, until done or stopped."""
        problem: AppError | None = None
        try:
            self._quick.run(self._stages, self._collect_look)
            self.looks_wanted = 0
            self._analysis.run(
                self._collect,
                self._known,
                on_measured=self._collect_rows,
                measured=self._measured,
            )
        except AppError as error:
            problem = error
        except (
            Exception
        ) as error:  # top of a thread loop: a bug must reach the reader, not end in silence
            problem = fault_in_words(error, wording.FAULT, "fault in the analysis")
        self.ended.emit(self.generation, problem)

    def stop(self) -> None:
        """Ask for the end; ``ended`` follows within a frame."""
        self._quick.stop()
        self._analysis.stop()

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._analysis.stopped

    def give_way(self, yes: bool) -> None:
        """Leave the processor to playback while it runs."""
        self._quick.give_way(yes)
        self._analysis.give_way(yes)

    def take_looks(self) -> list[tuple[int, Array]]:
        """What a quick look saw since the last call, as (frame, probabilities (C,))."""
        with self._lock:
            looks, self._looks = self._looks, []
        return looks

    def take_chunks(self) -> list[tuple[int, Array]]:
        """What came since the last call, as (start, probabilities (n, C))."""
        with self._lock:
            chunks, self._chunks = self._chunks, []
        return chunks

    def take_rows(self) -> list[tuple[int, Rows]]:
        """What was measured since the last call, as (start, rows (n, COUNT))."""
        with self._lock:
            rows, self._rows = self._rows, []
        return rows

    def corrupt(self) -> frozenset[int]:
        """Frames known so far to hold damaged data, analysed or not."""
        return self._analysis.corrupt()

    def lost(self) -> frozenset[int]:
        """Frames of which the decoder made nothing."""
        return self._analysis.lost()

    def _collect(self, start: int, probabilities: Array) -> None:
        with self._lock:
            self._chunks.append((start, probabilities))

    def _collect_look(self, frame: int, probabilities: Array) -> None:
        with self._lock:
            self._looks.append((frame, probabilities))

    def _collect_rows(self, start: int, rows: Rows) -> None:
        with self._lock:
            self._rows.append((start, rows))
