"""What a reader's labels become.

Frames to learn from, procedures to be compared on, and warnings in plain sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.artifacts.seen_contents import shortened
from kd_core.data.folders import class_groups_of, named_in, read_samples
from kd_core.data.head_labels import head_labels, shows
from kd_core.data.image_files import content_of, load_crops
from kd_core.data.labelled import DataSet, Part
from kd_core.retraining.flicker import in_time
from kd_core.schema.class_heads import NONE, ClassHead, extended_heads
from kd_core.schema.errors import DataError
from kd_core.schema.held_out import HeldOut
from kd_core.schema.manifest import Sample
from kd_core.schema.model_origin import DataNotes
from kd_core.schema.reader_labels import FEW, FEWEST_OF_NEW, NONE_OF_THESE, patient_units
from kd_core.schema.taxonomy import display_name, resolve

#: Frames of one procedure resemble their neighbours: where there is but one, runs of so many are
#: held back together.
IN_A_ROW = 8
#: Names that a sentence lists; the evidence lists all.
MOST_NAMED = 5


class ReaderLabels(NamedTuple):
    """Samples by the model's names of classes.

    ``classes``: the model's, then new ones; ``too_few``: classes left out, and their frames;
    ``heads``: those of a model with a softmax for each class group, with the new classes.
    """

    samples: list[Sample]
    classes: tuple[str, ...]
    too_few: dict[str, int]
    heads: tuple[ClassHead, ...] = ()


@dataclass(frozen=True)
class NoneOfThese:
    """Frames (N, S, S, 3) uint8 that show none of the classes.

    To learn from, and of held-out procedures.
    """

    learnt: NDArray[np.uint8]
    held_out: NDArray[np.uint8]


@dataclass(frozen=True)
class ReaderData(DataSet):
    """A data set whose frames of the test part are known by name.

    By (N,) absolute paths and procedures. Groups of the test part are patients, or procedures where
    no patient is known. ``train_units`` (N,): the same of the train part, whose groups are runs of
    neighbours. ``seen``: names of held-out frames that are no evidence, because a teacher was
    trained on them. ``too_few``: classes of which there were too few frames to teach them, and how
    many.
    """

    test_paths: tuple[str, ...]
    test_procedures: tuple[str, ...]
    train_units: tuple[str, ...]
    none_of_these: NoneOfThese
    seen: tuple[str, ...] = ()
    too_few: Mapping[str, int] = field(default_factory=dict)


def read_labels(
    source: Path, known: Sequence[str], heads: tuple[ClassHead, ...] = ()
) -> ReaderLabels:
    """The reader's samples. Raises DataError where nothing is left.

    A class that the model does not know is a new one, if there are enough frames of it. ``heads``:
    of the model, which then learns a label of each class group.
    """
    samples = [
        msgspec.structs.replace(
            sample,
            label=resolve(sample.label, known) or sample.label,
            labels=tuple((group, resolve(name, known) or name) for group, name in sample.labels),
        )
        for sample in read_samples(source, all_groups=bool(heads))
    ]
    return _kept(samples, known, _shown(samples), heads)


def _shown(samples: Iterable[Sample]) -> Counter[str]:
    """How many frames show each class."""
    return Counter(name for sample in samples for name in named_in(sample))


def teachable(labels: ReaderLabels, known: Sequence[str], sides: HeldOut) -> ReaderLabels:
    """``labels`` without the new classes that too few frames show.

    Frames count in the procedures that are learnt from. Raises DataError as above.
    """
    learnt = _shown(sample for sample in labels.samples if sample.group not in sides.held_out)
    taught = _kept(labels.samples, known, learnt, labels.heads)
    return taught._replace(too_few={**labels.too_few, **taught.too_few})


def _kept(
    samples: Sequence[Sample],
    known: Sequence[str],
    counts: Mapping[str, int],
    heads: tuple[ClassHead, ...],
) -> ReaderLabels:
    shown = sorted(set(_shown(samples)) - {*known, NONE_OF_THESE})
    new = [name for name in shown if counts.get(name, 0) >= FEWEST_OF_NEW]
    classes = (*known, *new)
    parted = (_within(sample, classes) for sample in samples)
    kept = [sample for sample in parted if sample.label in classes or sample.label == NONE_OF_THESE]
    if not any(sample.label in classes for sample in kept):
        raise DataError("There is no labelled frame to learn from.", "Label some frames first.")
    return ReaderLabels(
        kept,
        classes,
        {name: counts.get(name, 0) for name in shown if name not in new},
        heads and extended_heads(heads, classes, class_groups_of(kept, classes)),
    )


def _within(sample: Sample, classes: Sequence[str]) -> Sample:
    """Without its labels of other classes, where it has some of several groups."""
    if not sample.labels:
        return sample
    labels = tuple(pair for pair in sample.labels if pair[1] in classes or pair[1] == NONE)
    first = next((name for _, name in labels if name != NONE), sample.label)
    return msgspec.structs.replace(sample, label=first, labels=labels)


def data_set(
    samples: Sequence[Sample],
    classes: tuple[str, ...],
    held_out: HeldOut,
    source: str,
    too_few: Mapping[str, int] | None = None,
    warnings: Sequence[str] = (),
    heads: tuple[ClassHead, ...] = (),
) -> ReaderData:
    """Train: procedures that are learnt from; test: those that are held out; no validation part.

    Raises DataError for unreadable ones.

    ``warnings`` come first among the data set's own. Raises ValueError for sides that part a
    patient (``settled`` makes others).
    """
    units = patient_units(samples)
    _refuse_parted(units, held_out)
    if not any(
        sample.group not in held_out.held_out and sample.label in classes for sample in samples
    ):
        raise DataError(
            "All labelled procedures are held out.",
            "Leave one of them to learn from, or label another procedure.",
        )
    crops, kept, broken = load_crops(samples)
    held = np.array([sample.group in held_out.held_out for sample in kept])
    none = np.array([sample.label == NONE_OF_THESE for sample in kept])
    train, test = (
        [sample for sample, here in zip(kept, side & ~none, strict=True) if here]
        for side in (~held, held)
    )
    parts = [
        Part(
            crops[side & ~none],
            _indices(its, classes),
            np.array(groups, np.str_),
            head_labels(its, heads) if heads else None,
        )
        for side, its, groups in (
            (~held, train, _rows_of_neighbours(train)),
            (held, test, [units[sample.group] for sample in test]),
        )
    ]
    nothing = NoneOfThese(crops[none & ~held], crops[none & held])
    notes = DataNotes(
        source=source,
        images=int((~none).sum()),
        procedures=len({sample.group for sample in kept}),
        held_out=f"{len(test)} frames of {len({sample.group for sample in test})} procedures",
        none_of_these=(
            f"{len(nothing.learnt)} frames learnt from, {len(nothing.held_out)} held out"
        ),
        unreadable=len(broken),
    )
    too_few = too_few or {}
    warned = (*warnings, *_few(too_few), *warnings_of(parts[0], parts[1], classes, heads))
    empty = parts[0].first(0)
    return ReaderData(
        classes,
        parts[0],
        empty,
        parts[1],
        tuple(broken),
        warned,
        notes,
        test_paths=tuple(sample.path for sample in test),
        test_procedures=tuple(sample.group for sample in test),
        train_units=tuple(units[sample.group] for sample in train),
        none_of_these=nothing,
        too_few=too_few,
        heads=heads,
    )


def without_seen(data: ReaderData, seen: Collection[str]) -> ReaderData:
    """``data`` without the held-out frames whose content a teacher may have told of.

    ``seen`` holds the contents, shortened.
    """
    known = np.array([shortened(content_of(crop)) in seen for crop in data.test.crops], np.bool_)
    none = np.array(
        [shortened(content_of(crop)) in seen for crop in data.none_of_these.held_out], np.bool_
    )
    if not known.any() and not none.any():
        return data
    names = tuple(
        sorted(Path(path).name for path, drop in zip(data.test_paths, known, strict=True) if drop)
    )
    said = data.test.head_labels
    test = Part(
        data.test.crops[~known],
        data.test.labels[~known],
        data.test.groups[~known],
        None if said is None else said[~known],
    )
    nothing = replace(data.none_of_these, held_out=data.none_of_these.held_out[~none])
    sentence = (
        f"Left out of the comparison, because a teacher was trained on them: {_listed(names)}."
    )
    return replace(
        data,
        test=test,
        none_of_these=nothing,
        seen=names,
        warnings=(*data.warnings, *([sentence] if names else [])),
        test_paths=_where(data.test_paths, ~known),
        test_procedures=_where(data.test_procedures, ~known),
    )


def _where(names: tuple[str, ...], kept: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(name for name, keep in zip(names, kept, strict=True) if keep)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _refuse_parted(units: Mapping[str, str], sides: HeldOut) -> None:
    held = {unit for group, unit in units.items() if group in sides.held_out}
    parted = held & {unit for group, unit in units.items() if group not in sides.held_out}
    if parted:
        raise ValueError(f"{len(parted)} patients would be both learnt from and held out")


def _indices(samples: Sequence[Sample], classes: tuple[str, ...]) -> NDArray[np.int64]:
    return np.array([classes.index(sample.label) for sample in samples], np.int64)


def _few(too_few: Mapping[str, int]) -> list[str]:
    return [
        f"{display_name(name)} has only {count} {'frame' if count == 1 else 'frames'} to learn"
        " from, too few for a new class: left out."
        for name, count in too_few.items()
    ]


def warnings_of(
    train: Part, test: Part, classes: Sequence[str], heads: Sequence[ClassHead] = ()
) -> list[str]:
    """Sentences for the reader on what makes the result less sure."""
    sentences = []
    for index, name in enumerate(classes):
        count = int(shows(train.labels, train.head_labels, heads, classes, index).sum())
        if 0 < count < FEW:
            sentences.append(
                f"{display_name(name)} has only {count} {'frame' if count == 1 else 'frames'} to"
                " learn from."
            )
    if not len(test.labels):
        sentences.append(
            "No procedure is held out: the new model cannot be compared on frames that it has not"
            " learnt from."
        )
    sentences += _contradictions(train)
    return sentences


def _contradictions(train: Part) -> list[str]:
    """The same frame under two labels."""
    seen: dict[str, set[int]] = {}
    for crop, label in zip(train.crops, train.labels, strict=True):
        seen.setdefault(content_of(crop), set()).add(int(label))
    count = sum(len(labels) > 1 for labels in seen.values())
    return (
        [
            f"{count} {'frame has' if count == 1 else 'frames have'} labels that contradict each"
            " other."
        ]
        if count
        else []
    )


def _rows_of_neighbours(samples: Sequence[Sample]) -> list[str]:
    """Group of each sample: its procedure and the number of its run of IN_A_ROW frames, in time."""
    rows = [""] * len(samples)
    for places in in_time(
        [sample.path for sample in samples], [sample.group for sample in samples]
    ):
        for number, place in enumerate(places):
            rows[place] = f"{samples[place].group}/{number // IN_A_ROW}"
    return rows
