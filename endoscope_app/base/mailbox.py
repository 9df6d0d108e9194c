"""A place for exactly one piece of work: a newer one replaces an unread older one, so no queue
can grow.
"""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Newest wins. Any thread may put or take; ``replaced`` counts what was never read."""

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._item: T | None = None
        self._closed = False
        self._woken = False
        self._replaced = 0

    def put(self, item: T) -> None:
        """Leave ``item``; an unread one is forgotten and counted. Ignored once closed."""
        with self._ready:
            if self._closed:
                return
            if self._item is not None:
                self._replaced += 1
            self._item = item
            self._ready.notify()

    def take(self, timeout: float | None = None) -> T | None:
        """The newest item, waiting up to ``timeout`` seconds (None: until one comes).

        None when closed, woken, or nothing came.
        """
        with self._ready:
            if self._item is None and not (self._closed or self._woken):
                self._ready.wait(timeout)
            self._woken = False
            item, self._item = self._item, None
            return None if self._closed else item

    def take_now(self) -> T | None:
        """The newest item if there is one; never waits."""
        with self._ready:
            item, self._item = self._item, None
            return item

    def clear(self) -> None:
        """Forget an unread item without counting it: it belongs to a source that is gone."""
        with self._ready:
            self._item = None

    def wake(self) -> None:
        """Whoever waits, or comes next to wait, gets None: there is something else to do."""
        with self._ready:
            self._woken = True
            self._ready.notify()

    def close(self) -> None:
        """Wake whoever waits; nothing is delivered any more."""
        with self._ready:
            self._closed = True
            self._item = None
            self._ready.notify_all()

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._closed

    @property
    def replaced(self) -> int:
        """How many items were replaced before anybody read them."""
        return self._replaced
