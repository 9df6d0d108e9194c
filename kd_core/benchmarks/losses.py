"""Our losses timed against the plainest torch expression of the same formula.

Care for the edges must not cost speed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as functional
from torch import Tensor

from kd_core.losses.feature import HintLoss, attention_transfer
from kd_core.losses.relation import relational
from kd_core.losses.response import decoupled, dist, softened_kl

_Loss = Callable[[Tensor], Any]


def loss_ratios(batch: int = 128, runs: int = 15) -> dict[str, float]:
    """Time of our losses over that of the plainest torch expression of the same formula.

    Forward and backward.
    """
    generator = torch.Generator().manual_seed(0)
    student, teacher = (torch.randn(batch, 23, generator=generator) for _ in range(2))
    labels = torch.randint(23, (batch,), generator=generator)
    map_s = torch.randn(batch, 160, 7, 7, generator=generator)
    map_t = torch.randn(batch, 256, 7, 7, generator=generator)
    adapter = HintLoss()
    adapter(map_s, map_t)
    conv = torch.nn.Conv2d(160, 256, 1)
    points_s = torch.randn(32, 160, generator=generator)
    points_t = torch.randn(32, 128, generator=generator)
    pairs: dict[str, tuple[_Loss, _Loss, Tensor]] = {
        "kl": (lambda x: softened_kl(x, teacher), lambda x: _plain_kl(x, teacher), student),
        "dkd": (
            lambda x: sum(decoupled(x, teacher, labels).values()),
            lambda x: _plain_dkd(x, teacher, labels),
            student,
        ),
        "dist": (
            lambda x: sum(dist(x, teacher).values()),
            lambda x: _plain_dist(x, teacher),
            student,
        ),
        "attention_transfer": (
            lambda x: attention_transfer(x, map_t),
            lambda x: _plain_attention(x, map_t),
            map_s,
        ),
        "hint": (lambda x: adapter(x, map_t), lambda x: functional.mse_loss(conv(x), map_t), map_s),
        "rkd": (
            lambda x: sum(relational(x, points_t).values()),
            lambda x: _plain_rkd(x, points_t),
            points_s,
        ),
    }
    return {
        name: _ratio(ours, plain, values, runs) for name, (ours, plain, values) in pairs.items()
    }


def _plain_kl(logits: Tensor, teacher: Tensor) -> Tensor:
    p = functional.log_softmax(logits / 4, 1)
    return functional.kl_div(p, functional.softmax(teacher / 4, 1), reduction="batchmean") * 16


def _plain_dkd(logits: Tensor, teacher: Tensor, labels: Tensor) -> Tensor:
    target = functional.one_hot(labels, 23).bool()
    p, q = functional.softmax(logits / 4, 1), functional.softmax(teacher / 4, 1)
    two_p = torch.stack([p[target], (p * ~target).sum(1)], 1)
    two_q = torch.stack([q[target], (q * ~target).sum(1)], 1)
    rest_p = functional.log_softmax(logits / 4 - 1000.0 * target, 1)
    rest_q = functional.softmax(teacher / 4 - 1000.0 * target, 1)
    tckd = functional.kl_div(two_p.log(), two_q, reduction="batchmean")
    return 16 * (tckd + functional.kl_div(rest_p, rest_q, reduction="batchmean"))


def _plain_dist(logits: Tensor, teacher: Tensor) -> Tensor:
    p, q = functional.softmax(logits / 4, 1), functional.softmax(teacher / 4, 1)
    return 16 * (_uncorrelated(p, q) + _uncorrelated(p.T, q.T))


def _uncorrelated(a: Tensor, b: Tensor) -> Tensor:
    """1 - Pearson's correlation of the rows, on average."""
    a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
    return 1 - functional.cosine_similarity(a, b).mean()


def _plain_attention(features: Tensor, teacher: Tensor) -> Tensor:
    ours, theirs = (functional.normalize(x.pow(2).mean(1).flatten(1)) for x in (features, teacher))
    return (ours - theirs).pow(2).mean()


def _plain_rkd(points: Tensor, teacher: Tensor) -> Tensor:
    near = functional.smooth_l1_loss(_distances(points), _distances(teacher))
    return near + functional.smooth_l1_loss(_angles(points), _angles(teacher))


def _angles(points: Tensor) -> Tensor:
    sides = functional.normalize(points[None] - points[:, None], dim=2)
    return torch.bmm(sides, sides.transpose(1, 2))


def _distances(points: Tensor) -> Tensor:
    pairwise = torch.pdist(points)
    return pairwise / pairwise.mean()


def _ratio(
    ours: _Loss,
    plain: _Loss,
    values: Tensor,
    runs: int,
) -> float:
    taken: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(runs):  # in turns, so that a slow moment meets both
        for number, loss in enumerate((ours, plain)):
            begun = time.perf_counter()
            for _ in range(10):
                loss(values.clone().requires_grad_()).backward()
            taken[number].append(time.perf_counter() - begun)
    return statistics.median(taken[0]) / statistics.median(taken[1])
