"""Kept images of labelled frames: the same pixels come back, once each, within the limit, and
never half written.
"""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library.frame_pngs import FramePngs
from tests.present import present


def image(seed: int, height: int = 24, width: int = 32) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_same_pixels_come_back_under_the_hash_of_their_content(tmp_path: Path) -> None:
    store = FramePngs(tmp_path, 1 << 20)
    rgb = image(1)
    content = store.save(rgb)
    assert content == hashlib.sha256(b"24 32 3\n" + rgb.tobytes()).hexdigest()
    assert kept(tmp_path) == [tmp_path / content[:2] / f"{content}.png"]
    np.testing.assert_array_equal(store.load(content), rgb)
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 255
    assert present(cv2.imread(str(store.path(store.save(red)))))[0, 0].tolist() == [0, 0, 255]


def test_the_same_picture_is_kept_once_and_another_shape_of_the_same_bytes_is_another_picture(
    tmp_path: Path,
) -> None:
    store = FramePngs(tmp_path, 1 << 20)
    rgb = image(2)
    assert store.save(rgb) == store.save(rgb.copy()) == FramePngs(tmp_path, 1 << 20).save(rgb)
    assert len(kept(tmp_path)) == 1
    assert store.save(rgb.reshape(32, 24, 3)) != store.save(rgb)
    assert len(kept(tmp_path)) == 2
    view = image(3, 48, 64)[::2, ::2]
    np.testing.assert_array_equal(store.load(store.save(view)), view)


def test_the_limit_is_told_in_words_and_what_is_kept_stays(tmp_path: Path) -> None:
    store = FramePngs(tmp_path, 6000)
    for seed in range(2):
        store.save(image(seed))
    with pytest.raises(
        AppError,
        match=r"reached their limit of 5\.86 kB, so this one was not kept\. Raise the limit",
    ):
        store.save(image(2))
    assert len(kept(tmp_path)) == 2
    size = sum(path.stat().st_size for path in kept(tmp_path))
    assert size <= 6000
    assert store.used_bytes() == FramePngs(tmp_path, 0).used_bytes() == size
    store.save(image(0))
    with pytest.raises(AppError, match="reached their limit"):
        FramePngs(tmp_path, 6000).save(image(99))


def test_a_damaged_or_missing_picture_is_told(tmp_path: Path) -> None:
    store = FramePngs(tmp_path, 1 << 20)
    one, two = store.save(image(1)), store.save(image(2))
    store.path(one).write_bytes(store.path(two).read_bytes())
    with pytest.raises(AppError, match="damaged"):
        store.load(one)
    for content in (b"", b"no image"):
        store.path(one).write_bytes(content)
        with pytest.raises(AppError, match="damaged"):
            store.load(one)
    store.path(one).unlink()
    with pytest.raises(AppError, match="missing"):
        store.load(one)
    with pytest.raises(ValueError, match="hexadecimal"):
        store.load("../../etc/passwd")


def test_a_full_disk_is_told_and_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FramePngs(tmp_path, 1 << 20)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(
            AppError,
            match="The disk is full, so the image of the labelled frame could not be saved",
        ):
            store.save(image(1))
    assert kept(tmp_path) == []
    store.save(image(1))
    assert store.used_bytes() == kept(tmp_path)[0].stat().st_size


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 0, 3), np.uint8)],
)
def test_what_is_no_picture_is_a_bug(tmp_path: Path, wrong: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="an image is"):
        FramePngs(tmp_path, 1 << 20).save(wrong)
    with pytest.raises(ValueError, match="an image is"):
        FramePngs(tmp_path, 1 << 20).save(np.zeros((4, 4, 3), np.float32))
