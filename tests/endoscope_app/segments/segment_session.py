"""A clip with a stored analysis whose segments are known, in the real window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.media.opening import open_source
from endoscope_app.segments.segments_panel import SegmentsPanel
from kd_core.schema.model_card import read_card
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.label_session import in_front, ready, store

COUNT = 200
PLAIN = Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
#: Class key, first and last frame, probability: 25 frames a second.
FOUND = (
    ("polyps", 10, 39, 0.9),
    ("cecum", 50, 79, 0.8),
    ("bbps-2-3", 90, 119, 0.95),
    ("ulcerative-colitis", 130, 159, 0.7),
    ("polyps", 170, 189, 0.99),
)
#: In the list: pathology first.
ORDER = [(10, 39), (130, 159), (170, 189), (50, 79), (90, 119)]


def keep_analysis(data: Path, model: Path, clip: Path) -> None:
    """As the model would have left it."""
    with open_source(clip) as source:
        info = source.info
    card = read_card(model)
    classes = list(card.classes)
    raw = np.full((info.frame_count, len(classes)), 0.1, np.float16)
    for key, first, last, probability in FOUND:
        raw[first : last + 1, classes.index(key)] = probability
        raw[(first + last) // 2, classes.index(key)] = probability + 0.005
    PredictionStore(data / "predictions").save(
        info.fingerprint, card.version, raw, np.ones(info.frame_count, np.bool_)
    )
    (data / "settings.json").write_text('{"smoothing_s": 0}')


def panel(session: Session) -> SegmentsPanel:
    return session.app.window.segments


def reviewing(session: Session, clip: Path) -> Session:
    """Open the clip and wait for its segments."""
    ready(session, clip)
    session.until(lambda: len(panel(session).rows) == len(FOUND), "the segments")
    in_front(session, session.app.window)
    return session


def press(session: Session, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    """A real key press, to whatever has the keyboard."""
    QTest.keyClick(QApplication.focusWidget() or session.app.window, key, modifier)


def ranges(session: Session) -> list[tuple[int, int, str]]:
    """First and last frame and class key of every labelled range of the procedure."""
    read = store(session).read
    return [
        (span.first_index, span.last_index, read.label_class(span.class_id).key)
        for span in read.ranges(session.app.labels.procedure.fingerprint)
    ]


def states(session: Session) -> dict[tuple[int, int], str]:
    """What became of every segment in the list, by its frames."""
    return {
        (row.item.first_index, row.item.last_index): row.item.state
        for row in panel(session).rows
        if row.item.kind == "segment"
    }


def current(session: Session) -> tuple[int, int]:
    """The frames of the segment that is marked in the list."""
    row = panel(session).list.current_row()
    assert row is not None
    return row.item.first_index, row.item.last_index
