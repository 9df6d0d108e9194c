"""A student, alone or distilled, chosen and calibrated on the validation part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from kd_core.artifacts.model_folder import write_model_folder
from kd_core.artifacts.replay import Replay
from kd_core.data.image_files import content_of
from kd_core.data.labelled import DataSet
from kd_core.schema.config import TrainConfig
from kd_core.schema.model_origin import TrainingNotes
from kd_core.schema.student_shapes import PLAIN
from kd_core.schemes.scheme import Scheme
from kd_core.training.calibrated import calibrated
from kd_core.training.recipe import (
    KEPT_BEST,
    Finished,
    scheme_description,
    scripted_outliers,
)
from kd_core.training.validation import LabelledCrops


class StudentRecipe:
    """``make`` builds the student for so many classes; ``architecture`` is its registered name."""

    kept = KEPT_BEST

    def __init__(
        self,
        config: TrainConfig,
        data: DataSet,
        out: Path,
        make: Callable[[int], nn.Module],
        architecture: str,
        *,
        name: str = "student",
    ) -> None:
        self._config, self._data, self._out, self._make = config, data, out, make
        self._architecture, self._name = architecture, name

    @property
    def identity(self) -> str:
        """The first built-in student has been called so since the first saved state."""
        return "student" if self._architecture == PLAIN else f"student {self._architecture}"

    @property
    def validation(self) -> LabelledCrops:
        """What epochs are chosen by."""
        val = self._data.val
        return LabelledCrops(val.crops, val.labels, self._data.heads, val.head_labels)

    @property
    def replay(self) -> Replay | None:
        """Nothing was known before."""
        return None

    @property
    def outliers(self) -> NDArray[np.uint8] | None:
        """Scripted ones."""
        return scripted_outliers(self._data, self._config)

    def learner(self) -> nn.Module:
        """A fresh student."""
        return self._make(len(self._data.classes))

    def untaught(self) -> Sequence[int]:
        """Teachers know all classes."""
        return ()

    def description(self, scheme: Scheme) -> str:
        """See Recipe."""
        return scheme_description(scheme)

    def finish(self, learner: nn.Module, notes: TrainingNotes) -> Finished:
        """See Recipe."""
        fitted = calibrated(learner, self._data)
        card = write_model_folder(
            learner,
            self._out,
            architecture=self._architecture,
            input_size=self._data.train.crops.shape[1],
            name=self._name,
            classes=self._data.classes,
            temperature=fitted.temperature,
            calibration=fitted.note,
            naming=fitted.naming,
            heads=fitted.heads,
            data=self._data.notes,
            training=notes,
            scores=fitted.results,
            seen=[content_of(crop) for crop in self._data.train.crops],
        )
        return Finished(card, fitted.results)
