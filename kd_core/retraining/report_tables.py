"""The numbers of a comparison as tables of plain text, which a template draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kd_core.schema.card_text import in_words, span
from kd_core.schema.evidence import BothEstimates, ComparedPart, ComparedScore
from kd_core.schema.taxonomy import display_name

#: Rows of the card that are for a machine, or have a place of their own on the page.
_NOT_LISTED = ("config",)


#: Of both tables of a comparison, behind the name of the row.
_COLUMNS = ("in use", "new", "difference (95 %)", "the new one is")


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    """So many frames, their share of the row in per cent, and whether they lie on the diagonal."""

    count: int
    percent: int
    right: bool


class ConfusionRow(NamedTuple):
    """The frames of one class of the reader."""

    name: str
    cells: Sequence[ConfusionCell]


@dataclass(frozen=True, slots=True)
class ConfusionTable:
    """One model's predictions; rows are the truth."""

    caption: str
    classes: Sequence[str]
    rows: Sequence[ConfusionRow]


@dataclass(frozen=True, slots=True)
class ComparisonTables:
    """One part of the evidence in plain text.

    Scores and sensitivities of both models with intervals, and both confusions.
    """

    counts: str
    drawn: str
    score_heads: Sequence[str]
    scores: Sequence[Sequence[str]]
    sensitivity_heads: Sequence[str]
    sensitivities: Sequence[Sequence[str]]
    confusions: Sequence[ConfusionTable]


def listed(part: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A part of a card as rows of name and value."""
    return [
        (name.replace("_", " "), in_words(value))
        for name, value in part.items()
        if name not in _NOT_LISTED
    ]


def comparison_tables(
    part: ComparedPart, classes: Sequence[str], versions: tuple[str, str]
) -> ComparisonTables:
    """``versions``: of the model in use and of the new one."""
    counts = (
        f"{part.frames:,} frames. Of {part.wrong_before:,} frames that the model in use got wrong,"
        f" {part.corrected:,} are now right; {part.broken:,} that were right are now wrong."
    )
    names = ("In use", "New")
    return ComparisonTables(
        counts=counts,
        drawn=f"Differences by paired bootstrap over {_drawn(part)}.",
        score_heads=("", *_COLUMNS),
        scores=_score_rows(part),
        sensitivity_heads=("sensitivity for", *_COLUMNS),
        sensitivities=_recall_rows(part.recall),
        confusions=[
            _confusion(
                counts,
                classes,
                f"{name} {version}: rows are the reader's class, columns the model's",
            )
            for counts, name, version in zip(part.confusion, names, versions, strict=False)
        ],
    )


def _drawn(part: ComparedPart) -> str:
    alone = part.groups == part.frames
    return "frames, taken for independent" if alone else f"{part.groups:,} patients"


def _score_rows(part: ComparedPart) -> list[tuple[str, ...]]:
    rows = [_scored("accuracy", part.accuracy), _scored("macro-F1", part.macro_f1)]
    if part.calibration is not None:
        head = "calibration error (lower is better)"
        rows.append((head, *_both(part.calibration.active, part.calibration.candidate, 3)))
    flicker = part.flicker_per_1000
    if flicker is not None and flicker.active is not None:
        head = (
            f"changes of class per 1,000 frames (of the labels: {_number(flicker.labels, '.0f')})"
        )
        rows.append((head, *_both(flicker.active, flicker.candidate, 0)))
    return rows


def _both(active: float | None, candidate: float | None, digits: int) -> tuple[str, ...]:
    change = None if active is None or candidate is None else candidate - active
    plain = f".{digits}f"
    return _number(active, plain), _number(candidate, plain), _number(change, f"+{plain}"), ""


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _scored(name: str, score: ComparedScore) -> tuple[str, ...]:
    change, low, high = (
        _number(value, "+.3f")
        for value in (score.difference.value, score.difference.low, score.difference.high)
    )
    active, candidate = _number(score.active, ".3f"), _number(score.candidate, ".3f")
    return name, active, candidate, f"{change} ({low} to {high})", score.verdict


def _recall_rows(recall: Mapping[str, ComparedScore]) -> list[tuple[str, ...]]:
    rows = []
    for name, score in recall.items():
        head, active, candidate, *rest = _scored(display_name(name), score)
        bounds = score.intervals or BothEstimates()
        sides = f"{active} {span(bounds.active)}", f"{candidate} {span(bounds.candidate)}"
        rows.append((head, *sides, *rest))
    return rows


def _confusion(
    counts: Sequence[Sequence[int]], classes: Sequence[str], caption: str
) -> ConfusionTable:
    names = [display_name(name) for name in classes]
    rows = []
    for index, (name, row) in enumerate(zip(names, counts, strict=True)):
        whole = max(1, sum(row))
        cells = [
            ConfusionCell(count, round(100 * count / whole), column == index)
            for column, count in enumerate(row)
        ]
        rows.append(ConfusionRow(name, cells))
    return ConfusionTable(caption, names, rows)
