"""A quick look carried out: key frames classified, each decoded by itself. No Qt."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.frame_analysis import worker_count
from endoscope_app.analysis.piece_queue import PieceQueue, lower_priority
from endoscope_app.media.source import SharedFrames
from endoscope_app.viewing.classifier import Classifier

Looked = Callable[[int, NDArray[np.float32]], None]

#: Key frames that a worker takes at a time: each time a file is opened anew.
FRAMES_PER_PIECE = 48
#: Where a file cannot be sought in, a look takes long: every frame is analysed as well.
MOST_S = 60.0


class QuickAnalysis:
    """``run`` blocks; ``stop`` and ``give_way`` may be called from any thread."""

    def __init__(
        self, frames: SharedFrames, classifier: Classifier, *, background: bool = True
    ) -> None:
        """``background``: it gives way to the window and to other programs."""
        self._frames, self._classifier, self._background = frames, classifier, background
        self._queue: PieceQueue[list[int]] = PieceQueue()
        self._end_s = 0.0

    def stop(self) -> None:
        """Ask the workers to end after the frame in hand."""
        self._queue.stop()

    @property
    def stopped(self) -> bool:
        """Whether ``stop`` was called."""
        return self._queue.stopped

    def give_way(self, yes: bool) -> None:
        """While the reader plays, all workers but one wait."""
        self._queue.give_way(yes)

    def run(self, stages: Sequence[NDArray[np.int64]], on_look: Looked) -> None:
        """Call ``on_look(frame, probabilities (C,))`` from worker threads for each of these key
        frames that comes out whole; each stage is ascending, and begun after the one before.

        Raises AppError where the file is gone or damaged.
        """
        pieces = [
            stage[at : at + FRAMES_PER_PIECE].tolist()
            for stage in stages
            for at in range(0, len(stage), FRAMES_PER_PIECE)
        ]
        self._queue.fill(pieces)
        self._end_s = time.monotonic() + MOST_S
        workers = min(worker_count(background=self._background), len(pieces))
        if not workers:
            return
        with ThreadPoolExecutor(workers, thread_name_prefix="quick look") as pool:
            jobs = [pool.submit(self._work, number, on_look) for number in range(workers)]
        for job in jobs:
            job.result()

    def _work(self, number: int, on_look: Looked) -> None:
        if self._background:
            lower_priority()
        while (piece := self._queue.next(number)) is not None:
            self._look(piece, number, on_look)

    def _look(self, piece: list[int], number: int, on_look: Looked) -> None:
        height = self._classifier.analysis_height(self._frames.info.height)
        for frame, image in self._frames.key_images(piece, height):
            shrunk = self._classifier.shrunk(image)
            on_look(frame, self._classifier.probabilities([shrunk])[0])
            if self.stopped or time.monotonic() > self._end_s:
                self._queue.fill(())
                return
            if self._queue.gives_way(number):
                self._queue.put_back([key for key in piece if key > frame])
                return
