"""One key blanks burnt-in identity on the screen; what is labelled stays the frame as it is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QPointF

from endoscope_app.viewing.commands import BLANK_IDENTITY
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.inner_widgets import image_to_widget
from tests.endoscope_app.label_session import go, labels
from tests.endoscope_app.report.tissue_clips import HEIGHT, NAME_BOX, WIDTH, box
from tests.present import present


def brightest(session: Session) -> int:
    """Of the screen, where the name stands."""
    view = session.app.window.frame_view
    image = view.grab().toImage()
    left, top, right, bottom = NAME_BOX
    start = image_to_widget(view, QPointF(left * WIDTH + 2, top * HEIGHT + 2))
    end = image_to_widget(view, QPointF(right * WIDTH - 14, bottom * HEIGHT))
    scale = image.devicePixelRatio()
    return max(
        image.pixelColor(x, y).value()
        for x in range(round(start.x() * scale), round(end.x() * scale))
        for y in range(round(start.y() * scale), round(end.y() * scale))
    )


def test_blanked_by_a_key_frame_after_frame_and_labels_keep_the_frame(
    session: Session, tmp_path: Path
) -> None:
    window = session.app.window
    go(session, 10)
    session.until(lambda: brightest(session) > 120, "the name")
    session.press("Ctrl+I")
    assert window.action(BLANK_IDENTITY).isChecked()
    session.until(lambda: brightest(session) < 20, "no name")
    for index in (11, 12, 44):
        go(session, index)
        assert brightest(session) < 20
    session.press("6")
    session.until(lambda: bool(labels(session)), "a label")
    session.app.tasks.wait()
    session.until(lambda: labels(session)[0].png is not None, "its kept image")
    name = present(labels(session)[0].png)
    kept = cv2.imread(str(tmp_path / "data" / "labels" / "frames" / name[:2] / f"{name}.png"))
    assert box(np.asarray(kept, np.uint8), NAME_BOX).max() > 150
    session.press("Ctrl+I")
    session.until(lambda: brightest(session) > 120, "the name again")
