"""Curves of a run as drawings inside a page: one small chart for each loss and score, without a
script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kd_core.schema.events import EpochEnded

WIDTH, HEIGHT = 250, 120
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 22, 20


def curves(epochs: Sequence[EpochEnded]) -> str:
    """A figure of charts: what each epoch said of every loss and score; a sentence where
    nothing was kept.
    """
    if not epochs:
        return "<p>No curves were kept of this run.</p>"
    charts = [
        *_charts(epochs, [one.losses for one in epochs], "loss "),
        *_charts(epochs, [one.scores for one in epochs], ""),
    ]
    return f'<div class="charts">{"".join(charts)}</div>'


def _charts(
    epochs: Sequence[EpochEnded], rows: Sequence[Mapping[str, float]], before: str
) -> list[str]:
    names = dict.fromkeys(name for row in rows for name in row)
    made = []
    for name in names:
        points = [
            (one.epoch, row[name]) for one, row in zip(epochs, rows, strict=True) if name in row
        ]
        made.append(chart(before + name.replace("_", " "), points))
    return made


def chart(title: str, points: Sequence[tuple[int, float]]) -> str:
    """An SVG of (epoch, value) points, one or more: a line from the lowest to the highest
    value, both named, and the epochs below.
    """
    epochs, values = [epoch for epoch, _ in points], [value for _, value in points]
    low, high = min(values), max(values)

    def across(epoch: int) -> float:
        return _placed(epoch, epochs[0], epochs[-1], _LEFT, WIDTH - _RIGHT)

    def down(value: float) -> float:
        return _placed(value, low, high, HEIGHT - _BOTTOM, _TOP)

    line = " ".join(f"{across(epoch):.1f},{down(value):.1f}" for epoch, value in points)
    last = points[-1]
    words = [
        _text(_LEFT, 14, "start", f"{title}: {last[1]:.4g}", "name"),
        _text(WIDTH - _RIGHT, HEIGHT - 6, "end", f"epoch {epochs[-1]}"),
        _text(_LEFT - 4, down(low) + 4, "end", f"{low:.3g}"),
    ]
    if len(points) > 1:
        words.append(_text(_LEFT, HEIGHT - 6, "start", f"{epochs[0]}"))
    if high > low:
        words.append(_text(_LEFT - 4, down(high) + 4, "end", f"{high:.3g}"))
    label = escape(
        f"{title} from epoch {epochs[0]} to {epochs[-1]}: {values[0]:.4g} to {values[-1]:.4g}"
    )
    drawn = (
        f'<polyline points="{line}"/><circle cx="{across(last[0]):.1f}" cy="{down(last[1]):.1f}"'
        ' r="2.5"/>'
    )
    axis = f'<path d="M{_LEFT} {_TOP}V{HEIGHT - _BOTTOM}H{WIDTH - _RIGHT}"/>'
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg {size} role="img" aria-label="{label}">{axis}{drawn}{"".join(words)}</svg>'


def _placed(value: float, low: float, high: float, start: float, end: float) -> float:
    """Where ``value`` of low..high lies between ``start`` and ``end``; the middle where there
    is but one value.
    """
    return start + (end - start) * ((value - low) / (high - low) if high > low else 0.5)


def _text(x: float, y: float, anchor: str, words: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{escape(words)}</text>'
