"""Labelled images on disk as samples.

Class folders, Hyper-KVASIR and KVASIR-V2 as downloaded, or a table of files and labels. The table
is a manifest.csv with file, label and (optional) group, mask, patient; or the application's label
export with file, label, procedure, time_seconds. There a frame may have a row for each class group,
as may a file of a manifest with a column class_group; or a manifest has a column for each
(pathology, landmarks, preparation, other: empty where nothing is known, "none" where the image
shows none of it). A network with one softmax learns such an image once, by the first group that
has a class (see ClassGroup).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import msgspec

from kd_core.data.kvasir import read_kvasir
from kd_core.data.listing import folders_in, images_in
from kd_core.data.table_labels import merged_by_frame, rows_by_group
from kd_core.schema.class_groups import ClassGroup, usual_group
from kd_core.schema.class_heads import NONE
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.reader_labels import NONE_OF_THESE
from kd_core.schema.taxonomy import canonical, near_known_class, require, resolve

MANIFEST_NAME = "manifest.csv"


def read_samples(source: Path, *, all_groups: bool = False) -> list[Sample]:
    """The samples of a table or a folder.

    ``source`` is a table (see the module), a folder that holds a manifest.csv, a KVASIR download,
    or a folder of class folders. Labels are as written there, those of the downloads in this
    project's spelling. ``all_groups``: samples say what is known of every class group. Raises
    DataError.
    """
    samples = _read(source, all_groups)
    if not all_groups:
        return samples
    return [
        sample
        if sample.labels or sample.label == NONE_OF_THESE
        else msgspec.structs.replace(sample, labels=((usual_group(sample.label), sample.label),))
        for sample in samples
    ]


def _read(source: Path, all_groups: bool) -> list[Sample]:
    if source.is_file():
        return _from_table(source, all_groups)
    if not source.is_dir():
        raise DataError(
            f"There is no data set at {source}.",
            "Name a folder of class folders, or a manifest.csv.",
        )
    if (source / MANIFEST_NAME).is_file():
        return _from_table(source / MANIFEST_NAME, all_groups)
    samples = read_kvasir(source)
    if samples is None:
        samples = _from_class_folders(source)
    if not samples:
        raise DataError(
            f"{source} holds no images in class folders.",
            "It should look like DIR/polyps/0001.jpg.",
        )
    return samples


def _from_class_folders(source: Path) -> list[Sample]:
    folders = folders_in(source)
    names: dict[str, str] = {}
    for folder in folders:
        other = names.setdefault(canonical(folder.name), folder.name)
        if other != folder.name:
            way_out = "Move their images into one folder."
            raise DataError(
                f"The folders '{other}' and '{folder.name}' of {source} are the same class under"
                " two names.",
                way_out,
            )
    return [
        Sample(str(file.absolute()), folder.name, file.relative_to(source).as_posix())
        for folder in folders
        for file in images_in(folder)
    ]


def _from_table(path: Path, all_groups: bool) -> list[Sample]:
    root = path.absolute().parent
    rows = rows_by_group(path)
    has_procedures = "procedure" in rows[0].cells
    for row in rows:
        if has_procedures and not row.cells["procedure"]:
            why = "Name the procedure: its frames must stay in one part of a split."
            raise DataError(f"Row {row.line} of the manifest {path} lacks its procedure.", why)
    return [
        Sample(
            str(root / cells["file"]),
            label,
            cells["procedure"] if has_procedures else cells.get("group") or cells["file"],
            str(root / cells["mask"]) if cells.get("mask") else "",
            cells.get("patient", "").strip(),
            labels,
        )
        for cells, label, labels in merged_by_frame(rows, path, all_groups)
    ]


def relabel(
    samples: Iterable[Sample],
    classes: Sequence[str],
    *,
    ignore_unknown: bool,
    other_classes: Collection[str] = (),
) -> tuple[list[Sample], Counter[str]]:
    """Samples by the model's names of classes, and how many of each unknown label were left out.

    Aliases and merges are applied. ``other_classes``: labels that a split says it leaves out.
    Raises DataError that names the first unknown label that is none of them, unless
    ``ignore_unknown``.
    """
    kept, ignored = [], Counter[str]()
    for sample in samples:
        if sample.labels:
            known = []
            for group, label in sample.labels:
                name = label if label == NONE else resolve(label, classes)
                if name is not None:
                    known.append((group, name))
                else:
                    _leave_out(label, classes, ignored, ignore_unknown, other_classes)
            if known:
                label = next((name for _, name in known if name != NONE), NONE)
                kept.append(msgspec.structs.replace(sample, label=label, labels=tuple(known)))
            continue
        name = resolve(sample.label, classes)
        if name is not None:
            kept.append(msgspec.structs.replace(sample, label=name))
        else:
            _leave_out(sample.label, classes, ignored, ignore_unknown, other_classes)
    if not kept:
        raise DataError(
            "No image has a class that this model knows.", f"Known are {', '.join(classes)}."
        )
    return kept, ignored


def _leave_out(
    label: str,
    classes: Sequence[str],
    ignored: Counter[str],
    ignore_unknown: bool,
    other_classes: Collection[str],
) -> None:
    if not ignore_unknown and label not in other_classes:
        require(label, classes)
    ignored[label] += 1


def classes_of(samples: Iterable[Sample]) -> tuple[str, ...]:
    """The classes that a data set has, under this project's names, in the order of the alphabet."""
    return tuple(sorted({canonical(name) for sample in samples for name in named_in(sample)}))


