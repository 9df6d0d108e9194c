"""Takes the newest decoded frame, classifies it, and sends both on together, so an overlay
never sits on another frame.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from PySide6.QtCore import QThread, Signal

from endoscope_app.base.log import log_fault
from endoscope_app.base.mailbox import Mailbox
from endoscope_app.media.source import Frame
from endoscope_app.viewing.classifier import Classifier, Prediction


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """A frame on its way to the screen.

    ``generation`` tells which opening it belongs to; ``decoded_at`` is perf_counter seconds.
    """

    generation: int
    frame: Frame = field(repr=False)
    decode_ms: float
    decoded_at: float
    playing: bool


@dataclass(frozen=True, slots=True)
class ClassifiedFrame:
    """A frame with ITS prediction (None while no model could be loaded)."""

    decoded: DecodedFrame
    prediction: Prediction | None


class InferenceThread(QThread):
    """Owns nothing but its loop.

    Results wait in ``results`` (newest wins); ``frame_classified`` only says that one is there.
    """

    frame_classified = Signal()
    failed = Signal(str)

    def __init__(self, inbox: Mailbox[DecodedFrame]) -> None:
        super().__init__()
        self.setObjectName("inference")
        self.results: Mailbox[ClassifiedFrame] = Mailbox()
        self._inbox = inbox
        self._classifier: Classifier | None = None
        self._lock = threading.Lock()

    def use(self, classifier: Classifier | None) -> None:
        """Swap the model between two frames."""
        with self._lock:
            self._classifier = classifier

    def stop(self) -> None:
        """End the loop; wait() returns after the frame in hand."""
        self._inbox.close()

    def run(self) -> None:
        """The loop: newest frame in, frame and prediction out."""
        try:
            while not self._inbox.closed:
                decoded = self._inbox.take()
                if decoded is None:
                    continue
                with self._lock:
                    classifier = self._classifier
                prediction = (
                    classifier.classify(decoded.frame.index, decoded.frame.image)
                    if classifier
                    else None
                )
                self.results.put(ClassifiedFrame(decoded, prediction))
                self.frame_classified.emit()
        except (
            Exception
        ) as error:  # top of a thread loop: a bug must reach the reader, not end in silence
            import traceback

            log_fault(error, "fault in the inference")
            self.failed.emit(traceback.format_exc())


def milliseconds_since(begun: float) -> float:
    """Milliseconds since a perf_counter reading."""
    return (time.perf_counter() - begun) * 1000.0
