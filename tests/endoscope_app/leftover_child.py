"""Writes each kind of thing in a process that kills itself just before that has its name:
python -m tests.endoscope_app.leftover_child DATA OUTSIDE. See test_leftovers.

Prints a line for each: what, the exit status, the paths that are new.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.paths import DataDir, demo_clip
from endoscope_app.base.scratch_folder import PrivateFolder
from endoscope_app.base.settings import Settings, save_settings
from endoscope_app.labels.exchange import class_folders
from endoscope_app.labels.library.first_images import FirstImages
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.opening import open_source
from endoscope_app.models.model_registry import ModelRegistry
from endoscope_app.report.clip_work import ClipWork
from endoscope_app.report.report_values import Signature
from endoscope_app.report.saved_file import save
from endoscope_app.report.signed_reports import SignedReports
from endoscope_app.worklist import inbox
from tests.endoscope_app.exchange_documents import small
from tests.endoscope_app.model_stage import A, B, S, make

KEY = "ab" * 20
IMAGE = np.full((48, 64, 3), 99, np.uint8)
Write = Callable[[DataDir, Path], object]


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def at(owner: object, name: str, *, call: int = 1) -> None:
    """Die instead of the call of this number."""
    real, calls = getattr(owner, name), [0]

    def counted(*given: Any, **named: Any) -> Any:
        calls[0] += 1
        return die() if calls[0] == call else real(*given, **named)

    setattr(owner, name, counted)


def _settings(data: DataDir, _: Path) -> None:
    save_settings(data.settings_file, Settings())


def _predictions(data: DataDir, _: Path) -> None:
    raw = np.full((9, 5), 0.2, np.float16)
    PredictionStore(data.predictions).save(KEY, "v", raw, np.ones(9, np.bool_))


def _kept_image(data: DataDir, _: Path) -> None:
    FramePngs(data.labels, 1 << 30).save(IMAGE)


def _first_image(data: DataDir, _: Path) -> None:
    FirstImages(data.labels).save(KEY, IMAGE)


def _waiting(data: DataDir, _: Path) -> None:
    inbox.leave(data.added, [Path("/videos/Jane Doe.mp4")])


def _backup(data: DataDir, outside: Path) -> None:
    with LabelStore(data.labels) as store:
        store.back_up(outside / "backup.sqlite")


def _export(_: DataDir, outside: Path) -> None:
    write_atomically(outside / "labels.csv", [b"Jane Doe.mp4"], "the export")


def _frame(_: DataDir, outside: Path) -> None:
    save(outside / "frame.png", b"a patient")


def _class_folders(_: DataDir, outside: Path) -> None:
    at(os, "replace", call=3)  # the marker, the staged image, its place
    class_folders.write(small(), outside / "frames", lambda *_: IMAGE, blank=None)


def _clip(_: DataDir, outside: Path) -> None:
    with open_source(demo_clip()) as source:
        times = np.array([source.time_ms(each) for each in range(source.info.frame_count)])
        frame_times = FrameTimes.of(times, np.zeros(0, np.int64))
        work = ClipWork(source, frame_times, 0, 9, outside / "clip.mp4")
        work.run(lambda *_: None, lambda: False)


def _signed(data: DataDir, _: Path) -> None:
    signature = Signature(1, "Dr. Test", "2026-01-01T00:00:00Z")
    SignedReports(data.reports).keep(KEY, signature, "d", "v", {"pdf": b"Jane Doe"})


def _signed_whole(data: DataDir, outside: Path) -> None:
    at(os, "rename")
    _signed(data, outside)


def _registry(data: DataDir, outside: Path) -> ModelRegistry:
    return ModelRegistry(data.models, make(outside / "shipped", S))


def _adopted(data: DataDir, outside: Path) -> None:
    candidate = make(outside / "candidate", A)
    registry = _registry(data, outside)
    at(Path, "rename")
    registry.adopt(candidate)


def _model_exported(data: DataDir, outside: Path) -> None:
    candidate = make(outside / "candidate", A)
    registry = _registry(data, outside)
    registry.adopt(candidate)
    at(Path, "rename")
    registry.export_to(A, outside)


def _model_deleted(data: DataDir, outside: Path) -> None:
    registry = _registry(data, outside)
    registry.adopt(make(outside / "candidate", B))
    at(shutil, "rmtree")
    registry.delete(B)


def _explained(data: DataDir, _: Path) -> None:
    folder = PrivateFolder(data.scratch, "explain-")
    cv2.imwrite(str(folder.path / "frame.png"), IMAGE)
    folder.cleanup()


#: What is written, and what it dies at.
WRITES: dict[str, tuple[Write, object, str]] = {
    "settings": (_settings, os, "replace"),
    "predictions": (_predictions, os, "replace"),
    "a kept image": (_kept_image, os, "replace"),
    "a first image": (_first_image, os, "replace"),
    "what waits for the worklist": (_waiting, os, "replace"),
    "a backup": (_backup, os, "replace"),
    "an export": (_export, os, "replace"),
    "a saved frame": (_frame, os, "replace"),
    "class folders": (_class_folders, None, ""),
    "a clip": (_clip, os, "replace"),
    "a part of a signed report": (_signed, os, "replace"),
    "a signed report": (_signed_whole, None, ""),
    "a model taken in": (_adopted, None, ""),
    "a model exported": (_model_exported, None, ""),
    "a model deleted": (_model_deleted, None, ""),
    "images for a helper process": (_explained, shutil, "rmtree"),
}


def below(*folders: Path) -> set[Path]:
    """Everything in these folders."""
    return {path for folder in folders for path in folder.rglob("*")}


def main() -> None:
    """Each in a process of its own that begins with what is loaded here."""
    data, outside = DataDir.open(sys.argv[1]), Path(sys.argv[2])
    for number, (what, (write, owner, name)) in enumerate(WRITES.items()):
        folder = outside / str(number)
        folder.mkdir(parents=True)
        before = below(data.root, outside)
        child = os.fork()
        if child == 0:
            if owner is not None:
                at(owner, name)
            write(data, folder)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        new = [str(path) for path in sorted(below(data.root, outside) - before)]
        print(json.dumps([what, os.waitstatus_to_exitcode(status), new]), flush=True)


if __name__ == "__main__":
    main()
