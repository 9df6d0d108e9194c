"""Whether the window's memory stays flat over a long day.

    python -m tests.benchmarks.long_use --minutes 15 [--json] [--what]

Drives the real window by its own keys, without a screen: videos of 1080p and folders of stills in
turn, each played, sought through, analysed, explained, labelled and undone, with its lists and
dialogs opened and closed. Prints MiB of resident memory after each procedure, and of the time after
the warm-up (a third of it) the slope and how much more the last quarter holds than the first.
``--what`` also prints which Python objects became more.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from endoscope_app.base.freed_memory import give_back
from endoscope_app.base.paths import shipped_model
from endoscope_app.cli.benchmark.clip import make_clip
from endoscope_app.cli.benchmark.window_session import Session

FLAT = 0.05
"""How much more the last quarter may hold than the first, as a part of it."""
VIDEOS, FOLDERS, STILLS = 3, 2, 40
CLOSE_MS = 400
DIALOGS = (
    "Ctrl+L",
    "F1",
    "Ctrl+,",
    "Ctrl+J",
    "Ctrl+B",
    "S",
    "Shift+F4",
    "Ctrl+Shift+R",
    "Ctrl+E",
    "Ctrl+T",
)
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Reader:
    """Does by keys what a reader does all day."""

    def __init__(self, session: Session) -> None:
        self.session, self.app = session, session.app
        self._drawn = np.random.default_rng(3)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        """To whatever has the keys."""
        self.app.window.activateWindow()
        target = QApplication.focusWidget() or self.app.window
        QTest.keyClick(target, key, modifier or Qt.KeyboardModifier.NoModifier)
        self.session.run(0.05)

    def work_on(self, path: Path) -> None:
        """One procedure, from opening it to going back to the worklist."""
        app, session = self.app, self.session
        session.first_classified = 0.0
        app.open(path)
        session.ready()
        self.press(Qt.Key.Key_Space)
        session.run(2.0)
        self.press(Qt.Key.Key_K)
        for _ in range(8):
            app.player.go_to(int(self._drawn.integers(self._count())))
            session.run(0.15)
        for key in (Qt.Key.Key_End, Qt.Key.Key_Home, Qt.Key.Key_Up, Qt.Key.Key_Right):
            self.press(key)
        self.press(Qt.Key.Key_H)
        self.press(Qt.Key.Key_R, CONTROL)
        session.wait(self._analysed, 20)
        self.press(Qt.Key.Key_Period, CONTROL)
        for digit in (Qt.Key.Key_1, Qt.Key.Key_2):
            self.press(digit)
            self.press(Qt.Key.Key_Right)
        self.press(Qt.Key.Key_I)
        self.press(Qt.Key.Key_Up)
        self.press(Qt.Key.Key_O)
        self.press(Qt.Key.Key_3)
        for _ in range(3):
            self.press(Qt.Key.Key_Z, CONTROL)
        for keys in DIALOGS:
            self.look_at(keys)
        self.press(Qt.Key.Key_H)
        self.press(Qt.Key.Key_Home, CONTROL)

    def look_at(self, keys: str) -> None:
        """Open what the command shows, and close it again."""
        action = self._action(keys)
        if not action.isEnabled():
            return
        QTimer.singleShot(CLOSE_MS, self._close_dialogs)
        action.trigger()
        self.session.run(CLOSE_MS / 1000 + 0.2)
        self._close_dialogs()

    def _action(self, keys: str) -> QAction:
        found = [
            action
            for action in self.app.window.actions()
            if keys in (each.toString() for each in action.shortcuts())
        ]
        if len(found) != 1:
            raise SystemExit(f"{keys} belongs to {len(found)} commands")
        return found[0]

    def _close_dialogs(self) -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.reject()

    def _count(self) -> int:
        info = self.app.player.info
        assert info is not None
        return info.frame_count

    def _analysed(self) -> bool:
        timeline = self.app.analysis.timeline
        return timeline is not None and bool(timeline.known.all())


def make_procedures(folder: Path) -> list[Path]:
    """Videos of 1080p, and folders of stills as large."""
    made = []
    for number in range(VIDEOS):
        clip = folder / f"video{number}.mp4"
        frames = 150 + 50 * number
        made.append(make_clip(clip, width=1920, height=1080, fps=25, frames=frames))
    drawn = np.random.default_rng(1)
    for number in range(FOLDERS):
        stills = folder / f"stills{number}"
        stills.mkdir()
        for still in range(STILLS):
            coarse = drawn.integers(30, 220, (68, 120, 3), dtype=np.uint8)
            image = cv2.resize(coarse, (1920, 1080), interpolation=cv2.INTER_CUBIC)
            cv2.imwrite(str(stills / f"{still:03d}.jpg"), image)
        made.append(stills)
    return made


def resident_mib() -> float:
    """Of this process, as the system counts it."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def given_back_mib() -> float:
    """What glibc holds of memory that is free, and gives back when it is asked to."""
    before = resident_mib()
    give_back()
    return before - resident_mib()


