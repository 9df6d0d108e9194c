"""Crops are made smaller by what each of their new pixels covers."""

from __future__ import annotations

import pytest
import torch

from kd_core.schema.errors import DataError
from kd_core.training.input_images import resized_crops


def crops(side: int = 8) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(256, (2, side, side, 3), generator=generator).byte()


def test_half_the_size_keeps_what_an_area_means() -> None:
    smooth = torch.linspace(0, 255, 16)[None, :, None, None].expand(1, 16, 16, 3).byte()
    halved = resized_crops(smooth, 8)
    assert halved.shape == (1, 8, 8, 3)
    means = smooth[0, :, 0, 0].float().reshape(8, 2).mean(1)
    # A triangle over the area instead of a box: the same on a ramp, but for the ends
    assert (halved[0, 1:-1, 0, 0].float() - means[1:-1]).abs().max() <= 1


def test_a_lone_bright_pixel_is_spread_and_not_skipped() -> None:
    lone = torch.zeros(1, 16, 16, 3, dtype=torch.uint8)
    lone[0, 5, 5] = 255
    assert 0 < int(resized_crops(lone, 8).max()) < 255


def test_the_size_that_they_have_is_left_alone_and_a_larger_one_is_refused() -> None:
    given = crops()
    assert resized_crops(given, None) is given
    assert resized_crops(given, 8) is given
    with pytest.raises(DataError, match="of 8 px cannot be learnt from at 16 px"):
        resized_crops(given, 16)
