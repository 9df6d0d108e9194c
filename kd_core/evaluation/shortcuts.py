"""What could be cheated on in a picture, as small features, and the small models that try to read
the class from it.

A shortcut is anything but tissue that tells the class: the position inset, burnt-in text, the
border of one endoscope. Four views of a picture are made: what preprocessing blanks
(``MASKED_OUT``), the border and inset as numbers (``GEOMETRY``), the same two taken from the
finished model input (``AFTER``), and black left at the rim of what the model does see (``RIM``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from kd_core.data.image_files import MOST_UNREADABLE, read_rgb
from kd_core.evaluation.intervals import RESAMPLES, Interval, bootstrap
from kd_core.evaluation.metrics import confusion_matrix, per_class
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.vision.blanking import INSET_TOP, INSET_WIDTH, MEAN, STD, TEXT_STRIP, visible_mask
from kd_core.vision.field_of_view import BORDER_LEVEL, FieldOfView, find_field_of_view
from kd_core.vision.preprocess import INPUT_SIZE, crop_square, normalise

Image = NDArray[np.uint8]
Numbers = NDArray[np.float64]
Labels = NDArray[np.int64]

MASKED_OUT, GEOMETRY, AFTER, RIM = "masked-out", "geometry", "after preprocessing", "rim"
VIEWS = (MASKED_OUT, GEOMETRY, AFTER, RIM)

GRID = 16  # cells a side into which the masked-out pixels are averaged
RIM_WIDTH = 6  # px of the model input
RIM_SECTORS = 16
#: Weight of the squared weights against the mean cross-entropy; the best of .001 to .3 for
#: MASKED_OUT on validation frames of Hyper-KVASIR. A hidden layer of 32 or 64 units read no more
#: from it there (accuracy .872 to .896 against .878), but more from GEOMETRY (.79 against .75):
#: what a probe reads is a lower bound of what can be read.
L2 = 0.01
#: With 19 a macro-F1 above all of them is reached by luck once in 20 (an exact permutation test at
#: 5 %).
SHUFFLES = 19
_CONSTANT = 1e-9  # a feature that varies less than this says nothing


@lru_cache(maxsize=1)
def _blanked_cells() -> tuple[Numbers, Numbers]:
    """The blanked pixels (S, S, 1) as 0 or 1, and how many there are in each cell of the grid
    (GRID, GRID, 1).
    """
    blanked = 1.0 - visible_mask(INPUT_SIZE).astype(np.float64)[:, :, None]
    return blanked, _cells(blanked)


def _cells(planes: Numbers) -> Numbers:
    """(S, S, C) -> sums over the cells of the grid, (GRID, GRID, C)."""
    side = INPUT_SIZE // GRID
    summed: Numbers = planes.reshape(GRID, side, GRID, side, -1).sum(axis=(1, 3))
    return summed


def masked_out(square: NDArray[Any]) -> Numbers:
    """(S, S, 3) -> (D,): mean colour of the blanked pixels of each grid cell that has any.

    No visible pixel enters.
    """
    blanked, counts = _blanked_cells()
    seen = counts[:, :, 0] > 0
    return (_cells(square * blanked)[seen] / counts[seen]).ravel()


@lru_cache(maxsize=1)
def _regions() -> tuple[NDArray[np.bool_], ...]:
    """Where recorders leave traces, each (S, S): four corners outside the ellipse, the inset,
    the text strip.
    """
    centre = (np.arange(INPUT_SIZE) + 0.5) / INPUT_SIZE
    x, y = np.broadcast_arrays(centre[None, :], centre[:, None])
    outside = (x - 0.5) ** 2 + (y - 0.5) ** 2 > 0.25
    corners = [
        outside & ((x < 0.5) == left) & ((y < 0.5) == top)
        for top in (True, False)
        for left in (True, False)
    ]
    return (*corners, (x < INSET_WIDTH) & (y > INSET_TOP), x < TEXT_STRIP)


def geometry(picture: Image, field: FieldOfView, square: Image) -> Numbers:
    """Numbers of border and inset, from a picture (H, W, 3), its field of view, and the square (S,
    S, 3) cut from it.

    -> (20,): width, height, aspect, left, top, right, bottom, aspect of the field, then mean of the
    brightest channel in 0..1 and share darker than BORDER_LEVEL for each of the six regions of the
    square.
    """
    height, width = picture.shape[:2]
    across, down = (field.right - field.left) * width, (field.bottom - field.top) * height
    brightest = square.max(axis=2)
    light = [
        (float(brightest[region].mean()) / 255, float((brightest[region] < BORDER_LEVEL).mean()))
        for region in _regions()
    ]
    edges = (field.left, field.top, field.right, field.bottom)
    return np.array(
        [
            width,
            height,
            width / height,
            *edges,
            across / down,
            *(number for pair in light for number in pair),
        ],
        np.float64,
    )


@lru_cache(maxsize=1)
def _rim() -> NDArray[np.int64]:
    """(S, S): the sector 0..RIM_SECTORS - 1 of each visible pixel within RIM_WIDTH of a blanked
    one or of the edge, else -1.
    """
    visible = visible_mask(INPUT_SIZE)
    width = 2 * RIM_WIDTH + 1
    inner = cv2.erode(
        visible, np.ones((width, width), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    centre = np.arange(INPUT_SIZE) + 0.5 - INPUT_SIZE / 2
    turn = np.arctan2(centre[:, None], centre[None, :]) / (2 * np.pi) + 0.5
    sector = np.minimum((turn * RIM_SECTORS).astype(np.int64), RIM_SECTORS - 1)
    return np.where((visible > 0) & (inner == 0), sector, -1)


def rim(square: Image) -> Numbers:
    """(S, S, 3) -> (RIM_SECTORS,): share of visible rim pixels as dark as a border: border left
    in view, or a dark lumen.
    """
    place, dark = _rim(), square.max(axis=2) < BORDER_LEVEL
    counted = np.bincount(place[place >= 0], minlength=RIM_SECTORS)
    shares: NDArray[np.float64] = np.bincount(
        place[place >= 0], dark[place >= 0], RIM_SECTORS
    ) / np.maximum(1, counted)
    return shares


def after(square: Image) -> Numbers:
    """(S, S, 3) -> (D,): ``masked_out`` and ``geometry`` of the finished model input, the
    latter looked for as in any picture.
    """
    model_input = normalise(square).transpose(1, 2, 0)
    shown = np.clip(np.rint((model_input * np.array(STD) + np.array(MEAN)) * 255), 0, 255).astype(
        np.uint8
    )
    return np.concatenate(
        [masked_out(model_input), geometry(shown, find_field_of_view(shown), shown)]
    )


def look(rgb: Image) -> dict[str, Numbers]:
    """(H, W, 3) RGB of any size -> the features of every view."""
    square, field = crop_square(rgb)
    return {
        MASKED_OUT: masked_out(square),
        GEOMETRY: geometry(rgb, field, square),
        AFTER: after(square),
        RIM: rim(square),
    }


def look_at_all(
    samples: Sequence[Sample], on_unreadable: Callable[[str], None]
) -> tuple[dict[str, Numbers], list[Sample]]:
    """Samples -> features (N, D) of every view, and the samples that could be read.

    Raises DataError where too many could not.
    """
    rows: dict[str, list[Numbers]] = {name: [] for name in VIEWS}
    kept: list[Sample] = []
    for sample in samples:
        try:
            rgb = read_rgb(Path(sample.path))
        except DataError:
            on_unreadable(sample.path)
            continue
        for name, features in look(rgb).items():
            rows[name].append(features)
        kept.append(sample)
    if not kept or len(samples) - len(kept) > MOST_UNREADABLE * len(samples):
        raise DataError(
            f"{len(samples) - len(kept)} of {len(samples)} images cannot be read.",
            "Copy the data set again.",
        )
    return {name: np.stack(made) for name, made in rows.items()}, kept


@dataclass(frozen=True, slots=True)
class Logistic:
    """Multinomial logistic regression: softmax(((x - middle) / scale) W + b), W (D, C), b (C,)."""

    middle: Numbers
    scale: Numbers
    weights: Numbers
    bias: Numbers

    def logits(self, features: Numbers) -> Numbers:
        """(N, D) -> (N, C)."""
        made: Numbers = (features - self.middle) / self.scale @ self.weights + self.bias
        return made


def fit_logistic(features: Numbers, labels: Labels, class_count: int, l2: float = L2) -> Logistic:
    """The minimum of mean cross-entropy + l2 / 2 * sum(W ** 2) (Bishop 2006, 4.3.4) on standardised
    features (N, D), labels (N,).

    The bias is not penalised, so features that say nothing leave the class frequencies. The problem
    is convex and the search (L-BFGS from 0) has no randomness. Every class must occur in
    ``labels``: the bias of another would have no minimum.
    """
    middle, spread = features.mean(axis=0), features.std(axis=0)
    varies = spread > _CONSTANT
    scale = np.where(varies, spread, 1.0)
    # A constant feature is made exactly 0: rounding must not give it a weight.
    x = torch.from_numpy(np.where(varies, (features - middle) / scale, 0.0))
    y = torch.from_numpy(labels)
    weights = torch.zeros((features.shape[1], class_count), dtype=torch.float64, requires_grad=True)
    counts = np.bincount(labels, minlength=class_count)
    bias = torch.from_numpy(np.log(counts / counts.sum())).requires_grad_()
    search = torch.optim.LBFGS(
        [weights, bias],
        max_iter=300,
        tolerance_grad=1e-5,
        tolerance_change=1e-12,
        line_search_fn="strong_wolfe",
    )

    def loss() -> torch.Tensor:
        search.zero_grad()
        value = (
            torch.nn.functional.cross_entropy(x @ weights + bias, y) + l2 / 2 * (weights**2).sum()
        )
        value.backward()
        return value

    search.step(loss)
    return Logistic(middle, scale, weights.detach().numpy(), bias.detach().numpy())


def shuffled_labels(labels: Labels, groups: NDArray[Any], generator: np.random.Generator) -> Labels:
    """``labels`` (N,) dealt anew, group by group, to ``groups`` (N,): near-copies stay nearly as
    alike as they were.

    Not only between groups of equal size: in Hyper-KVASIR the size of a group tells its class, and
    most labels would stay in place.
    """
    _, place = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(place == group) for group in range(int(place.max()) + 1)]
    giving, taking = (
        np.concatenate([members[group] for group in generator.permutation(len(members))])
        for _ in range(2)
    )
    dealt = np.empty_like(labels)
    dealt[taking] = labels[giving]
    return dealt


class Seen(NamedTuple):
    """features (N, D) of one view, labels (N,) as class indices, and groups (N,) of one part of
    the split.
    """

    features: Numbers
    labels: Labels
    groups: NDArray[Any]


class Probe(NamedTuple):
    """How well one view tells the class of held-out pictures, and what chance and shuffled labels
    reach.

    ``gain`` is the accuracy above ``chance_accuracy`` (always the class most frequent in training).
    The shuffled scores are means over SHUFFLES trainings, ``shuffled_best`` is the highest macro-F1
    of them.
    """

    accuracy: Interval
    macro_f1: Interval
    gain: Interval
    chance_accuracy: float
    chance_macro_f1: float
    shuffled_accuracy: float
    shuffled_macro_f1: float
    shuffled_best: float

    @property
    def better(self) -> bool:
        """Better than chance: accuracy surely above the most frequent class, or macro-F1 above that
        of every shuffle.

        Either is enough: a class that is read but rare moves only the second. Two ways to be wrong
        make a false alarm (at most one in 13) likelier than a missed shortcut, on purpose.
        """
        return self.gain.low > 0 or self.macro_f1.value > self.shuffled_best

    @property
    def verdict(self) -> str:
        """What may be said of it."""
        if not self.better:
            return "no better than chance"
        surely = "" if self.gain.low > 0 else " by macro-F1, but by accuracy the gain may be 0"
        return f"reads the class better than chance{surely}"


def probe(train: Seen, test: Seen, seed: int, resamples: int = RESAMPLES) -> Probe:
    """Train on one part, score on the other; intervals at 95 % by resampled groups.

    Raises DataError where training holds fewer than two classes, or the test nothing.
    """
    classes = np.unique(train.labels)
    if len(classes) < 2 or not len(test.labels):
        raise DataError(
            "A probe needs two classes to train on and images to test.",
            "Give more images, or another split.",
        )
    truth = test.labels
    count = int(max(train.labels.max(), truth.max())) + 1

    def read(labels: Labels) -> Labels:
        places = np.searchsorted(classes, labels)
        made: Labels = classes[
            fit_logistic(train.features, places, len(classes)).logits(test.features).argmax(axis=1)
        ]
        return made

    def macro_f1(predicted: Labels, rows: NDArray[np.intp]) -> float:
        table = per_class(
            confusion_matrix(truth[rows], predicted[rows], count), tuple(map(str, range(count)))
        )
        return float(np.mean([row["f1"] for row in table.values() if row["support"]]))

    found = read(train.labels)
    chance = np.full_like(truth, np.bincount(train.labels).argmax())
    generator = np.random.default_rng(seed)
    shuffled = [
        read(shuffled_labels(train.labels, train.groups, generator)) for _ in range(SHUFFLES)
    ]
    every = np.arange(len(truth))
    lucky = [macro_f1(predicted, every) for predicted in shuffled]
    hit, default = found == truth, chance == truth
    return Probe(
        accuracy=bootstrap(lambda rows: float(hit[rows].mean()), test.groups, seed, resamples),
        macro_f1=bootstrap(lambda rows: macro_f1(found, rows), test.groups, seed, resamples),
        gain=bootstrap(
            lambda rows: float(hit[rows].mean() - default[rows].mean()),
            test.groups,
            seed,
            resamples,
        ),
        chance_accuracy=float(default.mean()),
        chance_macro_f1=macro_f1(chance, every),
        shuffled_accuracy=float(np.mean([(predicted == truth).mean() for predicted in shuffled])),
        shuffled_macro_f1=float(np.mean(lucky)),
        shuffled_best=max(lucky),
    )
