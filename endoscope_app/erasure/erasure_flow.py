"""Forgetting the patient of the chosen procedure, from the question to the last file."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.paths import DataDir
from endoscope_app.base.plain_text import ask
from endoscope_app.base.window_port import WindowPort
from endoscope_app.erasure import library_erasure, pending, wording
from endoscope_app.erasure.commands import FORGET_PATIENT
from endoscope_app.erasure.file_erasure import erase_files
from endoscope_app.erasure.traces import Traces, traces_of
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.library import journal
from endoscope_app.labels.library.records import Context
from endoscope_app.retraining.run.run_files import claimed_elsewhere
from endoscope_app.viewing.recent import RecentFiles
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.worklist_room import WorklistRoom
from kd_core.schema.errors import DataError

_TELL_EVERY = 50


class ErasureFlow(QObject):
    """Rows go at once, in one transaction; files are searched beside the window's thread.

    What is to go is written down first. A program that died meanwhile goes on at its next start.
    """

    progressed = Signal(int, int)  # files searched, files in all

    def __init__(
        self,
        window: WindowPort,
        worklist: WorklistRoom,
        session: LabelSession,
        recent: RecentFiles,
        data: DataDir,
    ) -> None:
        super().__init__(window.as_widget())
        self._window, self._worklist, self._session = window, worklist, session
        self._recent, self._data = recent, data
        # Its own: nothing else waits for it
        self._tasks = Tasks(self)
        self._said, self._closing = "", False
        window.action(FORGET_PATIENT).triggered.connect(self._on_forget)
        self.progressed.connect(self._on_progressed)

    def open(self) -> None:
        """The library has been opened: go on with what was broken off."""
        left = pending.pending(self._data.root)
        if left is not None and not self._session.main.read_only_because:
            self._say(wording.RESUMED)
            self._erase(left)

    def close(self) -> None:
        """Wait for the file at hand (only while closing); the rest follows at the next start."""
        self._closing = True
        self._tasks.close()

    def why_busy(self) -> str:
        """That files are being searched, as a sentence; empty where nothing is erased."""
        return (
            wording.NOT_RESTORED_MEANWHILE if self._said or pending.pending(self._data.root) else ""
        )

    def _on_forget(self) -> None:
        chosen = self._worklist.view.chosen()
        if not chosen:
            self._window.banner.show_message(wording.CHOOSE_FIRST)
            return
        if len(chosen) > 1 and (
            len({entry.patient for entry in chosen}) > 1 or not chosen[0].patient
        ):
            self._window.banner.show_message(wording.ONE_PATIENT)
            return
        traces = self._traces_of(self._of_the_same(chosen))
        why_not = self._why_not(traces)
        if why_not:
            self._window.banner.show_message(why_not)
            return
        patient = chosen[0].patient
        question = wording.question(patient, traces.count)
        if not ask(self._window.as_widget(), wording.TITLE, question):
            return
        try:
            traces = pending.note(self._data.root, traces)
        except AppError as error:
            self._window.banner.show_message(str(error))
            return
        self._say(wording.ERASING)
        self._erase(traces)

    def _traces_of(self, entries: list[Entry]) -> Traces:
        patient, main = entries[0].patient, self._session.main
        fingerprints = {entry.fingerprint for entry in entries if entry.fingerprint}
        if patient:
            fingerprints |= {
                each.fingerprint for each in main.read.procedures() if each.patient == patient
            }
        paths = [entry.path for entry in entries]
        return traces_of(main.reading(), fingerprints, paths, self._data.joined)

    def _why_not(self, traces: Traces) -> str:
        """What must come to its end first, as a sentence; empty where nothing must."""
        if self._session.main.read_only_because:
            return self._session.main.read_only_because
        if self._session.main.rests_because:
            return self._session.main.rests_because
        if self._said:
            return wording.IS_ERASED
        if self._session.is_second:
            return wording.IS_READ_AGAIN
        theirs = [
            entry
            for entry in self._worklist.view.entries
            if entry.fingerprint in traces.fingerprints
            or (not entry.fingerprint and os.fsencode(entry.path) in traces.paths)
        ]
        if any(map(self._worklist.is_open, theirs)):
            return wording.IS_OPEN
        if claimed_elsewhere(self._data.runs):
            return wording.IS_LEARNT_FROM
        if self._worklist.queue.state().running in {entry.id for entry in theirs}:
            return wording.IS_ANALYSED
        return ""

    def _of_the_same(self, chosen: list[Entry]) -> list[Entry]:
        """All lines of the chosen one's patient; of one without a pseudonym, the line alone."""
        first = chosen[0]
        if not first.patient:
            return [first]
        return [entry for entry in self._worklist.view.entries if entry.patient == first.patient]

    def _erase(self, traces: Traces) -> None:
        count = traces.count or max(len(traces.fingerprints), len(traces.paths))
        try:
            self._erase_rows(traces, count)
            self._recent.erase(traces.fingerprints)
        except AppError as error:
            self._end(wording.not_erased(error.sentence))
            return
        finally:
            self._worklist.view.refresh()

        def work() -> None:
            try:
                erase_files(self._data, traces, self._tell)
                pending.done(self._data.root)
            except OSError as error:
                detail = f"{type(error).__name__} errno {error.errno}"
                raise AppError(*wording.NOT_ERASED, detail) from error
            except DataError as error:
                raise AppError(error.sentence, error.way_out) from error

        self._tasks.run(
            work,
            lambda _: self._end(wording.erased(count)),
            lambda error: self._end(str(error)),
        )

    def _erase_rows(self, traces: Traces, count: int) -> None:
        store = self._session.main
        with store.erasing(wording.THE_LIBRARY) as connection:
            library_erasure.erase_rows(connection, traces)
            title = wording.journal_title(count)
            context = Context(store.read.reader_name(), "hidden")
            journal.append(
                connection,
                library_erasure.ERASED,
                None,
                "do",
                title,
                (),
                context,
                datetime.now(UTC),
                None,
            )

    def _tell(self, done: int, every: int) -> None:
        """From the thread that searches."""
        if self._closing:
            raise InterruptedError
        if done % _TELL_EVERY == 0:
            self.progressed.emit(done, every)

    def _on_progressed(self, done: int, every: int) -> None:
        self._say(wording.progress(done, every))

    def _say(self, sentence: str) -> None:
        banner = self._window.banner
        if self._said:
            banner.withdraw_message(self._said)
        self._said = sentence
        if sentence:
            banner.show_standing_message(sentence)

    def _end(self, sentence: str) -> None:
        self._say("")
        # After those who hear of the end
        QTimer.singleShot(0, lambda: self._window.banner.show_message(sentence))
