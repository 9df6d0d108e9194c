"""How good a heat map is where the lesion is known.

Does it point at the lesion, and does the class depend on what it marks? Every score looks only at
what the model is shown (its tissue mask): a map is set to 0 elsewhere, a lesion ends there,
and the chance baselines are spread over the same region. A score means something only beside the
baselines' scores on the same lesions: large lesions in the middle of the image are easily hit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.data.fill import filled
from kd_core.evaluation.torch_explain import grad_cam_map
from kd_core.losses.grouped import own_logits
from kd_core.models.student import Student
from kd_core.schema.errors import DataError
from kd_core.schema.model_card import ModelCard
from kd_core.vision.blanking import covered, shown_in
from kd_core.vision.field_of_view import FieldOfView
from kd_core.vision.preprocess import INPUT_SIZE, Image, normalise

Array = NDArray[np.float32]
Region = NDArray[np.bool_]
#: (B, 3, S, S) model input -> (B,) probability of the class explained.
Probability = Callable[[Tensor], Tensor]

#: Margin of Zhang et al. (2016) around the object, in pixels of the model's input.
TOLERANCE = 15.0
#: A map's marked region is where it reaches this share of its maximum.
MARKED_SHARE = 0.5
STEPS = 28
#: Width of the centred baseline, as a share of the image's side.
GAUSSIAN_SIGMA = 0.25
#: Pixels; what insertion starts from. RISE's own blur (11 px, sigma 5) left the shipped student as
#: sure of a polyp as the image did (mean .750 against .760 on the validation part), so there was
#: nothing to insert; this one leaves .133.
BLUR_SIGMA = 20.0
BASELINES = ("uniform", "gaussian")
#: Cells per side of the random field that orders equal pixels: as coarse as the student's maps.
_TIE_CELLS = 14
_BATCH = 8
#: Aspect ratios further apart than this are not of one image.
_ASPECT_TOLERANCE = 0.02


class MaskScores(NamedTuple):
    """Of one map and one lesion, each 0 to 1 and better when higher."""

    pointing: float
    energy: float
    iou: float


class CurveScores(NamedTuple):
    """Areas under the curves of one map: insertion is better when higher, deletion when lower."""

    insertion: float
    deletion: float


class ImageScores(NamedTuple):
    """Scores of one image by name of method or baseline.

    With the methods that found nothing, and what the numbers hang on.
    """

    scores: dict[str, tuple[float, ...]]
    without_evidence: tuple[str, ...]
    #: Probability of the class for the image, the blurred image, the blank one; share of what
    #: is visible that is lesion.
    context: tuple[float, float, float, float]


def lesion_in_crop(
    mask: Image, image_shape: tuple[int, ...], field: FieldOfView, shown: Region
) -> Region:
    """Mask (H, W, 3) -> (S, S), the lesion's part that the model is ``shown`` (S, S).

    The mask is of an image of ``image_shape`` (H', W', ...) and of any size. It goes through the
    crop of preprocess.crop_of (``field`` as fractions, so its size may differ from the image's),
    nearest instead of linear. A lesion is brighter than half of the mask's maximum, so 0/1 and
    0/255 files are both read. Raises DataError for a mask of another aspect ratio than its image.
    """
    height, width = mask.shape[:2]
    if abs(width * image_shape[0] / (height * image_shape[1]) - 1.0) > _ASPECT_TOLERANCE:
        sizes = f"{width} x {height} px, its image {image_shape[1]} x {image_shape[0]} px"
        raise DataError(
            f"A lesion mask has {sizes}: they do not show the same.",
            "Give each image its own mask.",
        )
    bright = mask.max(axis=2)
    lesion = (bright > bright.max() / 2).astype(np.uint8)
    x_step, y_step = (
        (field.right - field.left) * width / INPUT_SIZE,
        (field.bottom - field.top) * height / INPUT_SIZE,
    )
    place = np.array(
        [
            [x_step, 0, field.left * width + x_step / 2 - 0.5],
            [0, y_step, field.top * height + y_step / 2 - 0.5],
        ],
        np.float64,
    )
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(
        lesion, place, (INPUT_SIZE, INPUT_SIZE), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    seen: Region = (crop > 0) & shown
    return seen


def enlarge(raw: Array, visible: Array) -> Array:
    """(h, w) map of any layer -> (S, S) like ``visible``, bilinear.

    Negative parts and all that is not visible are set to 0.
    """
    large = cv2.resize(raw, visible.shape[::-1], interpolation=cv2.INTER_LINEAR)
    result: Array = (np.maximum(large, 0.0) * visible).astype(np.float32)
    return result


def baseline_map(name: str, visible: Array) -> Array:
    """(S, S) map of someone who has not looked.

    "uniform" over what is visible, or a "gaussian" at the image's centre.
    """
    if name == "uniform":
        return visible.astype(np.float32)
    rows, columns = ((np.arange(size) + 0.5) / size - 0.5 for size in visible.shape)
    bell: Array = np.exp(
        -(rows[:, None] ** 2 + columns[None, :] ** 2) / (2 * GAUSSIAN_SIGMA**2)
    ).astype(np.float32)
    return bell * visible


def pointing_game(heat: Array, lesion: Region, tolerance: float = TOLERANCE) -> float:
    """1 where the maximum of ``heat`` (S, S) hits ``lesion`` (S, S), else 0.

    A hit lies within ``tolerance`` px of it (Zhang et al. 2016, sec. 4.1). Of several equal maxima
    the mean, i.e. the chance that one drawn at random hits. A map without positive evidence misses.
    """
    peak = float(heat.max())
    if peak <= 0 or not lesion.any():
        return 0.0
    distance = cv2.distanceTransform((~lesion).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return float((distance[heat == peak] <= tolerance).mean())


def energy_inside(heat: Array, lesion: Region) -> float:
    """Share in 0..1 of the sum of ``heat`` (S, S) that lies in ``lesion`` (S, S).

    ``heat`` is nowhere negative (Wang et al. 2020, eq. 10); 0 of nothing.
    """
    total = float(heat.sum(dtype=np.float64))
    return float(heat[lesion].sum(dtype=np.float64)) / total if total > 0 else 0.0


def marked_iou(heat: Array, lesion: Region, share: float = MARKED_SHARE) -> float:
    """Intersection over union of ``lesion`` and of what ``heat`` marks, both (S, S).

    Marked is where it reaches ``share`` of its maximum; 0 where it marks nothing.
    """
    peak = float(heat.max())
    if peak <= 0:
        return 0.0
    marked = heat >= share * peak
    return float((marked & lesion).sum()) / float((marked | lesion).sum())


def mask_scores(
    heat: Array, lesion: Region, tolerance: float = TOLERANCE, share: float = MARKED_SHARE
) -> MaskScores:
    """All scores of one (S, S) map against one (S, S) lesion."""
    return MaskScores(
        pointing_game(heat, lesion, tolerance),
        energy_inside(heat, lesion),
        marked_iou(heat, lesion, share),
    )


def ranking(heat: Array, visible: Array, generator: np.random.Generator) -> NDArray[np.intp]:
    """Flat indices of the visible pixels of ``heat`` (S, S), the hottest first.

    Equal ones follow a random field as coarse as the maps: in order of rows they would favour the
    top of the image, and single pixels at random would be noise that no other map puts into the
    image.
    """
    coarse = generator.random((_TIE_CELLS, _TIE_CELLS), np.float32)
    ties = cv2.resize(coarse, heat.shape[::-1], interpolation=cv2.INTER_LINEAR)
    among = np.flatnonzero(visible)
    order: NDArray[np.int64] = among[np.lexsort((-ties.ravel()[among], -heat.ravel()[among]))]
    return order


def blurred(crop: Image) -> Array:
    """(S, S, 3) uint8 covered -> model input (3, S, S) of the blurred image.

    What is covered stays exactly 0.
    """
    shown = shown_in(crop)
    soft = cv2.GaussianBlur(filled(crop, shown), (0, 0), BLUR_SIGMA).astype(np.uint8, copy=False)
    return normalise(covered(soft, shown))


def replacement_curve(
    probability: Probability,
    start: Tensor,
    end: Tensor,
    order: NDArray[np.intp],
    steps: int = STEPS,
) -> Array:
    """Probabilities (steps + 1,) while pixels of ``start`` turn into those of ``end``.

    Both are (3, S, S); pixels turn in ``order``, in equal portions. Petsiuk et al. (2018),
    algorithm 1: insertion goes from the blurred image to the image, deletion from it to 0.
    """
    rank = np.full(start.shape[1] * start.shape[2], len(order), np.int64)
    rank[order] = np.arange(len(order))
    place = torch.from_numpy(rank).view(1, 1, *start.shape[1:])
    replaced = torch.tensor([round(step * len(order) / steps) for step in range(steps + 1)]).view(
        -1, 1, 1, 1
    )
    probabilities = []
    with torch.inference_mode():
        for at in range(0, len(replaced), _BATCH):
            probabilities.append(
                probability(torch.where(place < replaced[at : at + _BATCH], end[None], start[None]))
            )
    curve: Array = torch.cat(probabilities).numpy().astype(np.float32)
    return curve


def area_under(curve: Array) -> float:
    """Area under equally spaced values (N,) over 0 to 1, by trapezoids."""
    values = curve.astype(np.float64)
    return float((values[:-1] + values[1:]).sum() / 2 / (len(values) - 1))


def curve_scores(
    probability: Probability, crop: Image, order: NDArray[np.intp], steps: int = STEPS
) -> CurveScores:
    """Both areas for one (S, S, 3) image whose pixels a map put in ``order``."""
    image, blur = torch.from_numpy(normalise(crop)), torch.from_numpy(blurred(crop))
    insertion = replacement_curve(probability, blur, image, order, steps)
    deletion = replacement_curve(probability, image, torch.zeros_like(image), order, steps)
    return CurveScores(area_under(insertion), area_under(deletion))


def score_image(
    student: Student,
    card: ModelCard,
    crop: Image,
    lesion: Region,
    class_index: int,
    methods: Sequence[str],
    *,
    steps: int,
    tolerance: float,
    seed: int,
) -> ImageScores:
    """Every method's and baseline's scores of one crop (S, S, 3) and its lesion (S, S).

    ``seed`` orders equal pixels, and does so alike for every map: methods that agree must get the
    same score.
    """

    def probability(batch: Tensor) -> Tensor:
        logits = student(batch).logits
        name = card.classes[class_index]
        for head in card.heads:
            if name in head.classes:
                own = own_logits(logits, head.columns(card.classes), none=head.none)
                return torch.softmax(own / head.temperature, 1)[:, head.classes.index(name)]
        return torch.softmax(logits / card.temperature, 1)[:, class_index]

    visible = shown_in(crop).astype(np.float32)
    image = torch.from_numpy(normalise(crop))
    heats = {
        method: enlarge(grad_cam_map(student, image[None], class_index, method), visible)
        for method in methods
    }
    without_evidence = tuple(method for method in methods if not heats[method].any())
    heats |= {name: baseline_map(name, visible) for name in BASELINES}
    scores: dict[str, tuple[float, ...]] = {}
    for name, heat in heats.items():
        order = ranking(heat, visible, np.random.default_rng(seed))
        scores[name] = (
            *mask_scores(heat, lesion, tolerance),
            *curve_scores(probability, crop, order, steps),
        )
    with torch.inference_mode():
        ends = probability(
            torch.stack([image, torch.from_numpy(blurred(crop)), torch.zeros_like(image)])
        ).tolist()
    return ImageScores(
        scores, without_evidence, (ends[0], ends[1], ends[2], float(lesion.sum() / visible.sum()))
    )
