"""Fusing teachers' maps as each place of the student's map asks for it.

Our reading of arXiv 2308.08731, section on relation-based distillation, with the student as the one
who asks: what the student sees at a place is the query, what teachers see anywhere are keys and
values, so another teacher may be read for every image and place. The student's map is DETACHED as
query: with a gradient there the fusion's easiest way down is to make the student ask for what it
has already (see FusionLosses and its test of the collapse).

Teachers are left out at random while training, so that none is relied on where another would do
(Srivastava et al. 2014, "Dropout", with a teacher as the unit).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from kd_core.models.fusion import (
    GRID,
    HEADS,
    WIDTH,
    EarlierTokens,
    Fused,
    pooled_to,
    token_maker,
)


class PlaceFused(NamedTuple):
    """``whole``: the mean over places, as other fusions give it; ``places`` (N, P, D) each of them.

    ``shares`` (N, T): how much of its attention an image gives to each teacher; they sum to 1.
    """

    whole: Fused
    places: Tensor
    shares: Tensor


def attend(query: Tensor, key: Tensor, value: Tensor, kept: Tensor) -> tuple[Tensor, Tensor]:
    """(N, H, P, d), (N, H, L, d) twice, kept (N, L) bool -> (N, H, P, d), weights (N, H, P, L).

    softmax(Q K^T / sqrt(d)) V, Vaswani et al. 2017, "Attention Is All You Need", equation 1, over
    the tokens that are kept: the others have weight 0. With the weights, which torch's
    scaled_dot_product_attention does not give (a test holds the values equal).
    """
    scores = query @ key.transpose(2, 3) / key.shape[3] ** 0.5
    weights = scores.masked_fill(~kept[:, None, None], -torch.inf).softmax(3)
    return weights @ value, weights


def left_in(count: int, teachers: int, dropout: float, device: torch.device) -> Tensor:
    """(count, teachers) bool: each is left out with probability ``dropout``, but never all.

    Of an image of which all would be, one teacher stays, each equally often.
    """
    drawn = torch.rand(count, teachers, device=device)
    kept = drawn >= dropout
    # The largest of independent uniform numbers is any of them equally often.
    return kept | (functional.one_hot(drawn.argmax(1), teachers).bool() & ~kept.any(1)[:, None])


class PlaceFusion(nn.Module):
    """T maps (N, K_t, h_t, w_t) and the student's (N, K, h, w) -> PlaceFused, P = h * w.

    Each teacher's map is pooled to (grid, grid) and projected to D channels, with an embedding of
    position and of teacher; the student's is projected to D with the same embedding of position,
    resized to its own places. Earlier maps of the teachers, where they are given, are as many
    tokens more; a teacher's share is that of both, and it is left out with both.
    """

    def __init__(
        self,
        channels: Sequence[int],
        student_width: int,
        class_count: int,
        *,
        width: int = WIDTH,
        heads: int = HEADS,
        grid: int = GRID,
        dropout: float = 0.0,
        earlier: Sequence[int] = (),
    ) -> None:
        """``channels``: K of each teacher; ``earlier``: of an earlier map of each, or nothing.

        ``dropout``: how often each is left out in training.

        Raises ValueError for fewer than one teacher or a width that heads do not divide.
        """
        super().__init__()
        if not channels or width % heads:
            raise ValueError(
                f"fusion needs teachers and a width that {heads} heads divide, not {list(channels)}"
                f" and {width}"
            )
        self.grid, self.heads, self.dropout = grid, heads, dropout
        self.project = nn.ModuleList(token_maker(k, width) for k in channels)
        self.ask = token_maker(student_width, width)
        self.position = nn.Parameter(torch.randn(grid * grid, width) * 0.02)
        self.teacher = nn.Parameter(torch.randn(len(channels), width) * 0.02)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.out = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.classify = nn.Linear(width, class_count)
        self.earlier = EarlierTokens(earlier, width) if earlier else None

    def forward(
        self, maps: Sequence[Tensor], student: Tensor, earlier: Sequence[Tensor] = ()
    ) -> PlaceFused:
        """See the class. Raises ValueError for another number of maps than teachers."""
        if len(maps) != len(self.project):
            raise ValueError(f"{len(maps)} maps for {len(self.project)} teachers")
        count, teachers, cells = len(student), len(maps), self.grid**2
        tokens = torch.cat([self._tokens(place, taken) for place, taken in enumerate(maps)], 1)
        if self.earlier is not None:
            more = self.earlier(earlier, self.position, self.teacher, self.grid)
            tokens = torch.cat([tokens, more], 1)
        depths = tokens.shape[1] // (teachers * cells)
        asked = self._asked(student.detach())
        dropout = self.dropout if self.training else 0.0
        kept = left_in(count, teachers, dropout, tokens.device).repeat_interleave(cells, 1)
        kept = kept.repeat(1, depths)
        query, key, value = (
            self._by_head(layer(rows))
            for layer, rows in ((self.query, asked), (self.key, tokens), (self.value, tokens))
        )
        read, weights = attend(query, key, value, kept)
        places = self.norm(self.out(read.transpose(1, 2).flatten(2)))
        feature = places.mean(1)
        attention = weights.mean((1, 2)).view(count, depths, teachers, self.grid, self.grid).sum(1)
        whole = Fused(feature, self.classify(feature), attention)
        return PlaceFused(whole, places, attention.sum((2, 3)))

    def _tokens(self, place: int, feature_map: Tensor) -> Tensor:
        pooled = pooled_to(feature_map, self.grid)
        tokens: Tensor = self.project[place](pooled.flatten(2).transpose(1, 2))
        return tokens + self.position + self.teacher[place]

    def _asked(self, student: Tensor) -> Tensor:
        rows: Tensor = self.ask(student.flatten(2).transpose(1, 2))
        square = self.position.T.reshape(1, -1, self.grid, self.grid)
        own = functional.interpolate(
            square, student.shape[2:], mode="bilinear", align_corners=False
        )
        return rows + own.flatten(2).transpose(1, 2)

    def _by_head(self, rows: Tensor) -> Tensor:
        parted: Tensor = rows.unflatten(2, (self.heads, -1)).transpose(1, 2)
        return parted
