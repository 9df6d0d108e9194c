"""Labels and disagreements reduced to columns of pixels: right against plain loops at every
zoom.
"""

from collections import Counter

import numpy as np
import pytest
from PySide6.QtGui import QColor

from endoscope_app.analysis.timeline.label_lanes import HumanLabels, shares
from tests.endoscope_app.frame_times import even
from tests.endoscope_app.timeline_stage import COLOURS, random_labels


@pytest.mark.parametrize(
    "window", [(0.0, 250_000.0), (1234.5, 99_000.25), (5000.0, 5100.0), (249_990.0, 250_000.0)]
)
def test_the_columns_of_100_000_labels_equal_a_loop(window: tuple[float, float]) -> None:
    classes, columns, least = 9, 1900, 2
    colours = [QColor("#808080")] * classes
    index, codes, kinds = random_labels(100_000, 250_000, classes, 5)
    found = HumanLabels(index, codes, kinds, colours, ()).columns(even(*window, columns), least)
    said = zip(index.tolist(), codes.tolist(), kinds.tolist(), strict=True)
    keys = {
        frame: 2 * classes if kind == 2 else code + classes * kind for frame, code, kind in said
    }
    first, last = window
    span = (last - first) / columns

    def ranked(column: int) -> list[int]:
        """Keys in the column, the most frequent first, the lower of equals first."""
        if column < 0:
            return []
        if span < 1:
            inside = [int(first + (column + 0.5) * span)]
        else:
            inside = list(range(int(first + column * span), int(first + (column + 1) * span)))
        seen = Counter(keys[frame] for frame in inside if frame in keys)
        return sorted(seen, key=lambda key: (-seen[key], key))

    for column in {*range(0, columns - 1, 7), 0, 1}:
        expected = ranked(column) or ranked(column - 1)
        assert found.most[column] == (expected[0] if expected else -1), column
        assert found.other[column] == (expected[1] if len(expected) > 1 else -1), column


def test_a_last_frame_that_is_half_in_view_is_shown() -> None:
    labels = HumanLabels(np.array([9]), np.array([0]), np.array([0]), COLOURS, ())
    assert labels.columns(even(0.0, 9.5, 3), 1).most.tolist() == [-1, -1, 0]
    # Frames 6 to 9
    assert shares(np.array([9]), even(0.0, 9.5, 3), 1).tolist() == pytest.approx([0, 0, 1 / 4])


def test_shares_equal_a_loop() -> None:
    frames = np.unique(np.random.default_rng(1).integers(0, 10_000, 900))
    found = shares(frames, even(100.0, 9100.0, 900), 1)
    held = set(frames.tolist())
    expected = [
        sum(frame in held for frame in range(100 + 10 * column, 110 + 10 * column)) / 10
        for column in range(900)
    ]
    assert found.tolist() == pytest.approx(expected)
