"""What probes reach that see no tissue: for programs and for people."""

from __future__ import annotations

import msgspec

from kd_core.schema.model_scores import Bounds, left_out_line


class Chance(msgspec.Struct, frozen=True, rename={"name": "class"}):
    """What it scores to say always the class that is most frequent in training."""

    name: str
    accuracy: float
    macro_f1: float


class Shuffled(msgspec.Struct, frozen=True):
    """Means over trainings with shuffled labels, and the highest macro-F1 of them."""

    accuracy: float
    macro_f1: float
    best_macro_f1: float


class ProbeResult(msgspec.Struct, frozen=True):
    """What one view ``sees``, and how well a probe of it tells the class."""

    sees: str
    features: int
    accuracy: Bounds
    macro_f1: Bounds
    gain: Bounds
    shuffled: Shuffled
    better_than_chance: bool
    verdict: str


class FrameFall(msgspec.Struct, frozen=True, kw_only=True):
    """What it costs a model when tissue stands in the frame of an image of another class.

    The frame: border, burnt-in text and inset. Falls are in accuracy and macro-F1 (1 is all), with
    95 % intervals by resampled groups; below 0 nothing was lost. ``n`` counts images.
    """

    n: int
    accuracy: Bounds
    macro_f1: Bounds

    def __str__(self) -> str:
        return (
            f"in a frame of another class ({self.n} images) it loses"
            f" {_points(self.accuracy)} points of accuracy and {_points(self.macro_f1)} of macro-F1"
        )


class ShortcutProbes(msgspec.Struct, frozen=True, kw_only=True):
    """``print`` shows it as a table; ``train`` and ``test`` count images."""

    classes: tuple[str, ...]
    train: int
    test: int
    seed: int
    shuffles: int
    chance: Chance
    probes: dict[str, ProbeResult]
    ignored: dict[str, int]
    unreadable: list[str]
    frame_fall: FrameFall | None = None

    def __str__(self) -> str:
        width = max(len(view) for view in (*self.probes, "chance"))
        lines = [
            f"trained on {self.train} images, scored on {self.test} held-out ones; 95 % intervals"
            " by resampled groups",
            "",
            f"{'probe':<{width}}  {'accuracy':<18}  {'macro-F1':<18}  shuffled labels",
            f"{'chance':<{width}}  {self.chance.accuracy:<18.3f}  {self.chance.macro_f1:<18.3f} "
            f" (always {self.chance.name})",
        ]
        for view, row in self.probes.items():
            spans = "  ".join(f"{_span(bounds):<18}" for bounds in (row.accuracy, row.macro_f1))
            lines.append(
                f"{view:<{width}}  {spans}  {row.shuffled.accuracy:.3f},"
                f" {row.shuffled.macro_f1:.3f} to {row.shuffled.best_macro_f1:.3f}"
            )
        lines += [
            "",
            "shuffled labels: mean accuracy, mean and highest macro-F1 of"
            f" {self.shuffles} trainings",
            "",
        ]
        for row in self.probes.values():
            lines += [row.verdict, f"    It sees {row.sees}."]
        if self.frame_fall is not None:
            lines += ["", f"The model: {self.frame_fall}."]
        return "\n".join(lines + ([left_out_line(self.ignored)] if self.ignored else []))


def _points(bounds: Bounds) -> str:
    return f"{100 * bounds.value:.1f} ({100 * bounds.low:.1f} to {100 * bounds.high:.1f})"


def _span(bounds: Bounds) -> str:
    return f"{bounds.value:.3f} ({bounds.low:.3f}-{bounds.high:.3f})"
