"""Ranges of frames: marked by keys or on the timeline, labelled, trimmed, split and removed.

A mark is seen while it counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject

from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.labels import act_wording
from endoscope_app.labels.commands import DROP_MARK, MARK_IN, MARK_OUT
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_writer import Echo, LabelWriter
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act
from endoscope_app.viewing.act_echo import ActEcho

Mark = tuple[int | None, int | None]


class RangeMarks(QObject):
    """``mark``: first and last frame, None for an end that is not set.

    Timeline and image show it as it is, always.
    """

    def __init__(
        self,
        desk: LabelDesk,
        timeline: TimelineView,
        echo: ActEcho,
        writer: LabelWriter,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self.mark: Mark = (None, None)
        self._banner, self._timeline, self._echo = desk.window.banner, timeline, echo
        self._session, self._procedure, self._writer = desk.session, desk.procedure, writer
        self._index: int | None = None  # the frame on screen
        self._drop = desk.window.action(DROP_MARK)
        desk.window.action(MARK_IN).triggered.connect(partial(self._set_end, 0))
        desk.window.action(MARK_OUT).triggered.connect(partial(self._set_end, 1))
        self._drop.triggered.connect(self.drop)
        # Also when a drag is given up
        self._timeline.mark_changed.connect(self._on_mark_changed)
        self._timeline.range_changed.connect(self._on_range_changed)
        self._timeline.range_split_requested.connect(self._on_range_split)
        self._timeline.range_delete_requested.connect(self._remove)
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
        self._timeline.let_go()
        self.drop()

    def drop(self) -> None:
        """No range is being marked."""
        self._show((None, None))

    def paint(self, first: int, last: int, text: str) -> None:
        """Show what a held key paints; ``drop`` takes it away. It is no mark that a key labels."""
        self._timeline.set_mark(min(first, last), max(first, last))
        self._echo.show_mark(text)

    def label_again(self, class_id: int | None) -> None:
        """Give the marked range the class given last, or say what is missing."""
        if self._index is None:
            self._banner.show_remark(NO_PROCEDURE_OPEN)
        elif not self.complete:
            self._banner.show_remark(act_wording.MARK_FIRST)
        elif class_id is None:
            self._banner.show_remark(act_wording.WHICH_CLASS)
        else:
            self.label(class_id, "Enter")

    def label(self, class_id: int, key: str) -> None:
        """Give the marked range this class; ``key``: what was pressed for it, empty for the
        mouse.
        """
        first, last = self.mark
        if first is None or last is None or not self._writer.note_procedure():
            return
        moment, places = self._procedure.moment, self._procedure.places
        ends, where = (moment(first), moment(last)), self._procedure.fingerprint
        name, span = self._session.name_of(class_id), places.span(first, last)
        done = self._write(
            lambda store: edits.add_range(
                store.read, where, *ends, class_id, store.new_id("range_labels")
            ),
            act_wording.range_title(name, span),
            Echo(
                act_wording.range_labelled(name, span, places.frames(first, last), key),
                self._session.colour_of(class_id),
            ),
        )
        if done:  # else the mark stays, to be labelled again once there is room
            self.drop()

    def remove_at(self, index: int) -> bool:
        """Remove the newest range that covers the frame; False where there is none."""
        ranges = self._session.library.ranges(self._procedure.fingerprint)
        covering = [item.id for item in ranges if item.first_index <= index <= item.last_index]
        if covering:
            self._remove(max(covering))
        return bool(covering)

    def _write(self, build: Callable[[LabelStore], Act], title: str, echo: Echo) -> bool:
        return self._writer.write(lambda store: replace(build(store), title=title), echo=echo)

    def _set_end(self, end: int) -> None:
        if self._index is None:
            self._banner.show_remark(NO_PROCEDURE_OPEN)
            return
        ends = list(self.mark)
        ends[end] = self._index
        self._show((ends[0], ends[1]))

    def _show(self, mark: Mark) -> None:
        first, last = mark
        if first is not None and last is not None:
            first, last = min(first, last), max(first, last)
        self.mark = (first, last)
        self._timeline.set_mark(first, last)
        self._echo.show_mark(self._text(first, last))
        # Where nothing is marked, Esc belongs to the window on top.
        self._drop.setEnabled(self.mark != (None, None))

    def _text(self, first: int | None, last: int | None) -> str:
        """Over the image, because the timeline may be zoomed elsewhere, or empty."""
        places = self._procedure.places
        if first is not None and last is not None:
            return act_wording.marked(places.span(first, last), places.frames(first, last))
        if first is not None:
            return act_wording.range_begins(places.at(first))
        return "" if last is None else act_wording.range_ends(places.at(last))

    def _on_mark_changed(self, first: int | None, last: int | None) -> None:
        self._show((first, last))

    def _on_range_changed(self, range_id: int, first: int, last: int) -> None:
        moment, places = self._procedure.moment, self._procedure.places
        ends = moment(first), moment(last)
        name, span = self._name(range_id), places.span(first, last)
        self._write(
            lambda store: edits.change_range(store.read, range_id, *ends),
            act_wording.trim_title(name, span),
            Echo(act_wording.range_trimmed(name, span, places.frames(first, last))),
        )

    def _on_range_split(self, range_id: int, index: int) -> None:
        if index > 0:
            moment, place = self._procedure.moment, self._procedure.places.at(index)
            ends, name = (moment(index - 1), moment(index)), self._name(range_id)
            self._write(
                lambda store: edits.split_range(
                    store.read, range_id, *ends, store.new_id("range_labels")
                ),
                act_wording.split_title(name, place),
                Echo(act_wording.range_split(name, place)),
            )

    def _remove(self, range_id: int) -> None:
        _, old = self._session.library.range_with(range_id)
        span = self._procedure.places.span(old.first_index, old.last_index)
        name, colour = self._session.name_of(old.class_id), self._session.colour_of(old.class_id)
        self._write(
            lambda store: edits.delete_range(store.read, range_id),
            act_wording.remove_title(name, span),
            Echo(act_wording.range_removed(span, name), colour, stays=True),
        )

    def _name(self, range_id: int) -> str:
        _, item = self._session.library.range_with(range_id)
        return self._session.name_of(item.class_id)
