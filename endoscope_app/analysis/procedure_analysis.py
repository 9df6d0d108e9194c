"""The whole procedure classified in the background.

Resumed where it was, saved as it grows, turned into findings.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QColor

from endoscope_app.analysis import wording
from endoscope_app.analysis.analysis_progress import AnalysisProgress
from endoscope_app.analysis.analysis_thread import AnalysisThread
from endoscope_app.analysis.analysis_view import AnalysisView
from endoscope_app.analysis.commands import ANALYSE, CANCEL_ANALYSIS
from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.analysis.embeddings import Embeddings, of_these_frames
from endoscope_app.analysis.finding_search import FindingSearch
from endoscope_app.analysis.kept_predictions import KeptPredictions, Known
from endoscope_app.analysis.look_run import LookRun
from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.analysis.quality.frame_measures import FrameMeasures
from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.errors import AppError
from endoscope_app.base.window_port import WindowPort
from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.source import Frame, SharedFrames, SourceInfo
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.viewing.frame_view import FrameView

POLL_MS = 100  # the timeline repaints at 10 Hz
SAVE_EVERY_S, FINDINGS_EVERY_S = 10.0, 2.0
EMBEDDINGS_EVERY_S = 60.0  # ten times as large; what a crash costs of them is looked at again


@dataclass(slots=True)
class _Run:
    """Progress of the current analysis."""

    started: float
    done_before: int
    saved_at: float
    embeddings_at: float = 0.0
    findings_at: float = 0.0


class ProcedureAnalysis(QObject):
    """One analysis at a time, of the procedure that is open, with the model in use.

    ``embeddings``: what that model sees in its frames; None where nothing can be kept of it.
    """

    finished = Signal()  # nothing is running any more, whatever the reason

    def __init__(
        self,
        window: WindowPort,
        tasks: Tasks,
        store: PredictionStore | None,
        settings: CurrentSettings,
        view: AnalysisView,
        *,
        progress: AnalysisProgress,
        frame_view: FrameView,
        embeddings: EmbeddingStore | None = None,
    ) -> None:
        """``store`` and ``embeddings``: where analyses are kept; None for nowhere."""
        super().__init__(window.as_widget())
        self.timeline: Timeline | None = None
        self.measures = FrameMeasures.none(0)
        self.embeddings: Embeddings | None = None
        self._banner, self._view = window.banner, view
        self._progress, self._frame_view = progress, frame_view
        self._kept = KeptPredictions(tasks, store, embeddings, window.banner)
        self._settings = settings
        self._classifier: Classifier | None = None
        self._frames: SharedFrames | None = None
        self._times = FrameTimes.of(np.zeros(0), np.zeros(0, np.int64))
        self._stamps: NDArray[np.int64] | None = None
        self._generation = 0
        self._starts, self._offered = True, ""
        self._asked = False  # to start, before it was known what is to be done
        self._analysed_by = ""
        self._look = LookRun()
        self._thread: AnalysisThread | None = None
        self._leaving: set[AnalysisThread] = set()
        self._run = _Run(0.0, 0, 0.0)
        self._playing = False
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._on_poll)
        self._search = FindingSearch(tasks, settings, view, window.banner, self)
        progress.cancel_requested.connect(self.cancel)
        window.action(CANCEL_ANALYSIS).triggered.connect(self.cancel)
        window.action(ANALYSE).triggered.connect(self.start)

    @property
    def classifier(self) -> Classifier | None:
        """The model whose predictions the timeline holds."""
        return self._classifier

    @property
    def running(self) -> bool:
        """Whether frames are being classified in the background."""
        return self._thread is not None

    def use(self, classifier: Classifier, colours: list[QColor]) -> None:
        """Analyse with this model from now on; what the one before said is kept under its version.

        ``open`` must follow.
        """
        self.leave()
        if self._classifier is not None:
            self._banner.show_message("")  # what was said was of the model before
        known = self.timeline is not None and self.timeline.known_count > 0
        self._analysed_by = (
            self._classifier.version if self._classifier is not None and known else ""
        )
        self.timeline = self.embeddings = None
        self._look = LookRun()
        # Nothing on its way from the model before may be taken for a prediction of this one
        self._generation += 1
        self._search.forget()
        self._classifier = classifier
        self._view.use(classifier, colours)

    @property
    def _info(self) -> SourceInfo | None:
        return self._frames.info if self._frames is not None else None

    def is_of(self, info: SourceInfo | None) -> bool:
        """Whether what was found is of this procedure.

        Between the moment that another one is on screen and that in which the analysis hears of it,
        it is not.
        """
        return info is not None and self._info == info

    def open(
        self,
        frames: SharedFrames,
        times: FrameTimes,
        stamps: NDArray[np.int64] | None = None,
        *,
        starts: bool = True,
    ) -> None:
        """A procedure was opened: fetch what is known of it and continue from there.

        ``stamps``: what its frames' labels are kept under; without them no embedding is kept. With
        ``starts`` False that is only offered.
        """
        self.leave()
        self._generation += 1
        self._search.forget()
        generation = self._generation
        if self._info != frames.info:
            self._asked = False
        self._frames, self._times, self._starts = frames, times, starts
        self._stamps = stamps
        self.timeline = self.embeddings = None
        self._look = LookRun()
        self._view.clear()
        if self._classifier is None:
            return
        self._kept.fetch(
            frames.info,
            self._classifier,
            lambda known: self._on_loaded(generation, known),
            self._embeddings_of(None) if frames.info.parts else None,
        )

    def start(self) -> None:
        """Begin or continue, once the model is there and what was kept has been read.

        Does nothing when all frames are known or a run is under way.
        """
        if self._frames is None:
            self._banner.show_remark(NO_PROCEDURE_OPEN)
            return
        if self._classifier is None or self.timeline is None:
            self._asked = True
            return
        self._asked = False
        if self._thread is not None:
            return
        known, measured = self.timeline.known.copy(), self.measures.known.copy()
        if self.embeddings is not None:
            known &= self.embeddings.known
        if (known & measured).all():
            self._say_state()
            return
        thread = AnalysisThread(
            self._generation,
            self._frames,
            self._classifier,
            known,
            measured,
            self.embeddings,
            quick=self._look.wanted(self.timeline),
        )
        thread.ended.connect(self._on_ended)
        thread.give_way(self._playing)
        # Not by its own signal: what that is connected to would keep the thread, and the thread
        # what it is connected to, for ever.
        self._leaving = {thread, *(left for left in self._leaving if not left.isFinished())}
        self._thread = thread
        self._banner.withdraw_message(self._offered)
        now = time.monotonic()
        self._run = _Run(now, self._done(self.timeline), now, now)
        self._look.begin(is_under_way=thread.looks_wanted > 0)
        thread.start()
        self._timer.start()
        self._say_state()

    def cancel(self) -> None:
        """End the run; what is done is kept, and ``start`` continues from there."""
        self._asked = False
        if self._thread is not None:
            self._thread.stop()

    def give_way(self, playing: bool) -> None:
        """While the reader plays, the analysis takes what is left of the processor."""
        self._playing = playing
        if self._thread is not None:
            self._thread.give_way(playing)

    def leave(self) -> None:
        """Another procedure comes, or the app closes: stop, keep what is done."""
        if self._thread is not None:
            self._thread.stop()
            self._fetch()
            self._thread = None
            self._save()
        self._timer.stop()
        self._progress.show_state("")

    def close(self) -> None:
        """Stop and wait for the threads (only while closing)."""
        self.leave()
        for thread in self._leaving:
            thread.wait()
        self._leaving.clear()

    def _on_loaded(self, generation: int, found: Known) -> None:
        if generation != self._generation or self._info is None or self._classifier is None:
            return
        levels = self._classifier.thresholds
        groups = [(group.name, group.columns) for group in self._classifier.groups]
        empty = Timeline(self._info.frame_count, len(levels), levels, groups)
        self.timeline, stored = empty, found.predictions
        self.embeddings = self._embeddings_of(found.embeddings)
        self.measures = found.measures or FrameMeasures.none(self._info.frame_count)
        if stored is not None:
            self.timeline = Timeline.restored(stored.raw, stored.known, levels, groups)
            self.timeline.damaged |= stored.damaged
        if self._frames is not None and self._clock() is not None:
            self._look.plan(self._frames, self._times, len(levels), found, self.timeline)
        self._view.show_timeline(self.timeline, self._clock())
        self._find()
        self._say_state()
        wanted = self._starts and self._settings.now.analyse_on_open
        if self._asked or (wanted and not self.timeline.tried.all()):
            self.start()
        elif not self._starts:
            self._offer()
        if self._thread is None:
            self.finished.emit()

    def _embeddings_of(self, kept: Embeddings | None) -> Embeddings | None:
        if self._classifier is None or self._stamps is None:
            return None
        return of_these_frames(
            kept, self._classifier.embedding_size, self._times.times_ms, self._stamps
        )

    def _offer(self) -> None:
        if self.timeline is None or self._classifier is None or self.timeline.known.all():
            return
        self._offered = wording.offer(self._classifier.version, self._analysed_by)
        self._banner.add_message(self._offered)  # beside what was said of the promotion

    def _on_poll(self) -> None:
        self._fetch()
        now = time.monotonic()
        self._end_look(now)
        if now - self._run.findings_at > FINDINGS_EVERY_S:
            self._run.findings_at = now
            self._find()
        if now - self._run.saved_at > SAVE_EVERY_S:
            self._run.saved_at = now
            is_due = now - self._run.embeddings_at > EMBEDDINGS_EVERY_S
            if is_due:
                self._run.embeddings_at = now
            self._save(embeddings=is_due)
        self._say_state()

    def _end_look(self, now: float) -> None:
        """Once the quick look is over, it is kept, and only what follows counts for the time
        left.
        """
        if self._look.is_under_way and self._thread is not None and not self._thread.looks_wanted:
            self._look.is_under_way = False
            self._run.started = now
            self._save(embeddings=False)

    def _fetch(self) -> None:
        if self._thread is None or self.timeline is None:
            return
        chunks = self._thread.take_chunks()
        for start, probabilities in chunks:
            self.timeline.write(start, probabilities)
        for start, rows in self._thread.take_rows():
            self.measures.write(start, rows)
        looks = self._thread.take_looks()
        self._look.take(looks, self.timeline)
        if chunks or looks:
            self._view.show_growth()
        lost = self.timeline.mark_lost(self._thread.lost())
        if self.timeline.mark_corrupt(self._thread.corrupt()) or lost:
            self._view.show_damage()

    def look_at(self, frame: Frame) -> None:
        """The frame on screen: say so where its decoding or the analysis found it damaged."""
        timeline = self.timeline
        if frame.is_corrupt and timeline is not None and timeline.mark_corrupt([frame.index]):
            self._view.show_damage()
            self._say_state()
        known = timeline is not None and bool(timeline.damaged[frame.index])
        self._frame_view.set_warning(wording.DAMAGED if frame.is_corrupt or known else "")

    def _clock(self) -> FrameTimes | None:
        """When each frame was recorded; stills have no times of their own."""
        return self._times if self._info is not None and self._info.kind == "video" else None

    def _on_ended(self, generation: int, problem: AppError | None) -> None:
        thread = self._thread
        if thread is None or generation != thread.generation:
            return
        self._fetch()
        self._thread = None
        self._timer.stop()
        self._save()
        self._find()
        self._say_state()
        if problem is not None:
            self._banner.show_message(str(problem))
        self.finished.emit()

    def _save(self, *, embeddings: bool = True) -> None:
        info, classifier = self._info, self._classifier
        if self.timeline is None or info is None or classifier is None:
            return
        self._kept.save(info, classifier, self.timeline, self.measures)
        self._look.save(self._kept, info, classifier, self.timeline)
        if embeddings and self.embeddings is not None:
            self._kept.save_embeddings(info, classifier, self.embeddings)

    def _find(self) -> None:
        if self.timeline is not None and self._classifier is not None:
            self._view.show_coverage(wording.coverage(self.timeline))
            self._search.search(self.timeline, self.measures, self._clock(), self._classifier)

    def _say_state(self) -> None:
        if self.timeline is None or self._info is None:
            return
        timeline, look = self.timeline, self._look
        if self._thread is None:
            self._progress.show_state(wording.state(timeline, look.one_in))
            return
        if look.is_under_way:
            said = wording.looking(look.seen, look.total, look.one_in)
            self._progress.show_running(look.seen / look.total, said)
            return
        seconds = time.monotonic() - self._run.started
        done, total = self._done(timeline), timeline.frame_count
        if timeline.known_count == total:
            text = wording.measuring(done, total)
        else:
            text = wording.running(timeline, done - self._run.done_before, seconds)
        self._progress.show_running(done / total, text)

    def _done(self, timeline: Timeline) -> int:
        """Frames that are classified and measured."""
        return int(np.count_nonzero(timeline.known & self.measures.known))
