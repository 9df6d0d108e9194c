"""Relational knowledge distillation (Park et al. 2019).

How images lie to each other is compared, not where they lie. Embeddings are (N, D) and (N, E) in
any float type; D and E may differ, since only distances and angles are compared. Teachers get no
gradient.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from kd_core.losses.tensors import no_autocast, noise_floor, nothing, prepared, safe_divide


def pair_distances(points: Tensor) -> Tensor:
    """(N, D), N >= 2 -> (N * (N - 1) / 2,) distances of i < j over their own mean.

    Park 2019, equations 5 and 6; without unit. The mean runs over pairs of different places,
    including those that coincide. All points in one place: zeros, with gradient 0.
    """
    # It subtracts point by point: |a|^2 + |b|^2 - 2ab, the cheap way, loses all digits for close
    # points in float32. The gradient at distance 0 is 0.
    distances = torch.pdist(points)
    return safe_divide(distances, distances.mean(), noise_floor(points, (0, 1)).flatten())


def _cosines(points: Tensor) -> Tensor:
    """(N, D) -> (N, N, N), at [j, i, k] the cosine at j between i and k.

    0 for i = j or k = j, of no meaning for i = k.
    """
    differences = points[None] - points[:, None]
    lengths = torch.linalg.vector_norm(differences, dim=2, keepdim=True)
    # Sides as short as rounding noise have no direction, and 1 / length would turn their gradient
    # into an explosion.
    sides = differences * safe_divide(
        torch.ones_like(lengths), lengths, noise_floor(points, (0, 1))
    )
    return torch.bmm(sides, sides.transpose(1, 2))


def _angle_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Smooth L1 of (N, D) and (N, E), the mean over triples of different images, a scalar.

    The cube is taken whole and what is trivial subtracted, which is quicker than picking: where i
    or k is j both sides are 0 already.
    """
    count = len(student)
    ours, theirs = _cosines(student), _cosines(teacher)
    summed = functional.smooth_l1_loss(ours, theirs, reduction="sum")
    trivial = functional.smooth_l1_loss(
        ours.diagonal(dim1=1, dim2=2), theirs.diagonal(dim1=1, dim2=2), reduction="sum"
    )
    return (summed - trivial) / (count * (count - 1) * (count - 2))


def relational(student: Tensor, teacher: Tensor) -> dict[str, Tensor]:
    """(N, D) and (N, E) embeddings -> scalars {"distance", "angle"}.

    Smooth L1 between the two sides; usual weights 25 and 50. Park et al. 2019, "Relational
    Knowledge Distillation", equations 7 (distance), 8 (Huber, delta 1) and 10 (angle), as means
    over all pairs and triples of different images. The authors' code also averages the trivial ones
    (i = j), which only makes small batches weaker. "distance" is 0 for one image, "angle" for one
    or two. ValueError: not two axes, unequal or empty batches.

    >>> triangle = torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]])
    >>> {name: float(value) for name, value in relational(2 * triangle, triangle).items()}
    {'distance': 0.0, 'angle': 0.0}
    """
    student, teacher = prepared(student, teacher, 2)
    with no_autocast(student):
        distance = (
            functional.smooth_l1_loss(pair_distances(student), pair_distances(teacher))
            if len(student) > 1
            else nothing(student)
        )
        angle = _angle_loss(student, teacher) if len(student) > 2 else nothing(student)
    return {"distance": distance, "angle": angle}
