"""Two depths are a fusion's alone: every other loss sees the last map, as it always did."""

from __future__ import annotations

import msgspec
import pytest
import torch
from torch import Tensor

from kd_core.data.views import TeacherView
from kd_core.models.student import Student
from kd_core.schema.config import LossWeights, TrainConfig, stored_form
from kd_core.schemes.scheme import Scheme
from tests.kd_core.schemes.test_schemes import CLASSES, EVERYTHING, WIDTHS, batch

EARLIER = (5, 9)
LOSSES = msgspec.structs.replace(EVERYTHING, replay=0.0, outlier_exposure=0.0)


def deep(fusion: str) -> Scheme:
    torch.manual_seed(0)
    config = msgspec.structs.replace(TrainConfig(losses=LOSSES), fusion=fusion, depths=2)
    return Scheme(Student(CLASSES), config, WIDTHS, earlier_widths=EARLIER)


def given() -> tuple[Tensor, Tensor, list[TeacherView]]:
    images, labels, views = batch()
    generator = torch.Generator().manual_seed(1)
    more = [torch.randn(len(labels), width, 7, 7, generator=generator) for width in EARLIER]
    return (
        images,
        labels,
        [
            view._replace(features=torch.cat([view.features, earlier], 1))
            for view, earlier in zip(views, more, strict=True)
        ],
    )


@pytest.mark.parametrize("fusion", ["attention", "places"])
def test_only_what_is_fused_changes_with_the_earlier_map(fusion: str) -> None:
    made = deep(fusion).eval()
    images, labels, views = given()
    with torch.no_grad():
        first = made(images, labels, views)
        for view, width in zip(views, WIDTHS, strict=True):
            view.features[:, width:] *= -1.0
        second = made(images, labels, views)
    moved = {name for name, loss in first.items() if not torch.equal(loss, second[name])}
    assert moved == {"anchor", "guide", "fused_kl", "distance", "angle"}


@pytest.mark.parametrize("fusion", ["attention", "places"])
def test_the_fusion_learns_from_the_earlier_map(fusion: str) -> None:
    made = deep(fusion)
    made(*given())["anchor"].backward()
    learnt = dict(made.named_parameters())
    for name in ("depth", "project.0.1.weight", "project.1.1.weight"):
        gradient = learnt[f"parts.relation.fusion.earlier.{name}"].grad
        assert gradient is not None
        assert bool(gradient.any())


@pytest.mark.parametrize(
    "changes", [{"fusion": "mean", "losses": LOSSES}, {"losses": LossWeights(kl=1.0)}]
)
def test_two_depths_that_nothing_reads_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="two depths need a fusion that reads them"):
        TrainConfig(**changes, depths=2)  # type: ignore[arg-type]


def test_a_run_of_one_depth_is_called_what_it_was() -> None:
    assert "depths" not in stored_form(TrainConfig())
    assert stored_form(TrainConfig(losses=LOSSES, depths=2))["depths"] == 2
