"""Presses every key of README's table in the real program and waits for what the table promises;
prints one JSON line.

python -m tests.window.key_driver DATA_DIR OTHER_CLIP STILLS_FOLDER
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QSlider,
    QTextBrowser,
    QWidget,
)

from endoscope_app.app import App
from endoscope_app.base.paths import APP_NAME, DataDir, demo_clip, shipped_model
from endoscope_app.labels.library.segment_records import SegmentRecord
from endoscope_app.segments.segment_rows import SegmentRow
from endoscope_app.viewing.commands import BLANK_IDENTITY
from tests.endoscope_app.held_analysis import analysis_held
from tests.endoscope_app.inner_widgets import image_to_widget
from tests.present import present
from tests.window.label_driver import Labeller

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier
Key = Qt.Key
LAST = 999  # of the demo
NEED_A_PROCEDURE = (
    *((key, PLAIN) for key in (Key.Key_1, Key.Key_R, Key.Key_X, Key.Key_Delete, Key.Key_I)),
    *((key, PLAIN) for key in (Key.Key_O, Key.Key_Return, Key.Key_Comma, Key.Key_Period)),
    *((key, PLAIN) for key in (Key.Key_P, Key.Key_N, Key.Key_PageUp, Key.Key_PageDown)),
    *((key, PLAIN) for key in (Key.Key_T,)),
    *((key, SHIFT) for key in (Key.Key_P, Key.Key_N)),
    *((key, CONTROL) for key in (Key.Key_D, Key.Key_J, Key.Key_R, Key.Key_Z, Key.Key_Return)),
)


class KeyTour(Labeller):
    """One method per row of the table; each leaves the demo open, paused and nothing marked."""

    def __init__(self, app: App, other: Path, stills: Path, released: threading.Event) -> None:
        """``released`` lets the analysis of ``other`` go on."""
        super().__init__(app)
        self._other, self._stills, self._released = other, stills, released
        self.sheet_words: list[str] = []

    def rows(self) -> dict[str, Callable[[], None]]:
        """First cell of the row in README -> what proves it."""
        return {
            "Ctrl+O, Ctrl+Shift+O, drop": self.open_procedures,
            "Ctrl+Home; Ctrl+Page Down, Ctrl+Page Up": self.worklist,
            "Space": self.play_and_pause,
            "Left, Right": self.step_frames_and_seconds,
            "Down, Up (or Ctrl+Left, Ctrl+Right)": self.step_tens,
            "Home, End": self.ends,
            "J, K, L": self.shuttle,
            "[, ], Backspace": self.speed,
            "A, B, Shift+A": self.loop,
            "Ctrl+J": self.go_to,
            "H ; Shift+H": self.heat_map,
            "N ; P": self.segments,
            "Enter, X, Del; Shift+Enter": self.decide,
            "Shift+Space": self.play_open,
            "Ctrl+D ; T": self.note,
            "Ctrl+Enter": self.finish,
            "S": self.more_like_this,
            "Page Up, Page Down": self.findings,
            "Ctrl+R, Ctrl+.": self.analyse_and_cancel,
            "1 to 9, 0": self.label,
            "I, O, then a digit or Enter; Esc": self.mark,
            "Ctrl+Z, Ctrl+Shift+Z": self.undo,
            ", and . ; Shift+P and Shift+N": self.jump,
            "Ctrl+L": self.list_frames,
            "Ctrl+U": self.allow_use,
            "Ctrl+2 ; Ctrl+3 ; Ctrl+4": self.read_twice,
            "G ; C": self.contact_sheet,
            "Ctrl+I": self.blank_identity,
            "Ctrl+E": self.save_frame,
            "Ctrl+Shift+R": self.report,
            "Ctrl+T": self.retrain,
            "M (held)": self.peek,
            "F": self.fit,
            "Ctrl+B": self.brighten,
            "F6": self.tray,
            "F2, F3, F4": self.panels,
            "Shift+F4": self.legend,
            "F11": self.picture_alone,
            "F1 or ?": self.sheet,
        }

    def at(self, frame: int, what: str) -> None:
        self.until(f"frame {frame} by {what}", lambda: self.on_screen() == frame)

    def go(self, frame: int) -> None:
        """By Ctrl+J, as a reader would."""
        self.key(Key.Key_J, CONTROL)
        dialog = self.dialog("Go to")
        QTest.keyClicks(dialog.findChildren(QLineEdit)[0], str(frame))
        self.close_with(dialog, Key.Key_Return)
        self.at(frame, "Ctrl+J")

    def dialog(self, title: str) -> QDialog:
        """The visible dialog whose title holds ``title``."""

        def found() -> list[QDialog]:
            shown = [
                one
                for one in QApplication.topLevelWidgets()
                if isinstance(one, QDialog) and one.isVisible()
            ]
            return [one for one in shown if title in one.windowTitle()]

        self.until(f"the dialog “{title}”", lambda: bool(found()))
        dialog = found()[0]
        dialog.activateWindow()  # a window manager would
        self.until("the dialog in front", dialog.isActiveWindow)
        return dialog

    def close_with(self, dialog: QWidget, key: Qt.Key) -> None:
        """A key to what has the focus in the dialog; afterwards the main window is in front
        again.
        """
        QTest.keyClick(dialog.focusWidget() or dialog, key)
        self.until("the dialog is gone", lambda: not dialog.isVisible())
        self.front()

    def front(self) -> None:
        """Without a window manager nobody gives the main window the keys back."""
        self.app.window.activateWindow()
        self.until("the window in front", self.app.window.isActiveWindow)
        self.app.window.frame_view.setFocus()

    def opened(self, path: Path) -> None:
        self.until(f"{path.name} open", lambda: path.name in self.app.window.windowTitle())
        player = self.app.player
        self.until(
            f"{path.name} on screen",
            lambda: player.info is not None and player.info.path == path and self.on_screen() >= 0,
        )

    def open_procedures(self) -> None:
        def answer(path: Path) -> None:
            asking = [
                one
                for one in QApplication.topLevelWidgets()
                if isinstance(one, QFileDialog) and one.isVisible()
            ]
            if not asking:
                QTimer.singleShot(50, lambda: answer(path))
                return
            present(asking[0].findChild(QLineEdit)).setText(str(path))
            QTest.keyClick(present(asking[0].findChild(QLineEdit)), Key.Key_Return)

        for modifier, path in ((CONTROL, self._other), (CONTROL | SHIFT, self._stills)):
            QTimer.singleShot(50, lambda path=path: answer(path))
            self.key(Key.Key_O, modifier)
            self.front()
            self.opened(path)
        self.drop(demo_clip())
        self.opened(demo_clip())
        self.ready()
        self.key(Key.Key_Home)
        self.at(0, "Home")

    def worklist(self) -> None:
        """The demo, the clip and the stills were opened: they are its lines, by name."""
        switch = self.app.worklist.switch
        self.key(Key.Key_Home, CONTROL)
        self.until("the worklist", lambda: switch.is_worklist)
        self.key(Key.Key_Home, CONTROL)
        self.until("the procedure again", lambda: not switch.is_worklist)
        self.key(Key.Key_PageUp, CONTROL)
        self.opened(self._other)
        self.key(Key.Key_PageDown, CONTROL)
        self.opened(demo_clip())
        self.ready()

    def drop(self, path: Path) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        left = Qt.MouseButton.LeftButton
        event = QDropEvent(
            QPointF(300, 300), Qt.DropAction.CopyAction, mime, left, PLAIN, QEvent.Type.Drop
        )
        self.app.window.dropEvent(event)  # sent as an event, Qt drops it where no drag came before

    def play_and_pause(self) -> None:
        self.key(Key.Key_Space)
        self.until("playing", lambda: self.app.player.playing and self.on_screen() > 5)
        self.key(Key.Key_Space)
        self.until("a pause", lambda: not self.app.player.playing)

    def step_frames_and_seconds(self) -> None:
        self.go(100)
        for key, modifier, frame in (
            (Key.Key_Right, PLAIN, 101),
            (Key.Key_Left, PLAIN, 100),
            (Key.Key_Right, SHIFT, 125),
            (Key.Key_Left, SHIFT, 100),
        ):
            self.key(key, modifier)
            self.at(frame, f"{key.name} {modifier.name}")

    def step_tens(self) -> None:
        self.go(100)
        for key, modifier, frame in (
            (Key.Key_Up, PLAIN, 110),
            (Key.Key_Down, PLAIN, 100),
            (Key.Key_Right, CONTROL, 110),
            (Key.Key_Left, CONTROL, 100),
        ):
            self.key(key, modifier)
            self.at(frame, f"{key.name} {modifier.name}")

    def ends(self) -> None:
        self.key(Key.Key_End)
        self.at(LAST, "End")
        self.key(Key.Key_Home)
        self.at(0, "Home")

    def shuttle(self) -> None:
        player = self.app.player
        self.go(500)
        self.key(Key.Key_J)
        self.until("backwards", lambda: self.on_screen() < 500)
        self.key(Key.Key_K)
        self.until("a pause by K", lambda: not player.playing)
        self.key(Key.Key_L)
        self.key(Key.Key_L)
        self.until("twice as fast", lambda: player._playing == 2.0)
        self.key(Key.Key_K)
        self.until("a pause by K", lambda: not player.playing)

    def speed(self) -> None:
        player = self.app.player
        for key, speed in (
            (Key.Key_BracketRight, 1.5),
            (Key.Key_Backspace, 1.0),
            (Key.Key_BracketLeft, 0.5),
            (Key.Key_Backspace, 1.0),
        ):
            self.key(key)
            self.until(f"speed {speed}", lambda speed=speed: player.speed == speed)  # type: ignore[misc]

    def loop(self) -> None:
        player = self.app.player
        seen: list[int] = []
        self.go(100)
        self.key(Key.Key_A)
        self.go(110)
        player.frame_shown.connect(seen.append)
        self.key(Key.Key_B)
        self.until(
            "the stretch twice",
            lambda: any(after < before for before, after in itertools.pairwise(seen)),
        )
        self.key(Key.Key_A, SHIFT)
        self.until("on after its end", lambda: self.on_screen() > 130)
        self.key(Key.Key_K)
        self.until("a pause by K", lambda: not player.playing)
        player.frame_shown.disconnect(seen.append)

    def go_to(self) -> None:
        self.go(321)
        self.key(Key.Key_J, CONTROL)
        dialog = self.dialog("Go to")
        QTest.keyClicks(dialog.findChildren(QLineEdit)[0], "0:10.0")
        self.close_with(dialog, Key.Key_Return)
        self.at(250, "Ctrl+J and a time")

    def heat_map(self) -> None:
        view = self.app.window.frame_view
        self.until("a still picture", lambda: not self.app.player.playing)
        before = view.grab().toImage()
        self.key(Key.Key_H)
        self.until("no heat map", lambda: view.grab().toImage() != before)
        self.key(Key.Key_H)
        self.until("the heat map again", lambda: view.grab().toImage() == before)
        listed = self.app.window.segments.list.viewport()
        plain = listed.grab().toImage()
        self.key(Key.Key_H, SHIFT)
        self.until("heat maps in the list", lambda: listed.grab().toImage() != plain)
        self.key(Key.Key_H, SHIFT)

    def states(self) -> list[str]:
        """What became of the segments, in the order of the list."""
        rows = self.app.window.segments.list.rows.rows
        return [row.item.state for row in rows if isinstance(row, SegmentRow)]

    def segments(self) -> None:
        listed = self.app.window.segments.list
        self.key(Key.Key_Home)
        self.at(0, "Home")
        rows = []
        for number in range(2):
            self.key(Key.Key_N)
            row = present(listed.current_row())
            rows.append(row)
            self.at(row.item.thumbnail_index, f"N, time {number + 1}")
        self.until("two segments by N", lambda: rows[0].place != rows[1].place)
        self.key(Key.Key_P)
        self.at(rows[0].item.thumbnail_index, "P")
        self.until("the list has the keyboard", listed.hasFocus)
        self.key(Key.Key_Escape)
        self.until("Esc gives it back", self.app.window.frame_view.hasFocus)

    def decide(self) -> None:
        self.app.window.segments.list.clearSelection()
        self.app.window.segments.list.setCurrentIndex(QModelIndex())
        self.key(Key.Key_N)
        self.key(Key.Key_Return)
        self.until("accepted by Enter", lambda: self.states()[0] == "accepted")
        self.until("its range", lambda: len(self.library()["ranges"]) == 1)
        self.key(Key.Key_X)
        self.until("rejected by X", lambda: self.states()[1] == "rejected")
        self.key(Key.Key_P)
        self.key(Key.Key_Delete)
        self.until("open again by Del", lambda: self.states()[1] == "open")
        self.key(Key.Key_4)
        self.until("corrected by a digit", lambda: self.states()[1] == "corrected")
        self.accept_a_class()
        for number in range(5):
            self.key(Key.Key_Z, CONTROL)
            self.until(f"undo {number}", lambda: bool(self.library()))
        self.until("all are open again", lambda: set(self.states()) == {"open"})
        self.until("no range is left", lambda: not self.library()["ranges"])
        self.front()

    def accept_a_class(self) -> None:
        rows = self.app.window.segments.rows
        current = present(self.app.window.segments.list.current_row())
        alike = sum(row.name == current.name and row.item.state == "open" for row in rows)
        left = self.states().count("open")
        if alike > 1:
            self.answer(QMessageBox, Key.Key_Return)
        self.key(Key.Key_Return, SHIFT)
        self.front()
        self.until(
            "all of a class by Shift+Enter", lambda: self.states().count("open") == left - alike
        )

    def play_open(self) -> None:
        player, listed = self.app.player, self.app.window.segments.list
        self.key(Key.Key_Space, SHIFT)
        self.until("playing", lambda: player.playing)
        first = present(listed.current_row())
        self.until("inside it", lambda: self.on_screen() >= first.item.first_index)
        self.until("the next one", lambda: present(listed.current_row()).place != first.place)
        self.key(Key.Key_Space, SHIFT)
        self.until("a pause", lambda: not player.playing)
        self.front()

    def note(self) -> None:
        def kept() -> list[SegmentRecord]:
            store, where = self.app.labels.session.store, self.app.labels.procedure.fingerprint
            return store.read.segments(where)

        self.go(33)
        self.key(Key.Key_D, CONTROL)
        self.until("a bookmark", lambda: [item.first_index for item in kept()] == [33])
        self.key(Key.Key_T)
        field = present(QApplication.focusWidget())
        QTest.keyClicks(field, "3 of 5")
        QTest.keyClick(field, Key.Key_Return)
        self.until("its text", lambda: [item.text for item in kept()] == ["3 of 5"])
        self.until("the list", self.app.window.segments.list.hasFocus)
        self.app.window.frame_view.setFocus()
        self.key(Key.Key_D, CONTROL)
        self.until("no bookmark", lambda: not kept())

    def finish(self) -> None:
        store, where = self.app.labels.session.store, self.app.labels.procedure.fingerprint
        self.answer(QMessageBox, Key.Key_Escape)
        self.key(Key.Key_Enter, CONTROL)
        self.until("nothing is finished", lambda: store.read.review(where) is None)
        self.front()

    def allow_use(self) -> None:
        """By the menu's own keys; undone by Ctrl+Z where the list has the keyboard."""
        read = self.app.labels.session.main.read
        self.key(Key.Key_Home, CONTROL)
        self.key(Key.Key_U, CONTROL)
        self.until("the menu", lambda: QApplication.activePopupWidget() is not None)
        QTest.keyClick(present(QApplication.activePopupWidget()), Key.Key_E)
        self.until("excluded", lambda: list(read.uses().values()) == ["excluded"])
        self.app.window.worklist.table.setFocus()
        self.key(Key.Key_Z, CONTROL)
        self.until("allowed again", lambda: not read.uses())
        self.key(Key.Key_Home, CONTROL)
        self.front()

    def more_like_this(self) -> None:
        self.go(100)
        self.key(Key.Key_S)
        dialog = self.dialog("More like this")
        hits = self.app.similar.dialog
        self.until("similar frames", lambda: hits is not None and hits.hits.count() > 0)
        self.close_with(dialog, Key.Key_Escape)

    def read_twice(self) -> None:
        """A second reader labels nothing and has finished; the two are compared."""
        session = self.app.labels.session
        self.go(500)
        self.key(Key.Key_1)
        self.key(Key.Key_2, CONTROL)
        dialog = self.dialog("Second reading, blind")
        QTest.keyClicks(dialog.findChildren(QLineEdit)[0], "Second")
        self.close_with(dialog, Key.Key_Return)
        self.until("the second reading", lambda: session.is_second)
        self.answer(QMessageBox, Key.Key_Return)
        self.key(Key.Key_2, CONTROL)
        self.until("its end", lambda: not session.is_second)
        self.front()  # without a window manager nobody gives it the keys back after the question
        self.key(Key.Key_3, CONTROL)
        self.close_with(self.dialog("Agreement of two readers"), Key.Key_Escape)
        self.key(Key.Key_4, CONTROL)
        self.close_with(self.dialog("Where the two readers differ"), Key.Key_Escape)
        self.key(Key.Key_Z, CONTROL)
        self.front()

    def findings(self) -> None:
        starts = [finding.start for finding in self.app.analysis_view.findings]
        self.key(Key.Key_Home)
        self.at(0, "Home")
        self.key(Key.Key_PageDown)
        self.at(starts[0], "Page Down")
        self.key(Key.Key_PageDown)
        self.at(starts[1], "Page Down")
        self.key(Key.Key_PageUp)
        self.at(starts[0], "Page Up")

    def analyse_and_cancel(self) -> None:
        app = self.app

        def known() -> int:
            timeline = app.analysis.timeline
            return timeline.known_count if timeline is not None else -1

        app.open(self._other)
        self.opened(self._other)
        self.until("a running analysis", lambda: app.analysis.running and known() > 0)
        self.key(Key.Key_Period, CONTROL)
        self.until("cancelled", lambda: not app.analysis.running)
        kept = known()
        self._released.set()
        self.key(Key.Key_R, CONTROL)
        self.until(
            "analysed",
            lambda: known() == app.player.info.frame_count if app.player.info else False,
        )
        if known() < kept:
            self.failures.append("the analysis lost what was done")
        app.open(demo_clip())
        self.opened(demo_clip())
        self.ready()

    def label(self) -> None:
        classes = [one.name for one in self.app.labels.session.panel_classes()]
        self.go(10)
        self.key(Key.Key_1)
        self.expect([[10, "class", classes[0]]], "1")
        self.key(Key.Key_R)
        self.until(
            "reviewed by R", lambda: [row[1] for row in self.library()["frames"]] == ["agreed"]
        )
        self.key(Key.Key_X)
        self.expect([[10, "unusable", ""]], "X")
        self.key(Key.Key_Delete)
        self.expect([], "Delete")
        self.key(Key.Key_9)  # no class has this key
        self.until("the key 9 is answered", lambda: "9" in self.app.window.banner.label.text())
        self.expect([], "9")
        self.key(Key.Key_L)
        self.until("playing", lambda: self.app.player.playing and self.on_screen() > 20)
        self.key(Key.Key_2)  # also while playing
        self.key(Key.Key_K)
        self.until(
            "a label while playing",
            lambda: [row[2] for row in self.library()["frames"]] == [classes[1]],
        )
        self.key(Key.Key_Z, CONTROL)
        self.expect([], "Ctrl+Z")

    def expect(self, frames: list[list[object]], key: str) -> None:
        self.until(f"{frames} after {key}", lambda: self.library()["frames"] == frames)

    def mark(self) -> None:
        names = [one.name for one in self.app.labels.session.panel_classes()]
        for first, last, keys in ((20, 25, Key.Key_3), (40, 44, Key.Key_Return)):
            self.go(first)
            self.key(Key.Key_I)
            self.go(last)
            self.key(Key.Key_O)
            self.until("a mark", lambda mark=(first, last): self.app.labels.marks.mark == mark)  # type: ignore[misc]
            self.key(keys)
        wanted = [[20, 25, names[2]], [40, 44, names[2]]]
        self.until("two ranges", lambda: self.library()["ranges"] == wanted)
        self.key(Key.Key_I)
        self.key(Key.Key_Escape)
        self.until("the mark is dropped", lambda: self.app.labels.marks.mark == (None, None))
        centre = self.app.window.timeline.rect().center()
        QTest.mousePress(self.app.window.timeline, Qt.MouseButton.LeftButton, SHIFT, centre)
        QTest.mouseMove(self.app.window.timeline, centre + QPoint(120, 0))
        QTest.mouseRelease(
            self.app.window.timeline, Qt.MouseButton.LeftButton, SHIFT, centre + QPoint(120, 0)
        )
        self.until("a mark by Shift and the mouse", lambda: None not in self.app.labels.marks.mark)
        self.front()
        self.key(Key.Key_Escape)
        self.until("this mark is dropped too", lambda: self.app.labels.marks.mark == (None, None))

    def undo(self) -> None:
        self.key(Key.Key_Z, CONTROL)
        self.until("one range less", lambda: len(self.library()["ranges"]) == 1)
        self.key(Key.Key_Z, CONTROL)
        self.until("no range", lambda: not self.library()["ranges"])
        self.key(Key.Key_Z, CONTROL | SHIFT)
        self.until("a range again", lambda: len(self.library()["ranges"]) == 1)

    def jump(self) -> None:
        self.go(300)
        self.key(Key.Key_1)
        self.until("a label on 300", lambda: [row[0] for row in self.library()["frames"]] == [300])
        self.go(600)
        self.key(Key.Key_Comma)
        self.at(300, "comma")
        self.key(Key.Key_Home)
        self.at(0, "Home")
        self.key(Key.Key_Period)
        self.at(20, "period")  # the range's first frame
        states = self.app.labels.procedure_labels.states
        self.key(Key.Key_N, SHIFT)
        self.until(
            "a frame worth a look by N",
            lambda: self.on_screen() > 20 and bool(states.worth_a_look()[self.on_screen()]),
        )
        there = self.on_screen()
        self.key(Key.Key_N, SHIFT)
        self.until("the next by N", lambda: self.on_screen() > there)
        self.key(Key.Key_P, SHIFT)
        self.at(there, "Shift+P")

    def list_frames(self) -> None:
        self.review_list()
        self.front()

    def contact_sheet(self) -> None:
        sheet = self.app.window.sheet
        self.app.open(self._stills)
        self.opened(self._stills)
        self.key(Key.Key_G)
        self.until("the sheet", sheet.list.hasFocus)
        self.key(Key.Key_Right, SHIFT)
        self.until("two are chosen", lambda: sheet.list.chosen() == [0, 1])
        self.key(Key.Key_1)
        self.until("both are labelled", lambda: len(self.library()["frames"]) == 2)
        self.until("the next still", lambda: sheet.list.chosen() == [2])
        self.key(Key.Key_Z, CONTROL)
        self.until("neither is", lambda: not self.library()["frames"])
        self.key(Key.Key_C)
        self.until("another is asked for", lambda: bool(sheet._ask.text()))
        self.key(Key.Key_Left)
        self.key(Key.Key_C)
        self.until("two stills", lambda: self.app.stills.pairs.both == (1, 2))
        self.key(Key.Key_C)
        self.key(Key.Key_Return)
        self.until("the still alone", lambda: not sheet.isVisible())
        self.app.open(demo_clip())
        self.opened(demo_clip())
        self.ready()

    def blank_identity(self) -> None:
        action = self.app.window.action(BLANK_IDENTITY)
        for wanted in (True, False):
            self.key(Key.Key_I, CONTROL)
            self.until(f"blanked: {wanted}", lambda wanted=wanted: action.isChecked() == wanted)  # type: ignore[misc]

    def save_frame(self) -> None:
        self.key(Key.Key_E, CONTROL)
        dialog = self.dialog("Save or copy the frame")
        save = next(one for one in dialog.findChildren(QPushButton) if "Save" in one.text())
        self.until("its picture", save.isEnabled)
        self.close_with(dialog, Key.Key_Escape)

    def report(self) -> None:
        self.key(Key.Key_R, CONTROL | SHIFT)
        dialog = self.dialog("Report")
        page = present(dialog.findChild(QTextBrowser))
        self.until("the findings", lambda: "Not a medical device" in page.toPlainText())
        self.close_with(dialog, Key.Key_Escape)

    def retrain(self) -> None:
        self.key(Key.Key_T, CONTROL)
        self.close_with(self.dialog("Retrain"), Key.Key_Escape)

    def peek(self) -> None:
        """Where a setting hides the model, the key shows it while it is held."""
        shown: list[bool] = []
        self.app.window.peek_changed.connect(shown.append)
        QTest.keyPress(self.app.window, Key.Key_M)
        self.until("shown", lambda: shown == [True])
        QTest.keyRelease(self.app.window, Key.Key_M)
        self.until("hidden", lambda: shown == [True, False])

    def fit(self) -> None:
        view = self.app.window.frame_view
        before = image_to_widget(view, QPointF(10, 10))
        centre = QPointF(view.rect().center())
        turned = QPoint(0, 240)
        buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
        wheel = QWheelEvent(
            centre,
            QPointF(view.mapToGlobal(centre)),
            QPoint(),
            turned,
            buttons,
            PLAIN,
            phase,
            False,
        )
        QApplication.sendEvent(view, wheel)
        self.until("zoomed", lambda: image_to_widget(view, QPointF(10, 10)) != before)
        self.key(Key.Key_F)
        self.until("fitted", lambda: image_to_widget(view, QPointF(10, 10)) == before)

    def brighten(self) -> None:
        view = self.app.window.frame_view
        self.go(100)
        before, said = view.grab().toImage(), self.said()
        self.key(Key.Key_B, CONTROL)
        dialog = self.dialog("Brightness")
        slider = dialog.findChildren(QSlider)[0]
        QTest.keyClick(slider, Key.Key_PageUp)
        self.until("brighter", lambda: view.grab().toImage() != before)
        reset = next(one for one in dialog.findChildren(QPushButton) if "recorded" in one.text())
        QTest.mouseClick(reset, Qt.MouseButton.LeftButton)
        self.until("as recorded", lambda: view.grab().toImage() == before)
        if self.said() != said:
            self.failures.append("the model saw the picture as it was shown")
        self.close_with(dialog, Key.Key_Escape)

    def said(self) -> list[float]:
        """What the model says of the frame on screen."""
        prediction = self.app.prediction_view.prediction
        return prediction.probabilities.tolist() if prediction is not None else []

    def panels(self) -> None:
        window = self.app.window
        for key, widget in (
            (Key.Key_F2, window.label_panel),
            (Key.Key_F3, window.bars),
            (Key.Key_F4, window.timeline),
        ):
            self.key(key)
            self.until(f"hidden by {key.name}", lambda widget=widget: not widget.isVisible())  # type: ignore[misc]
            self.key(key)
            self.until(f"shown by {key.name}", widget.isVisible)

    def tray(self) -> None:
        """The frame on screen is bookmarked, gone to from another one, and taken away."""
        tray, at = self.app.window.tray, 20
        self.go(at)
        self.key(Key.Key_D, CONTROL)
        self.until("a bookmark in the tray", tray.isVisible)
        row = [item.first_index for item in tray.items].index(at)
        self.key(Key.Key_Right)
        self.until("another frame", lambda: self.on_screen() != at)
        self.key(Key.Key_F6)
        self.until("the keyboard in the tray", tray.list.hasFocus)
        self.key(Key.Key_Home)
        for _ in range(row):
            self.key(Key.Key_Right)
        self.key(Key.Key_Return)
        self.until("the bookmarked frame", lambda: self.on_screen() == at)
        count = len(tray.items)
        self.key(Key.Key_Delete)
        self.until("the bookmark is gone", lambda: len(tray.items) == count - 1)
        if tray.items:
            self.key(Key.Key_F6)
            self.until("the tray is hidden", lambda: not tray.isVisible())

    def legend(self) -> None:
        self.key(Key.Key_F4, SHIFT)
        self.close_with(self.dialog("What the timeline shows"), Key.Key_Escape)

    def picture_alone(self) -> None:
        window = self.app.window
        self.key(Key.Key_F11)
        self.until(
            "the picture alone",
            lambda: (
                window.isFullScreen()
                and window.timeline.isVisible()
                and not window.label_panel.isVisible()
            ),
        )
        self.key(Key.Key_F11)
        self.until(
            "everything again",
            lambda: not window.isFullScreen() and window.label_panel.isVisible(),
        )

    def sheet(self) -> None:
        for key in (Key.Key_F1, Key.Key_Question):
            self.key(key)
            dialog = self.dialog("Keyboard shortcuts")
            self.sheet_words = [label.text() for label in dialog.findChildren(QLabel)]
            self.close_with(dialog, Key.Key_Escape)

    def without_procedure(self) -> None:
        """No key that needs a procedure is silent before one is open."""
        self.front()
        self.until("the model's classes", lambda: len(self.app.labels.session.panel_classes()) == 6)
        label = self.app.window.banner.label
        for key, modifier in NEED_A_PROCEDURE:
            self.app.window.banner.show_message("")
            self.key(key, modifier)
            self.until(
                f"a word on {key.name}", lambda: label.text().startswith("No procedure is open")
            )
        self.app.window.banner.show_message("")


def main() -> int:
    data, other, stills = (Path(word) for word in sys.argv[1:4])
    application = QApplication([APP_NAME])
    application.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    app = App(DataDir.open(str(data)), shipped_model(), "Dr. Keys")
    app.start()
    done = []
    with analysis_held(other) as released:
        tour = KeyTour(app, other, stills, released)
        tour.without_procedure()
        app.open(demo_clip())
        tour.ready()
        for row, check in tour.rows().items():
            before = len(tour.failures)
            check()
            tour.failures[before:] = [f"{row}: {failure}" for failure in tour.failures[before:]]
            done.append(row)
    tour.key(Key.Key_Q, CONTROL)
    tour.until("the window closes", lambda: not app.window.isVisible())
    app.close()
    print(
        json.dumps(
            {
                "rows": done,
                "sheet": tour.sheet_words,
                "platform": application.platformName(),
                "failures": tour.failures,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
