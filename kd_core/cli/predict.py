"""``kd-core predict``: the class of each image and its probability, by the same path as the
live view.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from kd_core.schema.errors import CoreError, DataError
from kd_core.schema.model_card import read_card

HELP = "classify images"
EXAMPLE = (
    "--model resources/models/student polyp.png. Of thousands: --list files.txt --lines tells each"
    " as soon as it is done."
)


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--model", required=True, type=Path, help="a model folder, or a teacher's")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "images", nargs="*", default=[], type=Path, metavar="IMAGE", help="stills of any size"
    )
    which.add_argument(
        "--list",
        type=Path,
        metavar="FILE",
        help="a text file that names one image a line, instead of IMAGEs",
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=1,
        help="torch's threads, for a teacher (default: %(default)s)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json", action="store_true", help="probabilities of all classes, for programs"
    )
    form.add_argument(
        "--lines",
        action="store_true",
        help="the same as JSON lines: the model first, then each image when it is done",
    )


def run(options: argparse.Namespace) -> int:
    """Classify one image after another.

    An unreadable one is named, the others are still done, and the exit status is 2.
    """
    images: list[Path] = options.images or _listed(options.list)
    from kd_core.cli.any_model import load_any
    from kd_core.data.image_files import read_rgb

    card = read_card(options.model)
    ask = load_any(options.model, card, options.threads)
    rows: list[dict[str, Any]] = []
    broken = 0
    if options.lines:
        _tell(
            {
                "model": card.version,
                "name": card.name,
                "classes": list(card.classes),
                "total": len(images),
            }
        )
    for done, path in enumerate(images, 1):
        try:
            picture = read_rgb(path)
        except CoreError as error:
            print(f"kd-core: {error}", file=sys.stderr)
            broken += 1
            if options.lines:
                _tell({"file": str(path), "done": done, "problem": error.sentence})
            continue
        row = {
            "file": str(path),
            **_answer(card.classes, [float(value) for value in ask([picture])[0]]),
        }
        if options.lines:
            _tell({**row, "done": done})
        elif options.json:
            rows.append(row)
        else:
            print(f"{path}: {row['label']} {row['probability']:.3f}")
    if options.json:
        print(json.dumps({"model": card.version, "classes": list(card.classes), "images": rows}))
    return 2 if broken else 0


def _listed(path: Path) -> list[Path]:
    """The lines of a text file as paths. Raises DataError."""
    way_out = "It is a UTF-8 text file with one path a line."
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"The list {path} cannot be read.", way_out) from error
    found = [Path(line) for line in lines if line]
    if not found:
        raise DataError(f"The list {path} names no image.", way_out)
    return found


def _answer(classes: tuple[str, ...], chances: list[float]) -> dict[str, Any]:
    best = max(range(len(classes)), key=chances.__getitem__)
    return {
        "label": classes[best],
        "probability": chances[best],
        "probabilities": dict(zip(classes, chances, strict=True)),
    }


def _tell(line: dict[str, Any]) -> None:
    """At once: who reads waits for it."""
    print(json.dumps(line), flush=True)
