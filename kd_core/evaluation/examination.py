"""A finished model before it meets a reader: scores with intervals, thresholds at work, changed
pictures, and frames of nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.data.image_files import MOST_UNREADABLE, one_thread, read_rgb
from kd_core.evaluation.abstention import UNSURE, abstention_scores, named
from kd_core.evaluation.group_scores import full_scores
from kd_core.evaluation.out_of_distribution import KINDS, drawn
from kd_core.evaluation.robustness import CHANGES
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_checks import UNCHANGED, Checks, Latency, UnsureOfOthers
from kd_core.schema.model_scores import PartScores
from kd_core.vision.predictor import IMAGES_PER_RUN
from kd_core.vision.preprocess import shrink

Image = NDArray[np.uint8]
#: (H, W, 3) uint8 RGB pictures -> calibrated probabilities (C,) of each.
Model = Callable[[Sequence[Image]], list[NDArray[np.float32]]]
SEED = 2023
#: Frames drawn of each kind that is none of the classes.
DRAWN = 200


def examine(
    model: Model, card: ModelCard, samples: Sequence[Sample], say: Callable[[str], None]
) -> tuple[PartScores, Checks]:
    """What the model says of ``samples`` -> its scores on them, and the card's checks with them.

    Raises DataError where too many pictures cannot be read.
    """
    pictures, kept = _read(samples)
    truth = np.array([card.classes.index(sample.label) for sample in kept], np.int64)
    levels = np.array([card.threshold(name) for name in card.classes])
    say("scores")
    probabilities, latency = _asked(model, pictures)
    groups = np.array([sample.group for sample in kept])
    scores = msgspec.structs.replace(
        full_scores(probabilities, truth, groups, card.classes, SEED),
        unreadable=len(samples) - len(kept),
        abstention=abstention_scores(probabilities, truth, levels, card.classes),
    )
    say("changed pictures")
    robust = {UNCHANGED: float((probabilities.argmax(axis=1) == truth).mean())}
    for name, change in CHANGES.items():
        answers, _ = _asked(
            model, [change(picture, SEED + place) for place, picture in enumerate(pictures)]
        )
        robust[name] = float((answers.argmax(axis=1) == truth).mean())
    say("frames of nothing")
    chosen = np.random.default_rng(SEED).permutation(len(pictures))[:DRAWN]
    silent = {}
    for kind in KINDS:
        answers, _ = _asked(model, drawn([pictures[place] for place in chosen], kind, SEED))
        silent[kind] = float((named(answers, levels) == UNSURE).mean())
    checks = msgspec.structs.replace(
        card.checks,
        robustness=robust,
        unsure_of_others=UnsureOfOthers(len(chosen), silent),
        latency=Latency(latency, threads=1),
    )
    return scores, checks


def _read(samples: Sequence[Sample]) -> tuple[list[Image], list[Sample]]:
    pictures, kept = [], []
    for sample in samples:
        try:
            # At full size a data set would fill the memory
            pictures.append(shrink(read_rgb(Path(sample.path))))
        except DataError:
            continue
        kept.append(sample)
    if len(samples) - len(kept) > MOST_UNREADABLE * len(samples):
        raise DataError(
            f"{len(samples) - len(kept)} of {len(samples)} images cannot be read.",
            "Copy the data set again.",
        )
    return pictures, kept


def _asked(model: Model, pictures: Sequence[Image]) -> tuple[NDArray[np.float32], float]:
    """(N, C) probabilities and the median time a picture in ms, preprocessing included."""
    rows: list[NDArray[np.float32]] = []
    taken = []
    with one_thread():
        for start in range(0, len(pictures), IMAGES_PER_RUN):
            batch = pictures[start : start + IMAGES_PER_RUN]
            begun = time.perf_counter()
            rows += model(batch)
            taken.append(1000.0 * (time.perf_counter() - begun) / len(batch))
    return np.stack(rows), statistics.median(taken)
