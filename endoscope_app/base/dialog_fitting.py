"""A dialog whose sentences change keeps the height that they need: Qt's layouts do not grow a
window for a wrapped line.
"""

from __future__ import annotations

from PySide6.QtWidgets import QDialog


def fit_height(dialog: QDialog, may_shrink: bool = True) -> None:
    """Give a dialog the height that its layout needs at its width."""
    layout = dialog.layout()
    if layout is None:
        return
    layout.activate()
    needed = (
        layout.totalHeightForWidth(dialog.width())
        if layout.hasHeightForWidth()
        else layout.totalSizeHint().height()
    )
    if may_shrink or needed > dialog.height():
        dialog.resize(dialog.width(), needed)
