"""Fine-tuning a pretrained backbone as teacher, with the loop that trains students."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import torch
from torch import nn

from kd_core.artifacts.checkpoint import sha256_of
from kd_core.artifacts.teacher_folder import write_teacher_folder
from kd_core.data.image_files import content_of
from kd_core.data.labelled import DataSet
from kd_core.data.views import answer
from kd_core.models.backbones import IMAGENET
from kd_core.models.teacher import FrozenTeacher, Teacher, strongest_directions
from kd_core.schema.config import TrainConfig
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_origin import Basis, TrainingNotes
from kd_core.schema.model_scores import PartScores
from kd_core.schemes.scheme import Scheme
from kd_core.training.calibrated import calibrated
from kd_core.training.run import Place, Run

#: Pictures from which a teacher's strongest directions are found: 49 positions each.
BASIS_PICTURES = 256


class TeacherRun(Run):
    """Fine-tunes a pretrained backbone with the loop that trains students."""

    def __init__(
        self,
        config: TrainConfig,
        data: DataSet,
        place: Place,
        backbone: str,
        weights: str | Path | None,
        *,
        takes_over: bool = False,
        open_test: bool = True,
    ) -> None:
        """``weights``: see backbones.make_trunk."""
        super().__init__(config, data, place, takes_over=takes_over, open_test=open_test)
        self._backbone, self._weights = backbone, weights

    def _learner(self) -> Teacher:
        return Teacher(self._backbone, len(self._data.classes), weights=self._weights)

    def _learner_name(self) -> str:
        own = self._weights not in (None, IMAGENET)
        return f"{self._backbone} {sha256_of(Path(str(self._weights))) if own else self._weights}"

    def _scheme_name(self, scheme: Scheme) -> str:
        return (
            "fine-tuned with cross-entropy from"
            f" {'random' if self._weights is None else Path(str(self._weights)).name} weights"
        )

    def _finish(
        self, learner: nn.Module, notes: TrainingNotes
    ) -> tuple[ModelCard, dict[str, PartScores]]:
        assert isinstance(learner, Teacher)
        learner.half().float()  # as it is stored: what is scored here is what others will load
        made = calibrated(learner, self._data, open_test=self._open_test)
        frozen = FrozenTeacher(learner)
        squares = self._data.train.squares[
            :: max(1, len(self._data.train.squares) // BASIS_PICTURES)
        ]
        batches = np.array_split(squares, max(1, len(squares) // 32))
        maps = torch.cat([answer(frozen, torch.from_numpy(batch)).features for batch in batches])
        basis, share = strongest_directions(maps)
        stored = Basis(len(basis), round(share, 4))
        card = write_teacher_folder(
            learner,
            basis,
            [content_of(square) for square in self._data.train.squares],
            self._place.out,
            classes=self._data.classes,
            temperature=made.temperature,
            thresholds=made.thresholds,
            data=self._data.notes,
            training=msgspec.structs.replace(notes, basis=stored),
            scores=made.results,
        )
        return card, made.results
