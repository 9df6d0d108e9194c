"""A digit that is held while the procedure plays paints a range, from the frame where it went down
to the one where it is let go.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject

from endoscope_app.labels import act_wording
from endoscope_app.labels.commands import DIGITS
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_writer import Echo, LabelWriter
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act, FrameLabel, FrameMoment, RowChange
from endoscope_app.labels.range_marks import RangeMarks

#: A shorter press labels the frame alone.
HELD_S = 0.4


@dataclass(frozen=True)
class _Stroke:
    """``before``: the labels that the first frame had when the press gave it one."""

    digit: str
    class_id: int
    first: int
    pressed_at: float
    before: tuple[FrameLabel, ...]


class RangePaint(QObject):
    """The press labels its frame at once, as ever; a stroke replaces that by its range."""

    def __init__(self, desk: LabelDesk, writer: LabelWriter, marks: RangeMarks) -> None:
        super().__init__(desk.window.as_widget())
        self._player, self._session, self._procedure = desk.player, desk.session, desk.procedure
        self._writer, self._marks = writer, marks
        self._stroke: _Stroke | None = None
        self._index = 0  # the frame on screen

    def begin(self, place: int, class_id: int) -> None:
        """A digit went down, before it labels the frame on screen; ``place``: of its class."""
        if not self._player.playing or self._marks.complete:
            return
        where, moment = self._procedure.fingerprint, self._procedure.moment(self._index)
        before = self._session.library.labels_at(where, moment.pts) if where else []
        self._stroke = _Stroke(
            DIGITS[place], class_id, self._index, time.monotonic(), tuple(before)
        )

    def show(self, index: int) -> None:
        """The frame on screen."""
        self._index = index
        if self._stroke is not None and self._is_held(self._stroke):
            name = self._session.name_of(self._stroke.class_id)
            place = self._procedure.places.at(self._stroke.first)
            self._marks.paint(self._stroke.first, index, act_wording.painting(name, place))

    def forget(self) -> None:
        """Another procedure is being opened."""
        self._stroke = None

    def end(self, digit: str) -> None:
        """The digit was let go: what was played meanwhile is the range."""
        stroke, self._stroke = self._stroke, None
        if stroke is None or stroke.digit != digit or not self._is_held(stroke):
            return
        self._marks.drop()
        if self._index == stroke.first or not self._writer.note_procedure():
            return
        first, last = sorted((stroke.first, self._index))
        moment, places = self._procedure.moment, self._procedure.places
        ends, pressed = (moment(first), moment(last)), moment(stroke.first)
        where, span = self._procedure.fingerprint, places.span(first, last)
        name = self._session.name_of(stroke.class_id)
        self._writer.write(
            lambda store: replace(
                _painted(store, where, stroke, ends, pressed),
                title=act_wording.range_title(name, span),
            ),
            echo=Echo(
                act_wording.range_labelled(name, span, places.frames(first, last), digit),
                self._session.colour_of(stroke.class_id),
            ),
        )

    def _is_held(self, stroke: _Stroke) -> bool:
        return time.monotonic() - stroke.pressed_at >= HELD_S


def _painted(
    store: LabelStore,
    where: str,
    stroke: _Stroke,
    ends: tuple[FrameMoment, FrameMoment],
    pressed: FrameMoment,
) -> Act:
    number = store.new_id("range_labels")
    act = edits.add_range(store.read, where, *ends, stroke.class_id, number)
    now = {label.slot: label for label in store.read.labels_at(where, pressed.pts)}
    before = {label.slot: label for label in stroke.before}
    rows = [
        RowChange("frame_labels", where, now.get(slot), before.get(slot))
        for slot in sorted({*now, *before})
    ]
    return replace(act, rows=(*act.rows, *rows))
