"""Processes below another one, and their end."""

from __future__ import annotations

import os
import select
from pathlib import Path


def below(pid: int) -> set[int]:
    """All that it started, and what these started; those that have ended are left out."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state != "Z":
                parents[int(entry.name)] = int(parent)
    found: set[int] = set()
    while more := {one for one, parent in parents.items() if parent in {pid, *found}} - found:
        found |= more
    return found


def wait_for_end(pids: set[int], seconds: float = 60.0) -> set[int]:
    """Those that have not ended by then."""
    left = set()
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            if not select.select([fd], [], [], seconds)[0]:
                left.add(pid)
        finally:
            os.close(fd)
    return left
