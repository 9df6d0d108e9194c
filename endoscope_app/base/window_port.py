"""What a feature may ask of the window that it works in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from endoscope_app.base.command import Command


class Banner(Protocol):
    """Sentences over the image, and in the one line of what stays true."""

    def show_message(self, text: str, *, undo: Callable[[], None] | None = None) -> None:
        """Until the next message; an empty one takes it away. ``undo``: takes back what it tells
        of.
        """

    def show_remark(self, text: str, *, undo: Callable[[], None] | None = None) -> None:
        """What a key has done or has not: gone by itself. ``undo``: as above."""

    def withdraw_remark(self) -> None:
        """The remark is read, or what it says is past."""

    def add_message(self, text: str) -> None:
        """After what the banner says already, and gone with it."""

    def show_standing_message(self, text: str, *, urgent: bool = False) -> None:
        """What stays true until it is mended; ``urgent``: something of the reader's is lost."""

    def withdraw_message(self, text: str) -> None:
        """A message that is true no more; one that is not shown is let be."""


class WindowPort(Protocol):
    """The window as features know it: their commands, its banner, a parent for their dialogs."""

    @property
    def banner(self) -> Banner:
        """Where sentences for the reader are shown."""

    def action(self, command: Command) -> QAction:
        """The menu entry and the keys of a command; KeyError for one that is in no menu."""

    def as_widget(self) -> QWidget:
        """What dialogs stand before and other objects belong to."""