def objects() -> Counter[str]:
    """How many of each type Python keeps track of, widgets by their class."""
    gc.collect()
    counts = Counter(type(each).__qualname__ for each in gc.get_objects())
    counts["QWidget alive"] = len(QApplication.allWidgets())
    counts["QObject below the application"] = len(
        QApplication.instance().findChildren(QObject)  # type: ignore[union-attr]
    )
    return counts


def figures(samples: list[tuple[float, float]]) -> dict[str, float]:
    """Of (seconds, MiB): over the time after the first third, the slope, and the last quarter
    against the first.
    """
    end = samples[-1][0]
    after = np.array([each for each in samples if each[0] >= end / 3])
    quarter = max(1, len(after) // 4)
    first, last = float(np.median(after[:quarter, 1])), float(np.median(after[-quarter:, 1]))
    slope = float(np.polyfit(after[:, 0], after[:, 1], 1)[0]) if len(after) > 1 else 0.0
    return {
        "minutes": round(end / 60, 1),
        "procedures_opened": len(samples),
        "after_warm_up_mib": round(first, 1),
        "at_the_end_mib": round(last, 1),
        "more_percent": round(100 * (last / first - 1), 2),
        "slope_mib_per_hour": round(slope * 3600, 1),
        "peak_mib": round(max(mib for _, mib in samples), 1),
    }


def run(session: Session, procedures: list[Path], minutes: float, what: bool) -> dict[str, float]:
    """Work through the procedures again and again."""
    reader, begun, samples = Reader(session), time.monotonic(), []
    before: Counter[str] = Counter()
    while (now := time.monotonic() - begun) < 60 * minutes:
        for procedure in procedures:
            reader.work_on(procedure)
            now = time.monotonic() - begun
            samples.append((now, resident_mib()))
            say(f"{now / 60:6.1f} min  {samples[-1][1]:7.1f} MiB  {procedure.name}")
        if what:
            if not before and now > 20 * minutes:
                before = objects()
            if before:
                say(f"{given_back_mib():.1f} MiB were free, {resident_mib():.1f} are used")
                say("  ".join(f"{name} +{n}" for name, n in (objects() - before).most_common(12)))
    return figures(samples)


def say(text: str) -> None:
    """Not among what programs read."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """0 where it stayed flat, else 1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--what", action="store_true", help="print which objects became more")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="endoscope-long-use-") as folder:
        say("drawing procedures")
        procedures = make_procedures(Path(folder))
        data = Path(folder) / "data"
        session = Session(procedures[0], shipped_model(), data, analyse=False)
        session.ready()
        found = run(session, procedures, options.minutes, options.what)
        session.app.window.close()
        session.app.close()
    print(json.dumps(found) if options.json else "\n".join(f"{k:22} {v}" for k, v in found.items()))
    return 0 if found["more_percent"] <= 100 * FLAT else 1


if __name__ == "__main__":
    sys.exit(main())
