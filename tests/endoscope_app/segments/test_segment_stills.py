"""Stills are not a film: each that the model names is a segment by itself."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.media.opening import open_source
from kd_core.schema.model_card import read_card
from tests.endoscope_app.app_session import running
from tests.endoscope_app.label_session import in_front, ready
from tests.endoscope_app.segments.segment_session import panel, press, ranges, states
from tests.model_factory import make_model_dir


def test_one_still_is_one_segment_whatever_its_neighbours_and_the_lengths(
    qtbot: QtBot, tmp_path: Path
) -> None:
    model, folder = make_model_dir(tmp_path / "m"), tmp_path / "stills"
    folder.mkdir()
    for number in range(5):
        image = np.full((90, 120, 3), 40 * number + 20, np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), image)
    with open_source(folder) as source:
        info = source.info
    classes = list(read_card(model).classes)
    raw = np.full((5, len(classes)), 0.1, np.float16)
    for number, key in enumerate(("polyps", "polyps", "cecum", "", "polyps")):
        if key:
            raw[number, classes.index(key)] = 0.9
    (tmp_path / "data").mkdir()
    PredictionStore(tmp_path / "data" / "predictions").save(
        info.fingerprint, read_card(model).version, raw, np.ones(5, np.bool_)
    )
    with running(tmp_path / "data", model) as session:
        ready(session, folder)
        session.until(lambda: len(panel(session).rows) > 0, "segments")
        assert set(states(session)) == {(0, 0), (1, 1), (2, 2), (4, 4)}
        assert not panel(session).lengths.isVisible()
        in_front(session, session.app.window)
        press(session, Qt.Key.Key_N)
        press(session, Qt.Key.Key_Return)
        assert ranges(session) == [(0, 0, "polyps")]
        session.until(lambda: session.on_screen() == 1, "the next still")
        assert [row.where for row in panel(session).rows][:2] == ["image 0", "image 1"]
