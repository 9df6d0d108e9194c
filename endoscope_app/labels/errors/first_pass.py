"""The first pass over the labels, in the background: which of them the model in use contradicts.

No Qt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.labels.errors import wording
from endoscope_app.labels.errors.contradictions import Contradiction, contradicts
from endoscope_app.labels.exchange.training_selection import RangeSampling, select
from endoscope_app.labels.exchange.training_set import TrainingSample, samples_of
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.recordings import Recordings
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.reader_labels import NONE_OF_THESE

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class FirstPass:
    """What the model in use contradicts.

    ``looked``: labels that it was asked about; ``unknown``: of classes it does not have; ``lost``:
    without any image.
    """

    contradictions: list[Contradiction]
    looked: int = 0
    unknown: int = 0
    lost: int = 0


@dataclass(frozen=True)
class FirstPassWork:
    """``fingerprint``: of one procedure, empty for all labelled ones.

    ``folder`` takes the images of frames that were not kept.
    """

    library: Path
    classifier: Classifier
    fingerprint: str
    every_nth: int
    folder: Path
    deinterlace: bool

    def run(
        self, progress: Callable[[int, int], None], should_stop: Callable[[], bool]
    ) -> FirstPass:
        """Ask the model about every labelled frame; of ranges about every n-th.

        AppError where the library cannot be read.
        """
        with (
            LabelStore(self.library) as store,
            Recordings(store.read, deinterlace=self.deinterlace) as recordings,
        ):
            where = [self.fingerprint] if self.fingerprint else None
            selection = select(store.read, RangeSampling(self.every_nth, thin=False), where)
            samples = (
                sample
                for chosen in selection.procedures
                for sample in samples_of(selection, chosen, recordings)
            )
            return self._pass(
                _reported(samples, selection.count, progress, should_stop), recordings
            )

    def _pass(self, samples: Iterator[TrainingSample], recordings: Recordings) -> FirstPass:
        kept = FramePngs(self.library / "frames", 0)  # it only reads
        codes = {name.casefold(): code for code, name in enumerate(self.classifier.classes)}
        contradictions: list[Contradiction] = []
        looked = unknown = lost = 0
        for sample in samples:
            if sample.label == NONE_OF_THESE:
                continue
            label = codes.get(sample.label.casefold())
            if label is None:
                unknown += 1
                continue
            rgb, path = _pixels(sample, kept, recordings)
            if rgb is None:
                lost += 1
                continue
            looked += 1
            probabilities = self.classifier.of_group(
                self.classifier.probabilities([rgb])[0].astype(np.float64), label
            )
            named = (codes.get(key.casefold()) for key in sample.by_group)
            others = tuple(code for code in named if code not in (None, label))
            if contradicts(probabilities, label, others):
                image = path or self._written(rgb, len(contradictions))
                contradictions.append(Contradiction(sample, label, image, (probabilities,), others))
        return FirstPass(contradictions, looked, unknown, lost)

    def _written(self, rgb: Image, number: int) -> Path:
        bgr = cv2.cvtColor(self.classifier.shrunk(rgb), cv2.COLOR_RGB2BGR)
        done, data = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        path = self.folder / f"{number}.png"
        try:
            if not done:
                raise OSError("no PNG was made")
            path.write_bytes(data.tobytes())
        except OSError as error:
            raise AppError(*wording.IMAGES_NOT_WRITTEN, str(error)) from error
        return path


def _reported(
    samples: Iterator[TrainingSample],
    count: int,
    progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> Iterator[TrainingSample]:
    """The same samples, up to the moment when the reader has had enough."""
    for done, sample in enumerate(samples, 1):
        if should_stop():
            return
        progress(done, count)
        yield sample


def _pixels(
    sample: TrainingSample, kept: FramePngs, recordings: Recordings
) -> tuple[Image | None, Path | None]:
    """The kept image with its path, else the frame of the procedure's file without one."""
    image = kept.find(sample.png)
    if image is not None and sample.png is not None:
        return image, kept.path(sample.png)
    if sample.pts is None:
        return None, None
    return recordings.image(sample.fingerprint, sample.frame_index, sample.pts), None
