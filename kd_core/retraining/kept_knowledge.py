"""What a student already knew well is practised as the student itself says it.

Its own logits where they were right, the teachers' where they were not: a teacher that is less sure
than the student, or sure of another order of the other classes, would move what needs no moving
(Li and Hoiem 2017, "Learning without Forgetting", equation 2; Buzzega et al. 2020, "Dark Experience
for General Continual Learning", equation 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from kd_core.artifacts.replay import Replay
from kd_core.models.student import Student, tail_of

_BATCH = 64


@torch.no_grad()
def with_own_logits(
    replay: Replay, student: Student, heads: Sequence[Sequence[int]] = ()
) -> Replay:
    """``replay`` with ``student``'s logits where it is right, and ``student`` to be asked.

    ``student`` may know more classes than the set, after those of the set: it is right where no
    other class is likelier, and its logits of the set's classes are taken. It is not to be trained
    any more. ``heads``: columns of each softmax of a student with several; it is right where no
    class of the label's group is likelier, and there alone anything is corrected.
    """
    student.eval()
    parts = [
        tail_of(student, replay.latent(places)).logits.float()
        for places in torch.split(torch.arange(len(replay.labels)), _BATCH)
    ]
    own = torch.cat(parts) if parts else replay.logits
    known = replay.logits.shape[1]
    if heads:
        kept = own[:, :known].clone()
        for columns in heads:
            _correct(kept, own, replay, [place for place in columns if place < own.shape[1]])
    else:
        right = own.argmax(1) == replay.labels
        kept = torch.where(right[:, None], own[:, :known], replay.logits)

    @torch.no_grad()
    def ask(latents: Tensor) -> Tensor:
        return tail_of(student, latents).logits[:, :known].float()

    return replace(replay, logits=kept, ask=ask)


def _correct(kept: Tensor, own: Tensor, replay: Replay, columns: Sequence[int]) -> None:
    """Where the student is wrong about a label of this group, the teachers' logits of it."""
    known = [column for column in columns if column < replay.logits.shape[1]]
    others = [column for column in range(replay.logits.shape[1]) if column not in known]
    if not known or not others:
        return
    labelled = torch.isin(replay.labels, torch.tensor(known))
    called = torch.tensor(list(columns))[own[:, list(columns)].argmax(1)]
    wrong = (labelled & (called != replay.labels)).nonzero()[:, 0]
    kept[wrong[:, None], torch.tensor(known)] = against_none(replay.logits[wrong], known, others)


def against_none(logits: Tensor, columns: Sequence[int], others: Sequence[int]) -> Tensor:
    """(N, C) of one softmax -> (N, P) of one group, as logits beside 0 for none of the group.

    Where the group has no place for none, a softmax does not change by what all share.
    """
    rest = logits[:, list(others)].logsumexp(1, keepdim=True)
    return logits[:, list(columns)] - rest


def grouped_logits(logits: Tensor, heads: Sequence[Sequence[int]]) -> Tensor:
    """(N, C) of one softmax -> (N, C) as of a student with a softmax for each of ``heads``."""
    told = logits.clone()
    for columns in heads:
        others = [place for place in range(logits.shape[1]) if place not in columns]
        if others:
            told[:, list(columns)] = against_none(logits, columns, others)
    return told
