"""Stills that can be told apart, with an analysis whose classes are known."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.media.opening import open_source
from endoscope_app.stills.contact_sheet import ContactSheet
from kd_core.schema.model_card import read_card
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.label_session import store

COUNT = 12
PLAIN = Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
#: What the model says of each still: class key and probability.
SAID = [("polyps", 0.9)] * 4 + [("cecum", 0.8)] * 4 + [("polyps", 0.3)] * 2 + [("cecum", 0.7)] * 2


def still(number: int) -> NDArray[np.uint8]:
    """(90, 120, 3) BGR: brighter with every number."""
    image = np.full((90, 120, 3), 15 * (number % 14) + 20, np.uint8)
    image[:, : 10 * (number % 12)] = (30, 60, 120)
    image[:5, : number // 12] = 255
    return image


def make_stills(folder: Path, count: int = COUNT) -> Path:
    """Named still_00.png and so on."""
    folder.mkdir(parents=True)
    for number in range(count):
        cv2.imwrite(str(folder / f"still_{number:02}.png"), still(number))
    return folder


def keep_analysis(data: Path, model: Path, folder: Path) -> None:
    """As the model would have left it."""
    with open_source(folder) as source:
        info = source.info
    card = read_card(model)
    classes = list(card.classes)
    raw = np.full((info.frame_count, len(classes)), 0.02, np.float16)
    for number, (key, probability) in enumerate(SAID):
        raw[number, classes.index(key)] = probability
    data.mkdir()
    PredictionStore(data / "predictions").save(
        info.fingerprint, card.version, raw, np.ones(info.frame_count, np.bool_)
    )


def sheet(session: Session) -> ContactSheet:
    return session.app.window.sheet


def press(session: Session, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    """A real key press, to whatever has the keyboard."""
    QTest.keyClick(QApplication.focusWidget() or session.app.window, key, modifier)


def labelled(session: Session) -> dict[int, str]:
    """Class key, or the kind where there is none, of every labelled still in the library."""
    read = store(session).read
    return {
        label.frame_index: label.kind
        if label.class_id is None
        else read.label_class(label.class_id).key
        for label in read.frame_labels(session.app.labels.procedure.fingerprint)
    }
