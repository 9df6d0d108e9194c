"""How far a file that is being opened is: shown when it takes long, with the time left, until
it is open, refused or cancelled.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer

from endoscope_app.viewing import wording
from endoscope_app.viewing.opening_bar import OpeningBar

#: What opens sooner needs no words.
SHOWN_AFTER_MS = 300
#: An estimate from less is a guess.
ESTIMATE_AFTER_S = 1.0


class OpeningProgress(QObject):
    """One opening at a time; a new one takes the place of the one before."""

    def __init__(self, bar: OpeningBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self._name, self._share, self._begun = "", 0.0, 0.0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SHOWN_AFTER_MS)
        self._soon.timeout.connect(self._show)

    def begin(self, name: str) -> None:
        """A file of this name is being opened."""
        self._bar.leave()
        self._name, self._share, self._begun = name, 0.0, time.monotonic()
        self._soon.start()

    def tell(self, share: float) -> None:
        """``share`` 0..1 of the file has been looked through."""
        self._share = max(share, self._share)
        if not self._bar.isHidden():
            self._show()

    def end(self) -> None:
        """It is open, refused or cancelled."""
        self._soon.stop()
        self._bar.leave()

    def _show(self) -> None:
        seconds, share = time.monotonic() - self._begun, self._share
        is_known = share > 0 and seconds >= ESTIMATE_AFTER_S
        left_ms = 1000 * seconds * (1 - share) / share if is_known else None
        self._bar.show_state(wording.opening(self._name, share, left_ms), share)
