"""Augmentation: the same seed gives the same view, no cover leaves a trace, and hue stays."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from kd_core.data import view_changes as change
from kd_core.data.augment import TURNS, Normalise, Policy, is_strong, mixed, turned, view_seed
from kd_core.data.image_files import content_of
from kd_core.data.mask_bank import bank_of
from kd_core.vision.blanking import BLANK_COLOUR, covered, shown_in
from kd_core.vision.preprocess import INPUT_SIZE, model_crop, normalise

Image = NDArray[np.uint8]
Scene = Callable[..., Image]
# So dark that no light of a weak view drives a channel into the stop, which would shift the hue
MUCOSA = (96, 56, 40)
WEAK, STRONG = range(0, 60, 2), range(1, 61, 2)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy()


def scene_crop(scene: Scene, seed: int = 0) -> Image:
    return model_crop(np.maximum(scene(seed), 60))[0]


def plain(colour: tuple[int, int, int]) -> Image:
    return np.full((INPUT_SIZE, INPUT_SIZE, 3), colour, np.uint8)


def random() -> np.random.Generator:
    return np.random.default_rng(0)


def inset(side: int = 90) -> NDArray[np.bool_]:
    """Shown all but the lower left corner."""
    shown = np.ones((INPUT_SIZE, INPUT_SIZE), np.bool_)
    shown[-side:, :side] = False
    return shown


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
        red, _, blue = policy(crop, seed).reshape(-1, 3).astype(int).T
        assert (red > blue + 20).mean() > 0.15
        assert (blue > red + 20).mean() > 0.15


def test_a_view_is_covered_by_the_mask_of_another_image_and_never_by_its_own() -> None:
    tissue = plain(MUCOSA)
    bank = bank_of(np.stack([covered(tissue, inset(40)), covered(tissue, inset(60))]))
    policy = Policy(masks=bank)
    foreign = {bank.mask(place).tobytes() for place in range(len(bank))}
    seen = {shown_in(policy(covered(tissue, inset(120)), seed)).tobytes() for seed in WEAK}
    assert seen == foreign


def test_what_covers_an_image_leaves_no_trace_where_a_view_shows_it() -> None:
    """Mucosa is saturated, the cover is nearly grey: turned into sight, blurred or compressed it
    would be seen.
    """
    crop = covered(plain(MUCOSA), inset(110))
    policy = Policy(masks=bank_of(plain(MUCOSA)[None]))
    for seed in WEAK:
        view = policy(crop, seed).astype(float)
        saturation = 1 - view.min(axis=2) / view.max(axis=2)
        assert saturation.min() > 0.4


def test_views_of_two_images_that_differ_in_their_cover_alone_look_alike() -> None:
    tissue = plain(MUCOSA)
    policy = Policy(masks=bank_of(tissue[None]))
    for seed in WEAK:
        with_inset, without = policy(covered(tissue, inset()), seed), policy(tissue, seed)
        assert np.abs(with_inset.astype(int) - without).max() <= 2


def test_odd_views_are_strong_and_even_ones_weak(policy: Policy) -> None:
    """A weak view is lit and moved alone: plain tissue stays plain in it."""
    crop = plain(MUCOSA)
    assert not any(is_strong(seed) for seed in WEAK)
    assert all(is_strong(seed) for seed in STRONG)
    assert all(policy(crop, seed).std(axis=(0, 1)).max() < 1 for seed in WEAK)
    changed = [policy(crop, seed).std(axis=(0, 1)).max() > 1 for seed in STRONG]
    assert sum(changed) > len(changed) / 2


def test_noise_is_different_in_every_pixel_and_channel_and_never_above_its_strength() -> None:
    generator, spreads = random(), []
    for _ in range(20):
        made = change.noisy(plain((128, 128, 128)), generator).astype(float) - 128
        assert abs(made.mean()) < 1
        together = np.corrcoef(made.reshape(-1, 3).T) if made.std() > 1 else np.eye(3)
        assert np.abs(together - np.eye(3)).max() < 0.05
        spreads.append(float(made.std()))
    assert max(spreads) < 16.5
    assert max(spreads) > 8


@pytest.mark.parametrize(
    "colour", [MUCOSA, (34, 51, 95), (90, 80, 30)], ids=["mucosa", "dye", "stool"]
)
def test_hue_is_kept(policy: Policy, colour: tuple[int, int, int]) -> None:
    hue = colorsys.rgb_to_hsv(*colour)[0]
    # Moves and turns bring nothing else here
    middle = slice(INPUT_SIZE // 2 - 20, INPUT_SIZE // 2 + 20)
    brightness = []
    for seed in WEAK:
        red, green, blue = np.median(
            policy(plain(colour), seed)[middle, middle].reshape(-1, 3), axis=0
        )
        # Whole numbers of a dark colour alone cost 3 degrees
        assert abs(colorsys.rgb_to_hsv(red, green, blue)[0] - hue) * 360 < 6
        brightness.append(max(red, green, blue))
    assert max(brightness) > 1.2 * min(brightness)  # yet the light did change


def test_glare_only_brightens_and_only_little_of_the_image(scene: Scene) -> None:
    generator = random()
    for image in (scene_crop(scene), plain((255, 255, 255)), plain((0, 0, 0))):
        before = image.copy()
        for _ in range(20):
            shone = change.glaring(image, generator)
            assert shone.dtype == np.uint8
            assert (shone >= image).all()
            assert (shone != image).any(axis=2).mean() < 0.1
        assert np.array_equal(image, before)
    assert (change.glaring(plain((0, 0, 0)), generator) > 200).any()


def test_compression_changes_little_but_something(scene: Scene) -> None:
    image, generator = scene_crop(scene), random()
    for _ in range(10):
        made = change.compressed(image, generator)
        assert made.shape == image.shape
        assert made.dtype == np.uint8
        assert 0.05 < np.abs(made.astype(float) - image).mean() < 8


def test_compression_takes_more_from_blue_than_from_red() -> None:
    """JPEG's brightness is .299 red and .114 blue (JFIF), and colour is kept at half the size:
    blue is told least exactly.
    """
    noise = random().integers(0, 256, (INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
    image = np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.5), np.uint8)
    for _ in range(5):
        made = change.compressed(image, random()).astype(float)
        red, green, blue = np.abs(made - image).mean(axis=(0, 1)).tolist()
        assert green < red < blue


def test_light_is_its_own_formula(scene: Scene) -> None:
    """Brightness, then contrast about the image's mean grey, then saturation about each pixel's
    grey, written out one after the other.
    """
    image = scene_crop(scene)
    made = change.lit(image, random(), (0.75, 1.3))
    draws = random()
    factor, contrast, saturation = (
        draws.uniform(*span) for span in ((0.75, 1.3), change.CONTRAST, change.SATURATION)
    )
    grey = np.array([0.299, 0.587, 0.114])
    lit = image.astype(float) * factor
    mean = (lit.mean(axis=(0, 1)) * grey).sum()
    turned_about = mean + contrast * (lit - mean)
    own = (turned_about * grey).sum(axis=2, keepdims=True)
    expected = np.clip(own + saturation * (turned_about - own), 0, 255)
    assert np.abs(made - expected).max() <= 1


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


def test_a_covered_pixel_becomes_exactly_nothing() -> None:
    made = Normalise().crops(torch.from_numpy(plain(tuple(BLANK_COLOUR.tolist()))[None]))
    assert not made.any()


def test_the_policy_leaves_the_random_numbers_of_everyone_else_alone(policy: Policy) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    policy(plain(MUCOSA), 3)
    assert torch.equal(torch.get_rng_state(), before)


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
    seeds = {view_seed(content, view) for content in contents for view in range(600)}
    assert len(seeds) == 5 * 600
    assert all(0 <= seed < 2**62 for seed in seeds)
    assert view_seed("000000000001" + "f" * 52, 2) == 4098  # 1 * 4096 + 2
    # Runs of another seed have views of their own, odd ones in the same places.
    others = {view_seed(content, view, 1) for content in contents for view in range(600)}
    assert len(others | seeds) == 2 * 5 * 600
    assert view_seed(contents[0], 3, 1) % 2 == 1
    assert view_seed(contents[0], 3, 0) == view_seed(contents[0], 3)
