"""A page of HTML as PDF, by Qt's text engine: A4, with the notice and the page's number below."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)

from endoscope_app.base.errors import AppError
from endoscope_app.report import wording
from endoscope_app.report.page_breaks import keep_findings_whole
from kd_core.schema.model_card import RESEARCH_USE

#: Lengths on a page are in the pixels of this resolution, as those of HTML are.
LAYOUT_DPI = 96
WRITER_DPI = 1200
MARGIN_MM = 16
FOOTER = 30  # px


def as_pdf(html: str) -> bytes:
    """Any thread; a QGuiApplication must be there. AppError where Qt cannot write it."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(wording.TITLE)
    writer.setCreator("endoscope-app")
    writer.setResolution(WRITER_DPI)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM),
            QPageLayout.Unit.Millimeter,
        )
    )
    scale = WRITER_DPI / LAYOUT_DPI
    width, height = writer.width() / scale, writer.height() / scale - FOOTER
    document = QTextDocument()
    document.setDocumentMargin(0)
    # Letters are placed by the font's own metrics, not by those of a screen
    document.setUseDesignMetrics(True)
    document.setHtml(html)
    document.setPageSize(QSizeF(width, height))
    keep_findings_whole(document)
    painter = QPainter()
    if not painter.begin(writer):
        raise AppError(*wording.NOT_PDF_HERE)
    painter.scale(scale, scale)
    count = document.pageCount()
    for number in range(count):
        if number:
            writer.newPage()
        painter.save()
        painter.translate(0, -number * height)
        document.drawContents(painter, QRectF(0, number * height, width, height))
        painter.restore()
        _footer(painter, QRectF(0, height + 8, width, FOOTER - 8), number + 1, count)
    painter.end()
    return bytes(buffer.data().data())


def _footer(painter: QPainter, place: QRectF, number: int, count: int) -> None:
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    painter.setPen(QColor("#5b606b"))
    painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft), RESEARCH_USE)
    painter.drawText(place, int(Qt.AlignmentFlag.AlignRight), f"{number} / {count}")
