"""The log file: what the program did and where it failed, never what it was shown. No path, name or picture is logged."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG = logging.getLogger("endoscope_app")


def start_logging(path: Path | None) -> None:
    """Log to ``path`` (rotated at 1 MB, three kept), or nowhere when it is None."""
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    stop_logging()
    if path is None:
        LOG.addHandler(logging.NullHandler())
        return
    handler = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOG.addHandler(handler)


def stop_logging() -> None:
    """Close the log file."""
    for handler in list(LOG.handlers):
        LOG.removeHandler(handler)
        handler.close()


def without_names(traceback_text: str) -> str:
    """A traceback without the messages of its exceptions: a message may quote a file's name, and that may name a patient.

    Indented lines are program files and lines of code and stay; of an exception's own line only the class stays.
    """
    kept = [line if line.startswith(" ") or not line else line.split(":", 1)[0] for line in traceback_text.splitlines()]
    return "\n".join(line for line in kept if line.startswith(" ") or line.replace(".", "").isidentifier() or "Traceback" in line)
