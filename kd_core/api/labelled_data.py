"""What may be given as labelled data, and how it becomes the parts that a run needs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kd_core.api.torch_datasets import Items, data_set_of
from kd_core.data.labelled import DataSet, load_data_set
from kd_core.data.parted import check_class_names
from kd_core.schema.errors import DataError
from kd_core.schema.events import PartStarted, RunEvent, RunProgress
from kd_core.schema.taxonomy import LOWER_GI
from kd_core.vision.preprocess import INPUT_SIZE

OnEvent = Callable[[RunEvent], object]
OnWarning = Callable[[str], None]
#: Images between two reports of progress.
REPORT_EVERY = 100
MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class LabelledSource:
    """Labelled images: class folders, a manifest.csv, a KVASIR download, or a torch Dataset.

    ``split``: a file of `kd-core split`; without one, groups are parted by ``split_seed``.
    ``classes`` without a value: those of the split, else those of the data.
    ``ignore_unknown`` leaves images of other classes out. ``name``: what the card says of the data.
    ``input_size``: the side of the crop that the model sees, in px. ``class_groups``: labels of all
    class groups are read, for a student with a softmax for each; ``complete_labels``: an image
    without a label of a group then shows none of it.
    """

    source: str | Path | Items
    classes: tuple[str, ...] | None = None
    split: str | Path | None = None
    split_seed: int = 0
    ignore_unknown: bool = False
    name: str = ""
    input_size: int = INPUT_SIZE
    class_groups: bool = False
    complete_labels: bool = False


Data = str | Path | Items | LabelledSource | DataSet


def ignore(_: object) -> None:
    """The callback of those who do not want to hear."""


def read_data(data: Data, on_event: OnEvent = ignore, on_warning: OnWarning = ignore) -> DataSet:
    """Read ``data`` and part it; a DataSet is taken as it is. Raises DataError."""
    if isinstance(data, DataSet):
        return data
    source = data if isinstance(data, LabelledSource) else LabelledSource(source=data)
    if source.complete_labels and not source.class_groups:
        raise DataError("Without class groups an image has one label.", "Say --class-groups too.")
    if source.classes is not None:
        check_class_names(source.classes)
    if not isinstance(source.source, str | Path):
        return data_set_of(
            source.source,
            source.classes or LOWER_GI,
            seed=source.split_seed,
            name=source.name or type(source.source).__name__,
            input_size=source.input_size,
        )
    begun = time.monotonic()

    def on_progress(done: int, total: int) -> None:
        if done % REPORT_EVERY == 0 or done == total:
            seconds_left = (time.monotonic() - begun) / done * (total - done)
            on_event(RunProgress(done, total, seconds_left))

    on_event(PartStarted("reading images"))
    read = load_data_set(
        Path(source.source),
        source.classes,
        split_file=Path(source.split) if source.split else None,
        split_seed=source.split_seed,
        ignore_unknown=source.ignore_unknown,
        name=source.name,
        input_size=source.input_size,
        class_groups=source.class_groups,
        complete_labels=source.complete_labels,
        on_progress=on_progress,
    )
    for sentence in read.warnings:
        on_warning(sentence)
    if read.unreadable:
        named = ", ".join(read.unreadable[:MOST_NAMED])
        on_warning(f"{len(read.unreadable)} images cannot be read and are left out: {named}.")
    return read
