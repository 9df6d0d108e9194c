"""Where the labels of an old folder, kept by place alone, stand now: held against the pixels
that the reader saw. No Qt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library.frame_pngs import content_hash
from endoscope_app.labels.library.records import FrameLabel, FrameMoment
from endoscope_app.media.opening import open_source
from endoscope_app.media.source import FrameSource


def places_by_image(
    path: Path,
    labels: Sequence[FrameLabel],
    same_listing: bool,
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[int, FrameMoment]:
    """By old stamp: the frame whose pixels are those that were labelled, first at the same place,
    then anywhere in the folder.

    A label without the hash of its pixels stays at its place where names and sizes are as they were
    (``same_listing``), and has none otherwise. AppError where the folder cannot be opened.
    """
    places: dict[int, FrameMoment] = {}
    with open_source(path) as source:
        count = source.info.frame_count
        wanted: dict[str, list[FrameLabel]] = {}
        for label in labels:
            here = (
                FrameMoment(source.stamp(label.frame_index), label.frame_index)
                if label.frame_index < count
                else None
            )
            if label.png is None:
                if same_listing and here is not None:
                    places[label.pts] = here
            elif here is not None and _pixels(source, here.frame_index) == label.png:
                places[label.pts] = here
            else:
                wanted.setdefault(label.png, []).append(label)
        for index in range(count):
            if not wanted or should_stop():
                break
            for label in wanted.pop(_pixels(source, index), []):
                places[label.pts] = FrameMoment(source.stamp(index), index)
    return places


def _pixels(source: FrameSource, index: int) -> str:
    try:
        return content_hash(
            np.asarray(cv2.cvtColor(source.read(index).image, cv2.COLOR_BGRA2RGB), np.uint8)
        )
    except AppError:
        return ""
