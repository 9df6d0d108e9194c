"""Whether a window can be opened at all, found out before Qt is asked: Qt would abort the
process instead of saying so.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Mapping

from endoscope_app.base import wording
from endoscope_app.base.errors import AppError

_CONNECT_S = 2.0


def require_screen(environment: Mapping[str, str] | None = None) -> None:
    """Raise AppError where no window can be opened (only Linux is in doubt)."""
    environment = os.environ if environment is None else environment
    if not sys.platform.startswith("linux") or environment.get("QT_QPA_PLATFORM", "").split(":")[
        0
    ] in ("offscreen", "minimal", "vnc"):
        return
    if environment.get("WAYLAND_DISPLAY"):
        return
    display = environment.get("DISPLAY", "")
    if not display:
        raise AppError(wording.NO_SCREEN, wording.NO_SCREEN_WAY_OUT)
    if display.startswith(":") and not _x_server_answers(display):
        raise AppError(wording.no_screen_at(display), wording.NO_SCREEN_WAY_OUT)
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError:
        raise AppError(wording.NO_CURSOR_LIBRARY, wording.NO_CURSOR_LIBRARY_WAY_OUT) from None


def _x_server_answers(display: str) -> bool:
    number = display[1:].split(".")[0]
    for address in (f"/tmp/.X11-unix/X{number}", f"\0/tmp/.X11-unix/X{number}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(_CONNECT_S)
            try:
                probe.connect(address)
            except OSError:
                continue
            return True
    return False
