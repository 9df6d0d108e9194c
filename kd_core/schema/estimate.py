"""A measured number and how sure it is."""

from __future__ import annotations

import msgspec


class Estimate(msgspec.Struct, frozen=True):
    """A value with the bounds of its 95 % interval; None for what was not a number."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
