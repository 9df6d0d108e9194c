"""How well heat maps point at lesions: for programs and for people."""

from __future__ import annotations

import msgspec

from kd_core.schema.model_scores import Bounds, left_out_line


class MapScores(msgspec.Struct, frozen=True):
    """Means over images; deletion is better when lower, the others when higher."""

    pointing: Bounds
    energy: Bounds
    iou: Bounds
    insertion: Bounds
    deletion: Bounds


class ContextMeans(msgspec.Struct, frozen=True):
    """Means over images.

    Probability of the class for the image, the blurred one and the blank one; and the share of what
    is visible that is lesion.
    """

    image: float
    blurred: float
    blank: float
    lesion_share: float


class ExplanationScores(msgspec.Struct, frozen=True, kw_only=True):
    """``print`` shows it as a table.

    ``no_evidence``: images in which a method found nothing; ``scores`` by method or baseline.
    """

    model: str
    n: int
    groups: int
    not_visible: int
    unreadable: list[str]
    ignored: dict[str, int]
    no_evidence: dict[str, int]
    means: ContextMeans
    steps: int
    tolerance: float
    scores: dict[str, MapScores]

    def __str__(self) -> str:
        names = MapScores.__struct_fields__
        lines = [
            f"model {self.model} on {self.n} images with a lesion mask, {self.groups} groups; 95 %"
            " intervals by group",
            f"mean probability of the class: image {self.means.image:.3f}, blurred"
            f" {self.means.blurred:.3f}, blank {self.means.blank:.3f}",
            f"lesions are {self.means.lesion_share:.1%} of what the model is shown; left out:"
            f" {self.not_visible} masks with no visible part",
            "",
            f"{'map':<12}" + "".join(f"{name:>22}" for name in names),
        ]
        for name, row in self.scores.items():
            bounds = (getattr(row, score) for score in names)
            cells = (f"{b.value:6.3f} [{b.low:.3f} {b.high:.3f}]" for b in bounds)
            lines.append(f"{name:<12}" + "".join(f"{cell:>22}" for cell in cells))
        lines += [
            "",
            "uniform and gaussian have not looked at the image: what any map scores by chance."
            " deletion is better when lower.",
        ]
        lines += [
            f"{method} found no positive evidence in {count} images: scored 0, pixels in random"
            " order."
            for method, count in self.no_evidence.items()
            if count
        ]
        return "\n".join(lines + ([left_out_line(self.ignored)] if self.ignored else []))
