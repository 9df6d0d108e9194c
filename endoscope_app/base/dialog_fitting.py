"""The size of dialogs: none is larger than its screen, and one whose sentences change keeps the
height that they need, for Qt's layouts do not grow a window for a wrapped line.
"""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog

_AROUND = QSize(20, 60)  # px of the screen that the window's frame and a task bar take


def room_for(dialog: QDialog) -> QSize:
    """The largest that a dialog can be on its screen and be seen whole, in logical px."""
    return dialog.screen().availableGeometry().size() - _AROUND


def open_at(dialog: QDialog, width: int, height: int) -> None:
    """Give a dialog this size, or as much of it as its screen has."""
    dialog.resize(QSize(width, height).boundedTo(room_for(dialog)))


def fit_height(dialog: QDialog, may_shrink: bool = True) -> None:
    """Give a dialog the height that its layout needs at its width, or what its screen has."""
    layout = dialog.layout()
    if layout is None:
        return
    layout.activate()
    needed = (
        layout.totalHeightForWidth(dialog.width())
        if layout.hasHeightForWidth()
        else layout.totalSizeHint().height()
    )
    needed = min(needed, room_for(dialog).height())
    if may_shrink or needed > dialog.height():
        dialog.resize(dialog.width(), needed)
