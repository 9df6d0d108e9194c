"""Whatever shows pixels of a procedure is blanked by the one key, and shows them again by it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage

from endoscope_app.viewing.commands import EXPLAIN
from endoscope_app.viewing.explain_dialog import ExplainDialog
from endoscope_app.viewing.explain_process import ExplainProcess
from endoscope_app.viewing.identity_mask import without_identity_bgra
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.label_session import go, in_front
from tests.endoscope_app.report.tissue_clips import NAME_BOX, box
from tests.places import REPOSITORY
from tests.present import present

#: What shows pixels of a procedure, and why that is blanked where the screen is.
PLACES = {
    "endoscope_app/viewing/prediction_view.py": "the frame on screen: blanked on its way",
    "endoscope_app/viewing/view_painting.py": "paints what a view was given",
    "endoscope_app/viewing/explain_dialog.py": "gets what ExplainFlow has blanked",
    "endoscope_app/labels/review/thumbnail_thread.py": "the wish says so",
    "endoscope_app/labels/identity_dialog.py": "gets what IdentityFlow has blanked",
    "endoscope_app/retraining/comparison/differing_view.py": "gets what FrameLoader has blanked",
    "endoscope_app/retraining/comparison/frame_loader.py": "asks the switch",
    "endoscope_app/similar/hit_images.py": "the wish says so",
    "endoscope_app/stills/pair_view.py": "gets what PairFlow has blanked",
    "endoscope_app/report/frame_flow.py": "what leaves the program: blanked unless confirmed",
}
#: Other images than a procedure's.
NO_PROCEDURE = {
    "endoscope_app/report/report_page.py": "pictures of a report are blanked as they are made",
    "endoscope_app/models/model_dialog.py": "an empty one",
    "endoscope_app/analysis/timeline/painter.py": "colours of classes",
}


def named(image: NDArray[np.uint8]) -> bool:
    """Whether the burnt-in name stands in (H, W, 3+)."""
    left, top, right, bottom = NAME_BOX
    return int(box(image[..., :3], (left, top, right - 0.05, bottom)).max()) > 25


def pixels(image: QImage) -> NDArray[np.uint8]:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), -1, 4)[:, : image.width()].copy()


def toggled(session: Session, shows_name: Callable[[], bool | None]) -> None:
    """The name is there, not there and there again; None while there is no image."""
    session.until(lambda: shows_name() is True, "the name")
    session.press("Ctrl+I")
    assert shows_name() is not True, "not for a moment"
    session.until(lambda: shows_name() is False, "no name")
    session.press("Ctrl+I")
    session.until(lambda: shows_name() is True, "the name again")


def of_icon(icon: QIcon | None) -> bool | None:
    if icon is None or icon.isNull():
        return None
    return named(pixels(icon.pixmap(QSize(400, 300)).toImage()))


def test_the_review_list(session: Session) -> None:
    session.press("Ctrl+L")
    rows = present(session.app.labels.review.dialog).rows
    toggled(session, lambda: of_icon(next(iter(rows._model.thumbnails._images.values()), None)))


def test_the_list_of_segments(session: Session) -> None:
    in_front(session, session.app.window)
    go(session, 14)
    session.press("Ctrl+D")
    model = session.app.window.segments.list._rows
    session.until(lambda: bool(model.missing_images(0, 99)) or 14 in model._images, "a line")
    toggled(session, lambda: of_icon(model._images.get(14)))


def test_the_tray_of_bookmarks(session: Session) -> None:
    in_front(session, session.app.window)
    go(session, 14)
    session.press("Ctrl+D")
    tray = session.app.window.tray
    made = session.app.segments.tray.images
    toggled(session, lambda: of_icon(tray.list.item(0).icon()) if 14 in made else None)


def test_an_explained_frame(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(process: ExplainProcess, frame: NDArray[np.uint8], *_: object) -> None:
        process.finished.emit(cv2.convertScaleAbs(frame, alpha=0.9))

    monkeypatch.setattr(ExplainProcess, "start", start)
    go(session, 10)
    session.app.window.action(EXPLAIN).trigger()
    dialog = session.app.window.findChildren(ExplainDialog)[-1]
    session.until(lambda: dialog.frame_view._image is not None, "the explanation")

    def shows_name() -> bool:
        return named(present(dialog.frame_view._image))

    toggled(session, shows_name)


def test_what_is_drawn_over_a_frame_is_blanked_where_the_frame_is() -> None:
    frame = np.zeros((120, 160, 4), np.uint8)
    frame[10:110, 30:150] = (50, 60, 150, 255)
    drawn = np.full_like(frame, 200)
    blanked = without_identity_bgra(drawn, like=frame)
    assert blanked[60, 90, 0] == 200
    assert blanked[60, 5, 0] == 0


def test_every_place_that_shows_pixels_is_known() -> None:
    """A new one is written into the list above, with how it obeys."""
    found = {path for path in _modules() if _makes_images(path)}
    assert found == PLACES.keys() | NO_PROCEDURE.keys()


def _modules() -> Iterator[str]:
    for path in sorted((REPOSITORY / "endoscope_app").rglob("*.py")):
        yield path.relative_to(REPOSITORY).as_posix()


def _makes_images(path: str) -> bool:
    tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called == "QImage" or called.lower().endswith("view.show_frame"):
                return True
    return False
