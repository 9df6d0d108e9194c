"""What an analysis found, fetched and saved beside the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.analysis.embeddings import Embeddings
from endoscope_app.analysis.kept_parts import (
    embeddings_of_parts,
    known_measures,
    known_predictions,
)
from endoscope_app.analysis.prediction_store import PredictionStore, Stored
from endoscope_app.analysis.quality.frame_measures import FrameMeasures
from endoscope_app.analysis.quick_look import QuickLook
from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.window_port import Banner
from endoscope_app.media.source import SourceInfo
from endoscope_app.viewing.classifier import Classifier


class Known(NamedTuple):
    """Of a procedure, by a model or by none; None where nothing is."""

    predictions: Stored | None
    embeddings: Embeddings | None
    measures: FrameMeasures | None
    quick: Stored | None = None


class KeptPredictions:
    """By procedure and model; a failure is shown in the banner."""

    def __init__(
        self,
        tasks: Tasks,
        store: PredictionStore | None,
        embeddings: EmbeddingStore | None,
        banner: Banner,
    ) -> None:
        """A store that is None: nothing of that kind is kept."""
        self._tasks, self._store, self._banner = tasks, store, banner
        self._embeddings = embeddings
        self._not_kept = ""

    def fetch(
        self,
        info: SourceInfo,
        classifier: Classifier,
        then: Callable[[Known], None],
        none_yet: Embeddings | None = None,
    ) -> None:
        """``then`` gets what is known of the procedure, or of its files by themselves.

        ``none_yet``: of its frames, to be filled with what was kept of its files.
        """
        store, kept, version = self._store, self._embeddings, classifier.version
        classes, fingerprint = len(classifier.classes), info.fingerprint

        def load() -> Known:
            stored = embeddings = measures = quick = None
            if store is not None:
                quick = store.quick.load(fingerprint, version, info.frame_count, classes)
                stored = known_predictions(store, info, version, classes)
                measures = known_measures(store.measures, info)
            if kept is not None:
                embeddings = kept.load(fingerprint, version)
                if embeddings is None and none_yet is not None:
                    embeddings = embeddings_of_parts(kept, info.parts, version, none_yet)
            return Known(stored, embeddings, measures, quick)

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
            if known.all():
                store.quick.discard(fingerprint, version)
            if rows.known.any():
                store.measures.save(fingerprint, rows)

        self._tasks.run(
            write,
            lambda _: self._banner.withdraw_message(self._not_kept),
            self._on_not_kept,
        )

    def save_quick(self, info: SourceInfo, classifier: Classifier, look: QuickLook) -> None:
        """As it is now; nothing where no frame was looked at."""
        store, fingerprint, version = self._store, info.fingerprint, classifier.version
        if store is None or not look.known.any():
            return
        quick, stored = store.quick, look.as_stored()
        self._tasks.run(lambda: quick.save(fingerprint, version, *stored), None, self._on_not_kept)

    def save_embeddings(
        self, info: SourceInfo, classifier: Classifier, embeddings: Embeddings
    ) -> None:
        """As they are now; nothing where there are none."""
        store, fingerprint, version = self._embeddings, info.fingerprint, classifier.version
        if store is None or not embeddings.known.any():
            return
        now = embeddings.copy()
        self._tasks.run(lambda: store.save(fingerprint, version, now), None, self._on_not_kept)

    def _on_not_kept(self, error: AppError) -> None:
        self._not_kept = str(error)  # said until it could be saved after all
        self._banner.show_message(self._not_kept)

    def _on_failed(self, error: AppError) -> None:
        self._banner.show_message(str(error))
