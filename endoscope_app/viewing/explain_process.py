"""Any other heat map of the paused frame, through ``python -m kd_core explain``: torch stays
out of this process.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QProcess, Signal

from endoscope_app.base.child_process import KILL_AFTER_MS, environment, last_sentence, let_go
from endoscope_app.base.errors import AppError
from endoscope_app.base.scratch_folder import PrivateFolder
from endoscope_app.viewing import wording

Image = NDArray[np.uint8]
PREFIX = "explain-"


class ExplainProcess(QObject):
    """One explanation at a time.

    The frame goes through a private folder in ``scratch``, part of the reader's data folder, that
    is removed whatever happens; what a killed program left there the next start takes away.
    """

    finished = Signal(object)  # (H, W, 4) uint8 BGRA with the heat map drawn in
    failed = Signal(object)  # AppError

    def __init__(self, scratch: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scratch = scratch
        self._process: QProcess | None = None
        self._folder: PrivateFolder | None = None

    @property
    def running(self) -> bool:
        """Whether a child is at work."""
        return self._process is not None

    def start(self, frame: Image, model_dir: Path, method: str, class_name: str) -> None:
        """Explain ``frame`` (H, W, 4) BGRA; an explanation under way is dropped."""
        self.cancel()
        try:
            self._folder = PrivateFolder(self._scratch, PREFIX)
        except OSError as error:
            problem, way_out = wording.EXPLAIN_NO_FOLDER, wording.EXPLAIN_NO_FOLDER_WAY_OUT
            self.failed.emit(AppError(problem, way_out, str(error)))
            return
        folder = self._folder.path
        cv2.imwrite(str(folder / "frame.png"), frame[:, :, :3], [cv2.IMWRITE_PNG_COMPRESSION, 1])
        process = self._process = QProcess(self)
        process.setProcessEnvironment(environment())
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        arguments = [
            "-m",
            "kd_core",
            "explain",
            "--model",
            str(model_dir),
            "--image",
            str(folder / "frame.png"),
        ]
        arguments += ["--method", method, "--class", class_name, "--out", str(folder / "heat.png")]
        process.start(sys.executable, arguments)

    def cancel(self) -> None:
        """End the child; nothing is reported."""
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._on_finished)
            process.errorOccurred.disconnect(self._on_error)
            let_go(process)
        self._remove_folder()

    def close(self) -> None:
        """End the child at once and wait for it (only while closing)."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(KILL_AFTER_MS)
        self._remove_folder()

    def _on_error(self, _error: QProcess.ProcessError) -> None:
        self._on_finished(-1)

    def _on_finished(self, code: int) -> None:
        process, self._process = self._process, None
        if process is None or self._folder is None:
            return
        process.deleteLater()
        sentence, output = last_sentence(process)
        drawn = cv2.imread(str(self._folder.path / "heat.png")) if code == 0 else None
        self._remove_folder()
        if drawn is None:
            self.failed.emit(
                AppError(
                    sentence or wording.EXPLAIN_NO_RESULT,
                    wording.EXPLAIN_NO_RESULT_WAY_OUT,
                    output,
                )
            )
            return
        self.finished.emit(cv2.cvtColor(drawn, cv2.COLOR_BGR2BGRA))

    def _remove_folder(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
