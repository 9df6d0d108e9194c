"""One retraining as plain values: what it is of, how it ended, its clock and its images. No Qt."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.training_selection import TrainingSelection
from endoscope_app.labels.exchange.training_set import TrainingSet, write_training_set
from endoscope_app.labels.exchange.unlabelled_frames import unlabelled_moments, write_unlabelled
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.recordings import Recordings
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.run import wording
from endoscope_app.retraining.run_folders import RunRecord
from endoscope_app.retraining.wording import labels_changed
from kd_core.schema.events import EpochEnded, RunEvent, RunStarted

_FINGERPRINT = re.compile(r"\b[0-9a-f]{12,128}\b")


@dataclass(frozen=True)
class Run:
    """``base`` is the folder of the model that it starts from.

    ``whole``: from its beginning in one go, so that its time counts.
    """

    folder: Path
    record: RunRecord
    choice: TrainingChoice
    base: Path
    whole: bool = True


@dataclass(frozen=True)
class UnlabelledExport:
    """Where frames without a label go; ``learnt``: procedures that they may be of."""

    folder: Path
    learnt: tuple[str, ...]


@dataclass(frozen=True)
class RunEnd:
    """'finished', 'stopped', 'failed' or 'cancelled', in a sentence.

    ``can_compare``: there is a new model; ``can_resume``: there is a rest to resume.
    """

    outcome: str
    sentence: str
    can_compare: bool = False
    can_resume: bool = False


@dataclass
class EpochClock:
    """Seconds that the ended epochs took: a run that was stopped had fewer than were planned."""

    begun: float = 0.0
    seconds: float = 0.0
    planned: int = 0
    ended: int = 0

    def take(self, event: RunEvent) -> None:
        """Look at the clock."""
        match event:
            case RunStarted():
                self.begun, self.planned = time.monotonic(), event.epochs
            case EpochEnded():
                self.seconds, self.ended = time.monotonic() - self.begun, event.epoch

    @property
    def share(self) -> float:
        """Of those planned, 0 to 1."""
        return self.ended / self.planned if self.planned else 0.0


def export_images(
    selection: TrainingSelection,
    folder: Path,
    library: Path,
    *,
    besides: UnlabelledExport | None = None,
    deinterlace: bool,
    progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> TrainingSet:
    """Write the chosen frames as images into the run's folder; for a background thread.

    They are not blanked: they stay in the data folder, and the model must learn from what it will
    see. ``besides``: frames without a label, written first. AppError where that cannot be done, or
    where there is not one image.
    """
    with LabelStore(library) as own, Recordings(own.read, deinterlace=deinterlace) as recordings:
        if besides is not None:
            write_unlabelled(
                unlabelled_moments(selection, besides.learnt),
                besides.folder,
                recordings,
                progress=progress,
                should_stop=should_stop,
            )
        kept = FramePngs(library / "frames", 0)
        written = write_training_set(
            selection, folder, kept, recordings, progress=progress, should_stop=should_stop
        )
    if not written.stopped and not written.written:
        raise AppError(wording.NO_IMAGES, wording.NO_IMAGES_WAY_OUT)
    return written


def named(sentence: str, names: Mapping[str, str]) -> str:
    """The sentence with procedures by name (fingerprint -> name) instead of by fingerprint.

    A fingerprint may be cut to its first digits.
    """

    def name(match: re.Match[str]) -> str:
        wanted = {
            name for fingerprint, name in names.items() if name and fingerprint.startswith(match[0])
        }
        return wanted.pop() if len(wanted) == 1 else match[0]

    return _FINGERPRINT.sub(name, sentence)


def changed_since(record: RunRecord, label_ids: Collection[str]) -> str:
    """A sentence where labels were changed since a run began, else ''; ``label_ids``: those now."""
    count = len(set(label_ids) ^ set(record.labels))
    return labels_changed(count, wording.moment(record.begun)) if count else ""
