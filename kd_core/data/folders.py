"""Labelled images on disk as samples.

Class folders, Hyper-KVASIR and KVASIR-V2 as downloaded, or a table of files and labels. The table
is a manifest.csv with file, label and (optional) group, mask, patient; or the application's label
export with file, label, procedure, time_seconds. There a frame may have a row for each group of
classes: a network with one answer learns it once, by the first of them (see ClassGroup).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from kd_core.data.kvasir import read_kvasir
from kd_core.data.listing import folders_in, images_in, read_table
from kd_core.schema.class_groups import ClassGroup, group_named, usual_group
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.taxonomy import canonical, near_known_class, require, resolve

MANIFEST_NAME = "manifest.csv"


def read_samples(source: Path) -> list[Sample]:
    """The samples of a table or a folder.

    ``source`` is a table (see the module), a folder that holds a manifest.csv, a KVASIR download,
    or a folder of class folders. Labels are as written there, those of the downloads in this
    project's spelling. Raises DataError.
    """
    if source.is_file():
        return _from_table(source)
    if not source.is_dir():
        raise DataError(
            f"There is no data set at {source}.",
            "Name a folder of class folders, or a manifest.csv.",
        )
    if (source / MANIFEST_NAME).is_file():
        return _from_table(source / MANIFEST_NAME)
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


def _from_table(path: Path) -> list[Sample]:
    root = path.absolute().parent
    way_out = "See the README for its columns."
    rows = read_table(path, ("file", "label"), kind="manifest", way_out=way_out)
    has_procedures = "procedure" in rows[0][1]
    listed: set[str] = set()
    for line, row in rows:
        if not row["file"] or not row["label"]:
            raise DataError(f"Row {line} of the manifest {path} lacks its file or label.", way_out)
        if row["file"] in listed:
            raise DataError(
                f"Row {line} of the manifest {path} lists {row['file']} a second time.",
                "Keep one of the rows.",
            )
        listed.add(row["file"])
        if has_procedures and not row["procedure"]:
            why = "Name the procedure: its frames must stay in one part of a split."
            raise DataError(f"Row {line} of the manifest {path} lacks its procedure.", why)
    return [
        Sample(
            str(root / row["file"]),
            row["label"],
            row["procedure"] if has_procedures else row.get("group") or row["file"],
            str(root / row["mask"]) if row.get("mask") else "",
            row.get("patient", "").strip(),
        )
        for row in _of_first_groups([row for _, row in rows])
    ]


def _of_first_groups(rows: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Without the rows of a frame that are of a later group than another row of it."""
    groups = list(ClassGroup)
    places, first = [], dict[tuple[str, str], int]()
    for row in rows:
        group = group_named(row.get("class_group", "")) or usual_group(row["label"])
        places.append(groups.index(group))
        frame = (row.get("procedure", ""), row.get("frame", ""))
        first[frame] = min(places[-1], first.get(frame, places[-1]))
    return [
        row
        for row, place in zip(rows, places, strict=True)
        if not row.get("frame") or place == first[(row.get("procedure", ""), row.get("frame", ""))]
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
        name = resolve(sample.label, classes)
        if name is not None:
            kept.append(msgspec.structs.replace(sample, label=name))
        elif ignore_unknown or sample.label in other_classes:
            ignored[sample.label] += 1
        else:
            require(sample.label, classes)
    if not kept:
        raise DataError(
            "No image has a class that this model knows.", f"Known are {', '.join(classes)}."
        )
    return kept, ignored


def classes_of(samples: Iterable[Sample]) -> tuple[str, ...]:
    """The classes that a data set has, under this project's names, in the order of the alphabet."""
    return tuple(sorted({canonical(sample.label) for sample in samples}))


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
        name = resolve(sample.label, classes)
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