def named_in(sample: Sample) -> tuple[str, ...]:
    """The classes that a sample is said to show."""
    if not sample.labels:
        return (sample.label,)
    return tuple(name for _, name in sample.labels if name != NONE)


def class_groups_of(samples: Iterable[Sample], classes: Sequence[str]) -> list[ClassGroup]:
    """The class group of each of ``classes``, as the samples say; the usual one without a word.

    Raises DataError where they say two.
    """
    said: dict[str, str] = {}
    for sample in samples:
        for group, label in sample.labels:
            name = None if label == NONE else resolve(label, classes)
            if name is not None and said.setdefault(name, group) != group:
                raise DataError(
                    f"The class '{name}' is of the class groups {said[name]} and {group}.",
                    "Give it one of them in every row.",
                )
    return [ClassGroup(said[name]) if name in said else usual_group(name) for name in classes]


def check_classes(
    samples: Iterable[Sample], classes: Sequence[str], source: Path | None = None
) -> list[str]:
    """Warnings in plain sentences.

    Of wanted classes that no split can part, and of empty class folders of ``source`` where it is
    given. Raises DataError that names every wanted class without any image.
    """
    images: Counter[str] = Counter()
    groups: dict[str, set[str]] = defaultdict(set)
    for sample in samples:
        for label in named_in(sample):
            name = resolve(label, classes)
            if name is not None:
                images[name] += 1
                groups[name].add(sample.group)
    missing = [name for name in classes if not images[name]]
    if missing:
        raise DataError(
            f"The data set has no image of {', '.join(missing)}.",
            "Add images of it, or leave the class out with --classes.",
        )
    warnings = []
    for name in classes:
        if images[name] == 1:
            warnings.append(
                f"The class '{name}' has one image: it cannot be both trained on and tested."
            )
        elif len(groups[name]) == 1:
            warnings.append(
                f"All {images[name]} images of the class '{name}' are of one group: it cannot be"
                " both trained on and tested."
            )
        if near := near_known_class(name):
            warnings.append(f"'{name}' is no class that is known here; '{near}' is.")
    return warnings + [
        f"The class folder '{folder.name}' holds no image." for folder in _empty_folders(source)
    ]


def _empty_folders(source: Path | None) -> list[Path]:
    if source is None or not source.is_dir() or (source / MANIFEST_NAME).is_file():
        return []
    return [
        folder for folder in folders_in(source) if not images_in(folder) and not folders_in(folder)
    ]
