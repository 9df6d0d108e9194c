"""Labelled images on disk as samples: a folder of class folders, or a manifest.csv with file, label and (optional) group, mask."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from kd_core.contract.errors import DataError
from kd_core.contract.manifest import Sample
from kd_core.contract.taxonomy import require, resolve

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
MANIFEST_NAME = "manifest.csv"


def read_samples(source: Path) -> list[Sample]:
    """``source`` is a manifest.csv, a folder that holds one, or a folder of class folders. Labels are as written there."""
    if source.is_file():
        return _from_manifest(source)
    if not source.is_dir():
        raise DataError(f"There is no data set at {source}.", "Name a folder of class folders, or a manifest.csv.")
    if (source / MANIFEST_NAME).is_file():
        return _from_manifest(source / MANIFEST_NAME)
    samples = [
        Sample(str(file.absolute()), folder.name, str(file.absolute()))
        for folder in sorted(source.iterdir())
        if folder.is_dir() and not folder.name.startswith(".")
        for file in sorted(folder.iterdir())
        if file.suffix.lower() in IMAGE_SUFFIXES
    ]
    if not samples:
        raise DataError(f"{source} holds no images in class folders.", "It should look like DIR/polyps/0001.jpg.")
    return samples


def _from_manifest(path: Path) -> list[Sample]:
    root = path.absolute().parent
    try:
        with path.open(newline="", encoding="utf-8-sig") as text:
            rows = list(csv.DictReader(text))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"The manifest {path} cannot be read: {error}.", "It should be a CSV file in UTF-8.") from error
    if not rows or not {"file", "label"} <= set(rows[0]):
        raise DataError(f"The manifest {path} lacks the columns file and label, or has no rows.", "See the README for its columns.")
    for line, row in enumerate(rows, 2):
        if not row["file"] or not row["label"]:
            raise DataError(f"Row {line} of the manifest {path} lacks its file or label.", "See the README for its columns.")
    return [
        Sample(str(root / row["file"]), row["label"], row.get("group") or row["file"], str(root / row["mask"]) if row.get("mask") else "")
        for row in rows
    ]


def relabel(samples: Iterable[Sample], classes: Sequence[str], *, ignore_unknown: bool) -> tuple[list[Sample], Counter[str]]:
    """Labels in the model's words (aliases and merges applied), and how many of each unknown label were left out.

    Raises DataError that names the first unknown label unless ``ignore_unknown``.
    """
    kept, ignored = [], Counter[str]()
    for sample in samples:
        name = resolve(sample.label, classes)
        if name is not None:
            kept.append(Sample(sample.path, name, sample.group, sample.mask))
        elif ignore_unknown:
            ignored[sample.label] += 1
        else:
            require(sample.label, classes)
    if not kept:
        raise DataError("No image has a class that this model knows.", f"Known are {', '.join(classes)}.")
    return kept, ignored
