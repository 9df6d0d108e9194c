"""Joins the parts in a folder, labels a frame of the second one, and waits to be killed:
python -m tests.endoscope_app.joined_crash_child PARTS DATA. Prints "labelled" once that is done.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from endoscope_app.base.paths import shipped_model
from endoscope_app.worklist.folder_contents import videos_together
from tests.endoscope_app.app_session import running
from tests.endoscope_app.joining_session import join
from tests.endoscope_app.label_session import go, labels

FRAME = 25


def main() -> None:
    application = QApplication([])
    parts = videos_together([Path(sys.argv[1])])
    with running(Path(sys.argv[2]), shipped_model()) as session:
        session.until(lambda: not session.app.labels.session.not_open_because, "the library")
        join(session, parts)
        go(session, FRAME)
        session.press("2")
        session.until(lambda: len(labels(session)) == 1, "the label")
        print("labelled", flush=True)
        application.exec()


if __name__ == "__main__":
    main()
