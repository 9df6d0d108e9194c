"""A student, or a teacher, that is to know more classes than before: old answers stay, new columns begin at "hardly"."""

from __future__ import annotations

import torch
from torch import nn

from kd_core.models.student import Student
from kd_core.models.teacher import Teacher

#: The logit that a model gives a class it was never taught: far below every other.
UNTAUGHT = -20.0
#: Where a new class of the student begins, below the least likely old one: e^-2 of its odds.
BELOW = 2.0


@torch.no_grad()
def extended_student(student: Student, count: int) -> Student:
    """A copy with ``count`` classes in all, the old ones first. Raises ValueError for fewer than it has."""
    known = student.head.out_features
    if count < known:
        raise ValueError(f"a student of {known} classes cannot forget some: {count}")
    made = Student(count)
    state = {name: tensor.clone() for name, tensor in student.state_dict().items() if not name.startswith("head.")}
    weight, bias = student.head.weight, student.head.bias
    # A new column that is the mean of the old ones changes no old class against another, and grows into its own soon.
    state["head.weight"] = torch.cat([weight, weight.mean(dim=0, keepdim=True).expand(count - known, -1)])
    state["head.bias"] = torch.cat([bias, bias.min().expand(count - known) - BELOW])
    made.load_state_dict(state)
    return made.train(student.training)


@torch.no_grad()
def extend_teacher(teacher: Teacher, count: int) -> None:
    """Give the head columns that always answer UNTAUGHT, so that the teacher can sit beside a student of ``count`` classes."""
    old = teacher.head
    new = nn.Linear(old.in_features, count)
    new.weight.zero_()
    new.bias.fill_(UNTAUGHT)
    new.weight[: old.out_features] = old.weight
    new.bias[: old.out_features] = old.bias
    teacher.head = new.requires_grad_(False).to(old.weight.device)
