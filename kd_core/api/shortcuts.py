"""What in the images tells the class without being tissue, and whether preprocessing leaves any."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from kd_core.api.labelled_data import OnWarning, ignore
from kd_core.api.loading import load_model
from kd_core.api.openings import note_opening
from kd_core.data.image_files import Image, read_rgb
from kd_core.data.parted import read_parted
from kd_core.evaluation.frame_swap import as_bounds, frame_fall, swapped
from kd_core.evaluation.shortcut_probe import SHUFFLES, Probe, Seen, probe
from kd_core.evaluation.shortcut_views import VIEWS, look_at_all
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_scores import Bounds
from kd_core.schema.shortcut_probes import Chance, FrameFall, ProbeResult, ShortcutProbes, Shuffled
from kd_core.vision.preprocess import shrink

#: What each view is, in the table's own terms.
SEES = {
    "masked-out": (
        "the places where recorders draw (inset, text, corners; some tissue lies under them)"
    ),
    "geometry": "size, field of view, light and dark of corners, inset and text strip",
    "after preprocessing": "where the finished model input is covered, and its light and dark",
    "rim": "dark pixels at the rim of those places (border left over, or a dark lumen)",
}


def probe_shortcuts(
    data: str | Path,
    *,
    classes: tuple[str, ...] | None = None,
    split: str | Path | None = None,
    part: Literal["val", "test"] = "val",
    ignore_unknown: bool = False,
    model: str | Path | None = None,
    seed: int = 0,
    threads: int = 1,
    command: str = "kd_core.probe_shortcuts",
    on_warning: OnWarning = ignore,
) -> ShortcutProbes:
    """Train probes on the train part of ``split`` (by ``seed`` without one), score on ``part``.

    ``model``: a student or teacher that is also asked about the images of ``part`` in frames of
    other classes. ``command``: see ``evaluate``. Raises DataError for data that cannot be used,
    ModelError for such a model.
    """
    if threads < 1 or seed < 0:
        raise DataError("--threads must be 1 or more, and --seed 0 or more.")
    torch.set_num_threads(threads)
    parted = read_parted(
        Path(data),
        classes,
        Path(split) if split else None,
        ignore_unknown=ignore_unknown,
        seed=seed,
    )
    classes = parted.classes
    note_opening(split, part, [model] if model else [], command, on_warning)
    unreadable: list[str] = []

    def leave_out(path: str) -> None:
        unreadable.append(path)
        on_warning(f"{path} cannot be read and is left out.")

    train, test = (
        _seen(parted.part(name), name, parted.classes, leave_out) for name in ("train", part)
    )
    probes = {view: probe(train[view], test[view], seed) for view in VIEWS}
    first, labels = VIEWS[0], train[VIEWS[0]].labels
    return ShortcutProbes(
        classes=classes,
        train=len(labels),
        test=len(test[first].labels),
        seed=seed,
        shuffles=SHUFFLES,
        # Chance is the same for every view
        chance=Chance(
            classes[int(np.bincount(labels).argmax())],
            probes[first].chance_accuracy,
            probes[first].chance_macro_f1,
        ),
        probes={view: _result(view, train[view].features.shape[1], probes[view]) for view in VIEWS},
        ignored=dict(parted.ignored),
        unreadable=unreadable,
        frame_fall=_frame_fall(model, parted.part(part), seed, threads),
    )


def _frame_fall(
    model: str | Path | None, samples: list[Sample], seed: int, threads: int
) -> FrameFall | None:
    if model is None:
        return None
    loaded = load_model(model, threads=threads)
    names = loaded.card.classes
    images, truth, groups = [], [], []
    for sample in samples:
        if sample.label in names:
            try:
                images.append(shrink(read_rgb(Path(sample.path))))
            except DataError:
                continue
            truth.append(names.index(sample.label))
            groups.append(sample.group)
    labels = np.array(truth, np.int64)

    def said(shown: Sequence[Image]) -> NDArray[np.int64]:
        rows = np.stack([row.probabilities for image in shown for row in loaded.predict([image])])
        for head in loaded.card.heads:  # of a label's own group, where the model tells them apart
            own = np.isin(np.arange(len(names)), head.columns(names))
            rows[np.ix_(np.isin(labels, np.flatnonzero(own)), ~own)] = -1.0
        return np.asarray(rows.argmax(axis=1), np.int64)

    fall = frame_fall(
        said(images),
        said(swapped(images, labels, seed)),
        labels,
        np.array(groups),
        len(names),
        seed,
    )
    return as_bounds(fall, len(labels))


def _seen(
    samples: list[Sample], name: str, classes: tuple[str, ...], leave_out: OnWarning
) -> dict[str, Seen]:
    if not samples:
        raise DataError(
            f"The {name} part of the split is empty.", "Give more images, or another split."
        )
    features, kept = look_at_all(samples, leave_out)
    labels = np.array([classes.index(sample.label) for sample in kept], np.int64)
    groups = np.array([sample.group for sample in kept])
    return {view: Seen(features[view], labels, groups) for view in VIEWS}


def _result(view: str, features: int, probe: Probe) -> ProbeResult:
    accuracy, macro_f1, gain = (
        msgspec.convert(interval._asdict(), Bounds)
        for interval in (probe.accuracy, probe.macro_f1, probe.gain)
    )
    shuffled = Shuffled(probe.shuffled_accuracy, probe.shuffled_macro_f1, probe.shuffled_best)
    verdict = f"{view}: {probe.verdict}."
    return ProbeResult(
        SEES[view], features, accuracy, macro_f1, gain, shuffled, probe.better, verdict
    )
