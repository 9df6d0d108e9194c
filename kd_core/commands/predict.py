"""``kd-core predict``: the class of each image and its probability, by the same path as the live view."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from kd_core.contract.errors import CoreError

HELP = "classify images"


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--model", required=True, type=Path, help="a model folder")
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="stills of any size")
    parser.add_argument("--json", action="store_true", help="probabilities of all classes, for programs")


def run(options: argparse.Namespace) -> int:
    """Classify one image after another. An unreadable one is named, the others are still done, and the exit status is 2."""
    from kd_core.datasets.pictures import read_rgb
    from kd_core.predictor import Predictor

    predictor = Predictor.load(options.model)
    classes = predictor.card.classes
    rows: list[dict[str, Any]] = []
    broken = 0
    for path in options.images:
        try:
            picture = read_rgb(path)
        except CoreError as error:
            print(f"kd-core: {error}", file=sys.stderr)
            broken += 1
            continue
        chances = [float(value) for value in predictor.predict([picture])[0].probabilities]
        best = max(range(len(classes)), key=chances.__getitem__)
        named = dict(zip(classes, chances, strict=True))
        rows.append({"file": str(path), "label": classes[best], "probability": chances[best], "probabilities": named})
        if not options.json:
            print(f"{path}: {classes[best]} {chances[best]:.3f}")
    if options.json:
        print(json.dumps({"model": predictor.card.version, "classes": list(classes), "images": rows}))
    return 2 if broken else 0
