"""The numbers of a comparison as tables of a page.

Every word that comes from a file or a reader is escaped here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from kd_core.schema.card_text import in_words, span
from kd_core.schema.evidence import BothEstimates, ComparedPart, ComparedScore
from kd_core.schema.taxonomy import display_name

#: Rows of the card that are for a machine, or have a place of their own on the page.
_NOT_LISTED = ("attention by place", "config")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Plain words in, HTML out; the first cell of a row is its head."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in heads)
    lines = (
        "<tr><th"
        f' scope="row">{escape(row[0])}</th>'
        f"{''.join(f'<td>{escape(cell)}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def listed(part: Mapping[str, Any]) -> str:
    """A part of a card as rows of name and value."""
    rows = [
        (name.replace("_", " "), in_words(value))
        for name, value in part.items()
        if name not in _NOT_LISTED
    ]
    return table(("", ""), rows) if rows else ""


def settings(training: Mapping[str, Any]) -> str:
    """What the run was done with: the words of the card, then every setting; losses that did
    not count are left out.
    """
    config = dict(training.get("config", {}))
    losses = config.pop("losses", {})
    if isinstance(losses, Mapping):
        config["losses"] = {name: weight for name, weight in losses.items() if weight}
    made = listed(training)
    return (
        f"{made}<details><summary>All settings</summary>{listed(config)}</details>"
        if config
        else made
    )


def comparison(part: ComparedPart, classes: Sequence[str], versions: tuple[str, str]) -> str:
    """One part of the evidence as tables: scores and recall of both models with intervals, and both
    confusions side by side.
    """
    counts = (
        f"Of {part.wrong_before:,} frames that the active model called wrongly,"
        f" {part.corrected:,} are now right"
    )
    made = [
        (
            f"<p>{part.frames:,} frames. {counts}; {part.broken:,} that were right are now"
            " wrong.</p>"
        ),
        table(
            ("", "active", "candidate", "difference (95 %)", "the candidate is"), _score_rows(part)
        ),
        f'<p class="muted">Differences by paired bootstrap over {_drawn(part)}.</p>',
        table(
            ("recall of", "active", "candidate", "difference (95 %)", "the candidate is"),
            _recall_rows(part.recall),
        ),
        (
            '<p class="muted">Behind a recall stands Wilson\'s 95 % interval, which takes frames'
            " for independent.</p>"
        ),
        (
            "<div"
            f' class="pair">{_confusion(part, 0, classes, versions[0])}'
            f"{_confusion(part, 1, classes, versions[1])}</div>"
        ),
    ]
    return "".join(made)


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
        head = f"flicker per 1,000 frames (of the labels: {_number(flicker.labels, '.0f')})"
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


def _confusion(part: ComparedPart, place: int, classes: Sequence[str], version: str) -> str:
    """Rows are the truth; a cell is shaded by its share of the row."""
    counts = part.confusion[place]
    heads = "".join(
        f'<th scope="col"><span>{escape(display_name(name))}</span></th>' for name in classes
    )
    lines = []
    for index, (name, row) in enumerate(zip(classes, counts, strict=True)):
        whole = max(1, sum(row))
        cells = (
            _cell(count, count / whole, right=column == index) for column, count in enumerate(row)
        )
        lines.append(f'<tr><th scope="row">{escape(display_name(name))}</th>{"".join(cells)}</tr>')
    words = (
        f"<figcaption>{('Active', 'Candidate')[place]} {escape(version)}: rows are the reader's"
        " class, columns the model's</figcaption>"
    )
    body = f"<thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<figure>{words}<table class="confusion">{body}</table></figure>'


def _cell(count: int, share: float, *, right: bool) -> str:
    colour = "var(--right)" if right else "var(--wrong)"
    style = f"background:color-mix(in srgb,{colour} {100 * share:.0f}%,transparent)"
    return f'<td style="{style}" title="{share:.0%} of the row">{count}</td>'
