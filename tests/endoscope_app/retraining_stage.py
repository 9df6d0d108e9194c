"""What tests of retraining share: a library with two procedures, and the flow with a trainer
that trains nothing.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QPushButton

from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.retraining_flow import RetrainingFlow
from endoscope_app.retraining.run.training_process import Patience, TrainingProcess
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.retraining.starting_point import ShippedAssets, StartingModel
from endoscope_app.retraining.training_dialog import TrainingDialog
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing.class_names import ClassNames
from tests.endoscope_app.app_session import LIMIT_S, spin
from tests.endoscope_app.label_library import (
    CECUM,
    OTHER,
    POLYPS,
    PROCEDURE,
    READER,
    REPOSITORY,
    library,
    moment,
)

CLASSES = ("cecum", "polyps", "ulcerative-colitis")
TEACHERS = (("teachers/a", "Lite0"), ("teachers/b", "Lite1"))
FAKE = str(Path(__file__).with_name("fake_trainer.py"))


def labelled(folder: Path) -> LabelStore:
    """Two procedures: 12 polyps and 12 cecum in the first, 6 polyps in the other; of all there
    are pictures.
    """
    pngs = FramePngs(folder / "frames", 10_000_000)
    opened_store = library(folder)
    for film, class_id, frames in (
        (PROCEDURE, POLYPS, range(12)),
        (PROCEDURE, CECUM, range(20, 32)),
        (OTHER, POLYPS, range(6)),
    ):
        kept = [pngs.save(np.full((8, 8, 3), 7 * index + class_id, np.uint8)) for index in frames]
        moments = [moment(index, png) for index, png in zip(frames, kept, strict=True)]
        opened_store.apply(
            edits.label_frames(opened_store.read, film.fingerprint, moments, class_id), READER
        )
    return opened_store


def models_in(root: Path) -> Path:
    """A folder of models like the reader's, with one in use; the folder of that one is returned."""
    model = root / "models" / "base-1"
    shutil.copytree(REPOSITORY / "resources" / "models" / "student", model)
    (root / "models" / "active.json").write_text(
        '{"format":1,"history":[{"version":"base-1","utc":"2025-01-01T00:00:00Z"}]}'
    )
    (root / "replay.safetensors").write_bytes(b"")
    return model


def opened_session(store: LabelStore) -> LabelSession:
    """This library, open."""
    session = LabelSession(ClassNames())
    session.use(store)
    return session


def make_flow(
    window: MainWindow, store: LabelStore, root: Path, what: str, silence: int = 10_000
) -> RetrainingFlow:
    """The flow over ``root``/labels, runs and models, with one behaviour of the fake trainer."""
    process = TrainingProcess(
        trainer=(sys.executable, FAKE, what), patience=Patience(silence, 300, 300)
    )
    means = ShippedAssets(root / "replay.safetensors", TEACHERS)
    flow = RetrainingFlow(
        window,
        opened_session(store),
        root / "labels",
        RunFolders(root / "runs"),
        means,
        process=process,
    )
    window.may_close.append(flow.closing.may_close)
    flow.use(StartingModel(root / "models" / "base-1", "base-1", CLASSES))
    return flow


def wait_for(done: Callable[[], bool], what: str) -> None:
    """Run Qt's loop till then; AssertionError after a while."""
    end = time.monotonic() + LIMIT_S
    while not done():
        assert time.monotonic() < end, f"never: {what}"
        spin(5)


def opened(flow: RetrainingFlow) -> TrainingDialog:
    """The dialog, once the labels are counted."""
    flow.open()
    dialog = flow.dialog
    assert dialog is not None
    wait_for(lambda: not dialog._is_counting, "the labels counted")
    return dialog


def press(dialog: TrainingDialog | None, text: str) -> None:
    """The visible button that says this, once it can be pressed."""
    assert dialog is not None
    button = next(
        button
        for button in dialog.findChildren(QPushButton)
        if button.text() == text and not button.isHidden()
    )
    wait_for(button.isEnabled, f"{text} enabled")
    button.click()


def folder_of(flow: RetrainingFlow) -> Path:
    """Where the run lies."""
    assert flow.running.run is not None
    return flow.running.run.folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below, to see that nothing was touched."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
