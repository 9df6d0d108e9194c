"""Text that is shown as it is written.

Qt would take ``<img src=...>`` in the name of a class or a file for a page, and load it.
"""

from __future__ import annotations

import base64
import re
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

_LONG_WORD = re.compile(r"\S{30}(?=\S)")


def plain_label(text: str = "", parent: QWidget | None = None) -> QLabel:
    """A label for text of any origin."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    return label


def breakable(text: str) -> str:
    """``text`` with places to break a line within words of more than a line: a file's name must
    not make the window wider.
    """
    return _LONG_WORD.sub(lambda part: part.group() + "\N{ZERO WIDTH SPACE}", text)


def plain_tip(text: str, jpeg: bytes = b"") -> str:
    """``text`` for a tool tip, which has no switch: what Qt would take for a page becomes a
    page that shows the text as it is. ``jpeg``: an image of ours above it.
    """
    if jpeg:
        image = base64.b64encode(jpeg).decode()
        words = escape(text).replace("\n", "<br>")
        return f'<img src="data:image/jpeg;base64,{image}"><br><span>{words}</span>'
    return (
        f"<span>{escape(text)}</span>".replace("\n", "<br>") if "<" in text or "&" in text else text
    )


def ask(parent: QWidget, title: str, question: str) -> bool:
    """Yes or no, in a box that waits; Esc and closing it are no."""
    yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
    box = QMessageBox(QMessageBox.Icon.Question, title, "", yes | no, parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    return QMessageBox.StandardButton(box.exec()) is yes
