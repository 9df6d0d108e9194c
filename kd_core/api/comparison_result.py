"""What may be said of model B beside model A, for programs and for people."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from kd_core.schema.model_card import RESEARCH_USE
from kd_core.schema.model_scores import left_out_line

MOST_LISTED = 20


class ComparedModel(msgspec.Struct, frozen=True):
    """Where it lies and its version."""

    folder: str
    model: str


class ScoreDifference(msgspec.Struct, frozen=True):
    """One score of both models; ``difference`` is B minus A, ``low`` and ``high`` its bounds.

    ``chance``: two-sided, of such a difference if there is none; ``among_all``: the same among all
    scores that are compared (Holm). ``b_is`` goes by that.
    """

    a: float
    b: float
    difference: float
    low: float
    high: float
    b_is: Literal["better", "worse", "undecided"]
    chance: float = 1.0
    among_all: float = 1.0


class DifferingImage(msgspec.Struct, frozen=True):
    """An image of which the models name different classes."""

    file: str
    truth: str
    a: str
    b: str


class Latencies(msgspec.Struct, frozen=True):
    """Median ms per image; see Evaluation."""

    a: float
    b: float


class ComparedModels(msgspec.Struct, frozen=True, kw_only=True):
    """``print`` shows it as a table.

    ``recall`` is None for a class that no image shows; ``differ`` lists the first MOST_LISTED of
    the ``differing`` images.
    """

    a: ComparedModel
    b: ComparedModel
    notice: str = RESEARCH_USE
    data: str
    classes: tuple[str, ...]
    n: int
    groups: int
    accuracy: ScoreDifference
    macro_f1: ScoreDifference
    recall: dict[str, ScoreDifference | None]
    both_right: int
    only_a_right: int
    only_b_right: int
    neither_right: int
    differing: int
    differ: list[DifferingImage]
    latency_ms: Latencies
    ignored: dict[str, int]
    unreadable: list[str]

    def __str__(self) -> str:
        return "\n".join([*self._head(), *self._rows(), *self._counts(), *self._differences()])

    def _head(self) -> list[str]:
        return [
            f"A is model {self.a.model} ({self.a.folder})",
            f"B is model {self.b.model} ({self.b.folder})",
            f"on {self.n} images in {self.groups} groups. {self.notice}",
            "",
        ]

    def _rows(self) -> list[str]:
        rows: dict[str, ScoreDifference | None] = {
            "accuracy": self.accuracy,
            "macro-F1": self.macro_f1,
            **{f"recall {name}": row for name, row in self.recall.items()},
        }
        width = max(len(name) for name in rows)
        lines = [
            f"{'':<{width}}       A       B   B - A  [95 % by group]   chance  among all   B is"
        ]
        for name, row in rows.items():
            if row is None:
                lines.append(f"{name:<{width}}  no image has this class")
                continue
            bounds = f"[{row.low:+.3f} {row.high:+.3f}]"
            lines.append(
                f"{name:<{width}}  {row.a:6.3f}  {row.b:6.3f}  {row.difference:+6.3f} "
                f" {bounds}   {row.chance:6.4f}     {row.among_all:6.4f}   {row.b_is}"
            )
        if None in self.recall.values():
            lines.append("macro-F1 is over the classes that the images show")
        return [
            *lines,
            "intervals and chances are of each line on its own; better or worse is said where the"
            f" chance among all {sum(row is not None for row in rows.values())} lines (Holm) is"
            " below 5 %",
            "A and B are one run each: how much another seed would change them is not in it (see"
            " kd-core reproduce)",
            "",
        ]

    def _counts(self) -> list[str]:
        return [
            f"right: both {self.both_right}, only A {self.only_a_right}, only B"
            f" {self.only_b_right}, neither {self.neither_right}",
            f"ms per image: A {self.latency_ms.a:.2f}, B {self.latency_ms.b:.2f} (median, one"
            " thread, without reading the file)",
        ]

    def _differences(self) -> list[str]:
        lines = []
        if self.differing:
            shown = f"; the first {MOST_LISTED}" if self.differing > MOST_LISTED else ""
            lines += ["", f"they say different classes of {self.differing} images{shown}:"]
            lines += [
                f"  {self._short(row.file)}: {row.truth}; A says {row.a}, B says {row.b}"
                for row in self.differ
            ]
        return lines + ([left_out_line(self.ignored)] if self.ignored else [])

    def _short(self, file: str) -> str:
        """The name inside the data set, as its manifest or folders have it."""
        data, path = Path(self.data), Path(file)
        root = data.parent if data.is_file() else data
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else file
