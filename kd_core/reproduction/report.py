"""The table of a reproduction as Markdown, JSON and a plot: means and spread over seeds, and
paired comparisons by group.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from kd_core.evaluation.group_scores import compare_macro_f1
from kd_core.reproduction.reproduce import Reproduction, Result
from kd_core.schema.model_card import RESEARCH_USE

METRICS = ("accuracy", "macro_f1", "mcc")
#: (B, A): is B better than A?
PAIRS = (
    ("response", "student alone"),
    ("feature", "student alone"),
    ("relation, mean", "student alone"),
    ("relation, attention", "student alone"),
    ("relation, attention", "response"),
    ("relation, attention", "relation, mean"),
)
RESAMPLES = 1000


def table(made: Reproduction, parts: Sequence[str] = ("validation", "test")) -> dict[str, Any]:
    """JSON-able: for each row with results the mean and standard deviation over seeds of each
    metric, and the comparisons.
    """
    rows = {
        name: _row(list(results.values()), parts)
        for name, results in made.results.items()
        if results
    }
    summary: dict[str, Any] = {
        "notice": RESEARCH_USE,
        "data": msgspec.to_builtins(made.data.notes),
        "seeds": list(made.seeds),
        "rows": rows,
    }
    if "test" in parts and len(made.data.test.labels):
        summary["comparisons"] = [
            _pair(made, b, a) for b, a in PAIRS if made.results.get(a) and made.results.get(b)
        ]
    return summary


def _row(results: Sequence[Result], parts: Sequence[str]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "seeds": len(results),
        "minutes": statistics.mean(result.minutes for result in results),
    }
    row["parameters"] = results[0].parameters
    for part in parts:
        if part in results[0].scores:
            row[part] = {
                metric: _spread([result.scores[part][metric] for result in results])
                for metric in METRICS
            }
    return row


def _spread(values: Sequence[float]) -> dict[str, Any]:
    spread = statistics.stdev(values) if len(values) > 1 else None
    return {"mean": statistics.mean(values), "sd": spread, "values": list(values)}


def _pair(made: Reproduction, better: str, base: str) -> dict[str, Any]:
    """Paired bootstrap by group of the mean over seeds of macro-F1 on the test part."""
    seeds = sorted(set(made.results[better]) & set(made.results[base]))
    truth, count = made.data.test.labels, len(made.data.classes)
    called = {
        name: [made.logits(name, seed).argmax(1) for seed in seeds] for name in (better, base)
    }

    comparison = compare_macro_f1(
        truth,
        called[base],
        called[better],
        made.data.test.groups,
        count,
        seed=0,
        resamples=RESAMPLES,
    )
    value, low, high = comparison.difference
    return {
        "b": better,
        "a": base,
        "difference": value,
        "low": low,
        "high": high,
        "b is": comparison.verdict,
    }


def markdown(summary: dict[str, Any], command: str) -> str:
    """The table as a page."""
    parts = [
        part
        for part in ("validation", "test")
        if any(part in row for row in summary["rows"].values())
    ]
    heads = [
        "model",
        "parameters deployed",
        "training only",
        *(f"{part} {metric}" for part in parts for metric in METRICS),
        "minutes",
    ]
    lines = [
        f"`{command}`",
        "",
        (
            f"{summary['data']['source']}: {summary['data']['split']}. Mean and standard deviation"
            " over seeds "
        ),
    ]
    lines[-1] += f"{', '.join(map(str, summary['seeds']))}. {summary['notice']}"
    lines += ["", "| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for name, row in summary["rows"].items():
        numbers = [
            _words(row[part][metric]) if part in row else "" for part in parts for metric in METRICS
        ]
        counts = row["parameters"]
        cells = [
            name,
            f"{counts['deployed']:,}",
            f"{counts['training-only']:,}",
            *numbers,
            f"{row['minutes']:.1f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    if summary.get("comparisons"):
        lines += [
            "",
            "Macro-F1 on the test part, mean over seeds, paired bootstrap by group (95 %):",
            "",
        ]
    for pair in summary.get("comparisons", []):
        numbers_words = f"{pair['difference']:+.3f} ({pair['low']:+.3f} to {pair['high']:+.3f})"
        lines.append(f"- {pair['b']} against {pair['a']}: {numbers_words}, {pair['b is']}")
    return "\n".join(lines) + "\n"


def _words(spread: dict[str, Any]) -> str:
    return f"{spread['mean']:.3f}" + (f" ± {spread['sd']:.3f}" if spread["sd"] is not None else "")


def plot(summary: dict[str, Any], path: Path) -> None:
    """Macro-F1 of every row, a dot a seed and a bar at their mean, as PNG or SVG by suffix."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    part = "test" if any("test" in row for row in summary["rows"].values()) else "validation"
    rows = {name: row[part]["macro_f1"] for name, row in summary["rows"].items() if part in row}
    figure = Figure(figsize=(8, 0.5 * len(rows) + 1.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for place, spread in enumerate(rows.values()):
        axes.plot(
            spread["values"], [place] * len(spread["values"]), "o", color="#0072b2", alpha=0.7
        )
        axes.plot([spread["mean"]] * 2, [place - 0.3, place + 0.3], color="#d55e00", linewidth=2.5)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    axes.set_xlabel(f"macro-F1 on the {part} part: a dot a seed, the bar their mean")
    axes.set_title(summary["notice"], fontsize=9)
    figure.savefig(path, dpi=150)
