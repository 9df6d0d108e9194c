"""Labels the demo in the real program by keys, or looks in a second run whether all of it is there;
prints one JSON line.

python -m tests.window.label_driver DATA_DIR label|look
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from endoscope_app.app import App
from endoscope_app.base.paths import APP_NAME, DataDir, demo_clip, shipped_model
from endoscope_app.labels.commands import UNDO
from endoscope_app.labels.review.review_rows import Column
from tests.window.driver import ANALYSIS_S, Reader

CONTROL = Qt.KeyboardModifier.ControlModifier
READER = "Dr. Window"


class Labeller(Reader):
    """Knows where labels are seen."""

    def ready(self) -> None:
        window, app = self.app.window, self.app
        window.activateWindow()
        self.until("the window becomes active", window.isActiveWindow)
        self.until("the model's classes", lambda: len(app.labels.session.panel_classes()) == 6)
        self.until("a classified frame", lambda: app.prediction_view.prediction is not None)

        def analysed() -> bool:
            return app.analysis.timeline is not None and bool(app.analysis.timeline.known.all())

        self.until("the analysis ends", analysed, ANALYSIS_S)

    def forward(self, frames: int) -> None:
        """By the arrow key, a press a frame."""
        for _ in range(frames):
            wanted = self.on_screen() + 1
            self.key(Qt.Key.Key_Right)
            self.until(f"frame {wanted}", lambda wanted=wanted: self.on_screen() == wanted)  # type: ignore[misc]

    def library(self) -> dict[str, Any]:
        """What the library holds of the open procedure, by frame."""
        store, where = self.app.labels.session.store, self.app.labels.procedure.fingerprint
        assert store is not None
        names = {one.id: one.name for one in store.read.classes()}
        return {
            "frames": [
                [one.frame_index, one.kind, names.get(one.class_id or 0, "")]
                for one in store.read.frame_labels(where)
            ],
            "ranges": [
                [one.first_index, one.last_index, names[one.class_id]]
                for one in store.read.ranges(where)
            ],
            "reader": store.read.reader_name(),
            "undo": store.read.undo_title(self.app.labels.procedure.fingerprint),
            "undo_in_menu": self.app.window.action(UNDO).text().replace("&", ""),
        }

    def review_list(self) -> dict[str, Any]:
        """Opened by its key, read as it is shown, and left by Esc."""
        self.key(Qt.Key.Key_L, CONTROL)
        self.until(
            "the review list",
            lambda: (
                self.app.labels.review.dialog is not None
                and self.app.labels.review.dialog.isVisible()
            ),
        )
        dialog = self.app.labels.review.dialog
        assert dialog is not None
        model = dialog.rows.table().model()
        self.until("its rows", lambda: model.rowCount() > 0)
        self.until("its pictures", lambda: len(model.thumbnails) > 0)  # type: ignore[attr-defined]
        shown = [int(frame) for frame in dialog.rows.shown_frames()]
        you = {frame: str(model.index(shown.index(frame), Column.YOU).data()) for frame in (0, 3)}
        seen = {"rows": len(shown), "you": you, "picture": dialog.grab().toImage().width()}
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        self.until("the list is gone", lambda: not dialog.isVisible())
        self.app.window.activateWindow()
        self.until("the window is active again", self.app.window.isActiveWindow)
        return seen


def label(reader: Labeller) -> dict[str, Any]:
    """One frame kept, one undone, one range; then the list."""
    app = reader.app
    reader.key(Qt.Key.Key_Home)
    reader.until("the first frame", lambda: reader.on_screen() == 0)
    reader.key(Qt.Key.Key_2)
    reader.until("a label on the panel", lambda: reader.library()["frames"] != [])
    reader.forward(3)
    reader.key(Qt.Key.Key_X)
    with_both = reader.library()["frames"]
    reader.key(Qt.Key.Key_Z, CONTROL)
    undone = reader.library()["frames"]
    reader.forward(2)
    reader.key(Qt.Key.Key_I)
    reader.forward(4)
    reader.key(Qt.Key.Key_O)
    marked = app.labels.marks.mark
    reader.key(Qt.Key.Key_Return)
    reader.until("the mark is gone", lambda: app.labels.marks.mark == (None, None))
    return {"with_both": with_both, "undone": undone, "marked": marked}


def main() -> int:
    data, what = Path(sys.argv[1]), sys.argv[2]
    application = QApplication([APP_NAME])
    app = App(DataDir.open(str(data)), shipped_model(), READER if what == "label" else "")
    app.start()
    app.open(demo_clip())
    reader = Labeller(app)
    reader.ready()
    seen = label(reader) if what == "label" else {}
    seen |= {"list": reader.review_list(), "library": reader.library()}
    if what == "look":
        reader.key(Qt.Key.Key_Z, CONTROL)  # the range of the run before
        seen["after_undo"] = reader.library()
        reader.key(Qt.Key.Key_Y, CONTROL)
    reader.key(Qt.Key.Key_Q, CONTROL)
    reader.until("the window closes", lambda: not app.window.isVisible())
    app.close()
    seen |= {"platform": application.platformName(), "failures": reader.failures}
    print(json.dumps(seen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
