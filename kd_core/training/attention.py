"""Which teacher a trained fusion reads, and where, for the card of its student."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch

from kd_core.data.augment import Normalise
from kd_core.data.views import TeacherView, ViewSource
from kd_core.models.network import output_of
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_origin import TaughtBy
from kd_core.schemes.relation import RelationPart
from kd_core.schemes.scheme import Scheme
from kd_core.training.batches import AskTeachers

#: Images of all classes over which shares are means.
IMAGES, TOGETHER = 256, 32


@torch.no_grad()
def taught_by(
    cards: Sequence[ModelCard], scheme: Scheme, views: ViewSource, ask: AskTeachers, device: str
) -> list[TaughtBy]:
    """The teachers; with a fusion also how much it reads each, whole and by position.

    ``ask``: for views that come without what teachers say of them.
    """
    if "relation" not in scheme.parts:
        return [TaughtBy(card.name, card.version) for card in cards]
    part, learner = scheme.parts["relation"].eval(), scheme.learner.eval()
    assert isinstance(part, RelationPart)
    count, normalise = len(views.labels), Normalise(device)
    places = np.linspace(0, count - 1, min(IMAGES, count)).astype(np.int64)
    grids = []
    for batch in np.array_split(places, math.ceil(len(places) / TOGETHER)):
        crops, seen = views.batch(batch, np.zeros_like(batch))
        seen = seen or ask(crops)
        moved = [TeacherView(*(tensor.to(device) for tensor in view)) for view in seen]
        output = output_of(learner, normalise.crops(crops.to(device)))
        grids.append(part.read(output, moved).fused.attention)
    rows = []
    for card, grid in zip(cards, torch.cat(grids).mean(0).cpu(), strict=True):
        shares = [[round(float(share), 4) for share in row] for row in grid]
        rows.append(TaughtBy(card.name, card.version, round(float(grid.sum()), 3), shares))
    return rows
