"""Fusing the features of several teachers.

By multi-head attention, as in the paper, and by the plain mean that it replaces. Our reading of
arXiv 2308.08731, section on relation-based distillation; the paper gives no layers. Tokens are the
positions of each teacher's map, projected to one width, with an embedding of position and of
teacher added. Earlier maps of the teachers, where they are given, are as many tokens more, with an
embedding of their depth. One learned query reads them all. The query is NOT the student: with the
student as query and a plain distance to it, the fusion's easiest way down is to copy the student
(see ``FusionLosses`` and its test of the collapse).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

WIDTH = 128
HEADS = 4
#: Maps are pooled to GRID x GRID tokens per teacher: attention over more costs memory and points no
#: finer than the student's CAM.
GRID = 7


class Fused(NamedTuple):
    """``feature`` (N, D), ``logits`` (N, C) of the anchor, ``attention`` (N, T, h, w).

    The attention of an image sums to 1 over T teachers and all positions.
    """

    feature: Tensor
    logits: Tensor
    attention: Tensor


def pooled_to(feature_map: Tensor, grid: int) -> Tensor:
    """(N, K, h, w) -> (N, K, grid, grid), each cell the mean of what it covers.

    A map that has the size is left alone: pooling it took a twelfth of a small step.
    """
    size = (grid, grid)
    if feature_map.shape[2:] == size:
        return feature_map
    return functional.adaptive_avg_pool2d(feature_map, size)


def token_maker(channels: int, width: int) -> nn.Sequential:
    """(..., channels) of a place -> its token (..., width)."""
    return nn.Sequential(nn.LayerNorm(channels), nn.Linear(channels, width))


class EarlierTokens(nn.Module):
    """Tokens of T earlier maps, (N, T * grid * grid, D); see kd_core.models.earlier_map.

    Each is projected for itself and carries the embeddings of its place, its teacher and its depth.
    """

    def __init__(self, channels: Sequence[int], width: int) -> None:
        super().__init__()
        self.project = nn.ModuleList(token_maker(k, width) for k in channels)
        self.depth = nn.Parameter(torch.randn(width) * 0.02)

    def forward(
        self, maps: Sequence[Tensor], position: Tensor, teacher: Tensor, grid: int
    ) -> Tensor:
        """Maps (N, K_t, h, w), embeddings (grid * grid, D) and (T, D). ValueError: not T maps."""
        if len(maps) != len(self.project):
            raise ValueError(f"{len(maps)} earlier maps for {len(self.project)} teachers")
        return (
            torch.cat(
                [
                    project(pooled_to(given, grid).flatten(2).transpose(1, 2)) + position + own
                    for project, given, own in zip(self.project, maps, teacher, strict=True)
                ],
                dim=1,
            )
            + self.depth
        )


class AttentionFusion(nn.Module):
    """Maps of T teachers, each (N, K_t, h_t, w_t) -> Fused, by multi-head attention.

    Each map is pooled to (grid, grid) and projected to D channels; one learned query reads the
    T * grid * grid tokens: softmax(Q K^T / sqrt(D / heads)) V (Vaswani et al. 2017, equation 1).
    ``attention`` (N, T, grid, grid) is the mean over heads, and the sum over depths where earlier
    maps are read too.
    """

    def __init__(
        self,
        channels: Sequence[int],
        class_count: int,
        width: int = WIDTH,
        heads: int = HEADS,
        grid: int = GRID,
        earlier: Sequence[int] = (),
    ) -> None:
        """``channels``: K of each teacher; ``earlier``: of an earlier map of each, or nothing.

        Raises ValueError for fewer than one teacher or a width that heads do not divide.
        """
        super().__init__()
        if not channels or width % heads:
            raise ValueError(
                f"fusion needs teachers and a width that {heads} heads divide, not {list(channels)}"
                f" and {width}"
            )
        self.grid = grid
        self.project = nn.ModuleList(token_maker(k, width) for k in channels)
        self.position = nn.Parameter(torch.randn(grid * grid, width) * 0.02)
        self.teacher = nn.Parameter(torch.randn(len(channels), width) * 0.02)
        self.query = nn.Parameter(torch.randn(width) * 0.02)
        self.attend = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm = nn.LayerNorm(width)
        self.classify = nn.Linear(width, class_count)
        self.earlier = EarlierTokens(earlier, width) if earlier else None

    def forward(self, maps: Sequence[Tensor], earlier: Sequence[Tensor] = ()) -> Fused:
        """See the class. Raises ValueError for another number of maps than teachers."""
        if len(maps) != len(self.project):
            raise ValueError(f"{len(maps)} maps for {len(self.project)} teachers")
        tokens = torch.cat(
            [self._tokens(place, feature_map) for place, feature_map in enumerate(maps)], dim=1
        )
        if self.earlier is not None:
            more = self.earlier(earlier, self.position, self.teacher, self.grid)
            tokens = torch.cat([tokens, more], dim=1)
        query = self.query.expand(len(tokens), 1, -1)
        read, attention = self.attend(query, tokens, tokens, need_weights=True)
        feature = self.norm(read[:, 0])
        weights = attention[:, 0].view(len(tokens), -1, len(maps), self.grid, self.grid)
        return Fused(feature, self.classify(feature), weights.sum(1))

    def _tokens(self, place: int, feature_map: Tensor) -> Tensor:
        pooled = pooled_to(feature_map, self.grid)
        tokens: Tensor = self.project[place](pooled.flatten(2).transpose(1, 2))
        return tokens + self.position + self.teacher[place]


class MeanFusion(nn.Module):
    """The simple aggregation: each teacher's embedding projected, then their mean.

    Same outputs; attention is uniform.
    """

    def __init__(self, channels: Sequence[int], class_count: int, width: int = WIDTH) -> None:
        super().__init__()
        self.project = nn.ModuleList(token_maker(k, width) for k in channels)
        self.norm = nn.LayerNorm(width)
        self.classify = nn.Linear(width, class_count)

    def forward(self, maps: Sequence[Tensor]) -> Fused:
        """As AttentionFusion; ``attention`` is (N, T, 1, 1)."""
        if len(maps) != len(self.project):
            raise ValueError(f"{len(maps)} maps for {len(self.project)} teachers")
        parts = [
            project(feature_map.mean(dim=(2, 3)))
            for project, feature_map in zip(self.project, maps, strict=True)
        ]
        feature = self.norm(torch.stack(parts).mean(dim=0))
        share = feature.new_full((len(feature), len(maps), 1, 1), 1.0 / len(maps))
        return Fused(feature, self.classify(feature), share)


class FusionLosses(nn.Module):
    """Named losses of relation-based distillation from a fused feature.

    It holds the student's projection to the feature's width. ``anchor``: cross-entropy of the
    fusion's own classifier, which keeps the fused feature about the classes and so rules the
    trivial minimum out. ``guide``: the student's projected embedding towards the fused feature,
    which is DETACHED there: the student follows the fusion and never the other way round. Both
    sides are normalised, so the squared distance is 2 - 2 cos, from 0 to 4.
    """

    def __init__(
        self,
        student_width: int,
        width: int = WIDTH,
        *,
        anchored: bool = True,
        label_smoothing: float = 0.0,
    ) -> None:
        """``anchored=False`` takes both safeguards away and exists to show what then happens.

        ``label_smoothing`` of the anchor: without, the fusion grows so sure of images that its
        teachers were trained on that its logits teach no more than labels do.
        """
        super().__init__()
        self._smoothing = label_smoothing
        self.project = nn.Sequential(nn.Linear(student_width, width), nn.LayerNorm(width))
        self.anchored = anchored

    def forward(self, embedding: Tensor, fused: Fused, labels: Tensor) -> dict[str, Tensor]:
        """Embedding (N, K), Fused, labels (N,) int64 or soft targets (N, C) -> named scalars.

        Or embeddings of P places (N, P, K) and a feature (N, P, D): each follows its own.
        """
        target = fused.feature.detach() if self.anchored else fused.feature
        # In full precision: close to its goal the distance lies below what a bfloat16 tells apart
        # from 0.
        with torch.autocast(embedding.device.type, enabled=False):
            guide = (
                2.0
                - 2.0
                * functional.cosine_similarity(
                    self.project(embedding.float()), target.float(), dim=-1
                ).mean()
            )
        if not self.anchored:
            return {"guide": guide}
        return {
            "anchor": functional.cross_entropy(
                fused.logits.float(), labels, label_smoothing=self._smoothing
            ),
            "guide": guide,
        }
