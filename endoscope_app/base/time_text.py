"""Times as people read them."""

from __future__ import annotations


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
