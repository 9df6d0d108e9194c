"""Answers through ONNX Runtime are torch's; what ONNX has no words for is answered by torch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from kd_core.artifacts import quick_teacher
from kd_core.artifacts.quick_teacher import QuickTeacherViews
from kd_core.data.views import teacher_view
from kd_core.models.student import ModelOutput
from kd_core.models.teacher import FrozenTeacher, Teacher


def crops(count: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(256, (count, 64, 64, 3), generator=generator).byte()


@pytest.fixture(autouse=True)
def no_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on an ordinary processor; torch would answer in half precision on another."""
    monkeypatch.setattr("kd_core.data.views.has_bf16", lambda device: False)


@pytest.mark.parametrize("order", [None, [2, 0, 1]])
def test_they_are_torchs_own(order: list[int] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    basis = torch.randn(5, 1280)
    teacher = FrozenTeacher(
        Teacher("efficientnet_lite0", 3, weights=None), basis, size=64, order=order
    )
    wanted = teacher_view(teacher, crops())
    answers = QuickTeacherViews()
    # Only ONNX Runtime may answer from here on
    monkeypatch.setattr(quick_teacher, "teacher_view", lambda *_: pytest.fail("asked torch"))
    for made in (answers(teacher, crops()), answers(teacher, crops())):
        torch.testing.assert_close(made.logits, wanted.logits, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(made.features, wanted.features, rtol=1e-3, atol=1e-3)


class Own(nn.Module):
    """What ONNX has no operator for."""

    def forward(self, images: Tensor) -> ModelOutput:
        maps = torch.linalg.svdvals(images.mean(1))[:, :2, None, None]
        return ModelOutput(maps[:, :, 0, 0], maps, maps[:, :, 0, 0])


def test_a_network_that_onnx_cannot_say_is_asked_through_torch() -> None:
    teacher = FrozenTeacher(Own(), name="own", size=64)
    made, wanted = QuickTeacherViews()(teacher, crops()), teacher_view(teacher, crops())
    assert torch.equal(made.logits, wanted.logits)
