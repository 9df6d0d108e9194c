"""One line in a fixed place for what stays true: cut with dots where it is too long, whole in its
tool tip and over the picture when it is asked for.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy

from endoscope_app.base.key_claim import PRESS_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_tip
from endoscope_app.shell import wording


class NoticeLine(QLabel):
    """``text()`` is the whole text; ``asked`` when the reader wants to read it whole."""

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName(wording.BANNER_NAME)
        # The room that is left, whatever the text: nothing beside it moves
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        KeyClaim(self, PRESS_KEYS)

    def show_text(self, text: str, *, urgent: bool) -> None:
        """``urgent``: in the colour of danger."""
        role = "alarm" if urgent else "muted"
        if self.property("role") != role:
            self.setProperty("role", role)
            # A style sheet looks at properties once only
            self.style().unpolish(self)
            self.style().polish(self)
        self.setText(text)
        self.setToolTip(plain_tip(text))
        self.setAccessibleDescription(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if text else Qt.FocusPolicy.NoFocus)
        self.setVisible(bool(text))

    def minimumSizeHint(self) -> QSize:
        """A line, as narrow as must be."""
        return QSize(40, self.fontMetrics().height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """As much as there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        cut = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )
        painter.drawText(
            self.contentsRect(),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
            cut,
        )
        if self.hasFocus():
            painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Read it whole."""
        self.asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space read it whole."""
        if event.key() in PRESS_KEYS:
            self.asked.emit()
        else:
            super().keyPressEvent(event)
