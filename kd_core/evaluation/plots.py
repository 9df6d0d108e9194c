"""Plots of a model's scores for print: reliability, confusion, recall.

Each is written as PNG or SVG by the suffix of its path.

Blue and orange after Okabe and Ito (2008), and one hue from light to dark: told apart by the
colour-blind and in grey print.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from kd_core.evaluation.intervals import wilson
from kd_core.schema.errors import DataError
from kd_core.schema.model_card import RESEARCH_USE
from kd_core.schema.model_scores import ReliabilityBin

FORMATS = ("png", "svg")
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#666666"
DOTS_PER_INCH = 200
#: A cell darker than this carries white figures.
DARK = 0.55


def reliability_diagram(
    rows: Sequence[ReliabilityBin], error: float, version: str, path: Path
) -> None:
    """Accuracy over confidence, and how many images where.

    ``rows`` are those of calibration.reliability, ``error`` is the expected calibration error.
    Whiskers are Wilson's 95 % intervals. Raises DataError where ``path`` cannot be written.
    """
    figure = Figure(figsize=(5.5, 6.3), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    confidence, accuracy = [row.confidence for row in rows], [row.accuracy for row in rows]
    intervals = [wilson(round(row.accuracy * row.images), row.images) for row in rows]
    upper.plot([0, 1], [0, 1], "--", color=GREY, label="perfect")
    upper.errorbar(
        confidence,
        accuracy,
        _whiskers([(i.value, i.low, i.high) for i in intervals]),
        fmt="o-",
        color=BLUE,
        capsize=3,
        label="this model",
    )
    upper.set(xlim=(0, 1), ylim=(-0.02, 1.02), ylabel="accuracy")
    upper.set_title(f"Reliability: expected calibration error {error:.3f}", fontsize=11)
    upper.legend(loc="upper left")
    lower.bar(
        [row.low for row in rows],
        [row.images for row in rows],
        [row.high - row.low for row in rows],
        align="edge",
        color=BLUE,
        edgecolor="white",
    )
    lower.set(xlabel="probability of the most probable class", ylabel="images")
    _save(figure, version, sum(row.images for row in rows), path)


def confusion_diagram(
    confusion: NDArray[np.int64], classes: Sequence[str], version: str, path: Path
) -> None:
    """(C, C) counts, rows the truth -> one cell per pair of classes.

    Its share of the row as shade and per cent, its count below. Raises DataError where ``path``
    cannot be written.
    """
    shares = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
    size = 2.6 + 0.8 * len(classes)
    figure = Figure(figsize=(size + 0.8, size), layout="constrained")
    axes = figure.add_subplot()
    shading = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(confusion):
        colour = "white" if shares[row, column] > DARK else "black"
        text = f"{shares[row, column]:.0%}\n{count}" if count else "0"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=9)
    axes.set_xticks(
        range(len(classes)), _plain(classes), rotation=45, ha="right", rotation_mode="anchor"
    )
    axes.set_yticks(range(len(classes)), _plain(classes))
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.set_title("Confusion: share of the row, count", fontsize=11)
    figure.colorbar(shading, ax=axes, label="share of the row", fraction=0.045)
    _save(figure, version, int(confusion.sum()), path)


def recall_diagram(
    confusion: NDArray[np.int64], classes: Sequence[str], version: str, path: Path
) -> None:
    """(C, C) counts, rows the truth -> recall of each class with Wilson's 95 % interval.

    A class without images has no dot. Raises DataError where ``path`` cannot be written.
    """
    support = confusion.sum(axis=1)
    places = np.flatnonzero(support)
    intervals = [wilson(int(confusion[place, place]), int(support[place])) for place in places]
    figure = Figure(figsize=(6.5, 1.7 + 0.42 * len(classes)), layout="constrained")
    axes: Axes = figure.add_subplot()
    values = [interval.value for interval in intervals]
    axes.errorbar(
        values,
        places,
        xerr=_whiskers(intervals),
        fmt="o",
        color=BLUE,
        ecolor=ORANGE,
        capsize=4,
        linewidth=2,
    )
    axes.set_yticks(
        range(len(classes)),
        [f"{name} ({count})" for name, count in zip(_plain(classes), support, strict=True)],
    )
    axes.set(
        xlim=(-0.02, 1.02),
        ylim=(len(classes) - 0.5, -0.5),
        xlabel="recall, with Wilson's 95 % interval",
    )
    axes.grid(axis="x", alpha=0.3)
    axes.set_title("Recall per class (images)", fontsize=11)
    _save(figure, version, int(support.sum()), path)


def _plain(names: Sequence[str]) -> list[str]:
    """A name with two dollar signs would be typeset as a formula, or fail to be one."""
    return [name.replace("$", r"\$") for name in names]


def _whiskers(intervals: Sequence[tuple[float, float, float]]) -> NDArray[np.float64]:
    """(value, low, high) of each dot -> (2, N) lengths to either side.

    Rounding may put a bound a hair beyond its value.
    """
    bounds = np.array(intervals, np.float64).reshape(-1, 3)
    return np.maximum(0.0, np.stack([bounds[:, 0] - bounds[:, 1], bounds[:, 2] - bounds[:, 0]]))


def _save(figure: Figure, version: str, images: int, path: Path) -> None:
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise DataError(
            f"A plot cannot be written as '{path.suffix}'.",
            f"Name a file that ends in {' or '.join(FORMATS)}.",
        )
    FigureCanvasAgg(figure)
    figure.supxlabel(f"{RESEARCH_USE}\nModel {version}, {images} images", fontsize=8, color=GREY)
    # Text stays text in an SVG (searchable, read aloud), and the same scores give the same file.
    try:
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "kd-core"}):
            figure.savefig(
                path,
                format=kind,
                dpi=DOTS_PER_INCH,
                metadata={"Date": None} if kind == "svg" else None,
            )
    except OSError as error:
        raise DataError(
            f"{path} cannot be written: {error.strerror}.", "Choose another place."
        ) from error
