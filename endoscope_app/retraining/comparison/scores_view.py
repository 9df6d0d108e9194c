"""Scores of both models in one table: on procedures that neither has learnt from, and on what
was known before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QItemSelectionModel, QSize, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.base.wording import counted, percent
from kd_core.schema.estimate import Estimate
from kd_core.schema.evidence import (
    BothEstimates,
    BothModels,
    ComparedPart,
    ComparedScore,
    Evidence,
    Flicker,
)

HELD_OUT, OLD = "Held-out procedures", "Old knowledge"
HEADINGS = ("Active", "Candidate", "Difference", "Verdict")
DIFFERENCE, VERDICT = 2, 3
NO_HELD_OUT = (
    "No procedure is held out yet: label a second one, and the next model can be proved on it."
)
EXPLAINED = (
    f"Differences in percentage points, candidate minus active, with {percent(0.95)} intervals"
    " (paired bootstrap). Better or worse is only said where the whole interval lies on one side"
    " of nought."
)
WORDS = {
    "better": "\N{BLACK UP-POINTING TRIANGLE} better",
    "worse": "\N{BLACK DOWN-POINTING TRIANGLE} worse",
    "undecided": "\N{EN DASH} undecided",
}
NOTHING = ("", "", "", "")
#: Of fewer labelled frames one that changes its class is more than 10 in 1,000: chance.
FEWEST_FOR_FLICKER = 100
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ROW, _HEAD_ROWS, _GAP = 26, 2, 36


@dataclass(frozen=True)
class Cells:
    """Active, candidate, difference and verdict as they are read; ``verdict`` as kd-core says
    it; ``meaning``: words when pointed at.
    """

    texts: tuple[str, str, str, str] = NOTHING
    verdict: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class ScoreRow:
    """One score on the held-out procedures and on old knowledge; None where it was not measured
    there.
    """

    name: str
    new: Cells | None
    old: Cells | None
    is_main: bool = False


def score_rows(evidence: Evidence, classes: Sequence[str]) -> list[ScoreRow]:
    """Accuracy, macro-F1, recall of each class, and where the proof has them calibration and
    flicker; ``classes`` give the order.
    """
    new, old = evidence.held_out, evidence.known_before
    rows = [
        ScoreRow(
            "Accuracy",
            _cells(new.accuracy if new else None),
            _cells(old.accuracy if old else None),
            True,
        ),
        ScoreRow(
            "Macro-F1",
            _cells(new.macro_f1 if new else None),
            _cells(old.macro_f1 if old else None),
            True,
        ),
    ]
    known = {name for part in (new, old) if part for name in part.recall}
    for name in sorted(
        known, key=lambda name: (classes.index(name) if name in classes else len(classes), name)
    ):
        lost = evidence.recall_lost.get(name, 0.0) if name in evidence.needs_reason else 0.0
        found, kept = (part.recall.get(name) if part else None for part in (new, old))
        rows.append(ScoreRow(f"Recall of {name}", _cells(found), _cells(kept, lost)))
    meaning = "How far probabilities are from what comes true; less is better"
    calibration = [_plain(part.calibration if part else None, 3, meaning) for part in (new, old)]
    rows.append(ScoreRow("Calibration error", calibration[0], calibration[1]))
    meaning = (
        "How often the answer changes from frame to frame; the nearer to the reader's own labels"
        " the better"
    )
    flicker = [
        _plain(
            part.flicker_per_1000 if part and part.frames >= FEWEST_FOR_FLICKER else None,
            1,
            meaning,
        )
        for part in (new, old)
    ]
    rows.append(ScoreRow("Flicker per 1,000 frames", flicker[0], flicker[1]))
    return [row for row in rows if row.new or row.old]


class ScoresView(QWidget):
    """Plain values in, nothing out."""

    def __init__(
        self, evidence: Evidence, classes: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.table = ScoreTable(evidence, classes)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 10)
        column.setSpacing(10)
        column.addWidget(self.table, 1)
        for text, is_shown in ((NO_HELD_OUT, evidence.held_out is None), (EXPLAINED, True)):
            words = plain_label(text)
            words.setProperty("role", "muted")
            words.setWordWrap(True)
            words.setVisible(is_shown)
            column.addWidget(words)


class ScoreTable(QTableWidget):
    """Two groups of columns below a row that says what they are of; the verdict is a word, a
    sign and a colour.
    """

    def __init__(self, evidence: Evidence, classes: Sequence[str]) -> None:
        self._parts = {
            name: part
            for name, part in ((HELD_OUT, evidence.held_out), (OLD, evidence.known_before))
            if part is not None
        }
        self._rows = score_rows(evidence, classes)
        super().__init__(len(self._rows) + _HEAD_ROWS, 1 + len(HEADINGS) * len(self._parts))
        self.setAccessibleName("Scores")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setStyleSheet("QTableView::item { padding: 0px 6px; }")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        # Its words are the second row: one header cannot say both what and on which frames
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)
        for group in range(len(self._parts)):
            self.setSpan(0, 1 + group * len(HEADINGS), 1, len(HEADINGS))
        self._fill()
        # where the arrow keys begin; not selected, which would cover the verdict's colour
        self.selectionModel().setCurrentIndex(
            self.model().index(_HEAD_ROWS, 0), QItemSelectionModel.SelectionFlag.NoUpdate
        )

    def text(self, row: int, column: int) -> str:
        """What a cell says, for tests."""
        item = self.item(row, column)
        return "" if item is None else item.text()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme, other colours."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._fill()

    def _fill(self) -> None:
        for line in range(_HEAD_ROWS):
            self._put(line, 0, "", QPalette.ColorRole.Text)
        for group, (title, part) in enumerate(self._parts.items()):
            first = 1 + group * len(HEADINGS)
            self._put(
                0,
                first,
                f"{title}: {_extent(part)}",
                QPalette.ColorRole.Link,
                is_bold=True,
                alignment=_LEFT,
            )
            for place, heading in enumerate(HEADINGS):
                self._put(
                    1,
                    first + place,
                    heading,
                    QPalette.ColorRole.PlaceholderText,
                    alignment=_alignment(place),
                )
            item = self.item(1, first + VERDICT)
            # room between the groups, so that a verdict is not read with the number that follows it
            if item is not None and group + 1 < len(self._parts):
                item.setSizeHint(
                    QSize(self.fontMetrics().horizontalAdvance(WORDS["undecided"]) + _GAP, _ROW)
                )
        for line, row in enumerate(self._rows):
            self._put(
                line + _HEAD_ROWS,
                0,
                row.name,
                QPalette.ColorRole.Text,
                is_bold=row.is_main,
                alignment=_LEFT,
            )
            for group, title in enumerate(self._parts):
                cells = (row.new if title == HELD_OUT else row.old) or Cells()
                self._put_cells(
                    line + _HEAD_ROWS,
                    1 + group * len(HEADINGS),
                    cells,
                    f"{row.name}, {title.lower()}",
                )

    def _put_cells(self, line: int, first: int, cells: Cells, what: str) -> None:
        colours = {"better": QPalette.ColorRole.Link, "worse": QPalette.ColorRole.BrightText}
        colour = colours.get(cells.verdict, QPalette.ColorRole.PlaceholderText)
        for place, text in enumerate(cells.texts):
            role = colour if place >= DIFFERENCE else QPalette.ColorRole.Text
            self._put(line, first + place, text, role, alignment=_alignment(place))
            item = self.item(line, first + place)
            if item is not None:
                item.setToolTip(plain_tip(cells.meaning))
                item.setData(
                    Qt.ItemDataRole.AccessibleTextRole,
                    f"{what}, {HEADINGS[place].lower()}: {text or 'not measured'}",
                )

    def _put(
        self,
        line: int,
        column: int,
        text: str,
        role: QPalette.ColorRole,
        *,
        is_bold: bool = False,
        alignment: Qt.AlignmentFlag = _RIGHT,
    ) -> None:
        item = QTableWidgetItem(text)
        item.setTextAlignment(alignment)
        item.setForeground(QColor(self.palette().color(role)))
        font = self.font()
        font.setBold(is_bold)
        item.setFont(font)
        if line < _HEAD_ROWS:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.setItem(line, column, item)


def _alignment(place: int) -> Qt.AlignmentFlag:
    return _LEFT if place == VERDICT else _RIGHT


def _extent(part: ComparedPart) -> str:
    return (
        f"{counted(part.frames, 'frame')}, {part.corrected:,} corrected, {part.broken:,} now wrong"
    )


def _cells(score: ComparedScore | None, lost: float = 0.0) -> Cells | None:
    """``lost``: points of recall for whose loss a promotion needs a reason."""
    if score is None:
        return None
    found, sides = score.difference, score.intervals or BothEstimates()
    difference = "\N{EN DASH}" if found.value is None else _signed(100 * found.value, 1)
    if found.value is not None and found.low is not None and found.high is not None:
        difference += f" ({_signed(100 * found.low, 1)} to {_signed(100 * found.high, 1)})"
    shares = (
        _share(score.active, sides.active),
        _share(score.candidate, sides.candidate),
    )
    if lost:
        meaning = f"Lost {lost:.1f} points of recall: a promotion needs a reason ({score.verdict})"
        return Cells(
            (*shares, difference, f"{WORDS['worse'][0]} lost {lost:.1f}"), "worse", meaning
        )
    return Cells((*shares, difference, WORDS.get(score.verdict, score.verdict)), score.verdict)


def _plain(found: BothModels | Flicker | None, digits: int, meaning: str) -> Cells | None:
    if found is None or found.active is None or found.candidate is None:
        return None
    active, candidate = found.active, found.candidate
    labels = found.labels if isinstance(found, Flicker) else None
    beside = "" if labels is None else f"labels {labels:.{digits}f}"
    return Cells(
        (
            f"{active:.{digits}f}",
            f"{candidate:.{digits}f}",
            _signed(candidate - active, digits),
            beside,
        ),
        meaning=meaning,
    )


def _share(value: float | None, bounds: Estimate | None = None) -> str:
    if value is None:
        return "\N{EN DASH}"
    if bounds is None or bounds.low is None or bounds.high is None:
        return percent(value, 1)
    return percent(value, 1) + f" ({100 * bounds.low:.0f}\N{EN DASH}{100 * bounds.high:.0f})"


def _signed(value: float, digits: int) -> str:
    rounded = round(value, digits)
    return f"{rounded:+.{digits}f}".replace("-", "\N{MINUS SIGN}") if rounded else f"{0:.{digits}f}"
