"""How many frames can be judged, and whether the others may be part of a segment."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from endoscope_app.analysis.quality import wording as quality_wording
from endoscope_app.analysis.quality.tally import QualityTally
from endoscope_app.base.key_claim import PRESS_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.segments import wording
from endoscope_app.segments.segment_painting import smaller


class QualityLine(QWidget):
    """Plain values in, a wish out."""

    usable_only_chosen = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._is_film = self._adjusting = True
        self._only = QCheckBox(wording.USABLE_ONLY)
        self._only.setToolTip(plain_tip(wording.USABLE_ONLY_TIP))
        KeyClaim(self._only, PRESS_KEYS)
        self._only.toggled.connect(self.usable_only_chosen)
        self._text = plain_label()
        self._text.setProperty("role", "muted")
        self._text.setFont(smaller(self._text.font()))
        self._text.setWordWrap(True)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._only)
        line.addWidget(self._text, 1)

    def set_usable_only(self, only: bool) -> None:
        """As the settings have it."""
        with QSignalBlocker(self._only):
            self._only.setChecked(only)

    def set_film(self, *, is_film: bool) -> None:
        """Every still counts: somebody chose it."""
        self._is_film = is_film
        self._only.setVisible(self._is_film and self._adjusting)

    def set_adjusting(self, adjusting: bool) -> None:
        """Whether the reader wants to see what makes a segment."""
        self._adjusting = adjusting
        self._only.setVisible(self._is_film and self._adjusting)

    def set_tally(self, tally: QualityTally | None) -> None:
        """None: no procedure is open."""
        self._text.setText("" if tally is None else quality_wording.usable(tally))
        self._text.setToolTip(plain_tip("" if tally is None else wording.quality_tip(tally)))

    def text(self) -> str:
        """What it says now."""
        return self._text.text()
