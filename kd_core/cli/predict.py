"""``kd-core predict``: the class of each image, printed as soon as it is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from kd_core.cli.event_printing import warn


def run(
    *, model: Path, images: list[Path], threads: int, json: bool, lines: bool, **more: Any
) -> int:
    """Classify ``images``, or those of the file "list"; 2 where one could not be read."""
    from kd_core.api.classification import classify, listed_images
    from kd_core.api.loading import load_model

    paths = listed_images(more["list"]) if more["list"] else images
    loaded = load_model(model, threads=threads)
    card, rows, broken = loaded.card, [], 0
    if lines:
        head = {"model": card.version, "name": card.name, "classes": card.classes}
        _print({**head, "total": len(paths)})
    for done, image in enumerate(classify(loaded, paths), 1):
        if image.problem:
            warn(f"{image.problem} {image.way_out}")
            broken += 1
        if lines:
            _print({**msgspec.to_builtins(image), "done": done})
        elif json and not image.problem:
            rows.append(image)
        elif not image.problem:
            said = image.groups.values() or [image]
            told = ", ".join(f"{row.label} {row.probability:.3f}" for row in said)
            print(f"{image.file}: {told}")
    if json:
        _print({"model": card.version, "classes": card.classes, "images": rows})
    return 2 if broken else 0


def _print(line: object) -> None:
    """At once: who reads waits for it."""
    print(msgspec.json.encode(line).decode(), flush=True)
