"""The table of the models dialog: a row a model, and what its cells say."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidgetItem

from endoscope_app.base.named_table import LEFT, RIGHT, NamedTable
from endoscope_app.base.plain_text import plain_tip
from endoscope_app.base.wording import minute_of, percent

HEADINGS = (
    "Version",
    "Name",
    "State",
    "Parent",
    "Date",
    "Reader",
    "Held-out",
    "Old knowledge",
    "Test",
)
MEANINGS = {
    3: "The model that this one was made from",
    5: "Who promoted it last",
    6: "Accuracy on the frames of procedures that no model has learnt from",
    7: "Accuracy on held-out pictures of the classes that the shipped model knows",
    8: "Accuracy on the test pictures of the card",
}
NAME, READER = 1, 5
NUMBERS = (6, 7, 8)


@dataclass(frozen=True)
class ModelLine:
    """One model as the table shows it.

    ``scores``: held-out, old knowledge, test; None where the card has none.

    ``lost``: the classes for whose loss a promotion needs a reason. ``kept``: why it cannot be
    deleted, empty where it can; ``reason``: why it was promoted in spite of a loss.
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

    @property
    def state(self) -> str:
        """In words."""
        told = (("in use", self.active), ("shipped", self.shipped), ("damaged", bool(self.problem)))
        return ", ".join(word for word, holds in told if holds) or "–"

    @property
    def promotion(self) -> str:
        """Why it was promoted, as a sentence; empty where no reason was given."""
        if not self.reason:
            return ""
        lost = f" in spite of lost recall ({', '.join(self.lost)})" if self.lost else ""
        return f"Promoted{f' by {self.reader}' if self.reader else ''}{lost}: {self.reason}"

    @property
    def texts(self) -> tuple[str, ...]:
        """A cell each."""
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
    """A row a model."""

    def __init__(self) -> None:
        super().__init__("Models", HEADINGS, name=NAME, numbers=NUMBERS)
        self.horizontalHeader().setMinimumSectionSize(60)
        for column, meaning in MEANINGS.items():
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
                plain_tip(line.problem or (line.promotion if column == READER else "") or text)
            )
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole, f"{line.version}, {HEADINGS[column]}: {text}"
            )
            self.setItem(row, column, item)
