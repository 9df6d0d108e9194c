"""Hyper-KVASIR and KVASIR-V2 as they are downloaded, and Hyper-KVASIR's official folds as a split
that does not leak.

Layouts and names: Borgli et al. 2020 (Scientific Data 7:283), Pogorelov et al. 2017 (doi
10.1145/3083187.3083212).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from kd_core.data.listing import IMAGE_SUFFIXES, folders_in, images_in, read_table
from kd_core.data.splits import Split, make_split
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.taxonomy import ALIASES, KVASIR_V2, require, resolve

#: The 23 classes of Hyper-KVASIR's labelled images, under the names of its folders.
HYPER_KVASIR = (
    *(
        "barretts",
        "barretts-short-segment",
        "bbps-0-1",
        "bbps-2-3",
        "cecum",
        "dyed-lifted-polyps",
        "dyed-resection-margins",
    ),
    *(
        "esophagitis-a",
        "esophagitis-b-d",
        "hemorrhoids",
        "ileum",
        "impacted-stool",
        "polyps",
        "pylorus",
        "retroflex-rectum",
    ),
    *(
        "retroflex-stomach",
        *(f"ulcerative-colitis-grade-{grade}" for grade in ("0-1", "1", "1-2", "2", "2-3", "3")),
        "z-line",
    ),
)
LABELLED_FOLDER = "labeled-images"
LABELS_NAME = "image-labels.csv"
TRACTS = ("lower-gi-tract", "upper-gi-tract")
V2_FOLDER = "kvasir-dataset-v2"

_UNPACK = f"Unpack the archive again, or correct {LABELS_NAME}."


def read_kvasir(source: Path) -> list[Sample] | None:
    """The samples of a folder that has the layout of a download, else None.

    Labels are canonical; each image is a group of its own.

    Raises DataError where the layout is there but the images are not those that it promises.
    """
    hyper, second = _hyper_root(source), _v2_root(source)
    if hyper and second:
        raise DataError(
            f"{source} holds Hyper-KVASIR and KVASIR-V2.", f"Name one of them: {hyper} or {second}."
        )
    if hyper:
        return read_hyper_kvasir(hyper)
    return read_kvasir_v2(second) if second else None


def _hyper_root(source: Path) -> Path | None:
    for root in (source, source / LABELLED_FOLDER):
        if (root / LABELS_NAME).is_file() or any((root / tract).is_dir() for tract in TRACTS):
            return root
    return None


def _v2_root(source: Path) -> Path | None:
    folders = folders_in(source)
    if {folder.name for folder in folders} == set(KVASIR_V2):
        return source
    nested = source / V2_FOLDER
    # Beside folders with images it would be one class folder among others.
    return (
        nested if nested in folders and not any(images_in(folder) for folder in folders) else None
    )


def read_kvasir_v2(root: Path) -> list[Sample]:
    """``root`` holds the eight class folders.

    Raises DataError where one is missing or there is another.
    """
    folders = folders_in(root)
    names = {folder.name for folder in folders}
    if missing := sorted(set(KVASIR_V2) - names):
        raise DataError(
            f"{root} lacks the class folder {missing[0]} of KVASIR-V2 ({len(missing)} missing).",
            "Unpack the archive again.",
        )
    if more := sorted(names - set(KVASIR_V2)):
        raise DataError(
            f"{root} holds the folder {more[0]}, which is no class of KVASIR-V2.",
            "Move it elsewhere.",
        )
    return [
        _sample(file, ALIASES.get(folder.name, folder.name))
        for folder in folders
        for file in images_in(folder)
    ]


def read_hyper_kvasir(root: Path) -> list[Sample]:
    """``root`` holds image-labels.csv and {lower,upper}-gi-tract/<category>/<class>/.

    Raises DataError where the table and the folders do not name the same images with the same
    classes.
    """
    listed = _listed(root / LABELS_NAME)
    found: dict[str, Sample] = {}
    for tract in TRACTS:
        for category in folders_in(root / tract) if (root / tract).is_dir() else []:
            for folder in folders_in(category):
                label = require(folder.name, HYPER_KVASIR)
                for file in images_in(folder):
                    other = found.setdefault(file.stem, _sample(file, label))
                    if other.path != str(file.absolute()):
                        raise DataError(
                            f"The image {file.stem} is there twice: {other.path} and {file}.",
                            "Remove the wrong one.",
                        )
    _refuse(
        [stem for stem in listed if stem not in found],
        f"of the images listed in {root / LABELS_NAME} are missing",
        _UNPACK,
    )
    _refuse(
        [stem for stem in found if stem not in listed],
        f"of the images in {root} are not listed in {LABELS_NAME}",
        _UNPACK,
    )
    other_class = [stem for stem, label in listed.items() if found[stem].label != label]
    _refuse(
        other_class,
        f"of the images in {root} lie in the folder of another class than {LABELS_NAME} says",
        _UNPACK,
    )
    return list(found.values())


def _listed(path: Path) -> dict[str, str]:
    """Stem of each listed image -> canonical class."""
    columns = ("Video file", "Finding")
    listed: dict[str, str] = {}
    for _, row in read_table(
        path, columns, kind="label table", way_out="Take it from the Hyper-KVASIR archive again."
    ):
        stem, label = _stem(row["Video file"]), require(row["Finding"].strip(), HYPER_KVASIR)
        if not stem or stem in listed:
            raise DataError(
                f"The label table {path} lists '{stem}' twice, or a row lacks its image.", _UNPACK
            )
        listed[stem] = label
    return listed


def _stem(name: str) -> str:
    name = name.strip()
    return Path(name).stem if Path(name).suffix.lower() in IMAGE_SUFFIXES else name


def _sample(file: Path, label: str) -> Sample:
    return Sample(str(file.absolute()), label, str(file.absolute()))


def _refuse(names: Sequence[str], what: str, way_out: str) -> None:
    if names:
        raise DataError(f"{len(names)} {what}; the first is {names[0]}.", way_out)


def read_official_split(
    path: Path,
    samples: Sequence[Sample],
    fold: int,
    val: float = 0.15,
    seed: int = 0,
    *,
    drop_straddling: bool = False,
) -> Split:
    """Hyper-KVASIR's 2_fold_split.csv or 5_fold_split.csv as a Split: fold ``fold`` is the test
    part, as published.

    The other folds are trained on, but for a share ``val`` of each class that is carved out for
    validation: whole groups, seeded (splits.make_split). ``samples`` may lack classes, but no image
    of a class that they have.

    The official folds part near-copies. A group with members inside and outside the test fold would
    be trained on and tested on, so it raises DataError; with ``drop_straddling`` the test fold
    stays whole, for its scores to compare with published ones, and the group's members OUTSIDE it
    are left out (part "unused"): fewer images to train on is the honest side to err.

    Raises DataError also where the file and ``samples`` disagree, and where there is no such fold.
    """
    folds = _official_folds(path, samples)
    known = sorted(set(folds))
    if fold not in known:
        raise DataError(
            f"{path} has no fold {fold}.",
            f"Choose one of {', '.join(map(str, known))} with --fold.",
        )
    tested = {sample.group for sample, index in zip(samples, folds, strict=True) if index == fold}
    straddling = [
        sample
        for sample, index in zip(samples, folds, strict=True)
        if index != fold and sample.group in tested
    ]
    if straddling and not drop_straddling:
        count = len({sample.group for sample in straddling})
        sentence = (
            f"{count} groups of near-copies lie both inside and outside fold {fold}; the first is"
            f" {straddling[0].group}."
        )
        raise DataError(
            sentence,
            "Leave their images outside the fold out with --drop-straddling, or make a split by"
            " groups.",
        )
    rest = [sample for sample in samples if sample.group not in tested]
    if not rest:
        raise DataError(
            f"Fold {fold} of {path} leaves nothing to train on.",
            "Use a file with two folds or more.",
        )
    made = make_split(rest, val=val, test=0.0, seed=seed)
    groups = {**made.groups, **dict.fromkeys(tested, "test")}
    left_out = tuple(sorted(Path(sample.path).name for sample in straddling))
    return Split(
        seed,
        made.shares,
        dict(sorted(groups.items())),
        f"{path.name}, fold {fold} tested",
        left_out,
    )


def _official_folds(path: Path, samples: Sequence[Sample]) -> list[int]:
    """The fold of each sample. Raises DataError where the file does not fit them."""
    by_stem: dict[str, Sample] = {}
    for sample in samples:
        other = by_stem.setdefault(Path(sample.path).stem.casefold(), sample)
        if other is not sample:
            raise DataError(
                f"{other.path} and {sample.path} have one name, so the split file cannot tell them"
                " apart.",
                "Rename one.",
            )
    rows = _official_rows(path)
    labels = sorted({sample.label for sample in samples})
    is_wanted: Mapping[str, bool] = {
        row.label: resolve(row.label, labels) is not None for row in rows.values()
    }
    whole = "Use the complete data set: scores on a part of a fold compare with nothing published."
    missing = [
        f"{row.image} (row {row.line})"
        for stem, row in rows.items()
        if stem not in by_stem and is_wanted[row.label]
    ]
    _refuse(missing, f"images of {path} are missing", whole)
    other_data = "Leave them out, or use the file of this data."
    _refuse(
        [stem for stem in by_stem if stem not in rows], f"images have no row in {path}", other_data
    )
    # Asked of the sample's own label: where a data set spells a class in two ways, both are right.
    wrong = [
        stem
        for stem, sample in by_stem.items()
        if resolve(rows[stem].label, (sample.label,)) is None
    ]
    if wrong:
        first = rows[wrong[0]]
        said = (
            f"images have another class than {path} says ({by_stem[wrong[0]].label}, not"
            f" {first.label} as in row {first.line})"
        )
        _refuse(wrong, said, "Correct the labels, or use the file of this data.")
    return [rows[Path(sample.path).stem.casefold()].fold for sample in samples]


class _OfficialRow(NamedTuple):
    """``image`` as it is written there; ``label`` canonical."""

    image: str
    label: str
    fold: int
    line: int


def _official_rows(path: Path) -> dict[str, _OfficialRow]:
    """Every row by its image's stem in small letters: on some systems files are copied in
    capitals.
    """
    way_out = "Take 2_fold_split.csv or 5_fold_split.csv from the Hyper-KVASIR authors again."
    rows: dict[str, _OfficialRow] = {}
    columns = ("file-name", "class-name", "split-index")
    for line, row in read_table(path, columns, kind="split file", way_out=way_out):
        image, label, index = (
            _stem(row["file-name"]),
            row["class-name"].strip().casefold(),
            row["split-index"].strip(),
        )
        if not image or image.casefold() in rows or not (index.isascii() and index.isdigit()):
            raise DataError(
                f"Row {line} of {path} lacks its image or its fold, or names an image twice.",
                way_out,
            )
        if resolve(label, HYPER_KVASIR) is None:
            raise DataError(
                f"Row {line} of {path} names a class that Hyper-KVASIR does not have.", way_out
            )
        rows[image.casefold()] = _OfficialRow(image, require(label, HYPER_KVASIR), int(index), line)
    return rows
