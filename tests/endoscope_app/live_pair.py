"""The playback and the inference thread as the window holds them, with everything that came out
of them kept for a test.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot
from pytestqt.qtbot import QtBot

from endoscope_app.base.errors import AppError
from endoscope_app.base.mailbox import Mailbox
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.source import SharedFrames, SourceInfo
from endoscope_app.viewing.classifier import Classifier, Prediction
from endoscope_app.viewing.inference_thread import ClassifiedFrame, DecodedFrame, InferenceThread
from endoscope_app.viewing.playback_thread import PlaybackThread
from kd_core.vision.predictor import Predictor

WAIT_MS = 15_000


class CountingMailbox(Mailbox[DecodedFrame]):
    """Knows how many frames were ever put in, and which came last."""

    def __init__(self) -> None:
        super().__init__()
        self.put_in: list[tuple[int, int]] = []  # generation, index

    def put(self, item: DecodedFrame) -> None:
        self.put_in.append((item.generation, item.frame.index))
        super().put(item)


class GatedClassifier(Classifier):
    """The real model, but a frame waits in it while the gate is shut; ``entered`` says that one
    is waiting.
    """

    def __init__(self, model_dir: Path) -> None:
        super().__init__(Predictor.load(model_dir))
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def classify(self, bgra: NDArray[np.uint8]) -> Prediction:
        self.entered.set()
        assert self.gate.wait(WAIT_MS / 1000), "the test never opened the gate"
        return super().classify(bgra)


class LivePair(QObject):
    """Both threads, running.

    Results are taken on the test's own thread, as the window takes them.
    """

    def __init__(self, qtbot: QtBot, classifier: Classifier | None) -> None:
        super().__init__()
        self._qtbot = qtbot
        self.frames = CountingMailbox()
        self.inference = InferenceThread(self.frames)
        self.playback = PlaybackThread(self.frames)
        self.inference.use(classifier)
        self.delivered: list[ClassifiedFrame] = []
        self.opened: list[tuple[int, SourceInfo]] = []
        self.refused: list[tuple[int, AppError]] = []
        self.ended: list[int] = []
        self.faults: list[AppError] = []
        self.inference.frame_classified.connect(self._on_frame)
        self.inference.failed.connect(self._on_fault)
        self.playback.opened.connect(self._on_opened)
        self.playback.refused.connect(self._on_refused)
        self.playback.playback_ended.connect(self._on_ended)
        self.inference.start()
        self.playback.start()

    def until(self, done: Callable[[], bool]) -> None:
        """Let signals arrive until ``done``; fails after a time limit."""
        self._qtbot.waitUntil(done, timeout=WAIT_MS)

    def open(self, generation: int, path: Path) -> None:
        """Open and wait for the first frame."""
        self.playback.open(generation, path, deinterlace=True)
        self.until(
            lambda: bool(self.delivered) and self.delivered[-1].decoded.generation == generation
        )

    def shown(self) -> list[int]:
        """Indices of the delivered frames, in order."""
        return [result.decoded.frame.index for result in self.delivered]

    def stop(self) -> tuple[bool, bool]:
        """Stop as the app does; whether (playback, inference) came to an end."""
        self.playback.stop()
        playback = self.playback.wait(WAIT_MS)
        self.inference.stop()
        return playback, self.inference.wait(WAIT_MS)

    @Slot()
    def _on_frame(self) -> None:
        if (result := self.inference.results.take_now()) is not None:
            self.delivered.append(result)

    @Slot(int, object, object, object)
    def _on_opened(
        self, generation: int, frames: SharedFrames, times: FrameTimes, stamps: NDArray[np.int64]
    ) -> None:
        assert len(times) == len(stamps) == frames.info.frame_count
        assert len(np.unique(stamps)) == len(stamps)
        self.opened.append((generation, frames.info))

    @Slot(int, object)
    def _on_refused(self, generation: int, error: AppError) -> None:
        self.refused.append((generation, error))

    @Slot(int)
    def _on_ended(self, generation: int) -> None:
        self.ended.append(generation)

    @Slot(object)
    def _on_fault(self, error: AppError) -> None:
        self.faults.append(error)
