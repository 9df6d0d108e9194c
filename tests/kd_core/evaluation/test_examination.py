"""Changed images, frames of nothing, images to be silent about, and what is made of a
model's outputs to them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kd_core.data.outliers import LEAST_TURN, _miscoloured, outliers
from kd_core.evaluation.examination import examine
from kd_core.evaluation.out_of_distribution import KINDS, drawn
from kd_core.evaluation.robustness import CHANGES
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_card import ModelCard
from kd_core.vision.preprocess import INPUT_SIZE, constants, crop_of
from kd_core.vision.tissue_mask import tissue_mask

Image = NDArray[np.uint8]
CARD = ModelCard(
    name="m",
    version="1",
    created="",
    architecture="",
    classes=("dark", "bright"),
    preprocessing=constants(),
    thresholds={"dark": 0.7},
)


def mucosa(seed: int = 0, shape: tuple[int, int] = (200, 240)) -> Image:
    random = np.random.default_rng(seed)
    small = random.integers(60, 120, (64, 64, 3)).astype(np.uint8) + np.array([70, 10, 0], np.uint8)
    return np.asarray(cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_changes_the_image_and_not_the_one_it_was_given(name: str) -> None:
    image = mucosa()
    before = image.copy()
    made = CHANGES[name](image, 1)
    assert made.dtype == np.uint8
    assert np.array_equal(image, before)
    assert np.array_equal(made, CHANGES[name](image, 1))
    assert made.shape != before.shape or np.abs(made.astype(int) - before).mean() > 0.5


def test_light_by_hand() -> None:
    image = np.full((4, 4, 3), 100, np.uint8)
    assert (CHANGES["half brightness"](image, 0) == 50).all()
    assert (CHANGES["double brightness"](image, 0) == 200).all()
    assert (CHANGES["double brightness"](image + 60, 0) == 255).all()


def test_a_turned_endoscope_turns_tissue_and_not_what_lies_over_it() -> None:
    crop = mucosa(shape=(INPUT_SIZE, INPUT_SIZE))
    crop[150:, :74] = (0, 140, 20)
    shown = tissue_mask(crop)
    made = CHANGES["rotation by 90 degrees"](crop, 0)
    assert np.array_equal(made[np.rot90(shown)], np.rot90(crop)[np.rot90(shown)])
    # Black, as a border is
    assert not made[~np.rot90(shown)].any()


@pytest.mark.parametrize("kind", KINDS)
def test_frames_of_nothing_are_of_the_size_of_the_real_ones_and_differ(kind: str) -> None:
    frames = [mucosa(0), mucosa(1)]
    made = drawn(frames, kind, 5)
    assert [image.shape for image in made] == [image.shape for image in frames]
    assert all(image.dtype == np.uint8 for image in made)
    assert not np.array_equal(made[0], made[1])
    assert all(np.array_equal(a, b) for a, b in zip(made, drawn(frames, kind, 5), strict=True))


def test_images_to_be_silent_about_come_from_their_seed() -> None:
    crops = np.stack([crop_of(mucosa(seed))[0] for seed in range(3)])
    made = outliers(crops, 9, 4)
    assert made.shape == (9, INPUT_SIZE, INPUT_SIZE, 3)
    assert made.dtype == np.uint8
    assert np.array_equal(made, outliers(crops, 9, 4))
    assert not np.array_equal(made, outliers(crops, 9, 5))


def test_a_miscoloured_image_has_no_colour_of_tissue() -> None:
    red = np.full((8, 8, 3), (180, 60, 50), np.uint8)
    for seed in range(40):
        made = _miscoloured(np.random.default_rng(seed), red)
        hue, saturation, _ = cv2.cvtColor(made, cv2.COLOR_RGB2HSV)[0, 0].astype(int)
        turn = min(abs(2 * hue - 5), 360 - abs(2 * hue - 5))  # the red has a hue of 5 degrees
        assert saturation < 5 or turn >= LEAST_TURN - 6


def samples(folder: Path, scene: Callable[..., Image]) -> list[Sample]:
    made = []
    for number in range(8):
        path = folder / f"{number}.png"
        level = 40 if number % 2 == 0 else 90
        cv2.imwrite(str(path), np.full((64, 64, 3), level, np.uint8))
        made.append(Sample(path=str(path), label=("dark", "bright")[number % 2], group=str(number)))
    return made


def by_light(images: Sequence[Image]) -> list[NDArray[np.float32]]:
    """A model that knows no more than how bright an image is: .8 for its class, in the middle
    .6.
    """
    made = []
    for image in images:
        light = float(image.mean())
        share = 0.8 if not 60 <= light < 70 else 0.6
        made.append(np.array([share, 1 - share] if light < 70 else [1 - share, share], np.float32))
    return made


def test_what_is_made_of_a_models_predictions(tmp_path: Path, scene: Callable[..., Image]) -> None:
    scores, checks = examine(by_light, CARD, samples(tmp_path, scene), lambda what: None)
    assert scores.accuracy == 1.0
    assert scores.abstention is not None
    assert scores.abstention.coverage == 1.0
    assert scores.intervals["accuracy"].low == 1.0
    # Half as bright, 90 is 45: dark to this model. Twice as bright, 40 is 80: bright.
    assert checks.robustness["half brightness"] == 0.5
    assert checks.robustness["double brightness"] == 0.5
    assert checks.robustness["noise"] == 1.0
    assert checks.unsure_of_others is not None
    assert checks.unsure_of_others.frames_per_kind == 8
    assert checks.unsure_of_others.shares["black"] == 0.0  # it names black frames dark with .8
    assert checks.latency is not None
    assert checks.latency.ms_per_image > 0


def test_too_many_unreadable_images_are_refused(
    tmp_path: Path, scene: Callable[..., Image]
) -> None:
    given = samples(tmp_path, scene)
    (tmp_path / "3.png").write_bytes(b"no image")
    with pytest.raises(DataError, match="1 of 8"):
        examine(by_light, CARD, given, lambda what: None)
