"""When the caecum was reached and how long the withdrawal took, by the segments of landmarks. No
Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from endoscope_app.segments.decided import DecidedSegment
from kd_core.schema.taxonomy import ALIASES

#: What is only seen with the tip in the caecum, or beyond it.
CAECAL_KEYS = frozenset({"cecum", "ileum"})


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """``reached_s``: when the caecum, or the ileum, is first seen; ``time_s``: from the last frame
    of it to the end of the recording, as withdrawal time is counted (Gastrointest Endosc
    2015;81:31), biopsies and pauses of the recorder included. ``by_reader``: from accepted or
    corrected segments; else from what the model finds and nobody has decided.
    """

    reached_s: float
    time_s: float
    by_reader: bool


def withdrawal(segments: Sequence[DecidedSegment], duration_s: float) -> Withdrawal | None:
    """Of a recording that lasts ``duration_s`` seconds; None where no caecum was found, or all of
    it rejected. The reader's own segments alone count where there are any.
    """
    seen = [
        item
        for item in segments
        if item.kind == "segment"
        and item.state != "rejected"
        and ALIASES.get(item.class_key, item.class_key) in CAECAL_KEYS
    ]
    own = [item for item in seen if item.state != "open"]
    used = own or seen
    if not used:
        return None
    left = max(item.last_s for item in used)
    return Withdrawal(min(item.first_s for item in used), max(0.0, duration_s - left), bool(own))
