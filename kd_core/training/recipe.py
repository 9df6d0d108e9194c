"""What a run makes: a student, a teacher, or a student from another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import nn

from kd_core.artifacts.replay import Replay
from kd_core.data.labelled import DataSet
from kd_core.data.outliers import outliers
from kd_core.schema.config import TrainConfig
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_origin import TrainingNotes
from kd_core.schema.model_scores import PartScores
from kd_core.schemes.scheme import Scheme
from kd_core.training.validation import LabelledCrops

OUTLIERS = 384  # images without a class, to draw from where outlier exposure counts
KEPT_BEST = "the averaged weights of the epoch with the best macro-F1 on the validation groups"


class Finished(NamedTuple):
    """A model in its folder: the card and the scores by part, the one to tell last."""

    card: ModelCard
    scores: dict[str, PartScores]


class Recipe(Protocol):
    """What ``TrainingRun`` asks of what is made.

    ``identity`` tells runs apart that share settings and data; ``validation`` None keeps the last
    epoch; ``kept`` says which weights are kept.
    """

    kept: str

    @property
    def identity(self) -> str: ...

    @property
    def validation(self) -> LabelledCrops | None: ...

    @property
    def replay(self) -> Replay | None: ...

    @property
    def outliers(self) -> NDArray[np.uint8] | None: ...

    def learner(self) -> nn.Module:
        """A fresh one to train."""

    def untaught(self) -> Sequence[int]:
        """Classes of which the teachers know nothing."""

    def description(self, scheme: Scheme) -> str:
        """How it was taught, for the card."""

    def finish(self, learner: nn.Module, notes: TrainingNotes) -> Finished:
        """Calibrate, score and write the trained ``learner``; ``notes`` go into its card."""


def scripted_outliers(data: DataSet, config: TrainConfig) -> NDArray[np.uint8] | None:
    """(M, S, S, 3) where outlier exposure counts, else None."""
    if not config.losses.outlier_exposure:
        return None
    return outliers(data.train.crops, OUTLIERS, config.seed)


def scheme_description(scheme: Scheme) -> str:
    """Which families of distillation take part."""
    families = " and ".join(f"{name}-based" for name in scheme.parts)
    return f"{families} distillation" if families else "student alone, cross-entropy"
