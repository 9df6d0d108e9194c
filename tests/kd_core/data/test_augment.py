"""Augmentation: the same seed gives the same view, nothing blanked comes into sight, hue stays,
and maps turn with their images.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from kd_core.data.augment import (
    TURNS,
    Compression,
    Glare,
    Noise,
    Normalise,
    Policy,
    mixed,
    turned,
    view_seed,
)
from kd_core.data.image_files import content_of
from kd_core.vision.blanking import MEAN, visible_mask
from kd_core.vision.preprocess import INPUT_SIZE, crop_of, normalise

Image = NDArray[np.uint8]
Scene = Callable[..., Image]
VISIBLE = visible_mask(INPUT_SIZE) == 1
# So dark that no light of the policy drives a channel into the stop, which would shift the hue
MUCOSA = (96, 56, 40)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy()


def scene_crop(scene: Scene, seed: int = 0) -> Image:
    return crop_of(np.maximum(scene(seed), 60))[0]


def plain(colour: tuple[int, int, int]) -> Image:
    return np.full((INPUT_SIZE, INPUT_SIZE, 3), colour, np.uint8)


def planes(crop: Image) -> torch.Tensor:
    return torch.from_numpy(crop).permute(2, 0, 1).contiguous()


def test_the_same_seed_gives_the_same_view_and_another_seed_another(
    policy: Policy, scene: Scene
) -> None:
    crop = scene_crop(scene)
    before = crop.copy()
    first = policy(crop, 7)
    assert first.shape == crop.shape
    assert first.dtype == np.uint8
    assert first.flags.c_contiguous
    assert np.array_equal(first, Policy()(crop, 7))
    others = [policy(crop, seed) for seed in range(8, 14)]
    assert all(np.abs(other.astype(int) - first).mean() > 2 for other in others)
    assert np.array_equal(crop, before)


def test_a_view_still_shows_its_image(policy: Policy) -> None:
    """The left half red, the right half blue: whichever way a view is turned, both are in it."""
    crop = plain((140, 70, 60))
    crop[:, INPUT_SIZE // 2 :] = (60, 70, 140)
    for seed in range(30):
        red, _, blue = policy(crop, seed)[VISIBLE].astype(int).T
        assert (red > blue + 30).mean() > 0.2
        assert (blue > red + 30).mean() > 0.2


def test_nothing_blanked_comes_into_sight_in_any_view(policy: Policy) -> None:
    """Pure green where the model may not look.

    Blur and JPEG blocks would carry it over the edge, a turn into the middle.
    """
    green = plain(MUCOSA)
    green[~VISIBLE] = (0, 255, 0)
    for seed in range(30):
        made = Normalise().crops(torch.from_numpy(policy(green, seed))[None])[0].numpy()
        assert np.all(made[:, ~VISIBLE] == 0)
        shown = made * np.reshape([0.229, 0.224, 0.225], (3, 1, 1)) + np.reshape(MEAN, (3, 1, 1))
        red, leaf, _ = shown * 255
        # On mucosa, a glare and the mean colour alike, red leads; over 7 x 7 px, where noise of
        # single pixels cancels out.
        assert cv2.blur(leaf - red, (7, 7))[VISIBLE].max() < 1


def test_noise_is_different_in_every_pixel_and_channel_and_never_above_its_strength() -> None:
    grey = planes(plain((128, 128, 128)))
    spreads = []
    for seed in range(20):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            made = Noise()(grey).float() - 128
        assert abs(float(made.mean())) < 1
        together = np.corrcoef(made.reshape(3, -1).numpy()) if made.std() > 1 else np.eye(3)
        assert np.abs(together - np.eye(3)).max() < 0.05
        spreads.append(float(made.std()))
    assert max(spreads) < 16.5
    assert max(spreads) > 8


def test_what_lies_in_the_blanked_region_changes_no_pixel_of_a_view(
    policy: Policy, scene: Scene
) -> None:
    """Not even by way of the mean grey that a change of contrast turns about: it would tell how
    much was painted there.
    """
    crop = scene_crop(scene, 1)
    painted = crop.copy()
    painted[~VISIBLE] = 255
    assert all(np.array_equal(policy(crop, seed), policy(painted, seed)) for seed in range(30))


@pytest.mark.parametrize(
    "colour", [MUCOSA, (34, 51, 95), (90, 80, 30)], ids=["mucosa", "dye", "stool"]
)
def test_hue_is_kept(policy: Policy, colour: tuple[int, int, int]) -> None:
    hue = colorsys.rgb_to_hsv(*colour)[0]
    # Moves and turns bring nothing else here
    middle = slice(INPUT_SIZE // 2 - 20, INPUT_SIZE // 2 + 20)
    brightness = []
    for seed in range(30):
        red, green, blue = np.median(
            policy(plain(colour), seed)[middle, middle].reshape(-1, 3), axis=0
        )
        # Whole numbers of a dark colour alone cost 3 degrees
        assert abs(colorsys.rgb_to_hsv(red, green, blue)[0] - hue) * 360 < 6
        brightness.append(max(red, green, blue))
    assert max(brightness) > 1.2 * min(brightness)  # yet the light did change


def test_glare_only_brightens_and_only_little_of_the_image(scene: Scene) -> None:
    torch.manual_seed(0)
    for image in (
        planes(scene_crop(scene)),
        planes(plain((255, 255, 255))),
        planes(plain((0, 0, 0))),
    ):
        before = image.clone()
        for _ in range(20):
            lit = Glare()(image)
            assert lit.dtype == torch.uint8
            assert bool((lit >= image).all())
            assert float((lit != image).any(dim=0).float().mean()) < 0.1
        assert torch.equal(image, before)
    assert bool((Glare()(planes(plain((0, 0, 0)))) > 200).any())


def test_compression_changes_little_but_something(scene: Scene) -> None:
    torch.manual_seed(0)
    image = planes(scene_crop(scene))
    for _ in range(10):
        made = Compression()(image)
        assert made.shape == image.shape
        assert made.dtype == torch.uint8
        difference = (made.float() - image.float()).abs().mean()
        assert 0.05 < difference < 8


def test_compression_takes_more_from_blue_than_from_red() -> None:
    """JPEG's brightness is .299 red and .114 blue (JFIF), and colour is kept at half the size:
    blue is told least exactly.
    """
    noise = np.random.default_rng(0).integers(0, 256, (INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
    image = planes(cv2.GaussianBlur(noise, (0, 0), 1.5))
    torch.manual_seed(0)
    for _ in range(5):
        red, green, blue = (
            (Compression()(image).float() - image.float()).abs().mean(dim=(1, 2)).tolist()
        )
        assert green < red < blue


def test_turning_is_numpys_for_all_eight_numbers() -> None:
    batch = np.random.default_rng(0).random((16, 3, 6, 6)).astype(np.float32)
    turns = np.arange(16) % TURNS
    made = turned(torch.from_numpy(batch), torch.from_numpy(turns)).numpy()
    for n, turn in enumerate(turns):
        for channel in range(3):
            expected = np.rot90(
                np.fliplr(batch[n, channel]) if turn >= 4 else batch[n, channel], int(turn) % 4
            )
            assert np.array_equal(made[n, channel], expected)
    assert (
        len(
            {
                plane.tobytes()
                for plane in turned(
                    torch.from_numpy(batch[:1]).repeat(8, 1, 1, 1), torch.arange(8)
                ).numpy()
            }
        )
        == 8
    )


def test_a_map_turns_with_its_image() -> None:
    """Cell (1, 4) of a map of 7 x 7 looks at rows 32 to 63 and columns 128 to 159 of the
    image.
    """
    images, maps = torch.zeros(8, 3, 224, 224), torch.zeros(8, 5, 7, 7)
    images[:, :, 40, 140] = 1
    maps[:, :, 1, 4] = 1
    images, maps = turned(images, torch.arange(8)), turned(maps, torch.arange(8))
    cells = set()
    for image, feature_map in zip(images, maps, strict=True):
        (row, column), (y, x) = (
            feature_map[0].nonzero()[0].tolist(),
            image[0].nonzero()[0].tolist(),
        )
        assert (y // 32, x // 32) == (row, column)
        cells.add((row, column))
    # Drawn by hand
    assert cells == {(1, 4), (2, 1), (5, 2), (4, 5), (1, 2), (4, 1), (5, 4), (2, 5)}


def test_mixed_images_lie_between_two_and_their_targets_still_sum_to_one() -> None:
    images = torch.rand(6, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    targets = torch.eye(6)
    for seed in range(10):
        made, soft = mixed(images, targets, 0.8, torch.Generator().manual_seed(seed))
        torch.testing.assert_close(soft.sum(dim=1), torch.ones(6))
        assert bool((soft >= 0).all())
        # One-hot targets tell who was mixed with whom and how much: the images must be mixed the
        # same.
        torch.testing.assert_close(made, torch.einsum("nm,mchw->nchw", soft, images))
        again, _ = mixed(images, targets, 0.8, torch.Generator().manual_seed(seed))
        assert torch.equal(made, again)
    soft = torch.stack(
        [mixed(images, targets, 0.8, torch.Generator().manual_seed(seed))[1] for seed in range(10)]
    )
    # Another share for every batch
    assert len({round(float(share), 6) for share in soft.amax(dim=2).amin(dim=1)}) == 10


def test_training_crops_are_normalised_as_the_live_path_does(scene: Scene) -> None:
    crops = np.stack([scene_crop(scene, seed) for seed in range(3)])
    made = Normalise().crops(torch.from_numpy(crops))
    assert made.is_contiguous(memory_format=torch.channels_last)
    np.testing.assert_allclose(
        made.numpy(), np.stack([normalise(crop) for crop in crops]), atol=1e-5
    )


def test_the_policy_leaves_the_random_numbers_of_everyone_else_alone(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded: list[int] = []
    monkeypatch.setattr(torch.cuda, "manual_seed_all", seeded.append)
    torch.manual_seed(5)
    # What torch.manual_seed would do to a GPU, and its dropout, within the policy
    assert seeded == [5]
    before = torch.get_rng_state()
    policy(plain(MUCOSA), 3)
    assert torch.equal(torch.get_rng_state(), before)
    assert seeded == [5]


def test_and_no_random_number_of_anyone_else_moves_the_policy(policy: Policy, scene: Scene) -> None:
    made = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        np.random.seed(seed)
        cv2.setRNGSeed(seed)
        made.append(policy(scene_crop(scene), 11))
    assert np.array_equal(made[0], made[1])


def test_every_view_of_every_image_has_its_own_seed(scene: Scene) -> None:
    contents = [content_of(scene_crop(scene, seed)) for seed in range(5)]
    seeds = {view_seed(content, view) for content in contents for view in range(64)}
    assert len(seeds) == 5 * 64
    assert all(0 <= seed < 2**62 for seed in seeds)
    assert view_seed("000000000001" + "f" * 52, 2) == 66  # 1 * 64 + 2
