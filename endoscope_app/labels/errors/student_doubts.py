"""The first sieve for label errors, as it runs in the background: which labels the student
contradicts with confidence. No Qt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.training_selection import RangeSampling, select
from endoscope_app.labels.exchange.training_set import TrainingSample, samples_of
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.recordings import Recordings
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.reader_labels import NONE_OF_THESE

SURE = 0.8  # what every model must give its class to contradict a label


@dataclass(frozen=True)
class Doubt:
    """A label that every model asked so far contradicts.

    ``label``: place in the student's classes; ``said``: (C,) of each of them.
    """

    sample: TrainingSample
    label: int
    picture: Path
    said: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True)
class Doubts:
    """``looked``: labels that the student was asked about; ``unknown``: of classes it does not
    have; ``lost``: without any picture.
    """

    found: list[Doubt]
    looked: int
    unknown: int
    lost: int


def contradicts(said: NDArray[np.float64], label: int) -> bool:
    """Whether (C,) probabilities name another class than the label's with confidence.

    NaN is no answer.
    """
    return (
        not bool(np.isnan(said).any()) and int(said.argmax()) != label and float(said.max()) >= SURE
    )


@dataclass(frozen=True)
class DoubtWork:
    """``fingerprint``: of one procedure, empty for all labelled ones; ``folder`` takes the
    pictures of frames that were not kept.
    """

    library: Path
    classifier: Classifier
    fingerprint: str
    every_nth: int
    folder: Path
    deinterlace: bool

    def run(self, progress: Callable[[int, int], None], should_stop: Callable[[], bool]) -> Doubts:
        """Ask the student about every labelled frame; of ranges about every n-th.

        AppError where the library cannot be read.
        """
        kept = FramePngs(self.library / "frames", 0)  # it only reads
        codes = {name.casefold(): code for code, name in enumerate(self.classifier.classes)}
        found: list[Doubt] = []
        looked = unknown = lost = 0
        with (
            LabelStore(self.library) as reader,
            Recordings(reader.read, deinterlace=self.deinterlace) as recordings,
        ):
            where = [self.fingerprint] if self.fingerprint else None
            selection = select(reader.read, RangeSampling(self.every_nth, thin=False), where)
            samples = (
                sample
                for chosen in selection.procedures
                for sample in samples_of(selection, chosen, recordings)
            )
            for done, sample in enumerate(samples, 1):
                if should_stop():
                    break
                progress(done, selection.count)
                if sample.label == NONE_OF_THESE:
                    continue
                label = codes.get(sample.label.casefold())
                rgb, path = (None, None) if label is None else _pixels(sample, kept, recordings)
                if label is None:
                    unknown += 1
                elif rgb is None:
                    lost += 1
                else:
                    looked += 1
                    said = self.classifier.probabilities([rgb])[0].astype(np.float64)
                    if contradicts(said, label):
                        found.append(
                            Doubt(sample, label, path or self._written(rgb, len(found)), (said,))
                        )
        return Doubts(found, looked, unknown, lost)

    def _written(self, rgb: NDArray[np.uint8], number: int) -> Path:
        done, data = cv2.imencode(
            ".png",
            cv2.cvtColor(self.classifier.shrunk(rgb), cv2.COLOR_RGB2BGR),
            [cv2.IMWRITE_PNG_COMPRESSION, 1],
        )
        path = self.folder / f"{number}.png"
        try:
            if not done:
                raise OSError("no PNG was made")
            path.write_bytes(data.tobytes())
        except OSError as error:
            raise AppError(
                "The pictures could not be handed over.",
                "Free some space in the data folder.",
                str(error),
            ) from error
        return path


def _pixels(
    sample: TrainingSample, kept: FramePngs, recordings: Recordings
) -> tuple[NDArray[np.uint8] | None, Path | None]:
    """The kept picture with its path, else the recording's frame without one."""
    found = kept.find(sample.png)
    if found is not None and sample.png is not None:
        return found, kept.path(sample.png)
    if sample.pts is None:
        return None, None
    return recordings.picture(sample.fingerprint, sample.frame_index, sample.pts), None
