"""Images and heat maps of the frames on which two models differ, made in the background.

Only the last wish is answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.retraining.comparison import wording
from endoscope_app.retraining.comparison.compared_models import DifferingFrame
from endoscope_app.retraining.comparison.comparison_files import SeenFrame, look, thumbnail
from endoscope_app.retraining.run_folders import CANDIDATE_NAME
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.viewing.screen_blanking import ScreenBlanking


@dataclass
class _Pair:
    """Both models of a run, filled by the background thread alone, which is one."""

    run: Path
    active: Classifier | None = None
    candidate: Classifier | None = None
    trouble: list[str] = field(default_factory=list)
    unsound: str = ""


class FrameLoader(QObject):
    """``loaded`` answers ``look``, ``thumbnail_loaded`` answers ``load_thumbnail``.

    ``damage_found``: the new model cannot be opened, and why.
    """

    loaded = Signal(object)  # SeenFrame
    thumbnail_loaded = Signal(str, QImage)
    damage_found = Signal(str)

    def __init__(self, blanking: ScreenBlanking, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._blanking = blanking
        # thumbnails have a pool of their own: the chosen frame does not wait behind them
        self._tasks, self._small = Tasks(self), Tasks(self)
        self._pair: _Pair | None = None
        self._wanted: DifferingFrame | None = None
        self._looking = self._drawing = False
        # Thumbnails; the last asked for, which is on the screen, comes first
        self._waiting: list[str] = []

    def begin(self, run: Path, active: Path | None) -> None:
        """Load both models of a run, once.

        ``active``: the folder of the one that was in use then, None where it is gone.
        """
        self.end()
        pair = self._pair = _Pair(run)
        self._tasks.run(lambda: _load(pair, active), lambda _: self._on_loaded(pair))

    def end(self) -> None:
        """Answer nothing that was asked before."""
        self._pair, self._wanted = None, None
        self._waiting.clear()

    def close(self) -> None:
        """Wait for what is under way (only while the program closes)."""
        self.end()
        self._tasks.close()
        self._small.wait()

    def look(self, frame: DifferingFrame) -> None:
        """Make the image and both heat maps of this frame, and of none that was asked before."""
        self._wanted = frame
        self._look_next()

    def load_thumbnail(self, path: str) -> None:
        """Make the small image of a frame."""
        self._waiting.append(path)
        self._draw_next()

    def _on_loaded(self, pair: _Pair) -> None:
        if pair is self._pair and pair.unsound:
            self.damage_found.emit(pair.unsound)

    def _look_next(self) -> None:
        pair, frame = self._pair, self._wanted
        if pair is None or frame is None or self._looking:
            return
        self._looking = True

        blanked = self._blanking.on

        def work() -> SeenFrame:
            trouble = " ".join(pair.trouble)
            return look(pair.run, frame, (pair.active, pair.candidate), trouble, blanked=blanked)

        def done(seen: SeenFrame) -> None:
            self._looking = False
            if pair is self._pair and frame is self._wanted and blanked == self._blanking.on:
                self._wanted = None
                self.loaded.emit(seen)
            else:
                self._look_next()

        self._tasks.run(
            work, done, lambda error: done(SeenFrame(frame.path, None, trouble=str(error)))
        )

    def _draw_next(self) -> None:
        pair = self._pair
        if pair is None or self._drawing or not self._waiting:
            return
        self._drawing = True
        path, blanked = self._waiting.pop(), self._blanking.on

        def done(image: QImage | None) -> None:
            self._drawing = False
            if pair is self._pair and image is not None and blanked == self._blanking.on:
                self.thumbnail_loaded.emit(path, image)
            self._draw_next()

        self._small.run(
            lambda: _small_image(pair.run, path, blanked=blanked), done, lambda _: done(None)
        )


def _load(pair: _Pair, active: Path | None) -> None:
    if active is None:
        pair.trouble.append(wording.NO_ACTIVE)
    else:
        try:
            pair.active = Classifier.load(active)
        except AppError as error:
            pair.trouble.append(str(error))
    try:
        pair.candidate = Classifier.load(pair.run / CANDIDATE_NAME)
    except AppError as error:
        pair.unsound = str(error)
        pair.trouble.append(pair.unsound)


def _small_image(run: Path, path: str, *, blanked: bool) -> QImage | None:
    small = thumbnail(run, path, blanked=blanked)
    if small is None:
        return None
    return QImage(
        small.data, small.shape[1], small.shape[0], small.strides[0], QImage.Format.Format_RGB32
    ).copy()
