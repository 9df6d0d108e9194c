"""The application's part in retraining, in a process that is killed: it starts a run over an
existing folder and says so.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.shell.main_window import MainWindow
from tests.endoscope_app.retraining_stage import make_flow, press


def main() -> None:
    """Argument: the folder with labels and models."""
    root = Path(sys.argv[1])
    application = QApplication([])
    window = MainWindow()
    with LabelStore(root / "labels") as store:
        flow = make_flow(window, store, root, "works")
        flow.running.event_came.connect(lambda event: print(type(event).__name__, flush=True))
        QTimer.singleShot(0, flow.open)
        QTimer.singleShot(0, lambda: press(flow.dialog, "Start"))
        application.exec()


if __name__ == "__main__":
    main()
