"""An image of every labelled procedure, to be shown when it is in question which one it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.library.first_images import FirstImages
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.records import Changes


class ProcedureImages(QObject):
    """The first image of a procedure is kept with its first label."""

    def __init__(
        self,
        desk: LabelDesk,
        tasks: Tasks,
        library: Path,
    ) -> None:
        """``library``: the folder of the label library."""
        super().__init__(desk.window.as_widget())
        self._banner, self._player, self._tasks = desk.window.banner, desk.player, tasks
        self._session, self._procedure = desk.session, desk.procedure
        self._first = FirstImages(library / "first")
        self._frames = FramePngs(library / "frames", 0)
        desk.session.changed.connect(self._on_changed)

    def keep(self) -> None:
        """Keep the first image of the open procedure, in the background."""
        first, where = self._player.first_image, self._procedure.fingerprint
        if first is not None and where and not self._first.has(where):
            self._tasks.run(lambda: self._first.save(where, first.thumbnail), None, self._on_failed)

    def image_of(self, fingerprint: str) -> NDArray[np.uint8] | None:
        """(h, w, 3) uint8 RGB: the first image as it was kept, else a labelled frame, else None."""
        first = self._first.load(fingerprint)
        if first is not None:
            return first
        for label in self._session.library.frame_labels(fingerprint):
            kept = self._frames.find(label.png)
            if kept is not None:
                return kept
        return None

    def _on_changed(self, changes: Changes) -> None:
        labels = changes.tables() & {"frame_labels", "range_labels"}
        if labels and self._procedure.fingerprint in changes.fingerprints():
            self.keep()

    def _on_failed(self, error: AppError) -> None:
        self._banner.show_message(str(error))
