"""The scores of one model, as numbers for programs and as a table for people."""

from __future__ import annotations

import msgspec

from kd_core.schema.card_text import span
from kd_core.schema.model_card import RESEARCH_USE
from kd_core.schema.model_scores import (
    Abstention,
    Bounds,
    ClassBounds,
    ClassScores,
    PartScores,
    ReliabilityBin,
    left_out_line,
)


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """``print`` shows it as a table.

    Macro means are over the classes that the images show; ``macro_f1_over_all`` counts an absent
    class as 0. ``confusion``: rows are the truth, columns as the rows. ``intervals`` resample whole
    groups. ``latency_ms``: median time per image, preprocessing included, reading the file not.
    ``ignored`` counts images of other classes, ``unreadable`` names files. ``seen_in_training``
    counts images that the model has learnt from, None where it does not say. ``by_group``: of a
    model with a softmax for each class group, the scores of each; ``n`` then counts labels.
    """

    model: str
    notice: str = RESEARCH_USE
    classes: tuple[str, ...]
    groups: int
    n: int
    accuracy: float
    macro_f1: float
    macro_f1_over_all: float
    macro_precision: float
    macro_recall: float
    micro_precision: float
    micro_recall: float
    micro_f1: float
    mcc: float
    ece: float
    macro_auroc: float | None
    auroc: dict[str, float | None]
    per_class: dict[str, ClassScores]
    per_class_intervals: dict[str, ClassBounds]
    confusion: list[list[int]]
    intervals: dict[str, Bounds]
    reliability: list[ReliabilityBin]
    abstention: Abstention
    latency_ms: float
    ignored: dict[str, int]
    unreadable: list[str]
    seen_in_training: int | None = None
    by_group: dict[str, PartScores] | msgspec.UnsetType = msgspec.UNSET
    plots: list[str] | msgspec.UnsetType = msgspec.UNSET

    def __str__(self) -> str:
        return "\n".join([*self._head(), *self._classes(), *self._confusion(), *self._foot()])

    def _head(self) -> list[str]:
        bounds = "  ".join(
            f"{name} {interval.low:.3f} to {interval.high:.3f}"
            for name, interval in self.intervals.items()
        )
        means = {
            "macro_precision": self.macro_precision,
            "macro_recall": self.macro_recall,
            "macro_auroc": self.macro_auroc,
        }
        counted = "labels" if self.by_group else "images"
        return [
            f"model {self.model} on {self.n} {counted} in {self.groups} groups. {self.notice}",
            f"accuracy {self.accuracy:.4f}  macro_f1 {self.macro_f1:.4f}  mcc {self.mcc:.4f}"
            f"  ece {self.ece:.4f}",
            *self._absent(),
            f"95 % by group: {bounds}",
            self._named(),
            "  ".join(f"{name} {_or_dash(value, '.4f')}" for name, value in means.items()),
            *self._groups(),
            f"{self.latency_ms:.2f} ms per image (median, one thread, preprocessing included,"
            " reading the file not)",
            "",
        ]

    def _groups(self) -> list[str]:
        return [
            f"{group}: {row.n} labels, accuracy {_or_dash(row.accuracy, '.4f')}, macro_f1"
            f" {_or_dash(row.macro_f1, '.4f')}, ece {_or_dash(row.ece, '.4f')}"
            for group, row in (self.by_group or {}).items()
        ]

    def _named(self) -> str:
        """How many images get a class, and how often it is right."""
        said = self.abstention
        if said.precision is None:
            return f"named: none of {said.n} images, all are unsure"
        return (
            f"named (the others are unsure): coverage {said.coverage:.4f}, precision"
            f" {said.precision:.4f} {span(said.precision_bounds)}"
        )

    def _absent(self) -> list[str]:
        """Where macro means leave classes out, which."""
        absent = [name for name, row in self.per_class.items() if not row.support]
        if not absent:
            return []
        return [
            f"macro means are over the {len(self.classes) - len(absent)} of {len(self.classes)}"
            f" classes that the images show, without {', '.join(absent)}; macro_f1 over all:"
            f" {self.macro_f1_over_all:.4f}"
        ]

    def _classes(self) -> list[str]:
        width = self._width
        lines = [
            f"{'class':<{width}}  {'precision [95 %]':>20}  {'recall [95 %]':>20}      f1   auroc "
            " support"
        ]
        for name, row in self.per_class.items():
            bounds = self.per_class_intervals[name]
            cells = f"{bounds.precision!s:>20}  {bounds.recall!s:>20}"
            area = _or_dash(self.auroc[name], ".3f")
            lines.append(f"{name:<{width}}  {cells}  {row.f1:6.3f}  {area:>6}  {row.support:7d}")
        return [*lines, "intervals per class are Wilson's: they take images for independent", ""]

    def _confusion(self) -> list[str]:
        return ["confusion (rows are the truth, columns as the rows)"] + [
            f"{name:<{self._width}}  " + " ".join(f"{count:5d}" for count in counts)
            for name, counts in zip(self.classes, self.confusion, strict=True)
        ]

    def _foot(self) -> list[str]:
        lines = [left_out_line(self.ignored)] if self.ignored else []
        if self.seen_in_training:
            lines.append(f"{self.seen_in_training} of the {self.n} images were seen in training")
        return lines + [f"drawn: {path}" for path in self.plots or []]

    @property
    def _width(self) -> int:
        return max(len("class"), *(len(name) for name in self.classes))


def _or_dash(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
