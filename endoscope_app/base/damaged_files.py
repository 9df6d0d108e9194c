"""A file that is damaged is renamed, never deleted: a curious person can still look, and the
next save starts clean.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import count
from pathlib import Path


def set_aside(path: Path) -> str:
    """Rename it to NAME.damaged-UTC; the new name, or its own where it could not be renamed,
    which is no matter.
    """
    name = f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = (name if again == 1 else f"{name}-{again}" for again in count(1))
    target = next(path.with_name(free) for free in names if not path.with_name(free).exists())
    try:
        os.replace(path, target)
    except OSError:
        return path.name
    return target.name
