"""The table of the list of models: a row per model, and what its cells say."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidgetItem

from endoscope_app.base.plain_text import plain_tip
from endoscope_app.base.table_dialog import LEFT, RIGHT, NamedTable
from endoscope_app.base.wording import minute_of, percent
from endoscope_app.models import wording

NAME, READER = 1, 5
NUMBERS = (6, 7, 8)


@dataclass(frozen=True)
class ModelLine:
    """One model as the table shows it.

    ``scores``: held-out, old knowledge, test; None where the card has none.

    ``lost``: names of the classes that it recognises less often, so that a reason is asked for.
    ``kept``: why it cannot be deleted, empty where it can; ``reason``: why it was used all the
    same; ``signature``: who signed it, in words.
    """

    version: str
    name: str
    parent: str
    created: str
    reader: str
    scores: tuple[float | None, float | None, float | None]
    shipped: bool = False
    active: bool = False
    lost: tuple[str, ...] = ()
    kept: str = ""
    problem: str = ""
    reason: str = ""
    signature: str = ""

    @property
    def state(self) -> str:
        """In words."""
        return wording.state(active=self.active, shipped=self.shipped, damaged=bool(self.problem))

    @property
    def why_chosen(self) -> str:
        """Why it was put into use, as a sentence; empty where no reason was given."""
        if not self.reason:
            return ""
        return wording.chosen_because(self.reader, self.lost, self.reason)

    @property
    def texts(self) -> tuple[str, ...]:
        """One per cell."""
        shares = ("–" if score is None else percent(score, 1) for score in self.scores)
        return (
            self.version,
            self.name,
            self.state,
            self.parent or "–",
            minute_of(self.created),
            self.reader or "–",
            *shares,
        )


class ModelsTable(NamedTable):
    """A row per model."""

    def __init__(self) -> None:
        super().__init__(wording.TITLE, wording.HEADINGS, name=NAME, numbers=NUMBERS)
        self.horizontalHeader().setMinimumSectionSize(60)
        for column, meaning in wording.HEADING_TIPS.items():
            item = self.horizontalHeaderItem(column)
            if item is not None:
                item.setToolTip(plain_tip(meaning))

    def fill(self, row: int, line: ModelLine) -> None:
        """One row."""
        for column, text in enumerate(line.texts):
            item = QTableWidgetItem(text)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(
                flags | Qt.ItemFlag.ItemIsEditable if column == NAME and not line.problem else flags
            )
            item.setTextAlignment(RIGHT if column in NUMBERS else LEFT)
            item.setToolTip(
                plain_tip(line.problem or (line.why_chosen if column == READER else "") or text)
            )
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                f"{line.version}, {wording.HEADINGS[column]}: {text}",
            )
            self.setItem(row, column, item)
