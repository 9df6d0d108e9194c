"""Where decided segments stand after a procedure's content has changed: they go with the labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import FrameMoment, RowChange

PlaceOf = Callable[[int, int], FrameMoment | None]
"""(stamp, index) under which a label is kept -> where its frame is now; None where it is gone."""
SecondsOf = Callable[[int], float]


def carried_segments(
    library: LabelReader, old: str, new: str, place_of: PlaceOf, seconds_of: SecondsOf
) -> list[RowChange]:
    """The segments of the procedure ``old``, each at its frames in ``new``; ``seconds_of``: when a
    frame is shown there, of a still its number.

    One whose ends are gone, or between which frames were added or taken away, stays where it is.
    """
    changes: list[RowChange] = []
    for item in library.segments(old):
        first = place_of(item.first_pts, item.first_index)
        last = place_of(item.last_pts, item.last_index)
        if first is None or last is None:
            continue
        by = first.frame_index - item.first_index
        if last.frame_index - item.last_index != by:
            continue
        moved = replace(
            item,
            first_pts=first.pts,
            last_pts=last.pts,
            first_index=first.frame_index,
            last_index=last.frame_index,
            first_s=seconds_of(first.frame_index),
            last_s=seconds_of(last.frame_index),
            peak_index=item.peak_index + by,
        )
        changes += [RowChange("segments", old, item, None), RowChange("segments", new, None, moved)]
    return changes


def carried_pairs(library: LabelReader, old: str, new: str, place_of: PlaceOf) -> list[RowChange]:
    """The pairs of stills of ``old`` in ``new``; one of which a still is gone stays where it is."""
    changes: list[RowChange] = []
    for pair in library.pairs(old):
        before = place_of(pair.before_pts, pair.before_index)
        after = place_of(pair.after_pts, pair.after_index)
        if before is None or after is None:
            continue
        moved = replace(
            pair,
            before_pts=before.pts,
            before_index=before.frame_index,
            after_pts=after.pts,
            after_index=after.frame_index,
        )
        changes += [
            RowChange("still_pairs", old, pair, None),
            RowChange("still_pairs", new, None, moved),
        ]
    return changes
