"""Teaching a student, alone or with teachers, and fine-tuning a teacher."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kd_core.api.execution import ShouldStop, TrainedModel, carry_out, never
from kd_core.api.labelled_data import Data, OnEvent, OnWarning, ignore, read_data
from kd_core.api.machine import Machine, refuse_finished
from kd_core.artifacts.teacher_folder import load_teacher
from kd_core.models.backbones import IMAGENET
from kd_core.schema.config import SCHEMES, TEACHER_DEFAULTS, TrainConfig, teachers_needed
from kd_core.schema.errors import DataError
from kd_core.training.run import Run
from kd_core.training.teacher_run import TeacherRun


def distil(
    data: Data,
    teachers: Sequence[str | Path],
    out: str | Path,
    *,
    config: TrainConfig | None = None,
    scheme: str = "relation",
    name: str = "student",
    open_test: bool = True,
    machine: Machine | None = None,
    on_event: OnEvent = ignore,
    on_warning: OnWarning = ignore,
    should_stop: ShouldStop = never,
) -> TrainedModel:
    """Train a student with ``teachers`` (folders of ``train_teacher``) and write its model folder.

    ``config`` without a value: the defaults with the losses of ``scheme``. A run that was stopped
    or killed is resumed by the same call. ``open_test``: score the test part at the end. Raises
    DataError for what cannot work (as a teacher that has seen images held out here), ModelError for
    damaged files.
    """
    config = config or TrainConfig(losses=SCHEMES[scheme])
    if not teachers_needed(config.losses):
        raise DataError("These losses compare with no teacher.", "Use: kd-core train")
    refuse_finished(Path(out))
    place = (machine or Machine()).open(Path(out))
    read = read_data(data, on_event, on_warning)
    loaded = [load_teacher(Path(folder), read.classes) for folder in teachers]
    run = Run(config, read, place, loaded, name=name, open_test=open_test)
    return carry_out(run, on_event, should_stop)


def train_student(
    data: Data,
    out: str | Path,
    *,
    config: TrainConfig | None = None,
    name: str = "student",
    open_test: bool = True,
    machine: Machine | None = None,
    on_event: OnEvent = ignore,
    on_warning: OnWarning = ignore,
    should_stop: ShouldStop = never,
) -> TrainedModel:
    """Train a student from labels alone, the baseline of every distillation; see ``distil``."""
    config = config or TrainConfig()
    if teachers_needed(config.losses):
        raise DataError("These losses compare with teachers.", "Use: kd-core distil --teachers A,B")
    refuse_finished(Path(out))
    place = (machine or Machine()).open(Path(out))
    read = read_data(data, on_event, on_warning)
    run = Run(config, read, place, name=name, open_test=open_test)
    return carry_out(run, on_event, should_stop)


def train_teacher(
    data: Data,
    out: str | Path,
    *,
    backbone: str = "efficientnet_lite0",
    weights: str | Path | None = IMAGENET,
    config: TrainConfig = TEACHER_DEFAULTS,
    open_test: bool = True,
    machine: Machine | None = None,
    on_event: OnEvent = ignore,
    on_warning: OnWarning = ignore,
    should_stop: ShouldStop = never,
) -> TrainedModel:
    """Fine-tune a pretrained ``backbone`` as teacher and write its folder; see ``distil``.

    ``weights``: "imagenet", a local file of the backbone's state dict, or None for random ones.
    """
    if teachers_needed(config.losses):
        raise DataError(
            "A teacher is fine-tuned with cross-entropy alone.", "Leave the other weights out."
        )
    refuse_finished(Path(out))
    place = (machine or Machine()).open(Path(out))
    read = read_data(data, on_event, on_warning)
    run = TeacherRun(config, read, place, backbone, weights, open_test=open_test)
    return carry_out(run, on_event, should_stop)
