"""The program that forks a process for each file that is opened:
python -m endoscope_app.media.apart.nursery FD OPENER.

It has loaded what decoding needs, so that a file is open as soon as before; it reads none itself.
"""

from __future__ import annotations

import gc
import importlib
import os
import socket
import sys

import cv2

from endoscope_app.media.apart.channel import Channel
from endoscope_app.media.apart.keeper import Opener, keep
from endoscope_app.media.apart.messages import MOST_BYTES
from endoscope_app.media.apart.nest import Nest


def main(arguments: list[str]) -> None:
    """Serve until the program that started this one has ended."""
    fd, (module, _, function) = int(arguments[0]), arguments[1].partition(":")
    opener: Opener = getattr(importlib.import_module(module), function)
    cv2.setNumThreads(1)
    # What is loaded is shared with every process: collecting it would copy it
    gc.collect()
    gc.freeze()
    orders = Channel(socket.socket(fileno=fd), MOST_BYTES)
    Nest(orders, lambda channel: keep(channel, opener)).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)
