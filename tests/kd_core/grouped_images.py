"""Images whose colour is a pathology and whose brightness is a preparation, in one table."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

#: Of each image: pathology and preparation; "none" and "" as in a manifest.
KINDS = (
    ("polyps", "bbps-2-3"),
    ("polyps", "bbps-0-1"),
    ("ulcerative-colitis", "bbps-2-3"),
    ("ulcerative-colitis", "bbps-0-1"),
    ("none", "bbps-2-3"),
    ("none", "bbps-0-1"),
    ("polyps", ""),
    ("", "bbps-0-1"),
)
CLASSES = ("bbps-0-1", "bbps-2-3", "polyps", "ulcerative-colitis")
_CHANNEL = {"polyps": 0, "ulcerative-colitis": 2}


def image_of(pathology: str, preparation: str, seed: int = 0) -> NDArray[np.uint8]:
    """(96, 96, 3) uint8 RGB: a polyp is red, colitis blue; poor preparation is dark."""
    generator = np.random.default_rng(seed)
    image = generator.integers(40, 60, (96, 96, 3)).astype(np.float64)
    if pathology in _CHANNEL:
        image[:, :, _CHANNEL[pathology]] += 60
    return (image * (0.6 if preparation == "bbps-0-1" else 1.7)).astype(np.uint8)


def written_manifest(folder: Path, copies: int) -> Path:
    """The folder with ``copies`` of each kind and its manifest.csv with a column a class group."""
    folder.mkdir(parents=True)
    rows = ["file,Pathology,Preparation,group"]
    for kind, (pathology, preparation) in enumerate(KINDS):
        for number in range(copies):
            name = f"{kind}-{number}.png"
            shown = image_of(pathology, preparation, 100 * kind + number)
            cv2.imwrite(str(folder / name), shown[:, :, ::-1])
            rows.append(f"{name},{pathology},{preparation},{name}")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
