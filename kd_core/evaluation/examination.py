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

from kd_core.data.head_labels import first_classes, head_labels
from kd_core.data.image_files import MOST_UNREADABLE, one_thread, read_rgb
from kd_core.evaluation.abstention import UNSURE, abstention_scores, named, naming_level
from kd_core.evaluation.frame_swap import Fall, as_bounds, frame_fall, swapped
from kd_core.evaluation.group_scores import full_scores
from kd_core.evaluation.label_cases import LabelCases, case_scores, label_cases, named_of_groups
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
Labels = NDArray[np.int64]
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
    say("scores")
    probabilities, latency = _asked(model, images)
    groups = np.array([sample.group for sample in kept])
    judge = _Judge(card, kept)
    scores = msgspec.structs.replace(
        judge.scores(probabilities, groups), unreadable=len(samples) - len(kept)
    )
    say("changed images")
    robust = {UNCHANGED: judge.accuracy(probabilities)}
    for name, change in CHANGES.items():
        changed, _ = _asked(
            model, [change(image, SEED + place) for place, image in enumerate(images)]
        )
        robust[name] = judge.accuracy(changed)
    say("frames of other classes")
    moved, _ = _asked(model, swapped(images, first_classes(kept, card.classes), SEED))
    fall = judge.fall(probabilities, moved, groups)
    say("frames of nothing")
    checks = msgspec.structs.replace(
        card.checks,
        robustness=robust,
        frame_fall=as_bounds(fall, len(kept)),
        unsure_of_others=_unsure_of_others(model, images, judge.levels, card),
        latency=Latency(latency, threads=1),
    )
    return scores, checks


class _Judge:
    """What predictions (N, C) of N ``samples`` are worth, of a model of either kind of head."""

    def __init__(self, card: ModelCard, samples: Sequence[Sample]) -> None:
        self._card, self._truth = card, first_classes(samples, card.classes)
        complete = card.data.complete_labels
        self._labels = head_labels(samples, card.heads, complete=complete) if card.heads else None
        self.levels = np.array([card.threshold(name) for name in card.classes])

    def _cases(self, probabilities: NDArray[np.float32]) -> LabelCases:
        assert self._labels is not None
        return label_cases(probabilities, self._labels, self._card.classes, self._card.heads)

    def scores(self, probabilities: NDArray[np.float32], groups: NDArray[np.str_]) -> PartScores:
        card = self._card
        if card.heads:
            return case_scores(self._cases(probabilities), card.heads, groups, SEED)
        return msgspec.structs.replace(
            full_scores(probabilities, self._truth, groups, card.classes, SEED),
            abstention=abstention_scores(probabilities, self._truth, self.levels, card.classes),
        )

    def _called(self, probabilities: NDArray[np.float32]) -> tuple[Labels, Labels, Labels]:
        """Predictions, truths and images of the cases; without class groups an image is one."""
        if not self._card.heads:
            return probabilities.argmax(axis=1), self._truth, np.arange(len(self._truth))
        cases = self._cases(probabilities)
        return cases.probabilities.argmax(axis=1), cases.truth, cases.images

    def accuracy(self, probabilities: NDArray[np.float32]) -> float:
        called, truth, _ = self._called(probabilities)
        return float((called == truth).mean())

    def fall(
        self,
        probabilities: NDArray[np.float32],
        moved: NDArray[np.float32],
        groups: NDArray[np.str_],
    ) -> Fall:
        """From predictions to those in frames of other classes."""
        own, truth, images = self._called(probabilities)
        other, _, _ = self._called(moved)
        count = len(self._card.classes) + sum(head.none for head in self._card.heads)
        return frame_fall(own, other, truth, groups[images], count, SEED)


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
        _unsure_of_others(model, images, levels, card),
    )


def _unsure_of_others(
    model: Model, images: Sequence[Image], levels: NDArray[np.float64], card: ModelCard
) -> UnsureOfOthers:
    """What ``levels`` (C,) leave unsure of frames of nothing, drawn upon some of ``images``."""
    chosen = np.random.default_rng(SEED).permutation(len(images))[:DRAWN]
    shares = {}
    for kind in KINDS:
        probabilities, _ = _asked(model, drawn([images[place] for place in chosen], kind, SEED))
        if card.heads:
            called = named_of_groups(probabilities, levels, card.classes, card.heads)
            shares[kind] = float((called == UNSURE).all(axis=1).mean())
        else:
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
