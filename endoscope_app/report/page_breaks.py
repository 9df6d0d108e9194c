"""Where the pages of a document break: never within a finding, whose picture would stand beside the
words of the next one.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument, QTextFormat, QTextTable

Table = tuple[QTextTable, QTextBlock | None]


def keep_findings_whole(document: QTextDocument) -> None:
    """Begin a page before each table that would go over its end, and before the heading right
    above it; a table that is longer than a page stays as it is.
    """
    height = document.pageSize().height()
    for table, heading in _tables(document):
        place = document.documentLayout().frameBoundingRect(table)  # laid out anew by each break
        if _is_cut(place, height):
            _break_before(table if heading is None else heading)


def _is_cut(place: QRectF, height: float) -> bool:
    first, last = int(place.top() // height), int((place.bottom() - 1) // height)
    return first != last and place.height() <= 2 * height


def _break_before(what: QTextTable | QTextBlock) -> None:
    policy = QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore
    if isinstance(what, QTextTable):
        table_format = what.format()
        table_format.setPageBreakPolicy(policy)
        what.setFormat(table_format)
        return
    cursor = QTextCursor(what)
    block_format = what.blockFormat()
    block_format.setPageBreakPolicy(policy)
    cursor.setBlockFormat(block_format)


def _tables(document: QTextDocument) -> list[Table]:
    """All of them from the top, each with the heading that stands right above it."""
    found: list[Table] = []
    heading: QTextBlock | None = None
    place = document.rootFrame().begin()
    while not place.atEnd():
        frame, block = place.currentFrame(), place.currentBlock()
        if isinstance(frame, QTextTable):
            found.append((frame, heading))
            heading = None
        elif block.text():
            heading = block if block.blockFormat().headingLevel() else None
        place += 1
    return found
