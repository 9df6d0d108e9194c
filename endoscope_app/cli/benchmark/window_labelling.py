"""What key presses over a large label library cost."""

from __future__ import annotations

import time
import timeit
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from endoscope_app.cli.benchmark.figures import Figures
from endoscope_app.cli.benchmark.window_session import FirstPaint, Session
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.review.review_table import ReviewTable

ACTS = 120  # label acts, undos and jumps that are timed
WARM_UP = 3


class Keys:
    """Presses keys in the window and notes milliseconds by name; the first WARM_UP of each name
    are left out.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.spent: dict[str, list[float]] = {}

    def to_front(self) -> None:
        """Keys go to the active window only."""
        window = self.session.app.window
        window.activateWindow()
        if not self.session.wait(lambda: QApplication.activeWindow() is window, 10):
            raise SystemExit("the window did not become active, so it was given no keys")

    def on_screen(self) -> int:
        """The frame on screen, -1 before there is one."""
        frame = self.session.app.prediction_view.frame
        return -1 if frame is None else frame.index

    def go(self, index: int) -> None:
        """Until the frame is on screen."""
        self.session.app.player.go_to(index)
        self.session.wait(lambda: self.on_screen() == index)

    def press(
        self, name: str, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        """From the press until it returns; ``_cpu``: of that, what this thread computed, which
        other programs do not change.
        """
        begun, computed = time.perf_counter(), time.thread_time()
        QTest.keyClick(QApplication.focusWidget() or self.session.app.window, key, modifier)
        self.note(name, time.perf_counter() - begun)
        self.note(f"{name}_cpu", time.thread_time() - computed)
        QCoreApplication.processEvents()

    def note(self, name: str, seconds: float) -> None:
        """One more figure."""
        self.spent.setdefault(name, []).append(1000 * seconds)

    def open_list(self, name: str) -> None:
        """From Ctrl+L until the rows of the review list are painted; then it is closed."""
        self.to_front()
        paint, application = FirstPaint(ReviewTable), self.session.application
        application.installEventFilter(paint)
        begun = time.time()
        self.press(f"{name}_press", Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        self.session.wait(lambda: paint.at > 0, 10)
        application.removeEventFilter(paint)
        dialog = self.session.app.labels.review.dialog
        if not paint.at or dialog is None:
            raise SystemExit("the review list was not shown")
        self.note(name, paint.at - begun)
        self.session.run(0.3)  # its thumbnails
        dialog.close()


def labels(session: Session) -> Figures:
    """Milliseconds from key presses over a large library; every frame is labelled and
    classified already.
    """
    session.ready()
    app, keys = session.app, Keys(session)
    if not session.wait(
        lambda: app.analysis.timeline is not None and bool(app.analysis.timeline.known.all()), 30
    ):
        raise SystemExit("the drawn predictions were not found")
    info, classes = app.player.info, len(app.labels.session.panel_classes())
    assert info is not None
    for _ in range(6):
        keys.open_list("review_list")
    first, *again = keys.spent["review_list"]
    keys.spent.clear()
    keys.to_front()
    places = np.random.default_rng(2).permutation(info.frame_count)[:ACTS].tolist()
    for index in places:
        keys.go(index)
        # The same class again would be no act
        another = int(app.labels.procedure_labels.states.label[index]) + 1
        keys.press("label_act", Qt.Key(Qt.Key.Key_1 + another % classes))
    for _ in places:
        keys.press("undo", Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    keys.go(0)
    for _ in range(min(ACTS, int(app.labels.procedure_labels.states.differing()[1:].sum()))):
        before, begun = keys.on_screen(), time.perf_counter()
        keys.press("next_disagreement", Qt.Key.Key_N)
        session.wait(lambda before=before: keys.on_screen() != before, 10)  # type: ignore[misc]
        keys.note("next_disagreement_on_screen", time.perf_counter() - begun)
    lists: Figures = {
        "frames": info.frame_count,
        "review_list_shown_ms": first,
        "review_list_again_ms": float(np.median(again)),
    }
    parts = [(name, values[WARM_UP:] or values) for name, values in keys.spent.items()]
    pressed = {
        f"{name}_p{part}_ms": float(np.percentile(values, part))
        for name, values in parts
        for part in (50, 95)
    }
    return {**lists, **pressed}


def open_store(folder: Path) -> float:
    """Milliseconds to open the label library, the median of five times."""
    return 1000 * sorted(timeit.repeat(lambda: LabelStore(folder).close(), number=1, repeat=5))[2]
