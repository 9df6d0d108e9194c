"""What is burnt into real frames does not survive: measured on boxes that a person drew."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.viewing.identity_mask import without_identity
from tests.endoscope_app.report.tissue_clips import NAME_BOX, TIME_BOX, box, tissue
from tests.places import REPOSITORY

#: Left, top, right and bottom of lines of text in frames of 640 columns, by the frame's id. Drawn
#: by eye, close around the letters, before the mask was fitted.
BOXES = REPOSITORY / "tests" / "fixtures" / "burnt_in_text.json"
COLUMNS = 640


def frames(shared_data: Path) -> dict[str, NDArray[np.uint8]]:
    """(H, W, 3) RGB by id."""
    folder = shared_data / "hyperkvasir-lower-gi" / "native"
    found = {path.stem.split("__")[-1]: path for path in sorted(folder.glob("*.jpg"))}
    if len(found) < 60:
        pytest.skip(f"the native frames are not at {folder}")
    return {
        key: np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)
        for key, path in found.items()
    }


def in_columns(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    size = (COLUMNS, round(height * COLUMNS / width))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_NEAREST), np.uint8)


@pytest.mark.slow
def test_no_line_of_text_survives_on_native_frames(shared_data: Path) -> None:
    """245 lines on 40 frames: nearly every pixel of their boxes is hidden, and of their strokes
    what is left cannot be read. Of the tissue most is still shown.
    """
    drawn: dict[str, list[list[int]]] = json.loads(BOXES.read_bytes())
    hidden_shares: list[float] = []
    strokes = left = 0
    lost: list[float] = []
    for key, rgb in frames(shared_data).items():
        shown = without_identity(rgb)
        hidden = (shown != rgb).any(axis=2) | (shown.max(axis=2) == 0)
        tissue_pixels = rgb.max(axis=2) > 40
        lost.append(float((hidden & tissue_pixels).sum() / tissue_pixels.sum()))
        small = in_columns(hidden.astype(np.uint8)).astype(bool)
        weakest = in_columns(rgb).min(axis=2)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
        bright = cv2.morphologyEx(weakest, cv2.MORPH_TOPHAT, kernel) > 30
        for x, y, right, bottom in drawn.get(key, []):
            part = (slice(y, bottom), slice(x, right))
            hidden_shares.append(float(small[part].mean()))
            strokes += int(bright[part].sum())
            left += int((bright & ~small)[part].sum())
    assert len(hidden_shares) == 245
    assert np.mean(hidden_shares) > 0.99
    assert sum(share < 0.9 for share in hidden_shares) <= 3
    assert min(hidden_shares) > 0.5
    assert strokes > 10_000
    assert left / strokes < 0.002
    assert np.median(lost) < 0.08


def test_outside_the_view_nothing_is_left_and_in_it_the_time_is_gone() -> None:
    rgb = tissue(20)
    shown = without_identity(rgb)
    assert box(shown, NAME_BOX).max() == 0
    assert box(rgb, NAME_BOX).max() > 200
    assert box(shown, TIME_BOX).min(axis=2).max() < 70
    assert box(rgb, TIME_BOX).min(axis=2).max() > 200
    middle = (slice(200, 300), slice(240, 400))
    assert np.array_equal(shown[middle], rgb[middle])


def test_a_green_inset_is_hidden_to_the_corner_and_a_dark_frame_whole() -> None:
    rgb = tissue(20)
    rgb[250:330, 90:170] = (10, 30, 12)
    rgb[260:320, 100:160:4] = (20, 200, 40)
    shown = without_identity(rgb)
    assert not (shown[262:318, 98:158, 1] > 100).any()
    assert without_identity(np.full((90, 120, 3), 9, np.uint8)).max() == 0


@pytest.mark.parametrize("size", [(240, 180), (1920, 1080), (720, 576)])
def test_every_size_of_frame(size: tuple[int, int]) -> None:
    large = np.asarray(cv2.resize(tissue(20), size, interpolation=cv2.INTER_AREA), np.uint8)
    shown = without_identity(large)
    assert shown.shape == large.shape
    assert box(shown, NAME_BOX).max() == 0
    assert box(shown, TIME_BOX).min(axis=2).max() < 90
