"""The frame of another class: a model that reads frames falls, one that reads tissue does not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kd_core.evaluation.frame_swap import as_bounds, frame_fall, in_frame_of, swapped

Image = NDArray[np.uint8]
RED, BROWN = (200, 90, 80), (120, 90, 30)


def framed(colour: tuple[int, int, int], border: int) -> Image:
    """Tissue of one colour, black corners of ``border`` px."""
    image = np.full((224, 224, 3), colour, np.uint8)
    y, x = np.mgrid[:224, :224]
    image[(x + y < border) | (x + y > 446 - border)] = 0
    return image


def test_the_tissue_is_the_first_images_and_the_frame_the_seconds() -> None:
    made = in_frame_of(framed(RED, 30), framed(BROWN, 90))
    assert (made[112, 112] == RED).all()
    assert not made[10, 40].any()  # black in the second alone
    assert (made[10, 120] == RED).all()


def by_tissue(image: Image) -> int:
    return int(image[112, 112, 0] < 160)


def by_corner(image: Image) -> int:
    return int(not image[5, 50].any())


def test_only_a_model_that_reads_the_frame_loses_by_it() -> None:
    """Class 1 is brown and has wide corners; class 0 is red and has narrow ones."""
    images = [framed(RED, 30) if place % 2 == 0 else framed(BROWN, 90) for place in range(24)]
    truth = np.arange(24) % 2
    groups = np.arange(24)
    falls = {}
    for name, model in (("tissue", by_tissue), ("corner", by_corner)):
        own, other = (
            np.array([model(image) for image in shown])
            for shown in (images, swapped(images, truth, 0))
        )
        assert (own == truth).all()
        falls[name] = as_bounds(frame_fall(own, other, truth, groups, 2, 0, 200), 24)
    assert falls["tissue"].accuracy.value == falls["tissue"].macro_f1.value == 0
    assert falls["corner"].accuracy.value == 1
    assert "24 images" in str(falls["corner"])
    assert "100.0" in str(falls["corner"])
