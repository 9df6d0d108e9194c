"""Numbers, times and names as a reader would write them."""

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


def clock(milliseconds: float, *, with_ms: bool = False) -> str:
    """Milliseconds -> "m:ss", or "h:mm:ss" from one hour; ``with_ms`` appends ".mmm".

    Cut, not rounded, as players do.
    """
    whole = max(0, int(milliseconds))
    seconds, rest_ms = divmod(whole, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
    return f"{text}.{rest_ms:03d}" if with_ms else text


def tenths(milliseconds: float) -> str:
    """Milliseconds -> "m:ss.t", or "h:mm:ss.t" from one hour; cut, not rounded."""
    return f"{clock(milliseconds)}.{max(0, int(milliseconds)) % 1000 // 100}"


def lasting(milliseconds: float) -> str:
    """A length of time as "3.2 s", "2 min 5 s" or "1 h 0 min"."""
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


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


def needs_learning_packages(what: str) -> str:
    """What to install where only the viewer is; ``what`` begins the sentence."""
    return f'{what} needs the learning packages: pip install "endoscope-app[train]".'
