"""Our losses beside those of torchdistill (Matsubara 2021) on random inputs, with the differences
that are known and meant.

torchdistill's own numbers are no truth either (its tests rewrite theirs): this shows that two
people read the papers alike.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from kd_core.losses.feature import attention_transfer
from kd_core.losses.relation import relational
from kd_core.losses.response import dist, softened_kl
from kd_core.platform.torchvision_compat import make_torchvision_importable

BATCH, CLASSES = 12, 23
PATHS = ("s", "output", "t", "output")


@pytest.fixture(scope="module")
def theirs() -> Any:
    """torchdistill's module of losses; skips where it is not installed."""
    make_torchvision_importable()
    return pytest.importorskip(
        "torchdistill.losses.mid_level", reason="torchdistill is not installed"
    )


def outputs(seed: int, *shape: int, scale: float = 3.0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator) * scale, torch.randn(
        *shape, generator=generator
    ) * scale


def named(student: Tensor, teacher: Tensor) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"s": {"output": student}}, {"t": {"output": teacher}}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_softened_kl(theirs: Any, seed: int, temperature: float) -> None:
    student, teacher = outputs(seed, BATCH, CLASSES)
    labels = torch.arange(BATCH) % CLASSES
    # With labels and alpha next to nothing, theirs is beta T^2 KL.
    made = theirs.KDLoss(*PATHS, temperature=temperature, alpha=1e-12, beta=1.0)(
        *named(student, teacher), labels
    )
    assert float(softened_kl(student, teacher, temperature)) == pytest.approx(float(made), rel=1e-5)
    # Known difference: without labels theirs loses T^2.
    bare = theirs.KDLoss(*PATHS, temperature=temperature, alpha=0.5)(*named(student, teacher))
    assert float(softened_kl(student, teacher, temperature)) == pytest.approx(
        float(bare) * temperature**2, rel=1e-5
    )


@pytest.mark.parametrize("seed", range(3))
def test_standardised_logits(theirs: Any, seed: int) -> None:
    student, teacher = outputs(seed, BATCH, CLASSES)
    made = theirs.LogitStdKDLoss(*PATHS, temperature=2.0, eps=1e-7, alpha=0.5)(
        *named(student, teacher)
    )
    # Known difference: theirs divides by the sample deviation, i.e. has a temperature sqrt(C / (C -
    # 1)) higher, and T^2 as above.
    same_temperature = 2.0 * (CLASSES / (CLASSES - 1)) ** 0.5
    ours = softened_kl(student, teacher, same_temperature, standardise=True)
    assert float(ours) / same_temperature**2 == pytest.approx(float(made), rel=1e-4)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_dist(theirs: Any, seed: int, temperature: float) -> None:
    student, teacher = outputs(seed, BATCH, CLASSES)
    ours = dist(student, teacher, temperature)
    for name, weights in (
        ("inter", {"beta": 1.0, "gamma": 0.0}),
        ("intra", {"beta": 0.0, "gamma": 1.0}),
    ):
        made = theirs.DISTLoss(*PATHS, tau=temperature, **weights)(*named(student, teacher))
        assert float(ours[name]) == pytest.approx(float(made), rel=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_attention_transfer(theirs: Any, seed: int) -> None:
    student, teacher = outputs(seed, BATCH, 10, 7, 7)
    pair = {
        "stage": {
            "student": {"io": "output", "path": "s"},
            "teacher": {"io": "output", "path": "t"},
        }
    }
    made = theirs.ATLoss(pair, mode="code")(*named(student, teacher))
    assert float(attention_transfer(student, teacher)) == pytest.approx(float(made), rel=1e-5)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [5, BATCH])
def test_relational(theirs: Any, seed: int, count: int) -> None:
    student, teacher = outputs(seed, count, 16)
    ours = relational(student, teacher)
    # Known difference: theirs also averages over pairs and triples of the same image, which are
    # all 0.
    shares = {
        "distance": count * (count - 1) / count**2,
        "angle": count * (count - 1) * (count - 2) / count**3,
    }
    for name, factors in (("distance", (1.0, 0.0)), ("angle", (0.0, 1.0))):
        made = theirs.RKDLoss("s", "t", *factors, reduction="mean")(*named(student, teacher))
        assert float(ours[name]) * shares[name] == pytest.approx(float(made), rel=1e-3)
