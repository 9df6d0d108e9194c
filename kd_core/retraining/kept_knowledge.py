"""What a student already knew well is practised as the student itself says it.

Its own logits where they were right, the teachers' where they were not: a teacher that is less sure
than the student, or sure of another order of the other classes, would move what needs no moving
(Li and Hoiem 2017, "Learning without Forgetting", equation 2; Buzzega et al. 2020, "Dark Experience
for General Continual Learning", equation 6).
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from kd_core.artifacts.replay import Replay
from kd_core.models.student import Student, tail_of

_BATCH = 64


@torch.no_grad()
def with_own_logits(replay: Replay, student: Student) -> Replay:
    """``replay`` with ``student``'s logits where it is right, and ``student`` to be asked.

    ``student`` may know more classes than the set, after those of the set: it is right where no
    other class is likelier, and its logits of the set's classes are taken. It is not to be trained
    any more.
    """
    student.eval()
    parts = [
        tail_of(student, replay.latent(places)).logits.float()
        for places in torch.split(torch.arange(len(replay.labels)), _BATCH)
    ]
    own = torch.cat(parts) if parts else replay.logits
    right = own.argmax(1) == replay.labels
    known = replay.logits.shape[1]
    kept: Tensor = torch.where(right[:, None], own[:, :known], replay.logits)

    @torch.no_grad()
    def ask(latents: Tensor) -> Tensor:
        return tail_of(student, latents).logits[:, :known].float()

    return replace(replay, logits=kept, ask=ask)
