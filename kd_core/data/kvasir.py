"""Hyper-KVASIR and KVASIR-V2 as they are downloaded.

Layouts and names: Borgli et al. 2020 (Scientific Data 7:283), Pogorelov et al. 2017 (doi
10.1145/3083187.3083212).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kd_core.data.listing import IMAGE_SUFFIXES, folders_in, images_in, read_table
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.taxonomy import KVASIR_V2, canonical, require

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
        _sample(file, canonical(folder.name), root)
        for folder in folders
        for file in images_in(folder)
    ]


def read_hyper_kvasir(root: Path) -> list[Sample]:
    """``root`` holds image-labels.csv and {lower,upper}-gi-tract/<category>/<class>/.

    Raises DataError where the table and the folders do not name the same images with the same
    classes.
    """
    listed = _listed(root / LABELS_NAME)
    samples: dict[str, Sample] = {}
    for tract in TRACTS:
        for category in folders_in(root / tract) if (root / tract).is_dir() else []:
            for folder in folders_in(category):
                label = require(folder.name, HYPER_KVASIR)
                for file in images_in(folder):
                    other = samples.setdefault(file.stem, _sample(file, label, root))
                    if other.path != str(file.absolute()):
                        raise DataError(
                            f"The image {file.stem} is there twice: {other.path} and {file}.",
                            "Remove the wrong one.",
                        )
    refuse_any(
        [stem for stem in listed if stem not in samples],
        f"of the images listed in {root / LABELS_NAME} are missing",
        _UNPACK,
    )
    refuse_any(
        [stem for stem in samples if stem not in listed],
        f"of the images in {root} are not listed in {LABELS_NAME}",
        _UNPACK,
    )
    other_class = [stem for stem, label in listed.items() if samples[stem].label != label]
    refuse_any(
        other_class,
        f"of the images in {root} lie in the folder of another class than {LABELS_NAME} says",
        _UNPACK,
    )
    return list(samples.values())


def _listed(path: Path) -> dict[str, str]:
    """Stem of each listed image -> canonical class."""
    columns = ("Video file", "Finding")
    listed: dict[str, str] = {}
    for _, row in read_table(
        path, columns, kind="label table", way_out="Take it from the Hyper-KVASIR archive again."
    ):
        stem, label = image_stem(row["Video file"]), require(row["Finding"].strip(), HYPER_KVASIR)
        if not stem or stem in listed:
            raise DataError(
                f"The label table {path} lists '{stem}' twice, or a row lacks its image.", _UNPACK
            )
        listed[stem] = label
    return listed


def image_stem(name: str) -> str:
    """The name of an image in a table, without its suffix where it has one."""
    name = name.strip()
    return Path(name).stem if Path(name).suffix.lower() in IMAGE_SUFFIXES else name


def _sample(file: Path, label: str, root: Path) -> Sample:
    # The group names the image as seen from the data: a split that names it can travel.
    return Sample(str(file.absolute()), label, file.relative_to(root).as_posix())


def refuse_any(names: Sequence[str], what: str, way_out: str) -> None:
    """Raises DataError that counts ``names`` and says the first, if there is any."""
    if names:
        raise DataError(f"{len(names)} {what}; the first is {names[0]}.", way_out)
