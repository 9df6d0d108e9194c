"""The side of the images that a run learns from, by the share of its epochs.

Small images first: they are cheap, and what a network learns from them it keeps (Tan and Le 2021,
"EfficientNetV2", section 4, progressive learning).
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: The deepest stride of a student: a side must be a multiple of it.
STRIDE = 16
SMALLEST = 32


class SizeStage(NamedTuple):
    """``side`` in px, and the ``share`` of a run's epochs that it is used for, 0..1."""

    side: int
    share: float


def size_stages(text: str) -> tuple[SizeStage, ...]:
    """ "112:0.3,160:0.3,224" -> its stages in order; the last has what the others leave.

    None for "". Raises ValueError where a side is no multiple of STRIDE or below SMALLEST, a share
    is not above 0, or the shares leave nothing for the last.

    >>> size_stages("112:0.25,224")
    (SizeStage(side=112, share=0.25), SizeStage(side=224, share=0.75))
    """
    if not text:
        return ()
    *first, last = text.split(",")
    stages = [_stage(word, r"(\d+):(\d*\.?\d+)") for word in first]
    rest = 1.0 - sum(stage.share for stage in stages)
    if not rest > 0 or not all(stage.share > 0 for stage in stages):
        raise ValueError(f"sizes {text} leave nothing for the last size, or give one nothing")
    return (*stages, _stage(last.strip(), r"(\d+)")._replace(share=rest))


def _stage(word: str, form: str) -> SizeStage:
    found = re.fullmatch(form, word.strip())
    if not found:
        raise ValueError(
            "sizes are written SIDE:SHARE, the last without a share, as 112:0.3,160:0.3,224;"
            f" not {word}"
        )
    side = int(found[1])
    if side < SMALLEST or side % STRIDE:
        raise ValueError(f"a size must be a multiple of {STRIDE} from {SMALLEST} px on, not {side}")
    return SizeStage(side, float(found[2]) if len(found.groups()) > 1 else 0.0)


def side_of_epoch(stages: tuple[SizeStage, ...], epoch: int, epochs: int) -> int | None:
    """The side for epoch 1..``epochs``; None where there are no stages.

    An epoch belongs to the stage in whose share its middle lies, so that a resumed run goes on with
    the size that it had.
    """
    begun = 0.0
    for stage in stages:
        begun += stage.share
        if (epoch - 0.5) / epochs < begun:
            return stage.side
    return stages[-1].side if stages else None
