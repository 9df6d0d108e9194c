"""A finer map of a teacher stands behind its last one, and a fusion reads both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from kd_core.artifacts.onnx_export import to_onnx
from kd_core.artifacts.quick_teacher import QuickTeacherViews
from kd_core.data.teacher_cache import CachedViews
from kd_core.models.earlier_map import earlier_of, outputs_of
from kd_core.models.fusion import AttentionFusion
from kd_core.models.place_fusion import PlaceFusion
from kd_core.models.teacher import FrozenTeacher, Teacher, strongest_directions
from kd_core.schema.errors import ModelError
from tests.kd_core.tiny import tiny_teacher

CLASSES, WIDTHS, EARLIER, STUDENT = 4, (24, 40), (10, 6), 16


class Stages(nn.Module):
    """Means of tiles of 4, 8, 16 and 16 px, each with a channel more, as a chain of blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.Sequential(
            *(
                nn.Sequential(nn.AvgPool2d(stride), nn.ConstantPad3d((0, 0, 0, 0, 0, 1), float(at)))
                for at, stride in enumerate((4, 2, 1, 2, 1), 1)
            )
        )

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.stages(images)
        return features.mean((2, 3))[:, :2], features


def test_the_earlier_map_is_the_last_of_the_next_finer_grid() -> None:
    found = earlier_of(Stages(), 64)
    assert found == ("stages.2", 6)
    images = torch.rand(2, 3, 64, 64)
    output, earlier = outputs_of(Stages(), found.block, images)
    assert output.features.shape == (2, 8, 4, 4)
    # By hand: tiles of 8 px, pooled by two; the constants that three stages have added
    torch.testing.assert_close(earlier[:, :3], nn.functional.avg_pool2d(images, 16))
    assert earlier[0, 3:, 0, 0].tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("efficientnet_lite0", 112),
        ("resnet18", 256),
        ("densenet121", 1024),
        ("mobilenet_v3_large", 112),
        ("efficientnet_b0", 112),
        ("convnext_tiny", 384),
    ],
)
def test_of_every_kind_of_backbone_it_is_a_stage_of_stride_16(name: str, width: int) -> None:
    network = Teacher(name, 3, weights=None).eval()
    found = earlier_of(network, 64)
    assert found.width == width
    made: list[Tensor] = []
    hook = network.get_submodule(found.block).register_forward_hook(
        lambda *given: made.append(given[2])
    )
    with torch.no_grad():
        network(torch.zeros(1, 3, 64, 64))
    hook.remove()
    assert made[0].shape == (1, width, 4, 4)


def test_a_frozen_teacher_says_the_same_beside_it() -> None:
    teacher = Teacher("resnet18", 3, weights=None)
    maps = torch.randn(8, 512, 2, 2)
    plain = FrozenTeacher(teacher, strongest_directions(maps, 20)[0], size=64, order=[2, 0, 1])
    both = plain.with_earlier()
    images = torch.randn(2, 3, 64, 64)
    before, after = plain(images), both(images)
    assert torch.equal(after.logits, before.logits)
    assert torch.equal(after.features[:, :20], before.features)
    assert (plain.width, plain.earlier_width) == (20, 0)
    assert (both.last_width, both.earlier_width, both.width) == (20, 256, 276)
    assert after.features.shape == (2, 276, 2, 2)
    assert both.fingerprint != plain.fingerprint
    assert torch.equal(plain(images).features, before.features)  # it is left as it was


def test_both_maps_come_through_onnx_and_the_cache(tmp_path: Path) -> None:
    teacher = FrozenTeacher(Teacher("efficientnet_lite0", 3, weights=None), size=64).with_earlier()
    # By ONNX Runtime: a network that cannot be written would silently be four times as slow
    to_onnx(teacher, {}, 64)
    crops = np.random.default_rng(0).integers(1, 255, (3, 64, 64, 3), np.uint8)
    labels = np.arange(3)
    made = CachedViews(tmp_path, crops, labels, 2, [teacher], answer=QuickTeacherViews())
    seen, told = made.batch(np.array([2, 0]), np.array([1, 0]))
    expected = QuickTeacherViews()(teacher, seen)
    assert told[0].features.shape == (2, 1280 + 112, 2, 2)
    torch.testing.assert_close(told[0].features, expected.features, rtol=2e-3, atol=2e-3)


def test_a_network_without_a_finer_block_is_refused() -> None:
    with pytest.raises(ModelError, match="has no block that gives a finer map"):
        FrozenTeacher(tiny_teacher()).with_earlier()


def maps(widths: tuple[int, ...], seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(3, width, 7, 7, generator=generator) for width in widths]


@pytest.mark.parametrize("places", [False, True])
def test_shares_are_of_both_depths_and_sum_to_one(places: bool) -> None:
    torch.manual_seed(0)
    student = torch.randn(3, STUDENT, 5, 5)
    last, earlier = maps(WIDTHS), maps(EARLIER, 1)
    if places:
        fusion = PlaceFusion(WIDTHS, STUDENT, CLASSES, earlier=EARLIER)
        whole = fusion(last, student, earlier).whole
        other = fusion(last, student, [-one for one in earlier]).whole
    else:
        learned = AttentionFusion(WIDTHS, CLASSES, earlier=EARLIER)
        whole, other = learned(last, earlier), learned(last, [-one for one in earlier])
    assert whole.attention.shape == (3, 2, 7, 7)
    torch.testing.assert_close(whole.attention.sum((1, 2, 3)), torch.ones(3))
    assert float((whole.feature - other.feature).detach().abs().max()) > 1e-4  # it is read


def test_a_teacher_is_left_out_with_both_its_maps() -> None:
    torch.manual_seed(0)
    fusion = PlaceFusion((8, 8), STUDENT, CLASSES, dropout=0.9, earlier=(6, 6)).train()
    last, earlier = maps((8, 8)), maps((6, 6), 1)
    student = torch.randn(3, STUDENT, 5, 5)
    torch.manual_seed(3)
    made = fusion(last, student, earlier)
    gone = made.shares == 0
    assert bool(gone.any())
    assert bool(gone.sum(1).le(1).all())
    # What a teacher shows that is left out changes nothing, at either depth
    shut = gone.nonzero()[0]
    for shown in (last, earlier):
        shown[int(shut[1])][int(shut[0])] += 5.0
    torch.manual_seed(3)
    again = fusion(last, student, earlier)
    torch.testing.assert_close(again.places[int(shut[0])], made.places[int(shut[0])])


def test_another_number_of_earlier_maps_is_refused() -> None:
    fusion = AttentionFusion(WIDTHS, CLASSES, earlier=EARLIER)
    with pytest.raises(ValueError, match="1 earlier maps for 2 teachers"):
        fusion(maps(WIDTHS), maps(EARLIER[:1]))
