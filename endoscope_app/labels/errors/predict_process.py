"""A slow model's predictions for many images, through ``python -m kd_core predict``.

Torch stays out of this process.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QProcess, Signal

from endoscope_app.base.child_process import KILL_AFTER_MS, environment, last_sentence, let_go
from endoscope_app.base.errors import AppError
from endoscope_app.labels.errors import wording
from kd_core.schema.json_text import JsonError, decode_json

LIST_NAME = "images.txt"


class _Line(msgspec.Struct):
    """What the child writes when an image is done; without probabilities it is unreadable."""

    done: int | None = None
    probabilities: dict[str, float] | None = None


class PredictProcess(QObject):
    """One model at a time.

    ``predicted`` carries, for each image in order, class name -> probability, or None where it is
    unreadable.
    """

    progressed = Signal(int, int)  # images done, of how many
    predicted = Signal(list)
    failed = Signal(object)  # AppError

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._rest = b""
        self._total = 0
        self._predictions: list[dict[str, float] | None] = []

    @property
    def running(self) -> bool:
        """Whether a child is at work."""
        return self._process is not None

    def process_id(self) -> int:
        """The child's, 0 where none is at work."""
        return int(self._process.processId()) if self._process is not None else 0

    def start(self, model_dir: Path, images: Sequence[Path], folder: Path) -> None:
        """Ask the model; ``folder`` takes the list of images. What is under way is dropped."""
        self.cancel()
        self._rest, self._predictions, self._total = b"", [], len(images)
        try:
            listed = "".join(f"{path}\n" for path in images)
            (folder / LIST_NAME).write_text(listed, encoding="utf-8")
        except (OSError, UnicodeEncodeError) as error:
            self.failed.emit(AppError(*wording.LIST_NOT_WRITTEN, str(error)))
            return
        process = self._process = QProcess(self)
        process.setProcessEnvironment(environment())
        process.readyReadStandardOutput.connect(self._on_lines)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_finished)
        images_from = ["--list", str(folder / LIST_NAME), "--lines"]
        command = ["-m", "kd_core", "predict", "--model", str(model_dir), *images_from]
        process.start(sys.executable, command)

    def cancel(self) -> None:
        """End the child; nothing is reported."""
        process, self._process = self._process, None
        if process is not None:
            process.readyReadStandardOutput.disconnect(self._on_lines)
            process.finished.disconnect(self._on_finished)
            process.errorOccurred.disconnect(self._on_finished)
            let_go(process)

    def close(self) -> None:
        """End the child at once and wait for it (only while closing)."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(KILL_AFTER_MS)

    def _on_lines(self) -> None:
        process = self._process
        if process is None:
            return
        *lines, self._rest = (self._rest + bytes(process.readAllStandardOutput().data())).split(
            b"\n"
        )
        for line in lines:
            row = _parsed(line)
            if row.done is not None:
                self._predictions.append(row.probabilities)
        if self._predictions:
            self.progressed.emit(len(self._predictions), self._total)

    def _on_finished(self) -> None:
        process = self._process
        if process is None:
            return
        process.deleteLater()
        self._on_lines()
        self._process = None
        if len(self._predictions) == self._total:  # it ends with 2 where some were unreadable
            self.predicted.emit(self._predictions)
            return
        sentence, everything = last_sentence(process)
        no_prediction, way_out = wording.NO_PREDICTION
        self.failed.emit(AppError(sentence or no_prediction, way_out, everything))


def _parsed(line: bytes) -> _Line:
    """What the child wrote; anything else that gets onto its standard output is passed over."""
    try:
        return decode_json(line, _Line)
    except JsonError:
        return _Line()
