"""The only reader of JSON in both packages.

Whatever a file holds, the caller meets the shape it asked for or one kind of error.

A damaged byte, a file that is no file of ours, brackets without end and numbers without end would
otherwise each raise something else.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import msgspec

from kd_core.schema.errors import DataError
from kd_core.schema.plain_file import open_plain, read_most

#: Larger is not one of our files, and could take all memory.
LARGEST_BYTES = 64 << 20
#: Deeper than any of our files by far; what holds such a value would meet Python's limit later,
#: where nobody expects it.
DEEPEST = 60
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ESCAPED, _STRING = re.compile(rb"\\.", re.DOTALL), re.compile(rb'"[^"]*"')
#: Nothing but quotes and brackets is left, and both kinds of brackets are one.
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(sign for sign in range(256) if sign not in b'"[]{}')

Shape = TypeVar("Shape")
#: As it was read, before its keys are known to be those of today.
JsonObject = dict[str, object]


class JsonError(DataError):
    """A text that is no JSON, not of the shape that was asked for, too large or too deep."""


def decode_json(content: bytes | str, shape: type[Shape], largest: int = LARGEST_BYTES) -> Shape:
    """The value in ``content``, of the type ``shape`` that msgspec checks.

    A byte order mark is passed over. Raises JsonError.
    """
    data = _checked(content, largest)
    try:
        return msgspec.json.decode(data, type=shape)
    # msgspec's own errors and a bad UTF-8 are ValueErrors. That memory is used up says nothing of
    # the text: who takes it for damage puts a sound file aside
    except (ValueError, RecursionError) as error:
        raise _error(error) from None


def decode_any_json(content: bytes | str) -> Any:
    """The value in ``content`` as plain dicts, lists and numbers.

    For texts with names of files that are no UTF-8, which only Python's own reader lets through.
    Raises JsonError, also for NaN and infinities, which JSON does not have.
    """
    data = _checked(content, LARGEST_BYTES)
    try:
        return json.loads(data.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _error(error) from None


def read_json(path: Path, shape: type[Shape], largest: int = LARGEST_BYTES) -> Shape:
    """As ``decode_json`` of a file. Raises OSError where it cannot be read, and JsonError."""
    with open_plain(path) as file:
        content = read_most(file, largest)
    return decode_json(content, shape, largest)


def _checked(content: bytes | str, largest: int) -> bytes:
    data = content.encode(errors="surrogatepass") if isinstance(content, str) else content
    if len(data) > largest:
        raise JsonError(f"It is larger than {largest >> 20} MB.")
    if data.count(b"[") + data.count(b"{") > DEEPEST and _is_deep(data):
        raise JsonError(f"It is nested deeper than {DEEPEST} times.")
    return data.removeprefix(_BYTE_ORDER_MARK)


def _is_deep(data: bytes) -> bool:
    """By passes that no sign is looked at alone in: 160 MB of labels take a second."""
    if b"\\" in data:
        data = _ESCAPED.sub(b"", data)
    # a pair of quotes with nothing between them hides no bracket, whether it is one string or
    # the end of one and the beginning of the next
    signs = data.translate(_ONE_KIND, _NO_BRACKETS).replace(b'""', b"")
    signs = _STRING.sub(b"", signs)
    for _ in range(DEEPEST):
        inner = signs.replace(b"[]", b"")
        if len(inner) == len(signs):
            break
        signs = inner
    # what is left was deeper, or is never closed
    return b"[]" in signs or signs.count(b"[") > DEEPEST


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _error(error: Exception) -> JsonError:
    reason = (
        "it is nested too deep"
        if isinstance(error, RecursionError)
        else str(error) or type(error).__name__
    )
    return JsonError(f"{reason[:1].upper()}{reason[1:].rstrip('.')}.")
