"""A command of the window: what its menu, its keys and the sheet of keys say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the reader can ask the window to do.

    ``keys`` in Qt's portable notation; ``what`` for the tool tip and the sheet of keys;
    ``repeats``: holding the key does it again and again; ``checkable``: it is on or off;
    ``begins``: a line stands above it in its menu.
    """

    menu: str
    text: str
    keys: tuple[str, ...]
    what: str
    repeats: bool = False
    checkable: bool = False
    begins: bool = False
