"""Seven frames whose every order is known by heart, and a review list that shows them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.base.theme import class_colours
from endoscope_app.labels.frame_states import State
from endoscope_app.labels.review.review_list import ReviewList
from endoscope_app.labels.review.review_rows import Column, ReviewRows

# Not in alphabetical order, so that sorting by code and sorting by name differ.
NAMES = ["polyps", "cecum", "ileum"]
# frame, time, label, model, probability, state
ROWS = [
    (10, 400, 0, 1, 0.90, State.DISAGREEMENT),
    (11, 440, -1, 0, 0.40, State.UNSURE),
    (12, 480, 1, 1, 0.80, State.AGREED),
    (13, 520, -1, 2, 0.95, State.UNLABELLED),
    (14, 560, -1, 1, 0.70, State.UNUSABLE),
    (15, 600, 2, 0, 0.60, State.DISAGREEMENT),
    (16, 640, -1, -1, math.nan, State.UNLABELLED),
]


def columns() -> tuple[Any, Any, Any, Any, Any, Any]:
    """The first six arguments of set_rows."""
    frame, time, label, model, probability, state = map(np.array, zip(*ROWS, strict=True))
    return frame, time, label, model, probability, state


def fill(review: ReviewList) -> None:
    """Give it the seven frames."""
    review.set_rows(ReviewRows(*columns(), NAMES), class_colours(3))


def fill_many(review: ReviewList, n: int = 45_000) -> None:
    """Give it a whole procedure."""
    rng = np.random.default_rng(4)
    frames = np.arange(n)
    label, state = rng.integers(-1, 3, n), rng.integers(0, 5, n)
    review.set_rows(
        ReviewRows(
            frames, frames * 40.0, label, rng.integers(0, 3, n), rng.random(n), state, NAMES
        ),
        class_colours(3),
    )


def cell(
    review: ReviewList,
    row: int,
    column: Column,
    role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole,
) -> object:
    """What a cell gives for a role."""
    model = review.table().model()
    return model.data(model.index(row, column), role)


def shown_list(qtbot: QtBot) -> ReviewList:
    """A list on screen with the seven frames."""
    widget = ReviewList()
    qtbot.addWidget(widget)
    widget.resize(700, 500)
    fill(widget)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def child_of(review: ReviewList, kind: type[QWidget], name: str) -> QWidget:
    return next(child for child in review.findChildren(kind) if child.accessibleName() == name)
