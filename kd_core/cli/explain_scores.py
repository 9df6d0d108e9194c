"""``kd-core explain-scores``: how well heat maps point at lesions that a mask outlines, beside
maps that have not looked.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from kd_core.data.splits import PARTS
from kd_core.schema.errors import CoreError, DataError
from kd_core.schema.heat_map_methods import METHODS
from kd_core.schema.manifest import Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kd_core.evaluation.explanation_scores import PictureScores
    from kd_core.models.student import Student
    from kd_core.schema.model_card import ModelCard

HELP = "score heat maps against lesion masks, and by insertion and deletion"
#: The fields of kd_core.evaluation.explanation_scores.MaskScores and CurveScores (a test holds them
#: equal): --help must not wait for torch.
SCORES = ("pointing", "energy", "iou", "insertion", "deletion")
#: The names of PictureScores.context.
CONTEXT = ("picture", "blurred", "blank", "lesion_share")
SEED = 2023


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--model", required=True, type=Path, help="a model folder (its safetensors are used)"
    )
    parser.add_argument(
        "--data",
        required=True,
        type=Path,
        help="a manifest.csv with a column mask; each image is explained for its label",
    )
    parser.add_argument(
        "--split", type=Path, help="score only one part of this split (made by `kd-core split`)"
    )
    parser.add_argument(
        "--part", choices=PARTS, default="test", help="which part of --split (default: %(default)s)"
    )
    parser.add_argument(
        "--methods",
        default="gradcam,hirescam,layercam,eigencam",
        help=(
            f"of {', '.join(METHODS)} (default: %(default)s); the sign of eigencam is arbitrary,"
            " and it knows no class"
        ),
    )
    parser.add_argument("--limit", type=int, help="score only the first N images that have a mask")
    parser.add_argument(
        "--steps",
        type=int,
        default=28,
        help="portions in which pixels are inserted and deleted (default: %(default)s)",
    )
    parser.add_argument(
        "--tolerance",
        type=float,
        default=15.0,
        help="px of 224 that the pointing game may miss by (default: %(default)s)",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="numbers for programs; standard output holds nothing else",
    )


def run(options: argparse.Namespace) -> int:
    """Score every masked image by every method and baseline, print means with intervals that
    resample whole groups.
    """
    made = measured(options)
    print(json.dumps(made) if options.json else _table(made))
    return 0


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """What is printed, ready for JSON; ``options`` as ``add`` makes them."""
    from kd_core.artifacts.checkpoint import load_student

    methods = _checked(options)
    student, card = load_student(options.model)
    samples, ignored = _masked_samples(options, card.classes)
    pictures, groups, left_out = _score_all(
        student, card, samples, methods, options.steps, options.tolerance
    )
    made: dict[str, Any] = {
        "model": card.version,
        "n": len(groups),
        "groups": len(set(groups)),
        **left_out,
        "ignored": dict(ignored),
    }
    made["no_evidence"] = {
        method: sum(method in picture.without_evidence for picture in pictures)
        for method in methods
    }
    made["means"] = {
        name: fmean(values)
        for name, values in zip(
            CONTEXT, zip(*(p.context for p in pictures), strict=True), strict=True
        )
    }
    made |= {
        "steps": options.steps,
        "tolerance": options.tolerance,
        "scores": _with_intervals(pictures, groups),
    }
    return made


def _checked(options: argparse.Namespace) -> list[str]:
    methods = [word.strip().lower() for word in options.methods.split(",") if word.strip()]
    for method in methods:
        if method not in METHODS:
            raise CoreError(
                f"There is no method '{method}'.", f"Choose among {', '.join(METHODS)}."
            )
    if not methods or len(set(methods)) < len(methods):
        raise CoreError(
            "--methods must name one or more different methods.", "For example gradcam,layercam."
        )
    if (
        options.steps < 1
        or (options.limit is not None and options.limit < 1)
        or not options.tolerance >= 0
    ):
        raise CoreError(
            "--steps and --limit must be 1 or more, and --tolerance 0 or more.",
            "Leave them out for the usual ones.",
        )
    return methods


def _masked_samples(
    options: argparse.Namespace, classes: Sequence[str]
) -> tuple[list[Sample], Counter[str]]:
    from kd_core.data.folders import read_samples, relabel
    from kd_core.data.splits import read_split

    masked = [sample for sample in read_samples(options.data) if sample.mask]
    if not masked:
        raise DataError(
            f"No image of {options.data} has a lesion mask.",
            "Name them in the column mask of a manifest.csv.",
        )
    samples, ignored = relabel(masked, classes, ignore_unknown=True)
    if options.split:
        samples = read_split(options.split).part(samples, options.part)
    if not samples:
        raise DataError(
            f"The {options.part} part of the split holds no lesion mask.",
            "Choose another part, or another split.",
        )
    return samples[: options.limit], ignored


def _mean_of(column: NDArray[np.float64], drawn: NDArray[np.int64]) -> float:
    return float(column[drawn].mean())


def _score_all(
    student: Student,
    card: ModelCard,
    samples: Sequence[Sample],
    methods: Sequence[str],
    steps: int,
    tolerance: float,
) -> tuple[list[PictureScores], list[str], dict[str, Any]]:
    """Scores of each picture, its group, and how many masks and files were left out."""
    from kd_core.data.image_files import MOST_UNREADABLE, read_rgb
    from kd_core.evaluation.explanation_scores import lesion_in_square, score_picture
    from kd_core.vision.preprocess import crop_square

    made: list[PictureScores] = []
    groups: list[str] = []
    broken: list[str] = []
    unseen = 0
    for number, sample in enumerate(samples):
        if number % 20 == 0 and sys.stderr.isatty():
            print(f"kd-core: {number} of {len(samples)} images", file=sys.stderr)
        try:
            picture, mask = read_rgb(Path(sample.path)), read_rgb(Path(sample.mask))
            square, field = crop_square(picture)
            lesion = lesion_in_square(mask, picture.shape, field)
        except DataError as error:
            broken.append(sample.path)
            print(f"kd-core: {Path(sample.path).name} is left out. {error}", file=sys.stderr)
            continue
        if not lesion.any():
            unseen += 1
            continue
        index = card.classes.index(sample.label)
        made.append(
            score_picture(
                student,
                card,
                square,
                lesion,
                index,
                methods,
                steps=steps,
                tolerance=tolerance,
                seed=SEED + number,
            )
        )
        groups.append(sample.group)
    if len(broken) > MOST_UNREADABLE * len(samples):
        raise DataError(
            f"{len(broken)} of {len(samples)} images or their masks cannot be used.",
            "Copy the data set again.",
        )
    if not made:
        raise DataError(
            "No lesion lies where the model is shown anything.",
            "Choose another part, or other masks.",
        )
    return made, groups, {"not_visible": unseen, "unreadable": broken}


def _with_intervals(
    pictures: Sequence[PictureScores], groups: Sequence[str]
) -> dict[str, dict[str, dict[str, float]]]:
    import numpy as np

    from kd_core.evaluation.intervals import bootstrap

    made: dict[str, dict[str, dict[str, float]]] = {}
    for name in pictures[0].scores:
        table = np.array([picture.scores[name] for picture in pictures])
        made[name] = {}
        for score, column in zip(SCORES, table.T, strict=True):
            interval = bootstrap(partial(_mean_of, column), np.array(groups), SEED)
            made[name][score] = interval._asdict()
    return made


def _table(made: dict[str, Any]) -> str:
    means = made["means"]
    lines = [
        (
            f"model {made['model']} on {made['n']} images with a lesion mask, {made['groups']}"
            " groups; 95 % intervals by group"
        ),
        (
            f"mean probability of the class: picture {means['picture']:.3f}, blurred"
            f" {means['blurred']:.3f}, blank {means['blank']:.3f}"
        ),
        (
            f"lesions are {means['lesion_share']:.1%} of what the model is shown; left out:"
            f" {made['not_visible']} masks with no visible part"
        ),
        "",
        f"{'map':<12}" + "".join(f"{name:>22}" for name in SCORES),
    ]
    for name, row in made["scores"].items():
        cells = "".join(
            f"  {row[s]['value']:6.3f} [{row[s]['low']:.3f} {row[s]['high']:.3f}]".rjust(22)
            for s in SCORES
        )
        lines.append(f"{name:<12}{cells}")
    lines += [
        "",
        (
            "uniform and gaussian have not looked at the picture: what any map scores by chance."
            " deletion is better when lower."
        ),
    ]
    for method, count in made["no_evidence"].items():
        if count:
            lines.append(
                f"{method} found no positive evidence in {count} images: scored 0, pixels in random"
                " order."
            )
    if made["ignored"]:
        lines.append(
            "left out: " + ", ".join(f"{count} {name}" for name, count in made["ignored"].items())
        )
    return "\n".join(lines)
