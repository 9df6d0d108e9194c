"""Labels that the disk refused: counted in the banner, before everything else, until one is
saved again.
"""

from __future__ import annotations

from endoscope_app.base.window_port import Banner
from endoscope_app.labels import wording
from endoscope_app.labels.library.transaction import NotWritten


class LostLabels:
    """One urgent message with a running count."""

    def __init__(self, banner: Banner) -> None:
        self._banner = banner
        self._count = 0
        self._shown = ""

    def add(self, number: int, error: NotWritten) -> None:
        """So many more could not be saved, for this reason."""
        self._withdraw()
        self._count += number
        self._shown = wording.could_not_be_saved(self._count, error.because, error.way_out)
        self._banner.show_standing_message(self._shown, urgent=True)

    def end(self) -> None:
        """One was saved: from here on nothing is lost."""
        self._withdraw()
        self._count = 0

    def _withdraw(self) -> None:
        if self._shown:
            self._banner.withdraw_message(self._shown)
            self._shown = ""
