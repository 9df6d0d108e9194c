"""Heat maps on the small images of segments, by the real key."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from endoscope_app.segments.segment_model import THUMBNAIL
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.segments.segment_session import ORDER, SHIFT, panel, press


def image(session: Session) -> QImage | None:
    """Of the first segment in the list; None until it was made."""
    rows = panel(session).list.rows
    row = rows.segment(rows.row_of(("segment", *ORDER[0])))
    icon = None if row is None else rows.image(row)
    return None if icon is None else icon.pixmap(THUMBNAIL).toImage()


def colourful(session: Session) -> bool:
    """The frames of the clip are grey; only a heat map has colours."""
    made = image(session)
    if made is None:
        return False
    colours = (made.pixelColor(x, y) for x in range(made.width()) for y in range(made.height()))
    return any(abs(colour.red() - colour.blue()) > 30 for colour in colours)


def test_shift_h_lays_the_heat_map_over_the_images_and_takes_it_off(session: Session) -> None:
    session.until(lambda: image(session) is not None, "the image")
    assert not colourful(session)
    press(session, Qt.Key.Key_H, SHIFT)
    session.until(lambda: colourful(session), "the heat map")
    press(session, Qt.Key.Key_H, SHIFT)
    session.until(lambda: image(session) is not None and not colourful(session), "the plain image")
