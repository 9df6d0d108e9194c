"""The table of a reproduction as Markdown and as a plot."""

from __future__ import annotations

from pathlib import Path

from kd_core.reproduction.table import METRICS, ReproductionTable, Spread, TableRow


def markdown(table: ReproductionTable, command: str) -> str:
    """The table as a page; ``command`` is named on it."""
    parts = table.parts
    heads = [
        "model",
        "parameters deployed",
        "training only",
        *(f"{part} {metric}" for part in parts for metric in METRICS),
        "minutes",
    ]
    seeds = ", ".join(map(str, table.seeds))
    lines = [
        f"`{command}`",
        "",
        f"{table.data.source}: {table.data.split}. Mean and standard deviation over seeds {seeds}."
        f" {table.notice}",
        "",
        "| " + " | ".join(heads) + " |",
        "|" + "---|" * len(heads),
    ]
    lines += [_line(name, row, parts) for name, row in table.rows.items()]
    if table.comparisons:
        lines += [
            "",
            "Macro-F1 on the test part, mean over seeds, paired bootstrap by group (95 %):",
            "",
        ]
    lines += [
        f"- {pair.b} against {pair.a}: {pair.difference:+.3f} ({pair.low:+.3f} to"
        f" {pair.high:+.3f}), {pair.verdict}"
        for pair in table.comparisons
    ]
    return "\n".join(lines) + "\n"


def _line(name: str, row: TableRow, parts: tuple[str, ...]) -> str:
    spreads: list[dict[str, Spread]] = [getattr(row, part) for part in parts]
    cells = [
        name,
        f"{row.parameters.deployed:,}",
        f"{row.parameters.training_only:,}",
        *(_text(part[metric]) if part else "" for part in spreads for metric in METRICS),
        f"{row.minutes:.1f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _text(spread: Spread) -> str:
    return f"{spread.mean:.3f}" + (f" ± {spread.sd:.3f}" if spread.sd is not None else "")


def plot(table: ReproductionTable, path: Path) -> None:
    """Macro-F1 of every row, a dot per seed and a bar at their mean, as PNG or SVG by suffix."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    part = "test" if "test" in table.parts else "validation"
    rows: dict[str, Spread] = {
        name: getattr(row, part)["macro_f1"]
        for name, row in table.rows.items()
        if getattr(row, part)
    }
    figure = Figure(figsize=(8, 0.5 * len(rows) + 1.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for place, spread in enumerate(rows.values()):
        axes.plot(spread.values, [place] * len(spread.values), "o", color="#0072b2", alpha=0.7)
        axes.plot([spread.mean] * 2, [place - 0.3, place + 0.3], color="#d55e00", linewidth=2.5)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    axes.set_xlabel(f"macro-F1 on the {part} part: a dot per seed, the bar their mean")
    axes.set_title(table.notice, fontsize=9)
    figure.savefig(path, dpi=150)
