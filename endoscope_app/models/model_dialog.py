"""About this model: its card as a page to read."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QImage,
    QPalette,
    QTextCursor,
    QTextDocument,
    QTextTable,
)
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.models import wording

_CELL_PADDING = 4


class ModelDialog(QDialog):
    """``card`` is Markdown.

    It may come with an imported model: no HTML in it is shown, nothing it names is loaded or
    opened.
    """

    def __init__(self, card: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.CARD_TITLE)
        page = _Page(self)
        page.setAccessibleName(wording.CARD_NAME)
        dialect = (
            QTextDocument.MarkdownFeature.MarkdownDialectGitHub
            | QTextDocument.MarkdownFeature.MarkdownNoHTML
        )
        page.document().setMarkdown(card, dialect)
        page.document().setDocumentMargin(14)
        _space_tables(page.document(), self.palette().color(QPalette.ColorRole.Mid))
        page.moveCursor(QTextCursor.MoveOperation.Start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(page, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        open_at(self, 820, 720)
        page.setFocus()


class _Page(QTextBrowser):
    """Text alone: links stay closed and images unread."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))

    def loadResource(self, kind: int, name: QUrl | str) -> QImage:
        """An empty pixel: with nothing in its place the document would read the file itself."""
        return QImage(1, 1, QImage.Format.Format_Alpha8)


def _space_tables(document: QTextDocument, line: QColor) -> None:
    """Markdown knows no padding and no colour.

    Numbers that touch cannot be read, and white lines shine in a dark room.
    """
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            form = frame.format()
            form.setCellPadding(_CELL_PADDING)
            form.setCellSpacing(0)
            form.setBorderCollapse(True)
            form.setBorderBrush(line)
            form.setBottomMargin(10)
            frame.setFormat(form)
