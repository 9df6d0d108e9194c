"""Curves of a run as small charts, one for each loss and score: where their lines and texts stand.

A template draws them, without a script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kd_core.schema.events import EpochEnded

WIDTH, HEIGHT = 250, 120  # px
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 22, 20
_AXIS = f"M{_LEFT} {_TOP}V{HEIGHT - _BOTTOM}H{WIDTH - _RIGHT}"


class ChartText(NamedTuple):
    """A text of a chart; ``anchor`` is SVG's, ``is_name`` marks the one that names the chart."""

    x: str
    y: str
    anchor: str
    text: str
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Coordinates in pixels: ``axis`` a path, ``line`` the points, ``end`` the last of them.

    ``label`` says it all to who cannot see it.
    """

    label: str
    line: str
    end: tuple[str, str]
    texts: Sequence[ChartText]
    axis: str = _AXIS
    width: int = WIDTH
    height: int = HEIGHT


def charts(epochs: Sequence[EpochEnded]) -> list[Chart]:
    """What each epoch said of every loss and score; none where nothing was kept."""
    return [
        *_charts(epochs, [epoch.losses for epoch in epochs], "loss "),
        *_charts(epochs, [epoch.scores for epoch in epochs], ""),
    ]


def _charts(
    epochs: Sequence[EpochEnded], rows: Sequence[Mapping[str, float]], before: str
) -> list[Chart]:
    drawn = []
    for name in dict.fromkeys(name for row in rows for name in row):
        points = [
            (ended.epoch, row[name]) for ended, row in zip(epochs, rows, strict=True) if name in row
        ]
        drawn.append(chart(before + name.replace("_", " "), points))
    return drawn


def chart(title: str, points: Sequence[tuple[int, float]]) -> Chart:
    """A line of (epoch, value) points, one or more.

    From the lowest to the highest value, both named, and the epochs below.
    """
    epochs, values = [epoch for epoch, _ in points], [value for _, value in points]
    low, high = min(values), max(values)

    def across(epoch: int) -> float:
        return _placed(epoch, epochs[0], epochs[-1], _LEFT, WIDTH - _RIGHT)

    def down(value: float) -> float:
        return _placed(value, low, high, HEIGHT - _BOTTOM, _TOP)

    last = points[-1]
    texts = [
        _text(_LEFT, 14, "start", f"{title}: {last[1]:.4g}", is_name=True),
        _text(WIDTH - _RIGHT, HEIGHT - 6, "end", f"epoch {epochs[-1]}"),
        _text(_LEFT - 4, down(low) + 4, "end", f"{low:.3g}"),
    ]
    if len(points) > 1:
        texts.append(_text(_LEFT, HEIGHT - 6, "start", f"{epochs[0]}"))
    if high > low:
        texts.append(_text(_LEFT - 4, down(high) + 4, "end", f"{high:.3g}"))
    return Chart(
        label=f"{title} from epoch {epochs[0]} to {epochs[-1]}:"
        f" {values[0]:.4g} to {values[-1]:.4g}",
        line=" ".join(f"{across(epoch):.1f},{down(value):.1f}" for epoch, value in points),
        end=(f"{across(last[0]):.1f}", f"{down(last[1]):.1f}"),
        texts=texts,
    )


def _placed(value: float, low: float, high: float, start: float, end: float) -> float:
    """Where ``value`` of low..high lies between ``start`` and ``end``.

    The middle where there is but one value.
    """
    return start + (end - start) * ((value - low) / (high - low) if high > low else 0.5)


def _text(x: float, y: float, anchor: str, text: str, *, is_name: bool = False) -> ChartText:
    return ChartText(f"{x:.1f}", f"{y:.1f}", anchor, text, is_name)
