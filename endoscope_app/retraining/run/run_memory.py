"""How much memory a training took, as the system says; and what is known before any was measured.

No Qt.
"""

from __future__ import annotations

from pathlib import Path

_PROC = Path("/proc")


def peak_mb(process_id: int, proc: Path = _PROC) -> float:
    """The most that a process had in memory at once so far, in MB; 0 where nobody says
    (Windows, macOS, a process that is gone).
    """
    try:
        text = (proc / str(process_id) / "status").read_text(errors="replace")
    except OSError:
        return 0.0
    for line in text.splitlines():
        name, _, value = line.partition(":")
        words = value.split()
        if name == "VmHWM" and words and words[0].isdigit():
            return int(words[0]) * 1024 / 1e6
    return 0.0
