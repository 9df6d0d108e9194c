"""Python's garbage is collected on the window's thread alone.

A collection that starts on a background thread destroys there whatever dead cycles hold, widgets
too. Qt allows that on the window's thread only: another one waits for Python while it holds a lock
of Qt's, the window's thread waits for that lock while it holds Python, and nothing moves again.
"""

from __future__ import annotations

import gc


class GarbageCollection:
    """From now on ``collect_due`` alone collects, on the thread that calls it."""

    def __init__(self) -> None:
        gc.disable()

    def collect_due(self) -> None:
        """Collect the oldest generation that is due, as Python itself would have done meanwhile."""
        for generation in reversed(range(len(gc.get_threshold()))):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return
