"""A student, or a teacher, that is to know more classes than before.

Old logits stay; new rows of the head begin fairly.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from kd_core.models.student import Student
from kd_core.models.teacher import Teacher

#: The logit that a teacher gives a class it was never taught: far below every other.
UNTAUGHT = -20.0


@torch.no_grad()
def extended_student(student: Student, embeddings: Sequence[Tensor], known: Tensor) -> Student:
    """A copy that knows a class more for each of ``embeddings``, the old classes first.

    ``embeddings``: (n, K) of the frames of each new class; ``known``: (M, K) of old classes, both
    as ``student`` makes them. A new row is imprinted (Qi et al. 2018, "Low-shot learning with
    imprinted weights"): the direction from old embeddings to the class's own, as long as the other
    rows are; its bias makes it as likely as the best old class on the mean frame of its own. Raises
    ValueError for a new class without a frame.
    """
    if any(not len(own) for own in embeddings):
        raise ValueError("a class without a frame has no place to begin at")
    old = student.head
    centre = old.weight.mean(dim=0)
    length = (old.weight - centre).norm(dim=1).mean()
    rows: list[Tensor] = [old.weight]
    biases: list[Tensor] = [old.bias]
    for own in embeddings:
        mean = own.mean(dim=0)
        away = mean - known.mean(dim=0)
        row = centre + length * away / away.norm().clamp(min=1e-12)
        rows.append(row[None])
        biases.append(((old.weight @ mean + old.bias).max() - row @ mean)[None])
    # Copied, not built anew: a student of a model folder has no branches any more.
    extended = copy.deepcopy(student)
    extended.head = nn.Linear(old.in_features, old.out_features + len(embeddings)).to(old.weight)
    extended.head.weight.copy_(torch.cat(rows))
    extended.head.bias.copy_(torch.cat(biases))
    return extended


@torch.no_grad()
def extend_teacher(teacher: Teacher, places: Sequence[int], count: int) -> None:
    """Give the head ``count`` rows: its own at ``places``, all others always UNTAUGHT.

    So it can sit beside a student with more classes.
    """
    old = teacher.head
    new = nn.Linear(old.in_features, count)
    new.weight.zero_()
    new.bias.fill_(UNTAUGHT)
    new.weight[list(places)] = old.weight
    new.bias[list(places)] = old.bias
    teacher.head = new.requires_grad_(False).to(old.weight.device)
