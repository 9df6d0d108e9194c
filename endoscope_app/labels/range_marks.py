"""Ranges of frames: marked by keys or on the timeline, labelled, trimmed, split and removed.

A mark is seen while it counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from endoscope_app.labels.act_text import Echo, by_key
from endoscope_app.labels.commands import DROP_MARK, MARK_IN, MARK_OUT
from endoscope_app.labels.label_writer import Writing
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act, FrameMoment
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing.viewing_flow import Viewing

Mark = tuple[int | None, int | None]


class Marking(QObject):
    """``mark``: first and last frame, None for an end that is not set.

    Timeline and image show it as it is, always.
    """

    def __init__(self, window: MainWindow, viewing: Viewing, writing: Writing) -> None:
        super().__init__(window)
        self.mark: Mark = (None, None)
        self._window, self._viewing, self._writing = window, viewing, writing
        self._index: int | None = None  # the frame on screen
        timeline = window.timeline
        window.action(MARK_IN).triggered.connect(lambda: self._set_end(0))
        window.action(MARK_OUT).triggered.connect(lambda: self._set_end(1))
        window.action(DROP_MARK).triggered.connect(self.drop)
        # Also when a drag is given up
        timeline.mark_changed.connect(lambda first, last: self._show((first, last)))
        timeline.range_changed.connect(self._on_range_changed)
        timeline.range_split_requested.connect(self._on_range_split)
        timeline.range_delete_requested.connect(self._remove)
        self.drop()

    @property
    def complete(self) -> bool:
        """Whether both ends are marked, so that a class goes to the range."""
        return None not in self.mark

    def show(self, index: int) -> None:
        """The frame on screen, which I and O mark."""
        self._index = index

    def forget(self) -> None:
        """Another procedure is being opened."""
        self._index = None
        self._window.timeline.let_go()
        self.drop()

    def drop(self) -> None:
        """No range is being marked."""
        self._show((None, None))

    def label_again(self, class_id: int | None) -> None:
        """Give the marked range the class given last, or say what is missing."""
        if not self.complete:
            self._window.show_remark("Mark a range first: I sets its first frame, O its last.")
        elif class_id is None:
            self._window.show_remark("Which class? Press its digit.")
        else:
            self.label(class_id, "Enter")

    def label(self, class_id: int, key: str) -> None:
        """Give the marked range this class; ``key``: what was pressed for it, empty for the
        mouse.
        """
        first, last = self.mark
        writing, store = self._writing, self._writing.store
        if store is None or first is None or last is None or not writing.note_procedure(store):
            return
        ends, where, name = (
            (self._moment(first), self._moment(last)),
            writing.fingerprint,
            writing.name_of(class_id),
        )
        span, number = writing.places.span(first, last), writing.places.frames(first, last)
        done = self._do(
            lambda library: edits.add_range(
                library, where, *ends, class_id, store.new_id("range_labels")
            ),
            f"{name} on {span}",
            Echo(
                f"{name} · {span}, {number}{by_key(key)} · Ctrl+Z takes it back",
                writing.colour_of(class_id),
            ),
        )
        if done:  # else the mark stays, to be labelled again once there is room
            self.drop()

    def remove_at(self, index: int) -> bool:
        """Remove the newest range that covers the frame; False where there is none."""
        store = self._writing.store
        ranges = store.ranges(self._writing.fingerprint) if store is not None else []
        covering = [one.id for one in ranges if one.first_index <= index <= one.last_index]
        if covering:
            self._remove(max(covering))
        return bool(covering)

    def _do(self, build: Callable[[LabelStore], Act], title: str, echo: Echo) -> bool:
        return self._writing.do(lambda store: replace(build(store), title=title), echo=echo)

    def _moment(self, index: int) -> FrameMoment:
        return FrameMoment(int(self._viewing.stamps[index]), index)

    def _set_end(self, end: int) -> None:
        if self._index is not None:
            ends = list(self.mark)
            ends[end] = self._index
            self._show((ends[0], ends[1]))

    def _show(self, mark: Mark) -> None:
        first, last = mark
        if first is not None and last is not None:
            first, last = min(first, last), max(first, last)
        self.mark = (first, last)
        self._window.timeline.set_mark(first, last)
        self._window.frame_view.echo.show_mark(self._words(first, last))
        # Where nothing is marked, Esc belongs to the window on top.
        self._window.action(DROP_MARK).setEnabled(self.mark != (None, None))

    def _words(self, first: int | None, last: int | None) -> str:
        """Over the image, because the timeline may be zoomed elsewhere, or empty."""
        places = self._writing.places
        if first is not None and last is not None:
            return (
                f"Marked {places.span(first, last)}: a digit labels {places.frames(first, last)},"
                " Esc drops the mark"
            )
        if first is not None:
            return f"Range begins at {places.at(first)}: O marks its last frame, Esc drops it"
        return (
            ""
            if last is None
            else f"Range ends at {places.at(last)}: I marks its first frame, Esc drops it"
        )

    def _on_range_changed(self, range_id: int, first: int, last: int) -> None:
        ends, places = (self._moment(first), self._moment(last)), self._writing.places
        name, span = self._name(range_id), places.span(first, last)
        echo = Echo(f"{name} · now {span}, {places.frames(first, last)}")
        self._do(
            lambda store: edits.change_range(store, range_id, *ends), f"trim {name} on {span}", echo
        )

    def _on_range_split(self, range_id: int, index: int) -> None:
        if index > 0:
            ends, place, name = (
                (self._moment(index - 1), self._moment(index)),
                self._writing.places.at(index),
                self._name(range_id),
            )
            self._do(
                lambda store: edits.split_range(
                    store, range_id, *ends, store.new_id("range_labels")
                ),
                f"split {name} at {place}",
                Echo(f"{name} · split at {place}"),
            )

    def _remove(self, range_id: int) -> None:
        store, writing = self._writing.store, self._writing
        if store is None:
            return
        _, old = store.range_with(range_id)
        span, name = (
            writing.places.span(old.first_index, old.last_index),
            writing.name_of(old.class_id),
        )
        echo = Echo(
            f"Range {span} {name} removed. Ctrl+Z puts it back.",
            writing.colour_of(old.class_id),
            stays=True,
        )
        self._do(
            lambda library: edits.delete_range(library, range_id), f"remove {name} on {span}", echo
        )

    def _name(self, range_id: int) -> str:
        store = self._writing.store
        return (
            self._writing.name_of(store.range_with(range_id)[1].class_id)
            if store is not None
            else ""
        )
