"""The log file: what the program did and where it failed, never what it was shown.

No path, name or image is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from traceback import format_tb

LOG = logging.getLogger("endoscope_app")


def start_logging(path: Path | None) -> None:
    """Log to ``path`` (rotated at 1 MB, three kept), or nowhere when it is None."""
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    stop_logging()
    if path is None:
        LOG.addHandler(logging.NullHandler())
        return
    handler = RotatingFileHandler(
        path, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOG.addHandler(handler)


def stop_logging() -> None:
    """Close the log file."""
    for handler in list(LOG.handlers):
        LOG.removeHandler(handler)
        handler.close()


def log_fault(error: BaseException, where: str) -> None:
    """Log a fault of the program: classes of exceptions and lines of program code, without what
    they say.

    A message may quote the name of a file, and that may name a patient.
    """
    LOG.error("%s\n%s", where, "\n".join(_without_messages(error, frozenset())))


def _without_messages(error: BaseException, told: frozenset[int]) -> Iterator[str]:
    """``told``: what this one led to; a chain may bite its tail."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and id(cause) not in told | {id(error)}:
        yield from _without_messages(cause, told | {id(error)})
        yield "which led to"
    for line in format_tb(error.__traceback__):
        yield line.rstrip("\n")
    yield type(error).__name__
