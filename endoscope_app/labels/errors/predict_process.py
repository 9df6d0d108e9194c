"""A slow model's answers for many pictures, through ``python -m kd_core predict``: torch stays
out of this process.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from endoscope_app.base.child_process import KILL_AFTER_MS, end, environment, last_words
from endoscope_app.base.errors import AppError
from kd_core.schema.json_text import JsonError, decode_json

LIST_NAME = "pictures.txt"
WAY_OUT = "Ask again; if it ends like this once more, the model's folder may be damaged."


class PredictProcess(QObject):
    """One model at a time.

    ``answered`` carries, for each picture in order, class name -> probability, or None where it is
    unreadable.
    """

    progressed = Signal(int, int)  # pictures done, of how many
    answered = Signal(list)
    failed = Signal(object)  # AppError

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._rest = b""
        self._total = 0
        self._answers: list[dict[str, float] | None] = []

    @property
    def running(self) -> bool:
        """Whether a child is at work."""
        return self._process is not None

    def process_id(self) -> int:
        """The child's, 0 where none is at work."""
        return int(self._process.processId()) if self._process is not None else 0

    def start(self, model_dir: Path, pictures: Sequence[Path], folder: Path) -> None:
        """Ask the model; ``folder`` takes the list of pictures. What is under way is dropped."""
        self.cancel()
        self._rest, self._answers, self._total = b"", [], len(pictures)
        try:
            (folder / LIST_NAME).write_text(
                "".join(f"{path}\n" for path in pictures), encoding="utf-8"
            )
        except (OSError, UnicodeEncodeError) as error:
            self.failed.emit(
                AppError(
                    "The pictures could not be handed over.",
                    "Name another data folder with --data-dir.",
                    str(error),
                )
            )
            return
        process = self._process = QProcess(self)
        process.setProcessEnvironment(environment())
        process.readyReadStandardOutput.connect(lambda: self._on_lines(process))
        process.finished.connect(lambda _code, _status: self._on_finished(process))
        process.errorOccurred.connect(lambda _error: self._on_finished(process))
        words = [
            "-m",
            "kd_core",
            "predict",
            "--model",
            str(model_dir),
            "--list",
            str(folder / LIST_NAME),
            "--lines",
        ]
        process.start(sys.executable, words)

    def cancel(self) -> None:
        """End the child; nothing is reported."""
        process, self._process = self._process, None
        if process is not None:
            end(process)

    def close(self) -> None:
        """End the child at once and wait for it (only while closing)."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(KILL_AFTER_MS)

    def _on_lines(self, process: QProcess) -> None:
        if process is not self._process:
            return
        *lines, self._rest = (self._rest + bytes(process.readAllStandardOutput().data())).split(
            b"\n"
        )
        for line in lines:
            said = _parsed(line)
            if "done" in said:
                self._answers.append(said.get("probabilities"))
        if self._answers:
            self.progressed.emit(len(self._answers), self._total)

    def _on_finished(self, process: QProcess) -> None:
        process.deleteLater()
        if process is not self._process:
            return
        self._on_lines(process)
        self._process = None
        if len(self._answers) == self._total:  # it ends with 2 where some pictures were unreadable
            self.answered.emit(self._answers)
            return
        sentence, words = last_words(process)
        self.failed.emit(AppError(sentence or "The model ended without an answer.", WAY_OUT, words))


def _parsed(line: bytes) -> dict[str, Any]:
    """What the child wrote; anything else that gets onto its standard output is passed over."""
    try:
        return decode_json(line, dict[str, Any])
    except JsonError:
        return {}
