"""The keys that work the selected range while the timeline has the focus."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from endoscope_app.analysis.timeline.range_painting import RangeBar


class RangeKey(Enum):
    """What a key asks for."""

    START_BACK = "start one frame earlier"
    START_ON = "start one frame later"
    END_BACK = "end one frame earlier"
    END_ON = "end one frame later"
    SPLIT = "split at the playhead"
    DELETE = "delete"
    LEAVE = "unselect, or give up the drag"


TRIMS = {
    (Qt.Key.Key_Left, False): RangeKey.START_BACK,
    (Qt.Key.Key_Right, False): RangeKey.START_ON,
    (Qt.Key.Key_Left, True): RangeKey.END_BACK,
    (Qt.Key.Key_Right, True): RangeKey.END_ON,
}
"""By key and whether Shift is held, with Alt."""
PLAIN = {
    Qt.Key.Key_S: RangeKey.SPLIT,
    Qt.Key.Key_Delete: RangeKey.DELETE,
    Qt.Key.Key_Escape: RangeKey.LEAVE,
}


def range_key(event: QKeyEvent, bar: RangeBar, current: int) -> RangeKey | None:
    """What the key asks for the selected range; None for a key that is not the timeline's, or a
    split outside the range.
    """
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key = Qt.Key(event.key())
    if held == Qt.KeyboardModifier.NoModifier:
        asked = PLAIN.get(key)
        return None if asked is RangeKey.SPLIT and not bar.first < current <= bar.last else asked
    if held & ~Qt.KeyboardModifier.ShiftModifier == Qt.KeyboardModifier.AltModifier:
        return TRIMS.get((key, bool(held & Qt.KeyboardModifier.ShiftModifier)))
    return None


def trimmed(bar: RangeBar, key: RangeKey, frame_count: int) -> RangeBar:
    """One end moved by one frame; unchanged where the range would be empty or leave the
    procedure.
    """
    first, last = bar.first, bar.last
    first += (key is RangeKey.START_ON) - (key is RangeKey.START_BACK)
    last += (key is RangeKey.END_ON) - (key is RangeKey.END_BACK)
    return replace(bar, first=first, last=last) if 0 <= first <= last < frame_count else bar
