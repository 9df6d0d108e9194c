"""Whether an error says that memory is used up, which every library says in its own way."""

from __future__ import annotations

import errno

SENTENCE = "There is not enough memory for this."
WAY_OUT = "Close other programs and try again; what was saved is kept."
#: Of OpenCV, ONNX Runtime, torch, the loader of libraries and Python's own threads, in small
#: letters.
_SAYINGS = (
    "bad_alloc",
    "insufficient memory",
    "out of memory",
    "allocate memory",
    "failed to allocate",
    "failed to map segment",
    "can't start new thread",
)
_LONGEST_CHAIN = 20


def lacks_memory(error: BaseException) -> bool:
    """Of the error, or of what led to it: who cleans up with no memory left meets other errors."""
    found: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if found is None:
            return False
        if _says_so(found):
            return True
        found = found.__cause__ or found.__context__
    return False


def _says_so(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM or _is_said_in(str(error))
    if isinstance(error, ValueError | LookupError | AssertionError):  # they quote what they met
        return False
    return isinstance(error, MemoryError) or _is_said_in(str(error))


def _is_said_in(text: str) -> bool:
    small = text.lower()
    return any(saying in small for saying in _SAYINGS)
