"""The card of a distilled student says how much its fusion read each teacher."""

from __future__ import annotations

import msgspec
import pytest
import torch
from torch import Tensor

from kd_core.data.views import MadeViews, TeacherView, teacher_view
from kd_core.models.student import Student
from kd_core.models.teacher import FrozenTeacher
from kd_core.schema.config import SCHEMES, TrainConfig
from kd_core.schema.model_card import ModelCard
from kd_core.schemes.scheme import Scheme
from kd_core.training.attention import taught_by
from tests.kd_core.tiny import coloured, tiny_teacher


def card(name: str) -> ModelCard:
    return msgspec.convert({"name": name, "version": name}, _Named)  # type: ignore[return-value]


class _Named(msgspec.Struct):
    """All that is asked of a card here."""

    name: str
    version: str


@pytest.mark.parametrize("fusion", ["attention", "mean", "places"])
@pytest.mark.parametrize("kept", [True, False], ids=["answers kept", "asked anew"])
def test_shares_of_two_teachers_sum_to_one(fusion: str, kept: bool) -> None:
    torch.manual_seed(0)
    teachers = [FrozenTeacher(tiny_teacher(seed=seed)) for seed in (0, 1)]
    data = coloured(4)
    views = MadeViews(data.crops, data.labels, 1, teachers if kept else [])
    config = msgspec.convert(
        {"fusion": fusion, "losses": msgspec.to_builtins(SCHEMES["relation"])}, TrainConfig
    )
    scheme = Scheme(Student(2), config, [teacher.width for teacher in teachers])
    asked: list[int] = []

    def ask(crops: Tensor) -> list[TeacherView]:
        asked.append(len(crops))
        return [teacher_view(teacher, crops) for teacher in teachers]

    rows = taught_by([card("a"), card("b")], scheme, views, ask, "cpu")
    assert [row.name for row in rows] == ["a", "b"]
    assert sum(row.attention_share or 0.0 for row in rows) == pytest.approx(1.0, abs=0.01)
    assert bool(asked) != kept
