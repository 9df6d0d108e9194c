"""Near-copies of one image, found by what the model may look at.

Border, text strip and position inset do not count. An image's fingerprint is its crop in grey, as
averages over CELL x CELL pixels of the visible region, less the blurred surroundings (light and
vignetting), scaled to length 1. The product of two fingerprints is their correlation in -1..1;
pairs at or above THRESHOLD are joined, and joined pairs that share an image become one group.

How THRESHOLD was chosen: ``kd-core dedupe DIR --against-groups --threshold T`` on the Hyper-KVASIR
frames, T from .70 to .90 in steps of .05. It is the highest T that leaves fewer than 2 % of the
given pairs apart: a near-copy that is missed leaks from training into the test, an image joined
too many costs nothing but a place in the split. It also lies above the most alike pair of a polyp
or a cecum with an image of any other class, which cannot be near-copies. Precision against the
given groups is a lower bound: of the pairs joined here and apart there, nearly all show one scene
when looked at (``apart`` lists them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kd_core.data.image_files import MOST_UNREADABLE, read_rgb
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.vision.blanking import INSET_TOP, INSET_WIDTH, visible_mask
from kd_core.vision.field_of_view import find_field_of_view
from kd_core.vision.preprocess import INPUT_SIZE, crop_of, shrink

Image = NDArray[np.uint8]
Array = NDArray[np.float32]
Indices = NDArray[np.int64]

THRESHOLD = 0.80
#: Pixels of the crop to a side of one average: half of it is what JPEG blocks, resizing and a
#: crop's rounding disturb.
CELL = 8
#: Cells; standard deviation of the blur that is taken as the surroundings.
SURROUNDINGS = 2.0
#: Grey levels (root mean square over the cells). With less than that, what is left is noise, and a
#: image resembles none.
LEAST_RELIEF = 1.0
#: Fingerprints compared with all others at once: 256 x 20,000 products take 20 MB.
BLOCK = 256


class Pairs(NamedTuple):
    """Some near pairs: indices ``first`` < ``second`` (P,), their ``similarity`` (P,)."""

    first: Indices
    second: Indices
    similarity: Array


class Agreement(NamedTuple):
    """Pairs of images in one group: here, in the given grouping, and in both."""

    found: int
    given: int
    both: int

    @property
    def precision(self) -> float | None:
        """Share of the pairs found that are given; None where none is found."""
        return self.both / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of the given pairs that are found; None where none is given."""
        return self.both / self.given if self.given else None


def fingerprint(rgb: Image) -> Array:
    """(H, W, 3) uint8 RGB of any size -> (D,) float32 of length 1.

    All 0 where the visible region shows nothing.
    """
    weights, shown = _cells()
    crop, _ = crop_of(_without_inset(rgb))
    grey = crop.mean(axis=2, dtype=np.float32) * visible_mask(INPUT_SIZE)
    means = _sums(grey) / np.maximum(weights, 1.0)
    # Blurred over shown cells only: what lies outside them must not pull at their neighbours.
    around = cv2.GaussianBlur(means * shown, (0, 0), SURROUNDINGS) / np.maximum(
        cv2.GaussianBlur(shown, (0, 0), SURROUNDINGS), 1e-6
    )
    relief = (means - around)[shown > 0]
    relief -= relief.mean()
    length = float(np.linalg.norm(relief))
    if length < LEAST_RELIEF * len(relief) ** 0.5:
        return np.zeros(len(relief), np.float32)
    unit: Array = relief / np.float32(length)
    return unit


def _without_inset(rgb: Image) -> Image:
    """The image at working height with the inset's corner black.

    A bright inset widens the field of view of an image whose left side is dark, so that the same
    frame would be cropped in another way once its inset is painted black.
    """
    small = shrink(rgb).copy()
    field = find_field_of_view(small)
    height, width = small.shape[:2]
    right = field.left + INSET_WIDTH * (field.right - field.left)
    top = field.top + INSET_TOP * (field.bottom - field.top)
    small[
        int(top * height) : int(np.ceil(field.bottom * height)),
        int(field.left * width) : int(np.ceil(right * width)),
    ] = 0
    return small


def _sums(plane: Array) -> Array:
    side = INPUT_SIZE // CELL
    sums: Array = plane.reshape(side, CELL, side, CELL).sum(axis=(1, 3))
    return sums


@lru_cache(maxsize=1)
def _cells() -> tuple[Array, Array]:
    """Visible pixels of each cell (S, S), and which cells count (S, S).

    The latter is 1 where at least half of a cell is visible.
    """
    weights = _sums(visible_mask(INPUT_SIZE))
    return weights, (weights >= CELL * CELL / 2).astype(np.float32)


