"""A finished model before it meets a reader.

Scores with intervals, thresholds at work, changed images, and frames of nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.data.image_files import MOST_UNREADABLE, one_thread, read_rgb
from kd_core.evaluation.abstention import UNSURE, abstention_scores, named, naming_level
from kd_core.evaluation.frame_swap import as_bounds, frame_fall, swapped
from kd_core.evaluation.group_scores import full_scores
from kd_core.evaluation.out_of_distribution import KINDS, drawn
from kd_core.evaluation.robustness import CHANGES
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_checks import UNCHANGED, Checks, Latency, UnsureOfOthers
from kd_core.schema.model_scores import Abstention, PartScores
from kd_core.schema.naming_level import NamingLevel
from kd_core.vision.predictor import IMAGES_PER_RUN
from kd_core.vision.preprocess import shrink

Image = NDArray[np.uint8]
#: (H, W, 3) uint8 RGB images -> calibrated probabilities (C,) of each.
Model = Callable[[Sequence[Image]], list[NDArray[np.float32]]]
SEED = 2023
#: Frames drawn of each kind that is none of the classes.
DRAWN = 200


def examine(
    model: Model, card: ModelCard, samples: Sequence[Sample], say: Callable[[str], None]
) -> tuple[PartScores, Checks]:
    """The model's predictions of ``samples`` -> its scores, and the card's checks with them.

    Raises DataError where too many images cannot be read.
    """
    images, kept = _read(samples)
    truth = np.array([card.classes.index(sample.label) for sample in kept], np.int64)
    levels = np.array([card.threshold(name) for name in card.classes])
    say("scores")
    probabilities, latency = _asked(model, images)
    groups = np.array([sample.group for sample in kept])
    scores = msgspec.structs.replace(
        full_scores(probabilities, truth, groups, card.classes, SEED),
        unreadable=len(samples) - len(kept),
        abstention=abstention_scores(probabilities, truth, levels, card.classes),
    )
    say("changed images")
    robust = {UNCHANGED: float((probabilities.argmax(axis=1) == truth).mean())}
    for name, change in CHANGES.items():
        changed, _ = _asked(
            model, [change(image, SEED + place) for place, image in enumerate(images)]
        )
        robust[name] = float((changed.argmax(axis=1) == truth).mean())
    say("frames of other classes")
    own = probabilities.argmax(axis=1)
    moved, _ = _asked(model, swapped(images, truth, SEED))
    fall = frame_fall(own, moved.argmax(axis=1), truth, groups, len(card.classes), SEED)
    say("frames of nothing")
    checks = msgspec.structs.replace(
        card.checks,
        robustness=robust,
        frame_fall=as_bounds(fall, len(kept)),
        unsure_of_others=_unsure_of_others(model, images, levels),
        latency=Latency(latency, threads=1),
    )
    return scores, checks


class NamingFound(NamedTuple):
    """A level for all classes, what it names of the images it was chosen on, and of no class."""

    naming: NamingLevel
    abstention: Abstention
    unsure_of_others: UnsureOfOthers


def naming_on(model: Model, card: ModelCard, samples: Sequence[Sample]) -> NamingFound:
    """The naming level by the model's predictions of ``samples``.

    Raises DataError where too many images cannot be read.
    """
    images, kept = _read(samples)
    truth = np.array([card.classes.index(sample.label) for sample in kept], np.int64)
    probabilities, _ = _asked(model, images)
    naming = naming_level(probabilities, truth)
    levels = np.full(len(card.classes), naming.level)
    return NamingFound(
        naming,
        abstention_scores(probabilities, truth, levels, card.classes),
        _unsure_of_others(model, images, levels),
    )


def _unsure_of_others(
    model: Model, images: Sequence[Image], levels: NDArray[np.float64]
) -> UnsureOfOthers:
    """What ``levels`` (C,) leave unsure of frames of nothing, drawn upon some of ``images``."""
    chosen = np.random.default_rng(SEED).permutation(len(images))[:DRAWN]
    shares = {}
    for kind in KINDS:
        probabilities, _ = _asked(model, drawn([images[place] for place in chosen], kind, SEED))
        shares[kind] = float((named(probabilities, levels) == UNSURE).mean())
    return UnsureOfOthers(len(chosen), shares)


def _read(samples: Sequence[Sample]) -> tuple[list[Image], list[Sample]]:
    images, kept = [], []
    for sample in samples:
        try:
            # At full size a data set would fill the memory
            images.append(shrink(read_rgb(Path(sample.path))))
        except DataError:
            continue
        kept.append(sample)
    if len(samples) - len(kept) > MOST_UNREADABLE * len(samples):
        raise DataError(
            f"{len(samples) - len(kept)} of {len(samples)} images cannot be read.",
            "Copy the data set again.",
        )
    return images, kept


def _asked(model: Model, images: Sequence[Image]) -> tuple[NDArray[np.float32], float]:
    """(N, C) probabilities and the median time per image in ms, preprocessing included."""
    rows: list[NDArray[np.float32]] = []
    taken = []
    with one_thread():
        for start in range(0, len(images), IMAGES_PER_RUN):
            batch = images[start : start + IMAGES_PER_RUN]
            begun = time.perf_counter()
            rows += model(batch)
            taken.append(1000.0 * (time.perf_counter() - begun) / len(batch))
    return np.stack(rows), statistics.median(taken)
