"""Numbers, moments and names as a reader would write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

#: Between a number and its sign, so that no line breaks there.
NO_BREAK = "\N{NO-BREAK SPACE}"
_RAW_NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_NETWORKS: Mapping[str, str] = MappingProxyType(
    {"efficientnet": "EfficientNet", "mobilenet": "MobileNet"}
)
_LOSSES: Mapping[str, str] = MappingProxyType(
    {
        "cross_entropy": "labels",
        "kl": "teachers' answers",
        "hint": "features",
        "anchor": "fusion",
        "guide": "relation",
        "replay": "what was known",
        "old_accuracy": "accuracy, old classes",
        "old_macro_f1": "macro\N{NON-BREAKING HYPHEN}F1, old classes",
        "accuracy": "accuracy",
        "macro_f1": "macro\N{NON-BREAKING HYPHEN}F1",
        "mcc": "MCC",
    }
)


def counted(number: int, what: str) -> str:
    """As "1 label" or "1,204 labels"; ``what`` in the singular, of a word whose plural takes an
    s.
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def percent(share: float, digits: int = 0) -> str:
    """A share of 1 as "71 %" or, with a digit after the point, "70.8 %"; never broken over two
    lines.
    """
    return f"{100 * share:.{digits}f}{NO_BREAK}%"


def minute_of(utc: str) -> str:
    """ "2026-11-21 14:05" by this machine's clock, of a moment in ISO 8601; what is none stays
    as it is.
    """
    try:
        return f"{datetime.fromisoformat(utc).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return utc


def teacher_name(raw: str) -> str:
    """A network's name as a reader would write it: "efficientnet_lite0" as "EfficientNet
    Lite0"; one that is written for readers stays.
    """
    if not _RAW_NAME.fullmatch(raw):
        return raw
    return " ".join(_NETWORKS.get(word, word.capitalize()) for word in raw.split("_"))


def loss_words(name: str) -> str:
    """A loss or a score as a reader would call it; one that we have no words for keeps its name."""
    return _LOSSES.get(name, name.replace("_", " "))
