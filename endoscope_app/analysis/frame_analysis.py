"""Classify every frame of a procedure: workers, each with its own decoder on keyframe-aligned
pieces. No Qt here.

Two decoders on halves reached .83 to .86 of decode-only speed where one decoder feeding one
classifier reached .65 to .70. Pieces are short (half a minute) and handed out in order, so the
timeline fills from the left and a cancelled analysis resumes where it was.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.embeddings import Embeddings
from endoscope_app.analysis.piece_queue import PieceQueue, lower_priority
from endoscope_app.analysis.quality.measures import FrameMeter, Row, Rows
from endoscope_app.base.errors import AppError
from endoscope_app.media.source import Image, SharedFrames
from endoscope_app.viewing.classifier import Classifier

Array = NDArray[np.float32]
Chunk = Callable[[int, Array], None]
Measured = Callable[[int, Rows], None]

#: Two keep both cores of a small machine busy: while one waits for the disk the other computes.
LEAST_WORKERS = 2
#: Each takes as much memory as its decoder, some 60 MB at 1080p.
MOST_WORKERS = 8
BATCH = 8
FRAMES_PER_PIECE = 750


def usable_cores() -> int:
    """Those that the system lets this process use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worker_count(*, background: bool) -> int:
    """One worker per core; one core is left to the window where there are more than two."""
    free = usable_cores() - 1 if background else usable_cores()
    return min(MOST_WORKERS, max(LEAST_WORKERS, free))


def pieces_to_do(
    frames: SharedFrames, known: NDArray[np.bool_] | None, workers: int
) -> list[tuple[int, int]]:
    """Half-open ranges still to classify, in order, starting at keyframes where the work is not
    half done.
    """
    total = frames.info.frame_count
    todo = []
    for start, stop in frames.segments(max(workers, total // FRAMES_PER_PIECE)):
        if known is None:
            todo.append((start, stop))
            continue
        missing = np.flatnonzero(~known[start:stop])
        if missing.size:
            todo.append((start + int(missing[0]), start + int(missing[-1]) + 1))
    return todo


class Analysis:
    """One pass over one procedure.

    ``run`` blocks; ``stop`` and ``give_way`` may be called from any thread.
    """

    def __init__(
        self,
        frames: SharedFrames,
        classifier: Classifier,
        *,
        background: bool = True,
        embeddings: Embeddings | None = None,
    ) -> None:
        """``background``: it gives way to the window and to other programs; ``embeddings``: get
        those of the frames, from the same pass.
        """
        self._embeddings = embeddings
        self._frames = frames
        self._classifier = classifier
        self._background = background
        self._queue: PieceQueue[tuple[int, int]] = PieceQueue()
        self._losing = threading.Lock()
        self._lost: set[int] = set()
        self._known: NDArray[np.bool_] | None = None
        self._on_measured: Measured | None = None

    def stop(self) -> None:
        """Ask the workers to end after the frame in hand."""
        self._queue.stop()

    @property
    def stopped(self) -> bool:
        """Whether ``stop`` was called."""
        return self._queue.stopped

    def corrupt(self) -> frozenset[int]:
        """Frames known so far to hold damaged data, analysed or not."""
        return self._frames.corrupt_frames()

    def lost(self) -> frozenset[int]:
        """Frames of which the decoder made nothing."""
        with self._losing:
            return frozenset(self._lost)

    def give_way(self, yes: bool) -> None:
        """While the reader plays, all workers but one wait."""
        self._queue.give_way(yes)

    def run(
        self,
        on_chunk: Chunk,
        known: NDArray[np.bool_] | None = None,
        *,
        on_measured: Measured | None = None,
        measured: NDArray[np.bool_] | None = None,
    ) -> None:
        """Call ``on_chunk(start, probabilities (n, C))`` from worker threads until all is done or
        stopped, each time after ``on_measured(start, rows (n, COUNT))`` with the same frames'
        measures.

        Frames that are ``known`` (N,) are not classified again, only measured where they were not
        (``measured`` (N,), None: as ``known``).

        Raises the first AppError of a worker after the others have ended; what was done until then
        has been handed over.
        """
        most = worker_count(background=self._background)
        self._known, self._on_measured = known, on_measured
        is_done = known if known is None or measured is None else known & measured
        pieces = pieces_to_do(self._frames, is_done, most)
        self._queue.fill(pieces)
        workers = min(most, len(pieces))
        if not workers:
            return
        # One decoder thread each where workers share the cores; a single piece may use two.
        decoder_threads = 1 if workers > 1 else 2
        with ThreadPoolExecutor(workers, thread_name_prefix="analysis") as pool:
            jobs = [
                pool.submit(self._work, number, decoder_threads, on_chunk)
                for number in range(workers)
            ]
        for job in jobs:
            job.result()

    def _work(self, number: int, decoder_threads: int, on_chunk: Chunk) -> None:
        if self._background:
            lower_priority()
        try:
            while (piece := self._queue.next(number)) is not None:
                self._classify(piece, number, decoder_threads, on_chunk)
        except AppError:
            self.stop()
            raise

    def _classify(
        self, piece: tuple[int, int], number: int, decoder_threads: int, on_chunk: Chunk
    ) -> None:
        indices: list[int] = []
        images: list[Image] = []
        rows: list[Row] = []
        meter = FrameMeter()
        height = self._classifier.analysis_height(self._frames.info.height)
        expected = piece[0]
        for index, image in self._frames.small_frames(*piece, height, threads=decoder_threads):
            if indices and (len(indices) == BATCH or index != indices[-1] + 1):
                self._hand_over(indices, images, rows, on_chunk)
            if index != expected:
                meter = FrameMeter()  # what changed is said of neighbours only
            # As the model's first step would: done once, for both
            image = self._classifier.shrunk(image)
            indices.append(index)
            images.append(image)
            rows.append(meter.measure(image))
            self._lose(expected, index)
            expected = index + 1
            if self._queue.gives_way(number):
                self._queue.put_back((index + 1, piece[1]))
                break
            if self.stopped:
                break
        else:
            self._lose(expected, piece[1])
        if indices:
            self._hand_over(indices, images, rows, on_chunk)

    def _lose(self, start: int, stop: int) -> None:
        """Frames start..stop were passed over: the decoder made nothing of them."""
        if start < stop:
            with self._losing:
                self._lost.update(range(start, stop))

    def _hand_over(
        self, indices: list[int], images: list[Image], rows: list[Row], on_chunk: Chunk
    ) -> None:
        start, stop = indices[0], indices[-1] + 1
        if self._on_measured is not None:
            self._on_measured(start, np.stack(rows))
        if self._known is None or not self._known[start:stop].all():
            on_chunk(start, self._classified(start, images))
        indices.clear()
        images.clear()
        rows.clear()

    def _classified(self, start: int, images: list[Image]) -> Array:
        if self._embeddings is None:
            return self._classifier.probabilities(images)
        probabilities, vectors = self._classifier.looked_at(images)
        self._embeddings.put(start, vectors)
        return probabilities
