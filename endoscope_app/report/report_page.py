"""The page that a report is, as it will be saved: white, whatever the theme, and nothing is loaded
that is not part of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QTextBrowser, QWidget

from endoscope_app.report import wording

_PAPER = "QTextBrowser { background: #ffffff; color: #1b1d22; }"
_MARGIN = 18


class ReportPage(QTextBrowser):
    """Its HTML is our own: every text in it was escaped where it was made."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(wording.PREVIEW)
        self.setOpenLinks(False)
        self.setStyleSheet(_PAPER)
        self._images: Mapping[str, QImage] = {}

    def show_page(self, html: str, images: Mapping[str, QImage]) -> None:
        """``images`` by the names that ``html`` calls them; others are embedded in it."""
        place = self.verticalScrollBar().value()
        self._images = images
        self.document().clear()
        self.setHtml(html)
        self.document().setDocumentMargin(_MARGIN)
        self.verticalScrollBar().setValue(place)

    def loadResource(self, kind: int, name: QUrl | str) -> QImage | None:
        """Pictures of the report; None lets Qt decode what is embedded. With nothing in place of
        any other name the document would read a file itself.
        """
        url = name if isinstance(name, QUrl) else QUrl(name)
        if url.scheme() == "data":
            return None
        known = self._images.get(url.toString())
        return known if known is not None else QImage(1, 1, QImage.Format.Format_Alpha8)
