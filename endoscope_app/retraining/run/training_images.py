"""The chosen frames that a retraining learns from, as images in its folder.

Runs on a background thread.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.training_selection import TrainingSelection
from endoscope_app.labels.exchange.training_set import TrainingSet, write_training_set
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.recordings import Recordings

NO_PICTURES = (
    "Of none of the labelled frames is an image at hand: neither a kept one nor the recording."
)
NO_PICTURES_WAY_OUT = "Put the recordings back where they were, or open them again, and start anew."


def export_labels(
    selection: TrainingSelection,
    folder: Path,
    library: Path,
    *,
    deinterlace: bool,
    progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> TrainingSet:
    """Write them, unblanked: they stay in the data folder, and the student must learn from what it
    will see.

    AppError where that cannot be done, or where there is not one image.
    """
    with LabelStore(library) as own, Recordings(own.read, deinterlace=deinterlace) as recordings:
        kept = FramePngs(library / "frames", 0)
        made = write_training_set(
            selection, folder, kept, recordings, progress=progress, should_stop=should_stop
        )
    if not made.stopped and not made.written:
        raise AppError(NO_PICTURES, NO_PICTURES_WAY_OUT)
    return made


def left_out_sentence(count: int) -> str:
    """What the reader is told of frames without an image; '' where there are none."""
    if not count:
        return ""
    what = "1 labelled frame was" if count == 1 else f"{count:,} labelled frames were"
    return f"{what} left out: neither a kept image nor the recording is at hand."
