"""Takes the newest decoded frame, classifies it, and sends frame, prediction and heat map on
together, so that no overlay ever sits on another frame.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QThread, Signal

from endoscope_app.base.faults import fault_in_words
from endoscope_app.base.mailbox import Mailbox
from endoscope_app.media.source import Frame, Image
from endoscope_app.viewing import wording
from endoscope_app.viewing.classifier import Classifier, Prediction
from endoscope_app.viewing.heat_map import HeatMap
from endoscope_app.viewing.identity_mask import without_identity_bgra


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """A frame on its way to the screen.

    ``generation`` tells which opening it belongs to; ``decoded_at`` is perf_counter seconds;
    ``wish``: the number of the wish that it answers, None where it is the first of a file.
    """

    generation: int
    frame: Frame = field(repr=False)
    decode_ms: float
    decoded_at: float
    playing: bool
    wish: int | None = None


@dataclass(frozen=True, slots=True)
class ClassifiedFrame:
    """A frame with ITS prediction and heat map (None while no model could be loaded).

    ``infer_ms``: what both took, preprocessing included. ``blanked``: the frame's image, (H, W, 4)
    BGRA, without what identifies the patient, where that is asked for; for the screen alone.
    """

    decoded: DecodedFrame
    prediction: Prediction | None
    heat_map: HeatMap | None
    infer_ms: float
    blanked: Image | None = field(default=None, repr=False)


class InferenceThread(QThread):
    """Classifies frames, and explains the class that the reader asks about.

    ``results`` and ``explanations`` hold the newest only; the signals say that one is there. A
    frame that cannot be classified is shown without a prediction, and the next one is tried again.
    """

    frame_classified = Signal()
    frame_explained = Signal()  # the newest frame again, with the heat map of another class
    failed = Signal(object)  # AppError, the first time that a model meets one

    def __init__(self, inbox: Mailbox[DecodedFrame]) -> None:
        super().__init__()
        self.setObjectName("inference")
        self.results: Mailbox[ClassifiedFrame] = Mailbox()
        self.explanations: Mailbox[ClassifiedFrame] = Mailbox()
        self._inbox = inbox
        self._classifier: Classifier | None = None
        self._explained_class: int | None = None
        self._blanks = self._told = False
        self._lock = threading.Lock()

    def use(self, classifier: Classifier | None) -> None:
        """Swap the model between two frames; the heat map is of its predicted class again."""
        with self._lock:
            self._classifier, self._explained_class = classifier, None
            self._told = False

    def explain(self, class_index: int | None) -> None:
        """Heat maps are of this class from now on (None: the predicted one), that of the newest
        frame too.
        """
        with self._lock:
            self._explained_class = class_index
        self._inbox.wake()

    def blank(self, wanted: bool) -> None:
        """Whether frames come blanked from now on, the newest one too."""
        with self._lock:
            self._blanks = wanted
        self._inbox.wake()

    def stop(self) -> None:
        """End the loop; wait() returns after the frame in hand."""
        self._inbox.close()

    def run(self) -> None:
        """The loop: newest frame in; frame, prediction and heat map out."""
        newest: ClassifiedFrame | None = None
        while not self._inbox.closed:
            decoded = self._inbox.take()
            try:
                newest = self._answered(decoded, newest)
            except Exception as error:  # memory that is used up now may be there for the next frame
                self._tell(error)
                newest = self._unclassified(decoded) or newest

    def _answered(
        self, decoded: DecodedFrame | None, newest: ClassifiedFrame | None
    ) -> ClassifiedFrame | None:
        """The frame that is the newest then; without a new one that of before is shown anew."""
        with self._lock:
            classifier, class_index = self._classifier, self._explained_class
            blanks = self._blanks
        if decoded is not None:
            newest = _blanked(_classified(decoded, classifier, class_index), blanks)
            self._show(newest)
        elif newest is not None:
            newest = _blanked(newest, blanks)
            newest = self._explained_again(newest, classifier, class_index)
        return newest

    def _unclassified(self, decoded: DecodedFrame | None) -> ClassifiedFrame | None:
        """The frame alone. None where there is none, or what identifies the patient cannot be
        taken out of it.
        """
        if decoded is None:
            return None
        try:
            alone = _blanked(ClassifiedFrame(decoded, None, None, 0.0), self._blanks)
        except Exception:  # as above, and told already
            return None
        self._show(alone)
        return alone

    def _show(self, frame: ClassifiedFrame) -> None:
        self.results.put(frame)
        self.frame_classified.emit()

    def _tell(self, error: Exception) -> None:
        """Once for each model: there are fifty frames a second."""
        with self._lock:
            told, self._told = self._told, True
        if not told:
            self.failed.emit(
                fault_in_words(error, wording.NOT_CLASSIFIED, "fault in the inference")
            )

    def _explained_again(
        self, frame: ClassifiedFrame, classifier: Classifier | None, class_index: int | None
    ) -> ClassifiedFrame:
        """Its features are still here: only the heat map is made anew."""
        prediction, explained = frame.prediction, frame
        # One of the model before keeps its heat map
        if (
            classifier is not None
            and prediction is not None
            and prediction.model_version == classifier.version
        ):
            explained = replace(frame, heat_map=classifier.heat_map(prediction, class_index))
        self.explanations.put(explained)
        self.frame_explained.emit()
        return explained


def _blanked(frame: ClassifiedFrame, wanted: bool) -> ClassifiedFrame:
    if wanted == (frame.blanked is not None):
        return frame
    image = without_identity_bgra(frame.decoded.frame.image) if wanted else None
    return replace(frame, blanked=image)


def _classified(
    decoded: DecodedFrame, classifier: Classifier | None, class_index: int | None
) -> ClassifiedFrame:
    if classifier is None:
        return ClassifiedFrame(decoded, None, None, 0.0)
    begun = time.perf_counter()
    prediction = classifier.classify(decoded.frame.image)
    heat_map = classifier.heat_map(prediction, class_index)
    return ClassifiedFrame(decoded, prediction, heat_map, milliseconds_since(begun))


def milliseconds_since(begun: float) -> float:
    """Milliseconds since a perf_counter reading."""
    return (time.perf_counter() - begun) * 1000.0
