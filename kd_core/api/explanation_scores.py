"""How well heat maps point at lesions that a mask outlines, beside maps that have not looked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import fmean

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.api.labelled_data import OnWarning, ignore
from kd_core.api.openings import note_opening
from kd_core.api.predictions import PartName
from kd_core.artifacts.checkpoint import load_student, refuse_old_preprocessing
from kd_core.data.folders import read_samples, relabel
from kd_core.data.image_files import MOST_UNREADABLE, read_rgb
from kd_core.data.splits import read_split
from kd_core.evaluation.explanation_scores import ImageScores, lesion_in_crop, score_image
from kd_core.evaluation.intervals import bootstrap
from kd_core.schema.errors import CoreError, DataError
from kd_core.schema.explanation_scores import ContextMeans, ExplanationScores, MapScores
from kd_core.schema.heat_map_methods import METHODS
from kd_core.schema.manifest import Sample
from kd_core.schema.model_scores import Bounds
from kd_core.vision.blanking import shown_in
from kd_core.vision.preprocess import model_crop

DEFAULT_METHODS = ("gradcam", "hirescam", "layercam", "eigencam")
SEED = 2023
STEPS, TOLERANCE = 28, 15.0


@dataclass
class _Scored:
    images: list[ImageScores] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unseen: int = 0


def score_explanations(
    model: str | Path,
    data: str | Path,
    *,
    split: str | Path | None = None,
    part: PartName = "val",
    methods: Sequence[str] = DEFAULT_METHODS,
    limit: int | None = None,
    steps: int = STEPS,
    tolerance: float = TOLERANCE,
    command: str = "kd_core.score_explanations",
    on_progress: Callable[[int, int], None] | None = None,
    on_warning: OnWarning = ignore,
) -> ExplanationScores:
    """Score heat maps of the student in ``model`` on every image of ``data`` that has a mask.

    ``steps``: portions in which pixels are inserted and deleted; ``tolerance``: px of 224 that the
    pointing game may miss by; ``part`` and ``command``: see ``evaluate``. Intervals resample whole
    groups. Raises DataError and CoreError.
    """
    _check(methods, limit, steps, tolerance)
    student, card = load_student(Path(model))
    refuse_old_preprocessing(card)
    samples, ignored = _masked_samples(Path(data), split, part, limit, card.classes)
    note_opening(split, part, [model], command, on_warning)
    scored = _Scored()
    for number, sample in enumerate(samples):
        if on_progress:
            on_progress(number + 1, len(samples))
        try:
            pixels, mask = read_rgb(Path(sample.path)), read_rgb(Path(sample.mask))
            crop, place = model_crop(pixels)
            lesion = lesion_in_crop(mask, pixels.shape, place, shown_in(crop))
        except DataError as error:
            scored.broken.append(sample.path)
            on_warning(f"{Path(sample.path).name} is left out. {error}")
            continue
        if not lesion.any():
            scored.unseen += 1
            continue
        index = card.classes.index(sample.label)
        scored.images.append(
            score_image(
                student,
                card,
                crop,
                lesion,
                index,
                methods,
                steps=steps,
                tolerance=tolerance,
                seed=SEED + number,
            )
        )
        scored.groups.append(sample.group)
    _refuse_too_few(scored, len(samples))
    context = zip(*(image.context for image in scored.images), strict=True)
    return ExplanationScores(
        model=card.version,
        n=len(scored.groups),
        groups=len(set(scored.groups)),
        not_visible=scored.unseen,
        unreadable=scored.broken,
        ignored=dict(ignored),
        no_evidence={
            method: sum(method in image.without_evidence for image in scored.images)
            for method in methods
        },
        means=ContextMeans(*(fmean(values) for values in context)),
        steps=steps,
        tolerance=tolerance,
        scores={name: _with_intervals(scored, name) for name in scored.images[0].scores},
    )


def _check(methods: Sequence[str], limit: int | None, steps: int, tolerance: float) -> None:
    for method in methods:
        if method not in METHODS:
            raise CoreError(
                f"There is no method '{method}'.", f"Choose among {', '.join(METHODS)}."
            )
    if not methods or len(set(methods)) < len(methods):
        raise CoreError(
            "--methods must name one or more different methods.", "For example gradcam,layercam."
        )
    if steps < 1 or (limit is not None and limit < 1) or not tolerance >= 0:
        raise CoreError(
            "--steps and --limit must be 1 or more, and --tolerance 0 or more.",
            "Leave them out for the usual ones.",
        )


def _masked_samples(
    data: Path,
    split: str | Path | None,
    part: PartName,
    limit: int | None,
    classes: Sequence[str],
) -> tuple[list[Sample], Counter[str]]:
    masked = [sample for sample in read_samples(data) if sample.mask]
    if not masked:
        raise DataError(
            f"No image of {data} has a lesion mask.",
            "Name them in the column mask of a manifest.csv.",
        )
    samples, ignored = relabel(masked, classes, ignore_unknown=True)
    if split:
        samples = read_split(Path(split)).part(samples, part)
    if not samples:
        raise DataError(
            f"The {part} part of the split holds no lesion mask.",
            "Choose another part, or another split.",
        )
    return samples[:limit], ignored


def _refuse_too_few(scored: _Scored, count: int) -> None:
    if len(scored.broken) > MOST_UNREADABLE * count:
        raise DataError(
            f"{len(scored.broken)} of {count} images or their masks cannot be used.",
            "Copy the data set again.",
        )
    if not scored.images:
        raise DataError(
            "No lesion lies where the model is shown anything.",
            "Choose another part, or other masks.",
        )


def _with_intervals(scored: _Scored, name: str) -> MapScores:
    table = np.array([image.scores[name] for image in scored.images])
    groups = np.array(scored.groups)
    return MapScores(
        *(
            msgspec.convert(bootstrap(partial(_mean_of, column), groups, SEED)._asdict(), Bounds)
            for column in table.T
        )
    )


def _mean_of(column: NDArray[np.float64], drawn: NDArray[np.int64]) -> float:
    return float(column[drawn].mean())
