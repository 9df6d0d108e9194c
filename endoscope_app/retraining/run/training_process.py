"""One retraining in a process of its own: started with low priority, listened to, and stopped.

Stopping takes seconds; however it ends, the end is one sentence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from endoscope_app.base.errors import AppError
from endoscope_app.retraining.plan.training_cost import spare_cores
from endoscope_app.retraining.run import wording
from endoscope_app.retraining.run.run_files import RunClaim, RunFiles, not_writable, parse_event
from endoscope_app.retraining.run.trainer import (
    COMMAND,
    LineReader,
    end_of,
    lower_priority,
    peak_mb,
)
from kd_core.schema.events import RunEnded, RunEvent

LAST_LINES = 200
#: A log of nothing but garbage must not slow the window down: more of it is only counted.
GARBAGE_SHOWN = 50


@dataclass(frozen=True)
class Patience:
    """Milliseconds: without an event till it seems to hang, from "cancel" to terminate, and
    from there to kill.
    """

    silence: int = 120_000
    terminate: int = 5000
    kill: int = 3000


class TrainingProcess(QObject):
    """At most one run at a time, for all programs that share the folder of runs.

    Every event is in ``run_dir``'s event file before ``event_came`` is emitted; the last one there
    is RunEnded however it ended.
    """

    event_came = Signal(object)  # RunEvent
    line_logged = Signal(str)
    fell_silent = Signal(str)  # a sentence; events may come again all the same
    ended = Signal(str, str)  # 'finished', 'stopped', 'failed' or 'cancelled'; a sentence

    def __init__(
        self,
        parent: QObject | None = None,
        trainer: Sequence[str] = COMMAND,
        patience: Patience = Patience(),
    ) -> None:
        super().__init__(parent)
        self._trainer, self._patience = tuple(trainer), patience
        self._process: QProcess | None = None
        self._claim = RunClaim()
        self._files: RunFiles | None = None
        self._watchdog = self._timer(patience.silence, self._on_silence)
        self._terminating = self._timer(patience.terminate, self._on_terminate)
        self._killing = self._timer(patience.kill, self._on_kill)
        self._cancelled = False
        self._forget()

    @property
    def running(self) -> bool:
        """Whether a child is at work."""
        return self._process is not None

    @property
    def peak_mb(self) -> float:
        """The most memory that the last run had at once; 0 where the system does not say."""
        return self._peak_mb

    def claim(self, runs: Path) -> None:
        """Keep every other program out of this folder of runs until the run that follows has ended.

        AppError where one is at work there.
        """
        self._claim.take(runs)

    def let_go(self) -> None:
        """Give the claim back where nothing runs."""
        if self._process is None:
            self._claim.release()

    def start(self, run_dir: Path, arguments: Sequence[str], threads: int | None = None) -> None:
        """Run ``kd-core retrain`` with these arguments.

        Raises AppError where a run is under way or ``run_dir`` cannot be written.
        """
        if self._process is not None:
            raise AppError(wording.BUSY, wording.BUSY_WAY_OUT)
        threads = threads or spare_cores()
        self._forget()
        self._open(run_dir)
        process = self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        for name, value in (
            ("OMP_WAIT_POLICY", "PASSIVE"),
            ("OMP_NUM_THREADS", str(threads)),
            ("PYTHONUTF8", "1"),
        ):
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        # methods and no lambdas: one that holds the process crashes PySide when this object goes
        # before the process was deleted
        process.started.connect(self._on_started)
        process.readyReadStandardOutput.connect(self._on_output)
        process.readyReadStandardError.connect(self._on_error_output)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._watchdog.start()
        program, *first = self._trainer
        with self._claim.lent():
            process.start(program, [*first, *arguments, "--threads", str(threads), "--events"])

    def stop(self) -> None:
        """Ask for the best so far; it comes as soon as the step is done and the model compared."""
        if self._process is not None:
            self._process.write(b"cancel\n")

    def cancel(self) -> None:
        """End the run and keep nothing: asked first, terminated and killed if it does not listen.

        Never blocks.
        """
        if self._process is None or self._cancelled:
            return
        self._cancelled = True
        self._watchdog.stop()
        self._process.write(b"cancel\n")
        self._terminating.start()

    def close(self) -> None:
        """End the child at once and wait for it (only while closing).

        The run can be resumed: no end is written.
        """
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(self._patience.kill)
            self._release(process)

    def _timer(self, interval: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(then)
        return timer

    def _forget(self) -> None:
        self._output, self._error_output = LineReader(), LineReader()
        self._last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._reported_end: RunEnded | None = None
        self._garbage, self._peak_mb = 0, 0.0
        self._cancelled = False
        self._trouble_logged = False

    def _open(self, run_dir: Path) -> None:
        self.claim(run_dir.parent)
        try:
            self._files = RunFiles(run_dir)
        except OSError as error:
            self.let_go()
            raise not_writable(error) from error

    def _on_started(self) -> None:
        if self._process is not None:
            lower_priority(self._process.processId())

    def _on_output(self) -> None:
        if self._process is not None:
            for line in self._output.take(bytes(self._process.readAllStandardOutput().data())):
                self._take(line)

    def _take(self, line: bytes) -> None:
        event = parse_event(line)
        if event is None:
            self._garbage += 1
            if self._garbage <= GARBAGE_SHOWN:
                self._log(f"not understood: {line[:200].decode(errors='replace')}")
            return
        self._weigh()
        if not self._cancelled:
            self._watchdog.start()
        if isinstance(event, RunEnded):
            self._reported_end = event
        self._publish(event)

    def _on_error_output(self) -> None:
        if self._process is not None:
            for line in self._error_output.take(bytes(self._process.readAllStandardError().data())):
                self._take_error(line)

    def _take_error(self, line: bytes) -> None:
        self._weigh()
        self._last_lines.append(line.decode(errors="replace"))
        self._log(self._last_lines[-1])

    def _weigh(self) -> None:
        if self._process is not None:
            self._peak_mb = max(self._peak_mb, peak_mb(self._process.processId()))

    def _log(self, line: str) -> None:
        if self._files is not None:
            self._files.add_line(line)
        self.line_logged.emit(line)

    def _publish(self, event: RunEvent) -> None:
        files = self._files
        if files is not None:
            files.add_event(event)
            if files.trouble and not self._trouble_logged:
                self._trouble_logged = True
                self.line_logged.emit(files.trouble)
        self.event_came.emit(event)

    def _on_silence(self) -> None:
        if self._process is not None:
            self.fell_silent.emit(wording.silence(max(1, self._patience.silence // 1000)))

    def _on_terminate(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._killing.start()

    def _on_kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            # it is told from within QProcess.start, which must have returned before the process is
            # let go
            QTimer.singleShot(0, self, self._on_not_started)

    def _on_not_started(self) -> None:
        if self._process is not None and self._process.state() == QProcess.ProcessState.NotRunning:
            self._end(self._process, "failed", wording.NOT_STARTED)

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        if self._process is None:
            return
        self._on_output()
        self._on_error_output()
        for line in self._output.rest():
            self._take(line)
        for line in self._error_output.rest():
            self._take_error(line)
        if self._cancelled:
            self._end(self._process, "cancelled", wording.CANCELLED)
            return
        crashed = status == QProcess.ExitStatus.CrashExit
        log = "\n".join(self._last_lines)
        outcome, sentence = end_of(code, crashed=crashed, reported=self._reported_end, log=log)
        self._end(self._process, outcome, sentence)

    def _end(self, process: QProcess, outcome: str, sentence: str) -> None:
        reported = self._reported_end
        if reported is None or (reported.outcome, reported.sentence) != (outcome, sentence):
            self._publish(RunEnded(outcome, sentence))
        self._process = None
        self._release(process)
        self.ended.emit(outcome, sentence)

    def _release(self, process: QProcess) -> None:
        for timer in (self._watchdog, self._terminating, self._killing):
            timer.stop()
        process.blockSignals(True)
        process.deleteLater()
        if self._files is not None:
            self._files.close()
            self._files = None
        self.let_go()
