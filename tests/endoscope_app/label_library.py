"""What the tests of the label library share: a clock, a context, and a library with a procedure
and three classes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import (
    Context,
    FrameMoment,
    LabelClass,
    ModelOpinion,
    Procedure,
)
from tests.places import REPOSITORY
from tests.present import present

PROCEDURE = Procedure("ab" * 20, "colon 1", "/videos/colon 1.mp4", 5000, 200.0)
OTHER = Procedure("cd" * 20, "colon 2", "/videos/colon 2.mp4", 4000, 160.0)
READER = Context("Dr. Example", "always")
POLYPS, CECUM, STOOL = 1, 2, 3
GROUPS_OF = {"polyps": "Pathology", "cecum": "Landmarks", "stool": "Preparation"}


LOOK = """
import os, sys
from pathlib import Path
from endoscope_app.labels.library.label_store import LabelStore
if len(sys.argv) > 2:
    os.setuid(int(sys.argv[2]))
with LabelStore(Path(sys.argv[1])) as store:
    print(store.read_only_because)
    print(sum(len(store.read.frame_labels(one.fingerprint)) for one in store.read.procedures()))
"""
"""A process that opens a library, as another user if one is given, and says why it is read-only
and how many frames are labelled.
"""


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2025, 3, 4, 5, 6, 7, 89_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def move(self, days: float) -> None:
        self.moment += timedelta(days=days)


def moment(index: int, png: str | None = None) -> FrameMoment:
    """Frame ``index`` of a recording with 40 ticks a frame."""
    return FrameMoment(index * 40, index, png)


def library(folder: Path, clock: Clock | None = None, *, grouped: bool = False) -> LabelStore:
    """A writable library with two procedures and the classes polyps, cecum, stool of the ids 1,
    2, 3: of one group, so that a frame has one of them, or ``grouped``: each of its own.
    """
    store = LabelStore(folder, clock or Clock())
    store.apply(
        edits.compound(
            "begin", [edits.register_procedure(store.read, one) for one in (PROCEDURE, OTHER)]
        ),
        READER,
    )
    for name, colour in (("polyps", "#ff0000"), ("cecum", "#00ff00"), ("stool", "#0000ff")):
        act = class_edits.add_class(store.read, name, colour, store.new_id("classes"))
        added = present(act.rows[0].after)
        assert isinstance(added, LabelClass)
        group = GROUPS_OF[name] if grouped else "Pathology"
        row = replace(act.rows[0], after=replace(added, class_group=group))
        store.apply(replace(act, rows=(row,)), READER)
    return store


def said(class_name: str, probability: float = 0.9, seconds: float = 2.0) -> Context:
    """The reader's context while the model says so."""
    return Context(
        "Dr. Example", "on request", ModelOpinion("student-1", class_name, probability), seconds
    )


def label(store: LabelStore, index: int, class_id: int = POLYPS, context: Context = READER) -> None:
    """One frame's label, applied."""
    store.apply(
        edits.label_frames(store.read, PROCEDURE.fingerprint, [moment(index)], class_id), context
    )


def labelled(store: LabelStore) -> dict[int, int | None]:
    """The class of every labelled frame, by index."""
    return {
        label.frame_index: label.class_id
        for label in store.read.frame_labels(PROCEDURE.fingerprint)
    }


def child(script: str, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the script with the folder and what more there is as its arguments."""
    # Without coverage: another user may not write where it does.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment = {**ours, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", script, str(folder), *more]
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def everything(store: LabelStore) -> object:
    """All that acts can change."""
    found = [
        (
            procedure.fingerprint,
            store.read.frame_labels(procedure.fingerprint),
            store.read.ranges(procedure.fingerprint),
        )
        for procedure in store.read.procedures()
    ]
    return store.read.classes(), store.read.procedures(), found


def names(folder: Path) -> list[str]:
    """The names in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())
