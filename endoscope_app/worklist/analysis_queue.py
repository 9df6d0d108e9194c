"""The queue: one procedure of the worklist after the other is analysed in the background, until
none is wanted any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.base.errors import AppError
from endoscope_app.media.source import SourceInfo
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.queue_thread import QueueThread, RunEnd
from endoscope_app.worklist.worklist_store import WorklistStore

POLL_MS = 500


@dataclass(frozen=True, slots=True)
class QueueState:
    """``waiting`` procedures with the one that runs; ``running``: its entry's id, None for none;
    ``share`` 0..1 of its frames is known. Seconds are None while they are a guess. ``gives_way``:
    the procedure on screen is being analysed.
    """

    waiting: int
    paused: bool
    gives_way: bool = False
    running: int | None = None
    name: str = ""
    share: float = 0.0
    seconds_left: float | None = None
    seconds_left_for_all: float | None = None


class AnalysisQueue(QObject):
    """``changed``: a line of the worklist is not as it was; ``progressed``: only the figures are.

    ``failed``: a sentence about the library or the data folder; the queue then waits.
    """

    changed = Signal()
    progressed = Signal()
    failed = Signal(str)

    def __init__(
        self,
        worklist: WorklistStore,
        stores: tuple[PredictionStore, EmbeddingStore] | None,
        deinterlace: Callable[[], bool],
        is_open: Callable[[Entry], bool],
        is_busy: Callable[[], bool],
        parent: QObject,
    ) -> None:
        """``stores`` None: nothing can be kept, so nothing is analysed. ``is_open``: a
        procedure that is on screen, where it is analysed already; ``is_busy``: that is going on.
        """
        super().__init__(parent)
        self._worklist, self._stores = worklist, stores
        self._deinterlace, self._is_open, self._is_busy = deinterlace, is_open, is_busy
        self._classifier: Classifier | None = None
        self._thread: QueueThread | None = None
        self._leaving: set[QueueThread] = set()
        self._waiting: list[Entry] = []
        self._lengths: list[int] = []
        self._gives_way = self._closed = self._paused = self._is_broken = False
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._on_poll)

    def use(self, classifier: Classifier) -> None:
        """Analyse with this model from now on."""
        self._classifier = classifier
        self._stop_thread()
        self._go_on()

    def look(self, entries: Sequence[Entry]) -> None:
        """The worklist as it is now: take up what is wanted, leave what is not any more."""
        self._paused = self._worklist.paused
        self._waiting = [entry for entry in entries if entry.wanted]
        self._lengths = [entry.frame_count for entry in entries if entry.frame_count]
        wanted = {entry.id for entry in self._waiting}
        if self._thread is not None and self._thread.entry.id not in wanted:
            self._stop_thread()
        self._go_on()

    def pause(self, paused: bool) -> None:
        """Wait until it is resumed, also after a restart. AppError where that cannot be kept."""
        self._worklist.pause(paused)
        self._paused = paused
        if paused:
            self._stop_thread()
        self._go_on()

    def cancel(self) -> None:
        """Nothing is wanted any more; what is done is kept. AppError as ``pause``."""
        self._worklist.want([entry.id for entry in self._waiting], wanted=False)
        if self._paused:
            self._worklist.pause(False)
        self._stop_thread()
        self.changed.emit()

    def give_way(self, yes: bool) -> None:
        """While the reader plays, the queue takes what is left of the processor."""
        self._gives_way = yes
        if self._thread is not None:
            self._thread.give_way(yes)

    def close(self) -> None:
        """Stop, keep what is done, and wait for the thread (only while closing)."""
        self._closed = True
        self._timer.stop()
        self._stop_thread()
        for thread in self._leaving:
            thread.wait()
        self._leaving.clear()

    def state(self) -> QueueState:
        """For the lines and the bar."""
        thread = self._thread
        if thread is None:
            return QueueState(len(self._waiting), self._paused, self._is_busy())
        known, total = thread.done()
        pace = thread.pace()
        left = (total - known) / pace if pace else None
        others = sum(
            entry.frame_count - entry.analysed if entry.frame_count else self._usual_length(total)
            for entry in self._waiting
            if entry.id != thread.entry.id
        )
        return QueueState(
            len(self._waiting),
            self._paused,
            False,
            thread.entry.id,
            thread.entry.path.name,
            known / total if total else 0.0,
            left,
            left + others / pace if pace and left is not None else None,
        )

    def _usual_length(self, running: int) -> float:
        """Frames of a procedure that was not looked through yet: as the others have."""
        lengths = self._lengths or [running]
        return sum(lengths) / len(lengths)

    def _go_on(self) -> None:
        """Begin the next one, where nothing speaks against it; the procedure on screen comes
        first.
        """
        if self._waiting and not self._closed:
            self._timer.start()
        if self._thread is not None and (self._is_busy() or self._is_open(self._thread.entry)):
            self._stop_thread()
        if (
            self._closed
            or self._thread is not None
            or self._paused
            or self._is_broken
            or self._is_busy()
            or self._classifier is None
            or self._stores is None
            or self._worklist.read_only_because
        ):
            return
        entry = next((entry for entry in self._waiting if not self._is_open(entry)), None)
        if entry is None:
            return
        thread = QueueThread(
            entry, self._classifier, *self._stores, deinterlace=self._deinterlace()
        )
        thread.looked.connect(self._on_looked)
        thread.ended.connect(self._on_ended)
        thread.give_way(self._gives_way)
        # Not by its own signal: what that is connected to would keep the thread for ever
        self._leaving = {thread, *(left for left in self._leaving if not left.isFinished())}
        self._thread = thread
        thread.start()

    def _stop_thread(self) -> None:
        if self._thread is not None:
            self._thread.stop()

    def _on_poll(self) -> None:
        self._go_on()
        if not self._waiting:
            self._timer.stop()
        self.progressed.emit()

    def _on_looked(self, _line: int, info: SourceInfo) -> None:
        def write() -> None:
            self._worklist.note(info)
            self._worklist.advance(info.fingerprint, "analysing")

        self._written(write)

    def _on_ended(self, _line: int, end: RunEnd) -> None:
        thread, self._thread = self._thread, None
        if thread is None or self._closed:
            return
        self._written(lambda: self._keep(thread.entry, end))
        if end.not_kept is not None:
            self.failed.emit(str(end.not_kept))
            self._written(lambda: self.pause(True))

    def _keep(self, entry: Entry, end: RunEnd) -> None:
        if end.fingerprint and end.analysed:
            self._worklist.keep_progress(end.fingerprint, end.analysed, end.model)
        if end.is_whole:
            self._worklist.advance(end.fingerprint, "analysed")
            self._worklist.want([entry.id], wanted=False)
        if end.trouble is not None:
            self._worklist.refuse(entry.path, str(end.trouble))

    def _written(self, write: Callable[[], None]) -> None:
        try:
            write()
        except AppError as error:
            # Without this the same procedure would be begun again at once
            self._is_broken = True
            self.failed.emit(str(error))
        self.changed.emit()
