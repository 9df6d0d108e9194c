"""Which keys of this keyboard write the signs that are keys here: on a French one "[" takes AltGr.

Asked of the X server, which knows the layout; elsewhere nothing is known and signs stand as they
are. No Qt.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from endoscope_app.labels.commands import DIGITS

_LEVELS = ("", "Shift+", "AltGr+", "AltGr+Shift+")
_KEYCODES = range(8, 256)
_UPPER_ROW = range(10, 20)


@dataclass(frozen=True)
class KeyboardSigns:
    """``keys``: sign -> (code of its key, place in _LEVELS); ``plain``: what a key writes alone."""

    keys: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    plain: Mapping[int, str] = field(default_factory=dict)

    def shown(self, key: str) -> str:
        """``key``, and what must be pressed for it where that is something else."""
        stem, sign = key[:-1], key[-1:]
        is_sign = bool(sign) and not sign.isalnum() and (not stem or stem.endswith("+"))
        code, level = self.keys.get(sign, (0, 0))
        # Of a key with Shift that writes just this everyone knows how it is written
        if not is_sign or level == 0 or code not in self.plain or (level == 1 and sign == "?"):
            return key
        return f"{key} = {stem}{_LEVELS[level]}{self.plain[code]}"

    def digits(self) -> str:
        """What stands on the keys of the digits; empty where that is the digits themselves."""
        row = [self.plain.get(code, "") for code in _UPPER_ROW]
        return "" if not all(row) or row == list(DIGITS) else " ".join(row)


def signs_of_this_keyboard() -> KeyboardSigns:
    """As it is now: a reader may change it while the program runs."""
    if not sys.platform.startswith("linux") or not os.environ.get("DISPLAY"):
        return KeyboardSigns()
    with suppress(OSError, AttributeError):  # no X library, or one without the keyboard extension
        return _of_x(ctypes.CDLL("libX11.so.6"))
    return KeyboardSigns()


def _of_x(library: ctypes.CDLL) -> KeyboardSigns:
    library.XOpenDisplay.restype = ctypes.c_void_p
    library.XOpenDisplay.argtypes = [ctypes.c_char_p]
    library.XCloseDisplay.argtypes = [ctypes.c_void_p]
    library.XkbKeycodeToKeysym.restype = ctypes.c_ulong
    library.XkbKeycodeToKeysym.argtypes = [
        ctypes.c_void_p,
        ctypes.c_ubyte,
        ctypes.c_int,
        ctypes.c_int,
    ]
    display = library.XOpenDisplay(None)
    if not display:
        return KeyboardSigns()
    try:
        return _read(library, display)
    finally:
        library.XCloseDisplay(display)


def _read(library: ctypes.CDLL, display: int) -> KeyboardSigns:
    keys: dict[str, tuple[int, int]] = {}
    plain: dict[int, str] = {}
    for level in range(len(_LEVELS)):
        for code in _KEYCODES:
            symbol = library.XkbKeycodeToKeysym(display, code, 0, level)
            if 0x20 < symbol < 0x100:  # Latin 1, whose symbols are its letters
                sign = chr(symbol)
                keys.setdefault(sign, (code, level))
                if level == 0:
                    plain[code] = sign
    return KeyboardSigns(keys, plain)
