"""The fusion of teachers' features: shapes, what attention means, and the collapse that the
anchor rules out.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from kd_core.models.fusion import GRID, WIDTH, AttentionFusion, FusionLosses, MeanFusion
from kd_core.models.student import count_parameters

CHANNELS = (24, 40)


def maps(labels: Tensor, seed: int = 0) -> list[Tensor]:
    """Maps of two teachers that show the class of each image at one place, beneath noise."""
    generator = torch.Generator().manual_seed(seed)
    made = []
    for channels, side in zip(CHANNELS, (7, 5), strict=True):
        noise = torch.randn(len(labels), channels, side, side, generator=generator) * 0.3
        noise[torch.arange(len(labels)), labels, 2, 3] += 6.0
        made.append(noise)
    return made


@pytest.mark.parametrize("count", [1, 5])
def test_shapes_and_that_attention_is_a_share(count: int) -> None:
    fusion = AttentionFusion(CHANNELS, 4)
    fused = fusion(maps(torch.zeros(count, dtype=torch.long)))
    assert fused.feature.shape == (count, WIDTH)
    assert fused.logits.shape == (count, 4)
    assert fused.attention.shape == (count, 2, GRID, GRID)
    torch.testing.assert_close(fused.attention.sum(dim=(1, 2, 3)), torch.ones(count))


def test_attention_itself_is_the_paper_formula() -> None:
    """nn.MultiheadAttention against softmax(q k / sqrt d) v written out in NumPy, head by head."""
    torch.manual_seed(0)
    fusion = AttentionFusion(CHANNELS, 3, width=8, heads=2, grid=2).double()
    inputs = [feature_map.double() for feature_map in maps(torch.tensor([1, 2]))]
    fused = fusion(inputs)
    tokens = (
        torch.cat(
            [fusion._tokens(place, feature_map) for place, feature_map in enumerate(inputs)], dim=1
        )
        .detach()
        .numpy()
    )
    weight, bias = (
        part.detach().numpy() for part in (fusion.attend.in_proj_weight, fusion.attend.in_proj_bias)
    )
    query = weight[:8] @ fusion.query.detach().numpy() + bias[:8]
    out_weight, out_bias = (
        part.detach().numpy()
        for part in (fusion.attend.out_proj.weight, fusion.attend.out_proj.bias)
    )
    for n in range(2):
        keys, values = (
            tokens[n] @ weight[8:16].T + bias[8:16],
            tokens[n] @ weight[16:].T + bias[16:],
        )
        heads, shares = [], []
        for head in (slice(0, 4), slice(4, 8)):
            score = np.exp(keys[:, head] @ query[head] / np.sqrt(4))
            shares.append(score / score.sum())
            heads.append(shares[-1] @ values[:, head])
        read = out_weight @ np.concatenate(heads) + out_bias
        np.testing.assert_allclose(
            fused.attention[n].detach().numpy().ravel(), np.mean(shares, axis=0), atol=1e-12
        )
        normed = (read - read.mean()) / np.sqrt(read.var() + 1e-5)
        np.testing.assert_allclose(fused.feature[n].detach().numpy(), normed, atol=1e-9)


def test_the_mean_is_the_mean() -> None:
    fusion = MeanFusion(CHANNELS, 3)
    inputs = maps(torch.tensor([0, 1]))
    parts = [
        project(feature_map.mean(dim=(2, 3)))
        for project, feature_map in zip(fusion.project, inputs, strict=True)
    ]
    torch.testing.assert_close(fusion(inputs).feature, fusion.norm((parts[0] + parts[1]) / 2))


def test_attention_learns_where_the_class_is_shown() -> None:
    torch.manual_seed(0)
    fusion, labels = AttentionFusion(CHANNELS, 4), torch.arange(64) % 4
    optimiser = torch.optim.Adam(fusion.parameters(), lr=3e-3)
    for step in range(150):
        loss = nn.functional.cross_entropy(fusion(maps(labels, step)).logits, labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    fused = fusion(maps(labels, 999))
    assert (fused.logits.argmax(dim=1) == labels).float().mean() > 0.9
    mean = fused.attention.mean(dim=0)
    # Row 2, column 3 of the first map; of the second, of 5 x 5, the cells of the 7 x 7 grid that it
    # is spread over.
    shown = mean[0, 2, 3] + mean[1, 2:5, 4:6].sum()
    assert shown > 0.5  # 7 of 98 positions


def _distil(anchored: bool, steps: int = 200) -> float:
    """Train a student's projection and the fusion together; returns how well a line can tell
    the classes in the fused feature.
    """
    torch.manual_seed(1)
    fusion = AttentionFusion(CHANNELS, 4)
    student = nn.Sequential(nn.Flatten(), nn.Linear(CHANNELS[0] * 49, 16))
    losses = FusionLosses(16, anchored=anchored)
    labels = torch.arange(64) % 4
    optimiser = torch.optim.Adam(
        [*fusion.parameters(), *student.parameters(), *losses.parameters()], lr=3e-3
    )
    for step in range(steps):
        inputs = maps(labels, step)
        loss = sum(losses(student(inputs[0]), fusion(inputs), labels).values())
        assert isinstance(loss, Tensor)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    feature = fusion(maps(labels, 998)).feature.detach()
    feature = feature / feature.norm(dim=1, keepdim=True)
    # One constant direction for every image is the trivial minimum: the spread between images
    # is then nothing.
    return float(feature.std(dim=0).norm())


@pytest.mark.slow
def test_without_the_anchor_the_fusion_collapses_and_with_it_it_does_not() -> None:
    collapsed, held = _distil(anchored=False), _distil(anchored=True)
    assert collapsed < 0.1
    assert held > 0.5


def test_the_student_follows_the_fusion_and_never_the_other_way_round() -> None:
    fusion, losses = AttentionFusion(CHANNELS, 4), FusionLosses(16)
    labels = torch.tensor([0, 1, 2])
    embedding = torch.randn(3, 16, requires_grad=True)
    losses(embedding, fusion(maps(labels)), labels)["guide"].backward()
    assert embedding.grad is not None
    assert embedding.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in fusion.parameters())


def test_the_guide_is_two_minus_two_cosines_by_hand() -> None:
    losses = FusionLosses(2, width=2)
    losses.project = nn.Sequential(nn.Identity())
    from kd_core.models.fusion import Fused

    fused = Fused(torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.zeros(2, 2), torch.ones(2, 1, 1, 1))
    made = losses(torch.tensor([[3.0, 0.0], [5.0, 0.0]]), fused, torch.tensor([0, 1]))
    assert made["guide"].item() == pytest.approx(1.0)  # cosines 1 and 0, their mean .5
    assert made["anchor"].item() == pytest.approx(float(np.log(2)))


def test_attention_outweighs_the_student_and_is_counted() -> None:
    assert count_parameters(AttentionFusion((1, 1), 2).attend) == 66_048  # 4 d^2 + 4 d for d = 128


def test_wrong_numbers_of_maps_are_refused() -> None:
    with pytest.raises(ValueError, match="1 maps for 2 teachers"):
        AttentionFusion(CHANNELS, 3)(maps(torch.tensor([0]))[:1])
    with pytest.raises(ValueError, match="needs teachers"):
        AttentionFusion((), 3)
