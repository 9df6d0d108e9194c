"""Masks of many images, and what fills an image where it was covered."""

from __future__ import annotations

import numpy as np

from kd_core.data.fill import filled
from kd_core.data.mask_bank import MOST_MASKS, bank_of
from kd_core.vision.blanking import covered, shown_in


def striped(place: int, side: int = 20) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    shown = np.ones((side, side), np.bool_)
    shown[:, place % side] = False
    return covered(np.full((side, side, 3), 200, np.uint8), shown)


def test_a_bank_gives_back_each_mask() -> None:
    crops = np.stack([striped(place) for place in range(7)])
    bank = bank_of(crops)
    assert len(bank) == 7
    for place, crop in enumerate(crops):
        assert np.array_equal(bank.mask(place), shown_in(crop))


def test_of_many_images_it_keeps_as_many_as_it_may_from_all_over() -> None:
    bank = bank_of(np.stack([striped(place) for place in range(MOST_MASKS + 400)]))
    assert 0 < len(bank) <= MOST_MASKS
    assert len({bank.mask(place).tobytes() for place in range(len(bank))}) == 10


def test_banks_join_only_where_their_masks_are_of_one_size() -> None:
    small, other = bank_of(striped(1)[None]), bank_of(striped(2)[None])
    assert len(small.joined(other)) == 2
    assert small.joined(None) is small
    assert small.joined(bank_of(striped(1, 24)[None])) is small
    assert small.digest != other.digest


def test_a_hole_is_filled_with_what_is_around_it_and_the_rest_stays() -> None:
    crop = np.zeros((224, 224, 3), np.uint8)
    crop[:, :112], crop[:, 112:] = (200, 60, 40), (60, 90, 160)
    shown = np.ones((224, 224), np.bool_)
    shown[90:130, 20:60] = shown[90:130, 160:200] = False
    made = filled(covered(crop, shown), shown)
    assert np.array_equal(made[shown], crop[shown])
    assert np.abs(made[110, 40].astype(int) - (200, 60, 40)).max() < 12
    assert np.abs(made[110, 180].astype(int) - (60, 90, 160)).max() < 12
    assert filled(crop, np.ones((224, 224), np.bool_)) is crop
