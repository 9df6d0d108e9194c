"""What else was asked of a finished model, as its card keeps it."""

from __future__ import annotations

import msgspec

from kd_core.schema.evidence import Evidence
from kd_core.schema.explanation_scores import ExplanationScores
from kd_core.schema.shortcut_probes import FrameFall, ShortcutProbes

#: The name in ``Checks.robustness`` of the images as they are.
UNCHANGED = "unchanged"


#: The name of ``Checks.promoted_in_spite_of``, for who adds it to a card and keeps all the rest.
PROMOTION_KEY = "promoted_in_spite_of"


class UnsureOfOthers(msgspec.Struct, frozen=True):
    """Of frames that show none of the classes, made by script, how many came out unsure.

    ``shares`` by kind of frame, of ``frames_per_kind`` each.
    """

    frames_per_kind: int = 0
    shares: dict[str, float] = {}


class Latency(msgspec.Struct, frozen=True):
    """Median time per image with preprocessing, on so many threads."""

    ms_per_image: float
    threads: int = 1


class PromotedInSpite(msgspec.Struct, frozen=True):
    """Why a reader promoted a model though it lost recall of ``classes``; ``date``: ISO 8601."""

    classes: tuple[str, ...] = ()
    reason: str = ""
    reader: str = ""
    date: str = ""


class Checks(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was not asked is missing.

    ``robustness``: accuracy by what was done to the images, UNCHANGED first; ``frame_fall``: what a
    frame of another class costs; ``comparison``: with
    the model it was made from; ``test_opened``: the day on which the test part was looked at.
    """

    robustness: dict[str, float] = {}
    frame_fall: FrameFall | None = None
    unsure_of_others: UnsureOfOthers | None = None
    latency: Latency | None = None
    explanation: ExplanationScores | None = None
    shortcuts: ShortcutProbes | None = None
    comparison: Evidence | None = None
    promoted_in_spite_of: PromotedInSpite | None = None
    test_opened: str = ""
