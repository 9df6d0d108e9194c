"""The labelled frames that a retraining learns from, as pictures in its folder. Runs on a background thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from endoscope_app.errors import AppError
from endoscope_app.flows.labels.recordings import LabelledPictures, Recordings
from endoscope_app.store.exchange import class_folders
from endoscope_app.store.exchange.document import ExchangeDocument
from endoscope_app.store.labels.frame_pngs import FramePngs
from endoscope_app.store.labels.label_store import LabelStore

NO_PICTURES = "Of none of the labelled frames is the picture at hand: neither a kept one nor the recording."
NO_PICTURES_WAY_OUT = "Put the recordings back where they were, or open them again, and start anew."


@dataclass(frozen=True)
class Exported:
    """``missing``: (fingerprint, pts) of frames whose picture could not be had. ``done`` is False where it was stopped."""

    done: bool
    missing: frozenset[tuple[str, int]] = frozenset()


def export_labels(
    document: ExchangeDocument, folder: Path, library: Path, *, deinterlace: bool,
    progress: Callable[[int, int], None], should_stop: Callable[[], bool],
) -> Exported:  # fmt: skip
    """Write them. AppError where that cannot be done, or where there is not one picture."""
    missing: set[tuple[str, int]] = set()
    with LabelStore(library) as own, Recordings(own, deinterlace=deinterlace) as recordings:
        pictures = LabelledPictures(own, FramePngs(library / "frames", 0), recordings)

        def picture(fingerprint: str, pts: int) -> NDArray[np.uint8] | None:
            found = pictures.of(fingerprint, pts)
            if found is None:
                missing.add((fingerprint, pts))
            return found

        # unblanked: it stays in the data folder, and the student must learn from what it will see
        made = class_folders.write(document, folder, picture, blank=lambda rgb: rgb, progress=progress, should_stop=should_stop)
    if not made.stopped and not made.written:
        raise AppError(NO_PICTURES, NO_PICTURES_WAY_OUT)
    return Exported(not made.stopped, frozenset(missing))


def left_out_sentence(count: int) -> str:
    """What the reader is told of frames without a picture; '' where there are none."""
    if not count:
        return ""
    what = "1 labelled frame was" if count == 1 else f"{count:,} labelled frames were"
    return f"{what} left out: neither a kept picture nor the recording is at hand."
