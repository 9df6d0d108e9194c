"""All keys on one sheet; it stays open beside the work."""

from collections.abc import Sequence

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from endoscope_app.base.dialog_fitting import open_at, room_for
from endoscope_app.base.plain_text import plain_label
from endoscope_app.shell import wording

ShortcutGroup = tuple[str, Sequence[tuple[str, str]]]
ShortcutGroups = Sequence[ShortcutGroup]
_WIDTH = 1100
_LEAST_WORDS = 230
_SCROLL_BAR = 24


class ShortcutsDialog(QDialog):
    """Non-modal: show it with ``show()``; Esc closes it."""

    def __init__(self, groups: ShortcutGroups, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.KEYS_TITLE)
        self.setModal(False)
        room = room_for(self)
        sheet = _sheet(_in_two_columns(groups))
        if sheet.minimumSizeHint().width() + _SCROLL_BAR > room.width():
            sheet = _sheet([groups])
        area = QScrollArea(self)
        area.setWidget(sheet)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setAccessibleName(wording.KEYS_TITLE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        # Never narrower than it can be read without scrolling sideways.
        width = max(_WIDTH, sheet.minimumSizeHint().width() + _SCROLL_BAR)
        width = min(width, room.width())
        open_at(self, width, min(680, sheet.heightForWidth(width - _SCROLL_BAR) + 8))


def _sheet(sides: Sequence[ShortcutGroups]) -> QWidget:
    """Groups of keys, one column for each side."""
    sheet = QWidget()
    columns = QGridLayout(sheet)
    columns.setContentsMargins(20, 16, 20, 16)
    columns.setHorizontalSpacing(48)
    columns.setVerticalSpacing(18)
    for place, side in enumerate(sides):
        column = QVBoxLayout()
        column.setSpacing(16)
        for title, rows in side:
            column.addLayout(_group(title, rows))
        column.addStretch(1)
        columns.addLayout(column, 0, place)
    return sheet


def _in_two_columns(groups: ShortcutGroups) -> tuple[list[ShortcutGroup], list[ShortcutGroup]]:
    """Groups in order, broken where both columns are about equally long (a title counts as two
    rows).
    """
    heights = [len(rows) + 2 for _, rows in groups]
    cut = min(
        range(len(groups) + 1), key=lambda at: (max(sum(heights[:at]), sum(heights[at:])), -at)
    )
    return list(groups[:cut]), list(groups[cut:])


def _group(title: str, rows: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(6)
    heading = plain_label(title)
    heading.setProperty("role", "group")
    grid.addWidget(heading, 0, 0, 1, 2)
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(9.5)
    for row, (keys, what) in enumerate(rows, start=1):
        left, right = plain_label(keys), plain_label(what)
        left.setFont(font)
        right.setWordWrap(True)
        right.setMinimumWidth(_LEAST_WORDS)
        left.setAccessibleName(f"{what}: {keys}")
        grid.addWidget(left, row, 0)
        grid.addWidget(right, row, 1)
    grid.setColumnMinimumWidth(0, 130)
    grid.setColumnStretch(1, 1)
    return grid
