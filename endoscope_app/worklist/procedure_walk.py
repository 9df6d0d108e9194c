"""Which procedure of the worklist comes next. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from endoscope_app.worklist.entry import Entry


def neighbour(shown: Sequence[Entry], current: int | None, by: int) -> Entry | None:
    """The one ``by`` places (1 or -1) from the entry with the id ``current``, passing over those
    that could not be read; None beyond the ends.

    Without a current one, or where it is not shown: the first, or the last backwards.
    """
    places = [place for place, entry in enumerate(shown) if entry.id == current]
    place = places[0] + by if places else (0 if by > 0 else len(shown) - 1)
    while 0 <= place < len(shown):
        if shown[place].can_be_opened:
            return shown[place]
        place += by
    return None
