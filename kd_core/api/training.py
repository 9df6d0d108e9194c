"""Teaching a student, alone or with teachers, and fine-tuning a teacher."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from torch import nn

from kd_core.api.execution import ShouldStop, TrainedModel, carry_out, never
from kd_core.api.labelled_data import Data, OnEvent, OnWarning, ignore, read_data
from kd_core.api.machine import Machine, refuse_finished
from kd_core.artifacts.teacher_folder import LoadedTeacher, load_teacher
from kd_core.data.labelled import DataSet
from kd_core.data.view_policy import ViewPolicy
from kd_core.models.backbones import IMAGENET
from kd_core.models.registry import Maker, network_name, student_maker, student_name
from kd_core.models.student import ARCHITECTURE
from kd_core.models.teacher import BASIS_WIDTH, Teacher
from kd_core.platform.claimed_folder import claimed
from kd_core.schema.config import SCHEMES, TEACHER_DEFAULTS, TrainConfig, teachers_needed
from kd_core.schema.errors import DataError
from kd_core.schema.retraining_defaults import DEFAULT_SCHEME
from kd_core.training.run import TrainingRun
from kd_core.training.student_recipe import StudentRecipe
from kd_core.training.teacher_recipe import TeacherRecipe

#: A registered name, what builds one for so many classes, or one that is built already.
Network = str | Maker | nn.Module


def distil(
    data: Data,
    teachers: Sequence[str | Path],
    out: str | Path,
    *,
    config: TrainConfig | None = None,
    scheme: str = DEFAULT_SCHEME,
    student: Network = ARCHITECTURE,
    policy: ViewPolicy | None = None,
    name: str = "student",
    machine: Machine | None = None,
    on_event: OnEvent = ignore,
    on_warning: OnWarning = ignore,
    should_stop: ShouldStop = never,
) -> TrainedModel:
    """Train a student with ``teachers`` (folders of ``train_teacher``) and write its model folder.

    ``config`` without a value: the defaults with the losses of ``scheme``. ``student``: any module
    that gives logits and features (kd_core.models.network), of any image size; register it for
    loading its folder again. ``policy``: how views are made. A run that was stopped or killed is
    resumed by the same call. The test part stays closed: see ``complete_card``. Raises DataError
    for what cannot work (as a teacher that has seen images held out here), ModelError for damaged
    files.
    """
    config = config or TrainConfig(losses=SCHEMES[scheme])
    if not teachers_needed(config.losses) and not config.losses.own:
        raise DataError("These losses compare with no teacher.", "Use: kd-core train")

    def run(read: DataSet, place: Machine) -> TrainingRun:
        loaded = [_teacher_for(read, Path(folder)) for folder in teachers]
        return _student_run(read, Path(out), place, config, student, name, policy, loaded)

    return _carry_out(data, Path(out), machine, run, on_event, on_warning, should_stop)


def train_student(
    data: Data,
    out: str | Path,
    *,
    config: TrainConfig | None = None,
    student: Network = ARCHITECTURE,
    policy: ViewPolicy | None = None,
    name: str = "student",
    machine: Machine | None = None,
    on_event: OnEvent = ignore,
    on_warning: OnWarning = ignore,
    should_stop: ShouldStop = never,
) -> TrainedModel:
    """Train a student from labels alone, the baseline of every distillation; see ``distil``."""
    config = config or TrainConfig()
    if teachers_needed(config.losses):
        raise DataError("These losses compare with teachers.", "Use: kd-core distil --teachers A,B")

    def run(read: DataSet, place: Machine) -> TrainingRun:
        return _student_run(read, Path(out), place, config, student, name, policy, [])

    return _carry_out(data, Path(out), machine, run, on_event, on_warning, should_stop)


def train_teacher(
    data: Data,
    out: str | Path,
    *,
    backbone: Network = "efficientnet_lite0",
    weights: str | Path | None = IMAGENET,
    config: TrainConfig = TEACHER_DEFAULTS,
    directions: int = BASIS_WIDTH,
    policy: ViewPolicy | None = None,
    machine: Machine | None = None,
    on_event: OnEvent = ignore,
    on_warning: OnWarning = ignore,
    should_stop: ShouldStop = never,
) -> TrainedModel:
    """Fine-tune a pretrained ``backbone`` as teacher and write its folder; see ``distil``.

    ``backbone``: a name of kd_core.models.backbones, or any module that gives logits and features.
    ``weights`` of a named one: "imagenet", a local file of its state dict, or None for random ones.
    ``directions``: losses on maps see its map along so many principal directions, 0 for the full
    map, which costs as many times more memory and cache as it is wider.
    """
    if directions < 0:
        raise DataError("--directions must be 0 or more.", "0 keeps the full map.")
    if teachers_needed(config.losses):
        raise DataError(
            "A teacher is fine-tuned with cross-entropy alone.", "Leave the other weights out."
        )

    def run(read: DataSet, place: Machine) -> TrainingRun:
        given = (
            (partial(Teacher, backbone, weights=weights), backbone)
            if isinstance(backbone, str)
            else (_maker(backbone), network_name(backbone))
        )
        origin = weights if isinstance(backbone, str) else "given"
        recipe = TeacherRecipe(
            config, read, Path(out), *given, weights=origin, directions=directions
        )
        return TrainingRun(recipe, config, read, place.open(Path(out)), policy=policy)

    return _carry_out(data, Path(out), machine, run, on_event, on_warning, should_stop)


def _carry_out(
    data: Data,
    out: Path,
    machine: Machine | None,
    run: Callable[[DataSet, Machine], TrainingRun],
    on_event: OnEvent,
    on_warning: OnWarning,
    should_stop: ShouldStop,
) -> TrainedModel:
    """Refuse what cannot be before anything is read, read, and train."""
    refuse_finished(out)
    place = machine or Machine()
    place.open(out)
    with claimed(out):
        refuse_finished(out)  # by now
        read = read_data(data, on_event, on_warning)
        return carry_out(run(read, place), on_event, should_stop)


def _student_run(
    data: DataSet,
    out: Path,
    machine: Machine,
    config: TrainConfig,
    student: Network,
    name: str,
    policy: ViewPolicy | None,
    teachers: list[LoadedTeacher],
) -> TrainingRun:
    recipe = StudentRecipe(
        config,
        data,
        out,
        student_maker(student) if isinstance(student, str) else _maker(student),
        student if isinstance(student, str) else student_name(student),
        name=name,
    )
    return TrainingRun(recipe, config, data, machine.open(out), teachers, policy=policy)


def _maker(network: Maker | nn.Module) -> Maker:
    return (lambda _: network) if isinstance(network, nn.Module) else network


def _teacher_for(data: DataSet, folder: Path) -> LoadedTeacher:
    loaded = load_teacher(folder, data.classes)
    size, own = data.train.crops.shape[1], loaded.card.preprocessing.input_size
    if size != own:
        raise DataError(
            f"The teacher {folder.name} was trained on images of {own} px, this data has {size}.",
            "Read the data at that size, or fine-tune a teacher on this one.",
        )
    return loaded
