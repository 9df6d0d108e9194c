"""The program's own readers, each as far as a reader of recordings goes with a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

import kd_core  # noqa: F401  (before onnxruntime: it tells it to be quiet)
from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.base.paths import DataDir
from endoscope_app.base.settings import load_settings
from endoscope_app.labels.exchange import format_detection
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.media.opening_here import open_here
from endoscope_app.models.model_registry import ModelRegistry
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.viewing.recent import RecentFiles
from kd_core.vision.predictor import Predictor
from tests.places import REPOSITORY

_LOOKED_AT = 40
Reader = Callable[[Path], str]
SHIPPED = REPOSITORY / "tests" / "fixtures" / "core_2026_11" / "model"
VERSION, CLASSES = "2026.11.30-be7bd7af", 7


def read_media(path: Path) -> str:
    """Opened as the process apart does it; three frames as the player decodes them, some as the
    analysis does.
    """
    with open_here(path) as source:
        count = source.info.frame_count
        for index in sorted({0, count // 2, count - 1}):
            source.read(index)
        small = sum(1 for _ in source.small_frames(0, min(count, _LOOKED_AT), 64))
    return f"{count} frames, {small} analysed"


def read_labels(path: Path) -> str:
    """Taken for one of the formats, and read."""
    document = format_detection.read(path)
    return f"{document.label_count()} labels, {document.unplaced} not read"


def read_model(path: Path) -> str:
    """Loaded, and asked about one image."""
    said = Predictor.load(path).predict([np.full((96, 128, 3), 120, np.uint8)])[0]
    if not np.isfinite(said.probabilities).all():
        raise AssertionError("the model says what is no number, and was not refused")
    return f"class {said.label}"


def read_data_folder(path: Path) -> str:
    """As the window does at its start: settings, files opened last, labels, models, runs, analyses.

    What is damaged is moved aside or fallen back from; the labels are counted.
    """
    folder = DataDir.named(str(path))
    load_settings(folder.settings_file)
    [entry.path.exists() for entry in RecentFiles(folder.recent_file).entries()]
    registry = ModelRegistry(folder.models, SHIPPED)
    registry.active_path()
    runs = RunFolders(folder.runs)
    runs.all(), runs.latest(), runs.last_measured(), registry.entries()
    with LabelStore(folder.labels) as store:
        procedures = store.read.procedures()
        analyses = PredictionStore(folder.predictions)
        for procedure in procedures:
            analyses.load(procedure.fingerprint, VERSION, procedure.frame_count, CLASSES)
        labels = sum(len(store.read.frame_labels(one.fingerprint)) for one in procedures)
    return f"{labels} labels"


READERS: dict[str, Reader] = {
    "media": read_media,
    "labels": read_labels,
    "models": read_model,
    "data folder": read_data_folder,
}
#: Whose folder is the program's own, to be written.
WRITERS = ("data folder",)
