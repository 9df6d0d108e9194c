"""Own students, teachers, losses, data sets and view policies, each trained through the API."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

import kd_core
from kd_core.api.labelled_data import LabelledSource
from kd_core.api.machine import Machine
from kd_core.artifacts.checkpoint import load_student
from kd_core.artifacts.teacher_folder import load_teacher
from kd_core.data.views import TeacherView
from kd_core.models.network import output_of
from kd_core.models.registry import register_student, register_teacher
from kd_core.models.student import ModelOutput
from kd_core.schema.config import LossWeights, TrainConfig
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.events import EpochEnded, RunEvent
from kd_core.schema.model_card import read_card
from kd_core.schemes.registry import PartContext, register_loss
from kd_core.vision.predictor import Predictor

CLASSES = ("blue", "red")
TINY = TrainConfig(epochs=1, batch_size=8, views=1, warm_up_epochs=0, precision="fp32")
MACHINE = Machine(cache=False, device="cpu")


class Colours(Dataset[tuple[NDArray[np.uint8], int, str]]):
    """Noisy blue and red images in turn; two of each group."""

    def __init__(self, count: int = 24, side: int = 64) -> None:
        self._generator, self._count, self._side = np.random.default_rng(0), count, side

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], int, str]:
        if not 0 <= index < self._count:
            raise IndexError(index)
        image = np.random.default_rng(index).integers(0, 90, (self._side, self._side, 3), np.uint8)
        image[:, :, 2 - 2 * (index % 2)] += np.uint8(120)
        return image, index % 2, f"group {index % 2} {index // 4}"


@register_student("own-student")
@register_teacher("own-teacher")
class Own(nn.Module):
    """A pair of logits and features, and no name of its own."""

    def __init__(self, class_count: int) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, 6, 8, stride=8)
        self.head = nn.Linear(6, class_count)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.body(images).relu()
        return self.head(features.mean(dim=(2, 3))), features


def source(**changes: object) -> LabelledSource:
    return LabelledSource(source=Colours(), classes=CLASSES, **changes)  # type: ignore[arg-type]


def epochs_of(events: list[RunEvent]) -> list[EpochEnded]:
    return [event for event in events if isinstance(event, EpochEnded)]


def test_a_torch_data_set_and_an_own_student_of_another_image_size(tmp_path: Path) -> None:
    events: list[RunEvent] = []
    trained = kd_core.train_student(
        source(input_size=96),
        tmp_path / "student",
        config=TINY,
        student="own-student",
        machine=MACHINE,
        on_event=events.append,
    )
    assert (trained.outcome, len(epochs_of(events))) == ("finished", 1)
    card = read_card(tmp_path / "student")
    assert (card.architecture, card.preprocessing.input_size) == ("own-student", 96)
    assert card.data.groups == 12
    # It runs as the application runs it, with its heat map, and is the network that was trained.
    predictor = Predictor.load(tmp_path / "student")
    prediction = predictor.predict([Colours()[0][0]])[0]
    assert predictor.cam(prediction, 0).shape == (12, 12)
    label, probability = kd_core.load_model(tmp_path / "student").label(Colours()[0][0])
    assert label in CLASSES
    assert probability == pytest.approx(float(prediction.probabilities.max()))
    with pytest.raises(ModelError, match="a student of its own kind"):
        load_student(tmp_path / "student")


def test_an_own_teacher_teaches_by_an_own_loss(tmp_path: Path) -> None:
    seen: list[int] = []

    @register_loss("own function")
    def own(student: ModelOutput, teachers: Sequence[TeacherView], labels: Tensor) -> Tensor:
        seen.append(len(teachers))
        return (student.logits - teachers[0].logits).square().mean()

    @register_loss("own module")
    class OwnModule(nn.Module):
        def __init__(self, context: PartContext) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(context.student_width))

        def forward(
            self, student: ModelOutput, teachers: Sequence[TeacherView], labels: Tensor
        ) -> Tensor:
            return (student.embedding * self.scale).square().mean()

    kd_core.train_teacher(source(), tmp_path / "t", backbone=Own(2), config=TINY, machine=MACHINE)
    assert read_card(tmp_path / "t").architecture == "own-teacher"
    kd_core.train_teacher(
        source(), tmp_path / "teacher", backbone=Own, config=TINY, machine=MACHINE
    )
    losses = LossWeights(own={"own function": 0.5, "own module": 0.1})
    events: list[RunEvent] = []
    trained = kd_core.distil(
        source(),
        [tmp_path / "teacher"],
        tmp_path / "student",
        config=TrainConfig(
            epochs=1, batch_size=8, views=1, warm_up_epochs=0, precision="fp32", losses=losses
        ),
        student=Own,
        machine=MACHINE,
        on_event=events.append,
    )
    assert trained.outcome == "finished"
    assert set(epochs_of(events)[0].losses) == {"cross_entropy", "own function", "own module"}
    assert set(seen) == {1}


def test_an_own_view_policy_makes_the_views(tmp_path: Path) -> None:
    class Same:
        """The crop as it is."""

        version = "same-1"

        def __init__(self) -> None:
            self.made = 0

        def __call__(self, crop: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
            self.made += 1
            return crop

    policy = Same()
    trained = kd_core.train_student(
        source(),
        tmp_path / "student",
        config=TINY,
        student=Own,
        policy=policy,
        machine=Machine(device="cpu"),
    )
    assert trained.outcome == "finished"
    assert policy.made > 10
    assert list((tmp_path / "kd-cache").glob("*/*-views-*same-1*"))


def test_what_is_not_registered_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no student called 'unknown' here"):
        kd_core.train_student(source(), tmp_path / "a", student="unknown", machine=MACHINE)
    config = TrainConfig(losses=LossWeights(own={"unknown": 1.0}))
    with pytest.raises(DataError, match="There is no loss called 'unknown'"):
        kd_core.train_student(source(), tmp_path / "b", config=config, student=Own, machine=MACHINE)
    with pytest.raises(DataError, match="Only the built-in student has a stem"):
        kd_core.train_student(
            source(),
            tmp_path / "c",
            config=TrainConfig(frozen_stem=True),
            student=Own,
            machine=MACHINE,
        )


def test_a_module_that_gives_something_else_is_refused() -> None:
    with pytest.raises(ModelError, match="Flatten does not give logits"):
        output_of(nn.Flatten(), torch.zeros(1, 3, 8, 8))


def test_items_of_another_form_are_refused(tmp_path: Path) -> None:
    class Grey(Colours):
        def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], int, str]:
            image, label, group = super().__getitem__(index)
            return image[:, :, 0], label, group

    with pytest.raises(DataError, match="Item 0 of the data set is no RGB image"):
        kd_core.train_student(
            LabelledSource(source=Grey(), classes=CLASSES), tmp_path / "a", machine=MACHINE
        )
    with pytest.raises(DataError, match="Item 0 of the data set has the label '0'"):
        kd_core.train_student(
            LabelledSource(source=[(np.zeros((8, 8, 3), np.uint8), "0")], classes=CLASSES),
            tmp_path / "b",
            machine=MACHINE,
        )


def test_a_teacher_that_nobody_registers_is_refused(tmp_path: Path) -> None:
    class Unknown(Own):
        pass

    kd_core.train_teacher(source(), tmp_path / "t", backbone=Unknown, config=TINY, machine=MACHINE)
    with pytest.raises(ModelError, match=r"There is no teacher called '.*Unknown' here"):
        load_teacher(tmp_path / "t", CLASSES)
