"""Streams label acts until it is killed: python -m tests.endoscope_app.label_crash_child FOLDER.

Prints each act's number once it is on the disk.

What act number n does follows from n alone, so that the parent knows what must be there (see
test_label_crash.py).
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import FrameLabel, FrameMoment
from tests.endoscope_app.label_library import PROCEDURE, READER, moment

FRAMES = 300


def plan(number: int) -> tuple[str, list[FrameLabel], int]:
    """What act ``number`` does: its kind, the frames that it labels (each with the number as
    its PNG), and which ones it clears from.
    """
    draw = random.Random(number)
    kind = draw.choices(["label", "clear", "undo", "redo"], [12, 2, 4, 3])[0]
    start = draw.randrange(FRAMES)
    class_id = draw.randint(1, 3)
    frames = [moment(index) for index in range(start, start + draw.choice([1, 1, 2, 40]))]
    return (
        kind,
        [
            FrameLabel(frame.pts, frame.frame_index, "class", class_id, f"{number:064x}")
            for frame in frames
        ],
        start * 40,
    )


def step(store: LabelStore, number: int) -> None:
    """Do act ``number``; what has nothing to clear, undo or redo labels instead, so that every
    number writes exactly one entry.
    """
    kind, frames, clear_from = plan(number)
    if kind == "clear":
        doomed = [
            label.pts
            for label in store.read.frame_labels(PROCEDURE.fingerprint)
            if label.pts >= clear_from
        ]
        done = store.apply(edits.clear_frames(store.read, PROCEDURE.fingerprint, doomed), READER)
    elif kind == "undo":
        done = store.undo(READER, PROCEDURE.fingerprint)
    elif kind == "redo":
        done = store.redo(READER, PROCEDURE.fingerprint)
    if kind == "label" or not done:
        moments = [FrameMoment(frame.pts, frame.frame_index, frame.png) for frame in frames]
        store.apply(
            edits.label_frames(store.read, PROCEDURE.fingerprint, moments, frames[0].class_id or 0),
            READER,
        )


def last_number(store: LabelStore) -> int:
    """The number of the newest journal entry."""
    return max((row.sequence for row in store.read.journal_rows()), default=0)


def main() -> None:
    with LabelStore(Path(sys.argv[1])) as store:
        number = last_number(store)
        while True:
            number += 1
            step(store, number)
            print(number, flush=True)


if __name__ == "__main__":
    main()
