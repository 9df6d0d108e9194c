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

from kd_core.losses.feature import HintLoss, attention_transfer
from kd_core.losses.relation import relational
from kd_core.losses.response import decoupled, dist, softened_kl


def loss_ratios(batch: int = 128, runs: int = 15) -> dict[str, float]:
    """Time of our losses over that of the plainest torch expression of the same formula.

    Forward and backward.
    """
    generator = torch.Generator().manual_seed(0)
    student, teacher = (torch.randn(batch, 23, generator=generator) for _ in range(2))
    labels = torch.randint(23, (batch,), generator=generator)
    map_s, map_t = (
        torch.randn(batch, 160, 7, 7, generator=generator),
        torch.randn(batch, 256, 7, 7, generator=generator),
    )

    def plain_kl(logits: torch.Tensor) -> torch.Tensor:
        p = functional.log_softmax(logits / 4, 1)
        return functional.kl_div(p, functional.softmax(teacher / 4, 1), reduction="batchmean") * 16

    def plain_dkd(logits: torch.Tensor) -> torch.Tensor:
        target = functional.one_hot(labels, 23).bool()
        p, q = functional.softmax(logits / 4, 1), functional.softmax(teacher / 4, 1)
        two_p = torch.stack([p[target], (p * ~target).sum(1)], 1)
        two_q = torch.stack([q[target], (q * ~target).sum(1)], 1)
        rest_p = functional.log_softmax(logits / 4 - 1000.0 * target, 1)
        rest_q = functional.softmax(teacher / 4 - 1000.0 * target, 1)
        tckd = functional.kl_div(two_p.log(), two_q, reduction="batchmean")
        return 16 * (tckd + functional.kl_div(rest_p, rest_q, reduction="batchmean"))

    def plain_attention(features: torch.Tensor) -> torch.Tensor:
        student_map = functional.normalize(features.pow(2).mean(1).flatten(1))
        return (student_map - functional.normalize(map_t.pow(2).mean(1).flatten(1))).pow(2).mean()

    def plain_dist(logits: torch.Tensor) -> torch.Tensor:
        p, q = functional.softmax(logits / 4, 1), functional.softmax(teacher / 4, 1)

        def apart(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
            return (
                1
                - functional.cosine_similarity(
                    a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
                ).mean()
            )

        return 16 * (apart(p, q) + apart(p.T, q.T))

    def plain_rkd(points: torch.Tensor) -> torch.Tensor:
        def angles(x: torch.Tensor) -> torch.Tensor:
            sides = functional.normalize(x[None] - x[:, None], dim=2)
            return torch.bmm(sides, sides.transpose(1, 2))

        def distances(x: torch.Tensor) -> torch.Tensor:
            pairwise = torch.pdist(x)
            return pairwise / pairwise.mean()

        near = functional.smooth_l1_loss(distances(points), distances(points_t))
        return near + functional.smooth_l1_loss(angles(points), angles(points_t))

    adapter = HintLoss()
    adapter(map_s, map_t)
    conv = torch.nn.Conv2d(160, 256, 1)
    points_s, points_t = (
        torch.randn(32, 160, generator=generator),
        torch.randn(32, 128, generator=generator),
    )
    pairs = {
        "kl": (lambda x: softened_kl(x, teacher), plain_kl, student),
        "dkd": (lambda x: sum(decoupled(x, teacher, labels).values()), plain_dkd, student),
        "dist": (lambda x: sum(dist(x, teacher).values()), plain_dist, student),
        "attention_transfer": (lambda x: attention_transfer(x, map_t), plain_attention, map_s),
        "hint": (lambda x: adapter(x, map_t), lambda x: functional.mse_loss(conv(x), map_t), map_s),
        "rkd": (lambda x: sum(relational(x, points_t).values()), plain_rkd, points_s),
    }
    return {
        name: _ratio(ours, plain, values, runs) for name, (ours, plain, values) in pairs.items()
    }


def _ratio(
    ours: Callable[[torch.Tensor], Any],
    plain: Callable[[torch.Tensor], Any],
    values: torch.Tensor,
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
