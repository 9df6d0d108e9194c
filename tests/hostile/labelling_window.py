"""Labels the demo in the real window by keys until it is killed, and prints a line for each label
that the window has said is kept.

python -m tests.hostile.labelling_window DATA_DIR NUMBER, from which on it gives the classes in turn
"""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from endoscope_app.app import App
from endoscope_app.base.paths import APP_NAME, DataDir, demo_clip, shipped_model
from tests.window.driver import Reader

CLASSES = 6
CONTROL = Qt.KeyboardModifier.ControlModifier


class Labeller(Reader):
    """Labels frame by frame, to the end and from the beginning again."""

    def press_and_hear(
        self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        """Until the window has said what the key did, which it does once that is on the disk."""
        echo = self.app.window.frame_view.echo
        echo.clear_act()
        self.key(key, modifier)
        self.until("the echo", lambda: echo.act() != "")

    def here(self) -> list[int | None]:
        """The classes that the window has for the frame on screen."""
        store, where = self.app.labels.session.store, self.app.labels.procedure.fingerprint
        assert store is not None
        frame = self.on_screen()
        return [one.class_id for one in store.read.frame_labels(where) if one.frame_index == frame]

    def forward(self) -> None:
        before = self.on_screen()
        info = self.app.player.info
        assert info is not None
        last = before == info.frame_count - 1
        self.key(Qt.Key.Key_Home if last else Qt.Key.Key_Right)
        self.until("another frame", lambda: self.on_screen() != before)


def main() -> None:
    application = QApplication([APP_NAME])
    app = App(DataDir.open(sys.argv[1]), shipped_model(), "Dr. Window")
    app.start()
    app.open(demo_clip())
    reader = Labeller(app)
    app.window.activateWindow()
    reader.until("the window becomes active", app.window.isActiveWindow)
    reader.until("the classes", lambda: len(app.labels.session.panel_classes()) == CLASSES)
    reader.until("a classified frame", lambda: app.prediction_view.prediction is not None)
    number = int(sys.argv[2])
    print(json.dumps({"ready": application.platformName()}), flush=True)
    while not reader.failures:
        number += 1
        key = Qt.Key(Qt.Key.Key_1 + number % CLASSES)
        reader.press_and_hear(key)
        tell(reader, app.labels.session.panel_classes()[number % CLASSES].id)
        if number % 5 == 0:
            reader.press_and_hear(Qt.Key.Key_Z, CONTROL)
            tell(reader, None)
        reader.forward()
    print(json.dumps({"failures": reader.failures}), flush=True)


def tell(reader: Labeller, given: int | None) -> None:
    """What has been said to be kept."""
    line = {"frame": reader.on_screen(), "given": given, "classes": reader.here()}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