def fingerprints(
    samples: Sequence[Sample], on_progress: Callable[[int, int], None] | None = None
) -> tuple[Array, list[Sample], list[str]]:
    """Fingerprints (N, D) float32 of ``samples``, those that could be read, and paths of others.

    Raises DataError when more than MOST_UNREADABLE of them cannot be read.
    """
    prints = np.zeros((len(samples), int(_cells()[1].sum())), np.float32)
    kept: list[Sample] = []
    broken: list[str] = []
    for done, sample in enumerate(samples, 1):
        try:
            prints[len(kept)] = fingerprint(read_rgb(Path(sample.path)))
        except DataError:
            broken.append(sample.path)
        else:
            kept.append(sample)
        if on_progress:
            on_progress(done, len(samples))
    if len(broken) > MOST_UNREADABLE * len(samples):
        named = ", ".join(Path(path).name for path in broken[:5])
        raise DataError(
            f"{len(broken)} of {len(samples)} images cannot be read: {named}.",
            "Copy the data set again.",
        )
    return prints[: len(kept)], kept, broken


def near_pairs(prints: Array, threshold: float = THRESHOLD) -> Iterator[Pairs]:
    """Every pair of fingerprints (N, D) whose product reaches ``threshold`` (above 0), once.

    Block by block, in O(BLOCK * N) memory.
    """
    for start in range(0, len(prints), BLOCK):
        products = prints[start : start + BLOCK] @ prints[start:].T
        # Column c is image start + c, row r is start + r: above the diagonal each pair comes
        # once.
        rows, columns = np.nonzero(np.triu(products >= threshold, 1))
        yield Pairs(rows + start, columns + start, products[rows, columns])


class UnionFind:
    """Groups of indices 0..count-1.

    A group's root is its smallest index, so that the order of joining does not matter.
    """

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def join(self, first: Indices, second: Indices) -> None:
        """Put first[i] and second[i] into one group, for every i."""
        # A million pairs of one group need no million look-ups: only pairs of groups that were
        # apart before.
        roots = self.groups()
        apart = roots[first] != roots[second]
        for a, b in np.unique(
            np.stack([roots[first[apart]], roots[second[apart]]], axis=1), axis=0
        ).tolist():
            low, high = sorted((self._root(a), self._root(b)))
            self._parent[high] = low

    def groups(self) -> Indices:
        """(count,) smallest index of each one's group."""
        return np.array([self._root(index) for index in range(len(self._parent))], np.int64)

    def _root(self, index: int) -> int:
        parent = self._parent
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index


class Differing:
    """Near pairs whose entries in a column differ: how many, and the most alike.

    Columns are labels, or groups given by others.
    """

    def __init__(self, column: Sequence[str], keep: int) -> None:
        self.count = 0
        self._codes = np.unique(np.array(column, dtype=object).astype(str), return_inverse=True)[1]
        self._keep = keep
        self._best: list[tuple[float, int, int]] = []

    def add(self, pairs: Pairs) -> None:
        """Look at some pairs."""
        differ = np.flatnonzero(self._codes[pairs.first] != self._codes[pairs.second])
        self.count += len(differ)
        differ = differ[np.argsort(-pairs.similarity[differ], kind="stable")][: self._keep]
        candidates = zip(
            pairs.similarity[differ].tolist(),
            pairs.first[differ].tolist(),
            pairs.second[differ].tolist(),
            strict=True,
        )
        self._best = sorted([*self._best, *candidates], key=lambda pair: (-pair[0], pair[1:]))[
            : self._keep
        ]

    def most_alike(self) -> list[tuple[int, int, float]]:
        """(first, second, similarity) of at most ``keep`` pairs, the most alike first."""
        return [(first, second, similarity) for similarity, first, second in self._best]


def group(prints: Array, threshold: float = THRESHOLD) -> Indices:
    """Fingerprints (N, D) -> (N,) the smallest index of each one's group."""
    joined = UnionFind(len(prints))
    for pairs in near_pairs(prints, threshold):
        joined.join(pairs.first, pairs.second)
    return joined.groups()


def agreement(here: Sequence[str] | Indices, given: Sequence[str] | Indices) -> Agreement:
    """Compare two groupings of the same N images pair by pair.

    The N * N pairs are not listed.
    """

    def codes(grouping: Sequence[str] | Indices) -> Indices:
        numbers: Indices = np.unique(np.asarray(grouping), return_inverse=True)[1].astype(np.int64)
        return numbers

    ours, theirs = codes(here), codes(given)
    both = ours * (int(theirs.max(initial=0)) + 1) + theirs
    counts = [np.unique(grouping, return_counts=True)[1] for grouping in (ours, theirs, both)]
    return Agreement(*(int((n * (n - 1) // 2).sum()) for n in counts))
