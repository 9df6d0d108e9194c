"""How well the levels of ``analysis/quality/kinds.py`` tell usable frames from others.

    python -m tests.benchmarks.image_quality --data ../shared/data/hyperkvasir-lower-gi [--every 3]

Real frames that readers found good enough to label must stay usable; the same frames, blurred,
darkened and so on, must be found out, each as what it is. Prints tables in Markdown, and the time
that measuring a frame takes.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from endoscope_app.analysis.quality.kinds import FAULTS, Kind, kinds_of
from endoscope_app.analysis.quality.measures import FrameMeter
from tests.endoscope_app.image_faults import DRAWN, FAULTY, Image


def kinds(images: Iterable[Image]) -> list[Kind]:
    """Of single images."""
    rows = np.array([FrameMeter().measure(image) for image in images])
    return [Kind(kind) for kind in kinds_of(rows, np.ones(len(rows), np.bool_), None).tolist()]


def read(path: Path) -> Image:
    """RGB."""
    return np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)


def _line(name: str, found: list[Kind]) -> str:
    counts, total = Counter(found), len(found)
    cells = [f"{100 * counts[kind] / total:.1f}" for kind in (Kind.USABLE, *FAULTS)]
    return f"| {name} | {total} | {' | '.join(cells)} |"


def main() -> None:
    """Prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="look at each n-th frame only")
    options = parser.parse_args()
    paths = sorted((options.data / "images").glob("*/*.jpg"))[:: options.every]
    images = [read(path) for path in paths]
    print(f"| frames | n | {' | '.join(k.name.lower() for k in (Kind.USABLE, *FAULTS))} |")
    print("|---|---|" + "---|" * (len(FAULTS) + 1))
    for name in sorted({path.parent.name for path in paths}):
        own = [image for path, image in zip(paths, images, strict=True) if path.parent.name == name]
        print(_line(name, kinds(own)))
    print(_line("all as they are", kinds(images)))
    for name, _, spoil in FAULTY:
        print(_line(name, kinds(spoil(image) for image in images)))
    for name, _, image in DRAWN:  # among others: alone it would be a recording without colour
        print(_line(name, kinds([*images[:9], image])[-1:]))
    native = [read(path) for path in sorted((options.data / "native").glob("*.jpg"))]
    if native:
        print(_line("as recorded", kinds(native)))
        print(_line("as recorded, out of focus", kinds(FAULTY[0][2](image) for image in native)))
    large = [np.asarray(cv2.resize(image, (455, 256)), np.uint8) for image in images[:300]]
    meter, began = FrameMeter(), time.thread_time()
    for image in large:
        meter.measure(image)
    print(f"\n{1000 * (time.thread_time() - began) / len(large):.2f} ms of a core a frame")


if __name__ == "__main__":
    main()
