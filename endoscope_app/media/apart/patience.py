"""How long an answer is waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar


class Patience:
    """Called whenever nothing was heard for SLICE_S. Raises TimeoutError after ``seconds`` of
    silence, and what ``ask`` raises.

    Slices are counted and not a clock: a machine that slept, or a program that was held, has not
    waited.
    """

    SLICE_S: ClassVar[float] = 0.05

    def __init__(self, seconds: float, ask: Callable[[], None] = lambda: None) -> None:
        self._most, self._ask = round(seconds / self.SLICE_S), ask
        self._slices = 0

    def heard(self) -> None:
        """There was a word."""
        self._slices = 0

    def __call__(self) -> None:
        self._ask()
        self._slices += 1
        if self._slices > self._most:
            raise TimeoutError
