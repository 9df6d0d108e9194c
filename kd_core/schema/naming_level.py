"""From which probability on a model names a class: one level for all of them."""

from __future__ import annotations

import msgspec

from kd_core.schema.model_scores import Bounds

#: Where a card gives no level: a class that is not the more probable half is no statement.
UNSURE_BELOW = 0.5
#: No probability gets here.
NEVER = 1.01


class NamingLevel(msgspec.Struct, frozen=True, kw_only=True):
    """``level``: the calibrated probability from which on the most probable class is named.

    The same for every class, so that a probability means the same whichever class has it.
    ``target``: the share of named images that should be right; ``named``: of the images that the
    level was chosen on, those that are; ``precision``: the share of these that is right, with
    Wilson's bounds, None of none. ``reason``: why ``target`` is not vouched for; empty where the
    lower bound reaches it. ``chosen``: the day, where it was chosen after the training.
    """

    level: float
    target: float
    named: int
    precision: Bounds | None = None
    reason: str = ""
    chosen: str = ""
