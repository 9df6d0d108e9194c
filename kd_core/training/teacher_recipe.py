"""A teacher: a pretrained backbone, fine-tuned with the loop that trains students."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kd_core.artifacts.checkpoint import sha256_of
from kd_core.artifacts.replay import Replay
from kd_core.artifacts.teacher_folder import write_teacher_folder
from kd_core.data.image_files import content_of
from kd_core.data.labelled import DataSet
from kd_core.data.views import teacher_view
from kd_core.models.teacher import BASIS_WIDTH, FrozenTeacher, strongest_directions
from kd_core.schema.config import TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schema.model_origin import Basis, TrainingNotes
from kd_core.schemes.scheme import Scheme
from kd_core.training.calibrated import calibrated
from kd_core.training.recipe import KEPT_BEST, Finished, scripted_outliers
from kd_core.training.validation import LabelledCrops

#: Images from which a teacher's strongest directions are found: 49 positions each.
BASIS_IMAGES = 256


class TeacherRecipe:
    """``make`` builds the teacher for so many classes; ``architecture`` is its registered name.

    ``weights``: what it begins with, "imagenet", a file, None for random ones, or another word.
    ``directions``: along how many of its strongest ones losses see its map; 0: along all.
    """

    kept = KEPT_BEST

    def __init__(
        self,
        config: TrainConfig,
        data: DataSet,
        out: Path,
        make: Callable[[int], nn.Module],
        architecture: str,
        *,
        weights: str | Path | None,
        directions: int = BASIS_WIDTH,
    ) -> None:
        if data.heads:
            raise DataError(
                "A teacher has one softmax; it tells a student with several of each class group.",
                "Leave --class-groups out.",
            )
        self._directions = directions
        self._config, self._data, self._out, self._make = config, data, out, make
        self._architecture, self._weights = architecture, weights

    @property
    def identity(self) -> str:
        """A file of weights counts by its content."""
        file = Path(str(self._weights))
        return f"{self._architecture} {sha256_of(file) if file.is_file() else self._weights}"

    @property
    def validation(self) -> LabelledCrops:
        """What epochs are chosen by."""
        return LabelledCrops(self._data.val.crops, self._data.val.labels)

    @property
    def replay(self) -> Replay | None:
        """Nothing was known before."""
        return None

    @property
    def outliers(self) -> NDArray[np.uint8] | None:
        """Scripted ones."""
        return scripted_outliers(self._data, self._config)

    def learner(self) -> nn.Module:
        """A fresh teacher."""
        return self._make(len(self._data.classes))

    def untaught(self) -> Sequence[int]:
        """It has no teachers itself."""
        return ()

    def description(self, scheme: Scheme) -> str:
        """See Recipe."""
        origin = "random" if self._weights is None else Path(str(self._weights)).name
        return f"fine-tuned with cross-entropy from {origin} weights"

    def finish(self, learner: nn.Module, notes: TrainingNotes) -> Finished:
        """See Recipe; the teacher's strongest directions are found too."""
        learner.half().float()  # as it is stored: what is scored here is what others will load
        fitted = calibrated(learner, self._data)
        crops = self._data.train.crops
        frozen = FrozenTeacher(learner, name=self._architecture, size=crops.shape[1])
        chosen = crops[:: max(1, len(crops) // BASIS_IMAGES)]
        batches = np.array_split(chosen, max(1, len(chosen) // 32))
        maps = torch.cat(
            [teacher_view(frozen, torch.from_numpy(batch)).features for batch in batches]
        )
        basis, share = strongest_directions(maps, self._directions or maps.shape[1])
        stored = Basis(len(basis), round(share, 4))
        card = write_teacher_folder(
            learner,
            basis,
            [content_of(crop) for crop in crops],
            self._out,
            architecture=self._architecture,
            input_size=crops.shape[1],
            classes=self._data.classes,
            temperature=fitted.temperature,
            calibration=fitted.note,
            naming=fitted.naming,
            data=self._data.notes,
            training=msgspec.structs.replace(notes, basis=stored),
            scores=fitted.results,
        )
        return Finished(card, fitted.results)
