"""The words for what nobody foresaw, at the border of a thread. No Qt."""

from __future__ import annotations

import traceback

from endoscope_app.base import wording
from endoscope_app.base.errors import AppError
from endoscope_app.base.log import log_fault
from kd_core.schema.lack_of_memory import SENTENCE, WAY_OUT, lacks_memory

#: Made while there was room
_NO_ROOM = AppError(SENTENCE, WAY_OUT)


def fault_in_words(error: Exception, sentence: str, where: str) -> AppError:
    """Log ``error`` as what happened ``where``, and say it: ``sentence`` asks to report a bug, but
    that the machine's memory is used up is none.
    """
    try:
        return _in_words(error, sentence, where)
    except MemoryError:  # not even for that
        return _NO_ROOM


def _in_words(error: Exception, sentence: str, where: str) -> AppError:
    # What was half done holds the memory that saying so needs. Not by a call: it would need some
    found: BaseException | None = error if isinstance(error, MemoryError) else None
    while found is not None:
        trace = found.__traceback__
        while trace is not None:
            try:  # noqa: SIM105 (as above)
                trace.tb_frame.clear()
            except (RuntimeError, MemoryError):  # it still runs, and is told so or not even that
                pass
            trace = trace.tb_next
        found = found.__context__
    if lacks_memory(error):
        return AppError(SENTENCE, WAY_OUT, _logged(error, where))
    return AppError(sentence, wording.PLEASE_REPORT, _logged(error, where))


def _logged(error: Exception, where: str) -> str:
    """The traceback; nothing where memory does not even reach for it."""
    try:
        log_fault(error, where)
        return "".join(traceback.format_exception(error))
    except MemoryError:
        return ""
