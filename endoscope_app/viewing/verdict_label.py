"""What the model says of the frame on screen, in words: class, calibrated probability, what it
lacks to be named, model version.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from endoscope_app.base.name_painting import NameLabel
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.base.wording import percent, percent_reached
from endoscope_app.viewing import wording


class VerdictLabel(QFrame):
    """Plain values in; shows them large enough to read beside the image."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("verdict")
        self.setAccessibleName(wording.VERDICT_NAME)
        self._chip = plain_label()
        self._chip.setFixedSize(12, 30)
        self._class = NameLabel()
        self._class.setProperty("role", "verdict")
        self._probability = plain_label()
        self._probability.setProperty("role", "verdict")
        # What it lacks, or else which model says so: one line, or the card would jump
        self._doubt = plain_label()
        # What else it says: of the other class groups
        self._others = plain_label()
        self._others.setWordWrap(True)
        self._version = plain_label()
        self._version.setProperty("role", "muted")
        row = QHBoxLayout()
        row.addWidget(self._chip)
        row.addWidget(self._class, 1)
        row.addWidget(self._probability)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 2, 10, 2)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self._doubt)
        column.addWidget(self._others)
        column.addWidget(self._version)
        self._signature, self._shown_version = "", ""
        self.clear()

    def set_signature(self, text: str) -> None:
        """Who signed the model in use, for the tip."""
        self._signature = text
        self._tell()

    def clear(self) -> None:
        """No frame, or no model."""
        self._others.clear()
        self._show("", "–", "", "", "")

    def set_verdict(
        self,
        name: str,
        probability: float,
        colour: QColor,
        model_version: str,
        *,
        needed: float,
        others: Sequence[str] = (),
    ) -> None:
        """``probability`` 0..1 of the most probable class; below ``needed`` it is not named, only
        shown as a guess, with what it lacks. ``others``: a line for each other class group of a
        model that tells them apart.
        """
        self._others.setText("\n".join(others))
        self._others.setVisible(bool(others))
        version, doubt = wording.model(model_version), wording.doubt(probability, needed)
        if doubt:
            self._show("", f"{name}?", percent_reached(probability), doubt, version)
        else:
            self._show(colour.name(), name, percent(probability), "", version)

    def text(self) -> str:
        """What is shown, for tests and screen readers."""
        parts = (
            self._class.text(),
            self._probability.text(),
            self._doubt.text(),
            self._others.text(),
        )
        return " ".join(part for part in parts if part)

    def _show(self, colour: str, name: str, probability: str, doubt: str, version: str) -> None:
        if self._chip.property("colour") != colour:
            self._chip.setProperty("colour", colour)
            self._chip.setStyleSheet(f"background: {colour or 'transparent'}; border-radius: 3px;")
        self._class.setText(name)
        self._probability.setText(probability)
        self._doubt.setText(doubt)
        self._doubt.setVisible(bool(doubt))
        self._version.setText(version)
        self._version.setVisible(not doubt)
        self._shown_version = version
        self._tell()
        self.setAccessibleDescription(self.text())

    def _tell(self) -> None:
        lines = (self._shown_version, self._signature if self._shown_version else "")
        for widget in (self, self._class):
            widget.setToolTip(plain_tip("\n".join(line for line in lines if line)))
