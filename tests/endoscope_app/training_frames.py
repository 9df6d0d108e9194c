"""Frames and labels for the tests of what retraining learns from, without a file behind them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.library.records import (
    FrameLabel,
    LabelClass,
    Procedure,
    RangeLabel,
)

Image = NDArray[np.uint8]


FRAMES = 24


WHERE = "ab" * 20


class Flat:
    """Frame i is a flat picture of the i-th pattern, at pts 40 i; ``missing`` frames cannot be
    had.
    """

    def __init__(self, patterns: list[int], missing: frozenset[int] = frozenset()) -> None:
        self.patterns, self.missing = patterns, missing
        self.asked: list[int] = []

    def pts(self, fingerprint: str, index: int) -> int | None:
        return None if index in self.missing else index * 40

    def image(self, fingerprint: str, index: int, pts: int) -> Image | None:
        self.asked.append(index)
        return None if index in self.missing else pattern(self.patterns[index])


def pattern(number: int) -> Image:
    """Far apart where the numbers differ, equal where they do not."""
    picture = np.full((64, 64, 3), 60, np.uint8)
    picture[:, 20 + 5 * number : 40 + 5 * number] = 220
    return picture


class Library:
    """The few questions that the selection asks, answered from lists."""

    def __init__(self, labels: list[FrameLabel], ranges: list[RangeLabel]) -> None:
        self.labels, self.found = labels, ranges

    def classes(self) -> list[LabelClass]:
        return [
            LabelClass(1, "polyps", "#ff0000", 0),
            LabelClass(2, "cecum", "#00ff00", 1, class_group="Pathology"),
            LabelClass(3, "old", "#0000ff", 2, True, 2),
        ]

    def resolved_class(self, class_id: int) -> LabelClass:
        return self.classes()[{1: 0, 2: 1, 3: 1}[class_id]]

    def procedures(self) -> list[Procedure]:
        return [Procedure(WHERE, "colon", "/videos/colon.mp4", FRAMES, 1.0)]

    def labelled_procedures(self) -> set[str]:
        return {WHERE}

    def frame_labels(self, fingerprint: str) -> list[FrameLabel]:
        return sorted(self.labels, key=lambda one: one.pts)

    def ranges(self, fingerprint: str) -> list[RangeLabel]:
        return sorted(self.found, key=lambda one: (one.first_index, one.last_index, one.id))
