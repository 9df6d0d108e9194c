"""What is being measured, told beside the figures: on standard error."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """One line, at once."""
    print(text, file=sys.stderr, flush=True)
