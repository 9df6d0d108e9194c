"""A loss of your own: one function, known by a name, counted by a weight.

Usage: python own_loss.py DATA TEACHER OUT
"""

import sys
from collections.abc import Sequence

import torch
from torch import Tensor

import kd_core
from kd_core.data.views import TeacherView
from kd_core.models.student import ModelOutput
from kd_core.schema.config import LossWeights
from kd_core.schemes.registry import register_loss


@register_loss("margin")
def margin(student: ModelOutput, teachers: Sequence[TeacherView], labels: Tensor) -> Tensor:
    """Logits (N, C) of student and teachers -> how much less sure of the label the student is."""
    own = student.logits.float().log_softmax(1)
    theirs = torch.stack([view.logits.log_softmax(1) for view in teachers]).mean(0)
    return (theirs - own).gather(1, labels[:, None]).relu().mean()


if __name__ == "__main__":
    data, teacher, out = sys.argv[1:4]
    losses = LossWeights(cross_entropy=0.5, kl=0.5, own={"margin": 0.2})
    config = kd_core.TrainConfig(losses=losses)
    print(kd_core.distil(data, [teacher], out, config=config, on_event=print).sentence)
