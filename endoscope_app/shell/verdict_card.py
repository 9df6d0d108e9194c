"""One card for a frame: what its reader says of it, and beneath what the model says."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QSizePolicy, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label
from kd_core.schema.model_card import RESEARCH_USE

_WIDTH, _MARGIN = 270, 8


class VerdictCard(QFrame):
    """Stands at the head of a panel; where that is closed it lies over the picture's left upper
    corner, so that the verdict can always be read.
    """

    covers = Signal(int)  # points of the picture's left that it lies over; 0 while it stands

    def __init__(self, you: QWidget, model: QWidget) -> None:
        """It carries the line about research use itself, so that no verdict is read without it."""
        super().__init__()
        notice = plain_label(RESEARCH_USE)
        notice.setProperty("role", "muted")
        notice.setWordWrap(True)
        notice.setContentsMargins(10, 0, 10, 6)
        small = notice.font()
        small.setPointSizeF(small.pointSizeF() * 0.85)
        notice.setFont(small)
        self.setObjectName("card")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(2)
        column.addWidget(you)
        column.addWidget(model)
        column.addWidget(notice)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._picture: QWidget | None = None

    def stand_in(self, column: QBoxLayout) -> None:
        """At the head of that panel."""
        self._leave()
        self._float(floating=False)
        column.insertWidget(0, self)
        self.show()

    def lie_over(self, picture: QWidget) -> None:
        """In the corner of the picture, where the mouse goes through it."""
        self._leave()
        self._picture = picture
        self.setParent(picture)
        picture.installEventFilter(self)
        self._float(floating=True)
        self._fit()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The picture has another size."""
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def _leave(self) -> None:
        if self._picture is not None:
            self._picture.removeEventFilter(self)
            self.covers.emit(0)
        self._picture = None

    def _float(self, *, floating: bool) -> None:
        self.setProperty("floating", floating)
        for widget in (self, *self.findChildren(QWidget)):
            # A style sheet looks at properties once only
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, floating)

    def _fit(self) -> None:
        if self._picture is not None:
            wide = min(_WIDTH, self._picture.width() - 2 * _MARGIN)
            # Below the image's caption
            top = self.fontMetrics().height() + 2 * _MARGIN + 4
            # The notice is wrapped, which a size hint does not know of
            needed = max(self.sizeHint().height(), self.heightForWidth(wide))
            tall = min(needed, self._picture.height() - top)
            self.setGeometry(_MARGIN, top, wide, max(1, tall))
            self.covers.emit(wide + 2 * _MARGIN)
