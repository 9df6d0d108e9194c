"""From the frame on screen to those that look like it, in all procedures that were analysed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from endoscope_app.analysis.commands import MORE_LIKE_THIS
from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.analysis.embeddings import Embeddings
from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.labels.commands import REDO, UNDO
from endoscope_app.labels.frame_places import FramePlaces
from endoscope_app.labels.key_guard import KeyGuard
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.similar import wording
from endoscope_app.similar.hit_images import HitImages
from endoscope_app.similar.hit_labels import HitLabels
from endoscope_app.similar.nearest import Found, Hit, Place, Query, search
from endoscope_app.similar.similar_dialog import SimilarDialog
from endoscope_app.viewing.screen_blanking import ScreenBlanking

_NOTHING = Found((), ())


class SimilarFlow(QObject):
    """``dialog`` while it is open; it shows nothing that the model says, only where frames are."""

    progressed = Signal(int, int, int)  # round, done, total

    def __init__(
        self,
        desk: LabelDesk,
        analysis: ProcedureAnalysis,
        writer: LabelWriter,
        guard: KeyGuard,
        store: EmbeddingStore | None,
        places: Callable[[], Sequence[Place]],
        analyse: Callable[[Sequence[str]], None],
    ) -> None:
        """``places``: the procedures of the worklist; ``analyse``: puts those of these fingerprints
        into its queue; ``store`` None: nothing is kept.
        """
        super().__init__(desk.window.as_widget())
        self.dialog: SimilarDialog | None = None
        self._window, self._player, self._procedure = desk.window, desk.player, desk.procedure
        self._analysis, self._store, self._places = analysis, store, places
        self._analyse, self._guard = analyse, guard
        self._labels = HitLabels(desk.session, writer, lambda: desk.procedure.fingerprint)
        self._tasks, self._images = Tasks(self), HitImages(self)
        self._stop, self._round, self._found = threading.Event(), 0, _NOTHING
        self._blanking = ScreenBlanking(desk.window, self)
        self._blanking.changed.connect(self._on_blanking)
        desk.window.action(MORE_LIKE_THIS).triggered.connect(self.search)
        desk.session.changed.connect(self._show_labels)
        self.progressed.connect(self._on_progressed)
        self._images.made.connect(self._on_image)

    def search(self) -> None:
        """For what looks like the frame that was asked for last, or say why not."""
        query, store = self._query(), self._store
        if query is None or store is None:
            info = self._player.info
            self._window.banner.show_remark(
                NO_PROCEDURE_OPEN if info is None else wording.NOT_LOOKED_AT
            )
            return
        dialog = self.dialog = self.dialog or self._new_dialog()
        self._player.pause()
        self._stop.set()
        self._images.want_none()
        stop = self._stop = threading.Event()
        self._round += 1
        number, self._found = self._round, _NOTHING
        dialog.begin(wording.query(self._procedure.places.at(query.index)))
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        dialog.hits.setFocus()
        places, here, mine = self._places(), query.fingerprint, self._analysis.embeddings

        def in_memory(fingerprint: str) -> Embeddings | None:
            return mine if fingerprint == here else None

        def work() -> Found:
            tell = self.progressed.emit
            return search(
                query,
                places,
                store,
                in_memory,
                lambda done, total: tell(number, done, total),
                stop.is_set,
            )

        self._tasks.run(
            work,
            lambda found: self._on_found(number, found, stopped=stop.is_set()),
            lambda error: self._on_failed(str(error)),
        )

    def dismiss(self) -> None:
        """What is found is of other eyes: another reading begins or ends."""
        if self.dialog is not None:
            self.dialog.close()

    def close(self) -> None:
        """Stop what runs and wait for it (only while closing)."""
        self._stop.set()
        if self.dialog is not None:
            self.dialog.close()
        self._images.close()
        self._tasks.close()

    def _query(self) -> Query | None:
        info, embeddings = self._player.info, self._analysis.embeddings
        classifier, index = self._analysis.classifier, self._player.index
        if (
            info is None
            or classifier is None
            or embeddings is None
            or not self._analysis.is_of(info)
            or not embeddings.known[index]
        ):
            return None
        vector = embeddings.vectors[index].astype(np.float32)
        time_ms = float(embeddings.times_ms[index])
        return Query(info.fingerprint, index, time_ms, classifier.version, vector)

    def _new_dialog(self) -> SimilarDialog:
        shared = [self._window.action(command) for command in (UNDO, REDO)]
        dialog = SimilarDialog(shared, self._window.as_widget())
        self._guard.let_in(dialog)
        dialog.stop_requested.connect(lambda: self._stop.set())
        dialog.finished.connect(self._on_closed)
        dialog.analyse_requested.connect(self._on_analyse)
        dialog.hits.opened.connect(self._on_opened)
        dialog.hits.labelled.connect(self._on_labelled)
        dialog.hits.unusable.connect(lambda key: self._labels.mark_unusable(self._chosen(), key))
        dialog.hits.cleared.connect(lambda key: self._labels.clear(self._chosen(), key))
        return dialog

    def _chosen(self) -> list[Hit]:
        return (
            [self._found.hits[number] for number in self.dialog.hits.chosen()]
            if self.dialog
            else []
        )

    def _texts(self) -> list[str]:
        return [
            wording.cell(hit.place.patient, _place_of(hit), hit.alike, self._labels.of(hit))
            for hit in self._found.hits
        ]

    def _on_progressed(self, number: int, done: int, total: int) -> None:
        if number == self._round and self.dialog is not None:
            self.dialog.show_step(done, total, wording.step(done, total))

    def _on_found(self, number: int, found: Found, *, stopped: bool) -> None:
        dialog = self.dialog
        if number != self._round or dialog is None:
            return
        self._found = found
        procedures = len({hit.place.fingerprint for hit in found.hits})
        said = wording.found(len(found.hits), procedures)
        dialog.end(f"{wording.STOPPED} {said}" if stopped else said)
        dialog.show_without(wording.without(len(found.without)) if found.without else "")
        dialog.hits.set_hits(self._texts())
        if dialog.isVisible():
            self._images.want(number, found.hits, blanked=self._blanking.on)

    def _on_blanking(self) -> None:
        """Images that were made before may not be shown any more, nor those on their way."""
        dialog = self.dialog
        if dialog is None:
            return
        dialog.hits.forget_images()
        if dialog.isVisible():
            self._images.want(self._round, self._found.hits, blanked=self._blanking.on)

    def _on_failed(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.end(sentence)

    def _on_image(self, number: int, place: int, image: QImage, blanked: bool) -> None:
        is_current = number == self._round and blanked == self._blanking.on
        if is_current and self.dialog is not None:
            self.dialog.hits.show_image(place, image)

    def _show_labels(self) -> None:
        if self.dialog is not None and self.dialog.isVisible() and self._found.hits:
            self.dialog.hits.set_texts(self._texts())

    def _on_opened(self, number: int) -> None:
        """In its procedure; the list stays beside it."""
        hit, info = self._found.hits[number], self._player.info
        self._window.as_widget().activateWindow()
        if info is not None and info.fingerprint == hit.place.fingerprint:
            self._player.go_to(hit.index)
        elif hit.place.path.exists():
            self._player.open_at(hit.place.path, hit.place.fingerprint, hit.index)
        elif self.dialog is not None:
            self.dialog.end(wording.NO_FILE)

    def _on_labelled(self, place: int, key: str) -> None:
        problem = self._labels.label(self._chosen(), place, key)
        if problem:
            self._window.banner.show_remark(problem)

    def _on_analyse(self) -> None:
        self._analyse([place.fingerprint for place in self._found.without])
        if self.dialog is not None:
            self.dialog.show_without(wording.QUEUED, can_analyse=False)

    def _on_closed(self) -> None:
        self._stop.set()
        self._images.want_none()


def _place_of(hit: Hit) -> str:
    """As labels name it."""
    times = np.zeros(hit.index + 1)
    times[hit.index] = hit.time_ms
    return FramePlaces(times, hit.place.stills).at(hit.index)
