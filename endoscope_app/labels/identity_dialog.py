"""Is this the procedure that was labelled?

What was kept of it beside what is open now, before any label is shown or written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label
from endoscope_app.labels import identity_wording

Image = NDArray[np.uint8]
WIDTH = 320


@dataclass(frozen=True)
class Side:
    """One of the two: ``image`` (h, w, 3) uint8 RGB or None where none was kept; ``lines``: what
    is known of it.
    """

    heading: str
    image: NDArray[np.uint8] | None
    lines: tuple[str, ...]


class IdentityDialog(QDialog):
    """``answered`` carries the text of the button that was pressed; empty for Esc and for
    closing, which change nothing.
    """

    answered = Signal(str)

    def __init__(
        self,
        title: str,
        question: str,
        explanation: str,
        sides: tuple[Side, Side],
        answers: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        """``answers``: the first one is the default."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self._answer = ""
        self._question = _text(question)
        self._images: list[tuple[QLabel, Side]] = []
        columns = QHBoxLayout()
        columns.setSpacing(20)
        for side in sides:
            image, placed = _column(side)
            columns.addLayout(placed, 1)
            self._images.append((image, side))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(12)
        column.addWidget(self._question)
        column.addLayout(columns, 1)
        muted = _text(explanation)
        muted.setProperty("role", "muted")
        column.addWidget(muted)
        row = QHBoxLayout()
        row.addStretch(1)
        for answer in answers:
            button = QPushButton(answer)
            button.setDefault(answer == answers[0])
            button.clicked.connect(lambda _=False, answer=answer: self._take(answer))
            row.addWidget(button)
        column.addLayout(row)

    def text(self) -> str:
        """The question, as a screen reader says it."""
        return self._question.text()

    def show_images(self, as_shown: Callable[[Image | None], Image | None]) -> None:
        """``as_shown``: (H, W, 3) RGB as the screen may show it."""
        for label, side in self._images:
            image = as_shown(side.image)
            if image is None:
                label.setText(identity_wording.NO_IMAGE)
            else:
                label.setPixmap(_pixmap(image))

    def done(self, result: int) -> None:
        """Closing by any way answers, once."""
        super().done(result)
        self.answered.emit(self._answer)

    def _take(self, answer: str) -> None:
        self._answer = answer
        self.accept()


def _column(side: Side) -> tuple[QLabel, QVBoxLayout]:
    """Its image is shown later."""
    column = QVBoxLayout()
    heading = _text(side.heading)
    heading.setProperty("role", "verdict")
    column.addWidget(heading)
    image = plain_label()
    image.setAlignment(Qt.AlignmentFlag.AlignCenter)
    image.setMinimumSize(WIDTH, WIDTH * 3 // 4)
    image.setAccessibleName(identity_wording.first_image_of(side.heading))
    column.addWidget(image)
    for line in side.lines:
        column.addWidget(_text(line))
    column.addStretch(1)
    return image, column


def _pixmap(image: Image) -> QPixmap:
    height, width = image.shape[:2]
    pixels = np.ascontiguousarray(image)
    whole = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    return QPixmap.fromImage(whole).scaled(
        WIDTH,
        WIDTH * 3 // 4,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def _text(text: str) -> QLabel:
    label = plain_label(text)
    label.setWordWrap(True)
    return label
