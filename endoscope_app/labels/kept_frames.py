"""The pixels of labelled frames, kept in the background."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.window_port import Banner
from endoscope_app.labels.library.frame_pngs import FramePngs


class KeptFrames:
    """Encoding takes longer than a key press may, so it is waited for nowhere."""

    def __init__(self, tasks: Tasks, banner: Banner, pngs: FramePngs) -> None:
        """``banner``: told what could not be kept."""
        self._tasks, self._banner, self._pngs = tasks, banner, pngs

    def keep_in(self, pngs: FramePngs) -> None:
        """Where they are kept from now on."""
        self._pngs = pngs

    def keep(self, rgb: NDArray[np.uint8]) -> None:
        """Keep rgb (H, W, 3)."""
        pngs = self._pngs
        self._tasks.run(lambda: pngs.save(rgb), None, self._on_failed)

    def _on_failed(self, error: AppError) -> None:
        self._banner.show_message(str(error))
