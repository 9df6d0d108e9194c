"""Classifying image files one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from kd_core.api.loading import LoadedModel
from kd_core.data.image_files import read_rgb
from kd_core.schema.errors import CoreError, DataError
from kd_core.vision.head_probabilities import of_places


class GroupCall(msgspec.Struct, frozen=True):
    """The most probable place of a class group."""

    label: str
    probability: float


class ClassifiedImage(msgspec.Struct, frozen=True, omit_defaults=True):
    """The most probable class of a file; or the ``problem`` for which it could not be read.

    ``groups``: of a model with a softmax for each class group, the most probable place of each: a
    class, or "no pathology" and the like.
    """

    file: str
    label: str = ""
    probability: float = -1.0
    probabilities: dict[str, float] = {}
    groups: dict[str, GroupCall] = {}
    problem: str = ""
    way_out: str = ""


def classify(model: LoadedModel, images: Sequence[str | Path]) -> Iterator[ClassifiedImage]:
    """Each file's class as soon as it is known; one that cannot be read carries its problem."""
    for path in images:
        try:
            image = read_rgb(Path(path))
        except CoreError as error:
            yield ClassifiedImage(str(path), problem=error.sentence, way_out=error.way_out)
            continue
        row = [float(value) for value in model.predict([image])[0].probabilities]
        best = max(range(len(row)), key=row.__getitem__)
        classes = model.card.classes
        named = dict(zip(classes, row, strict=True))
        groups = {}
        for head in model.card.heads:
            table = np.asarray([row], np.float32)
            chances = of_places(table, classes, head)[0]
            top = int(chances.argmax())
            groups[head.group] = GroupCall(head.names[top], float(chances[top]))
        yield ClassifiedImage(str(path), classes[best], row[best], named, groups)


def listed_images(path: Path) -> list[Path]:
    """The lines of a text file as paths. Raises DataError."""
    way_out = "It is a UTF-8 text file with one path per line."
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"The list {path} cannot be read.", way_out) from error
    images = [Path(line) for line in lines if line]
    if not images:
        raise DataError(f"The list {path} names no image.", way_out)
    return images
