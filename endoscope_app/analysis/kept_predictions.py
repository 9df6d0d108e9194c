"""What an analysis found, fetched and saved beside the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from endoscope_app.analysis.prediction_store import PredictionStore, Stored
from endoscope_app.analysis.quality.frame_measures import FrameMeasures
from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.window_port import Banner
from endoscope_app.media.source import SourceInfo
from endoscope_app.viewing.classifier import Classifier


class Kept(NamedTuple):
    """None where nothing is known."""

    predictions: Stored | None
    measures: FrameMeasures | None


class KeptPredictions:
    """By procedure and model; a failure is shown in the banner."""

    def __init__(self, tasks: Tasks, store: PredictionStore | None, banner: Banner) -> None:
        """``store`` None: nothing is kept."""
        self._tasks, self._store, self._banner = tasks, store, banner
        self._not_kept = ""

    def fetch(self, info: SourceInfo, classifier: Classifier, then: Callable[[Kept], None]) -> None:
        """``then`` gets what is known of the procedure."""
        store, version, classes = self._store, classifier.version, len(classifier.classes)

        def load() -> Kept:
            if store is None:
                return Kept(None, None)
            return Kept(
                store.load(info.fingerprint, version, info.frame_count, classes),
                store.measures.load(info.fingerprint, info.frame_count),
            )

        self._tasks.run(load, then, self._on_failed)

    def save(
        self,
        info: SourceInfo,
        classifier: Classifier,
        timeline: Timeline,
        measures: FrameMeasures,
    ) -> None:
        """As it is now; nothing where no frame is known."""
        store, fingerprint, version = self._store, info.fingerprint, classifier.version
        if store is None or not timeline.known_count:
            return
        raw, known, damaged = (
            timeline.raw.copy(),
            timeline.known.copy(),
            timeline.damaged.copy(),
        )
        rows = measures.copy()

        def write() -> None:
            store.save(fingerprint, version, raw, known, damaged)
            if rows.known.any():
                store.measures.save(fingerprint, rows)

        self._tasks.run(
            write,
            lambda _: self._banner.withdraw_message(self._not_kept),
            self._on_not_kept,
        )

    def _on_not_kept(self, error: AppError) -> None:
        self._not_kept = str(error)  # said until it could be saved after all
        self._banner.show_message(self._not_kept)

    def _on_failed(self, error: AppError) -> None:
        self._banner.show_message(str(error))
