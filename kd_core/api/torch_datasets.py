"""Any torch Dataset as the data of a run."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kd_core.data.labelled import DataSet, Part
from kd_core.data.parted import TEST_SHARE, VAL_SHARE
from kd_core.data.splits import PARTS, make_split
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_origin import DataNotes
from kd_core.vision.preprocess import INPUT_SIZE, crop_of


@runtime_checkable
class Items(Protocol):
    """What a torch Dataset with a length is: (image, label) or (image, label, group) by index.

    Images are (H, W, 3) uint8 arrays, PIL images, or tensors (3, H, W) of uint8 or of floats in
    0..1; labels are class indices or names; images of one group (a patient, a procedure) stay in
    one part of the split.
    """

    def __getitem__(self, index: int, /) -> Any: ...

    def __len__(self) -> int: ...


def data_set_of(
    items: Items,
    classes: Sequence[str],
    *,
    val: float = VAL_SHARE,
    test: float = TEST_SHARE,
    seed: int = 0,
    name: str = "a torch Dataset",
    input_size: int = INPUT_SIZE,
) -> DataSet:
    """Read all of ``items`` into memory as crops of ``input_size``, and part them by groups.

    Give it to ``distil`` and its neighbours. Raises DataError for an item of another form, a class
    that is not in ``classes``, and parts that lack a class.
    """
    assert isinstance(items, Sized)
    samples: list[Sample] = []
    crops = np.empty((len(items), input_size, input_size, 3), np.uint8)
    for index in range(len(items)):
        image, label, *group = items[index]
        crops[index] = crop_of(_rgb(image, index), input_size)[0]
        label_name = _label(label, classes, index)
        samples.append(Sample(str(index), label_name, str(group[0]) if group else str(index)))
    split = make_split(samples, val=val, test=test, seed=seed)
    train, checked, held = (
        _part(split.part(samples, part), crops, tuple(classes)) for part in PARTS
    )
    for part, part_name in zip((train, checked, held), PARTS, strict=True):
        missing = [label for place, label in enumerate(classes) if place not in part.labels]
        if missing and part_name != "test":
            raise DataError(
                f"The {part_name} part has no image of {', '.join(missing)}.",
                "Give more images of it, of three or more groups.",
            )
    groups = len({sample.group for sample in samples})
    notes = DataNotes(
        source=name,
        images=len(samples),
        groups=groups,
        split=f"by {'group' if groups < len(samples) else 'image'}, seed {seed}",
    )
    return DataSet(tuple(classes), train, checked, held, (), (), notes)


def _part(samples: list[Sample], crops: NDArray[np.uint8], classes: tuple[str, ...]) -> Part:
    places = [int(sample.path) for sample in samples]
    labels = np.array([classes.index(sample.label) for sample in samples], np.int64)
    groups = np.array([sample.group for sample in samples], np.str_)
    return Part(crops[places], labels, groups)


def _rgb(image: Any, index: int) -> NDArray[np.uint8]:
    array = np.asarray(image)
    if array.ndim == 3 and array.shape[0] == 3 and array.shape[2] != 3:
        array = array.transpose(1, 2, 0)
    if np.issubdtype(array.dtype, np.floating):
        array = np.clip(255.0 * array, 0, 255).round()
    if array.ndim != 3 or array.shape[2] != 3:
        raise DataError(
            f"Item {index} of the data set is no RGB image: its shape is {array.shape}.",
            "Give (H, W, 3) arrays, PIL images in RGB, or tensors (3, H, W).",
        )
    return np.ascontiguousarray(array, np.uint8)


def _label(label: Any, classes: Sequence[str], index: int) -> str:
    name = label if isinstance(label, str) else None
    if name is None and 0 <= int(label) < len(classes):
        name = classes[int(label)]
    if name not in classes:
        raise DataError(
            f"Item {index} of the data set has the label '{label}'.",
            f"Labels are {', '.join(classes)}, or their indices.",
        )
    return str(name)
