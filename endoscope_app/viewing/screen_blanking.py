"""The one switch for what a screen may show of who the patient is: whatever shows pixels of a
procedure asks it, and shows them again when it is turned.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from endoscope_app.base.window_port import WindowPort
from endoscope_app.viewing.commands import BLANK_IDENTITY
from endoscope_app.viewing.identity_mask import without_identity, without_identity_bgra

Image = NDArray[np.uint8]


class ScreenBlanking(QObject):
    """``changed``: what is shown must be shown again. Asked by the UI thread; what works beside it
    is told.
    """

    changed = Signal()

    def __init__(self, window: WindowPort, parent: QObject) -> None:
        super().__init__(parent)
        self._action = window.action(BLANK_IDENTITY)
        self._action.toggled.connect(self._on_toggled)

    @property
    def on(self) -> bool:
        """Whether nothing may tell who the patient is."""
        return self._action.isChecked()

    def rgb(self, image: Image | None) -> Image | None:
        """(H, W, 3) as a screen may show it."""
        return without_identity(image) if self.on and image is not None else image

    def drawn_over(self, drawn: Image, frame: Image) -> Image:
        """What was ``drawn`` over ``frame``, both (H, W, 4) BGRA: blanked where the frame is, as
        colours above it would hide letters from those who look for them.
        """
        return without_identity_bgra(drawn, like=frame) if self.on else drawn

    def _on_toggled(self) -> None:
        self.changed.emit()
