"""The table of a reproduction as Markdown and as a plot."""

from __future__ import annotations

from pathlib import Path

from kd_core.reproduction.agreement import Agreement
from kd_core.reproduction.spread import Spread
from kd_core.reproduction.table import METRICS, PairComparison, ReproductionTable, TableRow

#: What comparisons on a part are not: sealed.
_CHOSEN_BY = {"validation": " (which also chose each run's epoch)"}


def markdown(table: ReproductionTable, command: str) -> str:
    """The table as a page; ``command`` is named on it."""
    parts = table.parts
    heads = [
        "model",
        "parameters deployed",
        "training only",
        *(f"{part} {metric}" for part in parts for metric in METRICS),
        "epochs",
        "minutes",
    ]
    seeds = ", ".join(map(str, table.seeds))
    lines = [
        f"`{command}`",
        "",
        f"{table.data.source}: {table.data.split}. Mean and standard deviation over seeds {seeds}."
        " Macro-F1 is over the classes that a part shows."
        f" {table.notice}",
        "",
        "| " + " | ".join(heads) + " |",
        "|" + "---|" * len(heads),
    ]
    lines += [_line(name, row, parts) for name, row in table.rows.items()]
    lines += _comparisons(table.comparisons, table.compared)
    lines += _agreement(table.agreement, table.compared)
    return "\n".join(lines) + "\n"


def _comparisons(pairs: list[PairComparison], part: str) -> list[str]:
    if not pairs:
        return []
    drawn = (
        "groups and seeds drawn again"
        if all(pair.seeds > 1 for pair in pairs)
        else "groups drawn again; of a single seed, so how much another would change is not in it"
    )
    return [
        "",
        f"Macro-F1 on the {part} part{_CHOSEN_BY.get(part, '')}, mean over seeds, paired bootstrap,"
        f" {drawn} (95 % of each on its own; the chance among all {len(pairs)} by Holm):",
        "",
        *(
            f"- {pair.b} against {pair.a}: {pair.difference:+.3f} ({pair.low:+.3f} to"
            f" {pair.high:+.3f}), chance {pair.chance:.4f}, among all {pair.among_all:.4f}:"
            f" {pair.verdict}"
            for pair in pairs
        ),
    ]


def _agreement(found: Agreement | None, part: str) -> list[str]:
    if found is None:
        return []
    return [
        "",
        f"Accuracy on the {part} part, on all images and on those of which the teachers say"
        f" different classes ({found.share} of them):",
        "",
        "| model | all | teachers disagree |",
        "|---|---|---|",
        *(
            f"| {name} | {row.all} | {'-' if row.disagreeing is None else row.disagreeing} |"
            for name, row in found.rows.items()
        ),
    ]


def _line(name: str, row: TableRow, parts: tuple[str, ...]) -> str:
    spreads: list[dict[str, Spread]] = [getattr(row, part) for part in parts]
    cells = [
        name,
        f"{row.parameters.deployed:,}",
        f"{row.parameters.training_only:,}",
        *(str(part[metric]) if part else "" for part in spreads for metric in METRICS),
        f"{row.epochs:.0f}",
        f"{row.minutes:.1f}",
    ]
    return "| " + " | ".join(cells) + " |"


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
