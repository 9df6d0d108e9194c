"""What the core's tests share: one untrained model folder, images that look enough like
endoscopy, one thread for torch.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import settings
from numpy.typing import NDArray

from tests.model_factory import make_model_dir

Image = NDArray[np.uint8]

# No deadline: the machine may be training meanwhile. No database: tests write nothing outside
# tmp_path.
settings.register_profile("core", deadline=None, database=None, max_examples=50)
settings.load_profile("core")


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Tiny batches gain nothing from more, and threads that wait for each other slow a shared
    machine down.
    """
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained student of the six lower-GI classes. Tests that damage it copy it first."""
    return make_model_dir(tmp_path_factory.mktemp("models") / "untrained")


@pytest.fixture(scope="session")
def scene() -> Callable[..., Image]:
    """scene(seed, width, height, border) -> (H, W, 3) RGB: a reddish disc with texture, black
    around it.
    """

    def draw(seed: int = 0, width: int = 320, height: int = 256, border: int = 0) -> Image:
        generator = np.random.default_rng(seed)
        inner = cv2.resize(
            generator.integers(60, 250, (9, 11, 3), np.uint8),
            (width - 2 * border, height - 2 * border),
        )
        image = np.zeros((height, width, 3), np.uint8)
        image[border : height - border, border : width - border] = np.maximum(inner, 40)
        return image

    return draw


@pytest.fixture
def data_dir(tmp_path: Path, scene: Callable[..., Image]) -> Path:
    """Class folders with 40 synthetic images: two classes of the model that differ in colour,
    as anyone can see.
    """
    for label, channel in (("polyps", 0), ("cecum", 2)):
        folder = tmp_path / "data" / label
        folder.mkdir(parents=True)
        for number in range(20):
            image = scene(number, 128, 128) // 3
            image[:, :, channel] += 150
            cv2.imwrite(str(folder / f"{number:02d}.png"), image[:, :, ::-1])
    return tmp_path / "data"
