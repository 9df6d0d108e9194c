"""The words for what nobody foresaw, at the border of a thread. No Qt."""

from __future__ import annotations

import traceback

from endoscope_app.base import wording
from endoscope_app.base.errors import AppError
from endoscope_app.base.log import log_fault


def fault_in_words(error: Exception, sentence: str, where: str) -> AppError:
    """Log ``error`` as what happened ``where``, and say it: ``sentence`` asks to report a bug, but
    that the machine's memory is used up is none.
    """
    log_fault(error, where)
    detail = "".join(traceback.format_exception(error))
    if isinstance(error, MemoryError):
        return AppError(wording.NO_MEMORY, wording.CLOSE_OTHERS, detail)
    return AppError(sentence, wording.PLEASE_REPORT, detail)
