"""Near-copies of one image, so that no split trains on one and tests on the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from kd_core.api.duplicates_result import (
    MOST_LISTED,
    Duplicates,
    GroupAgreement,
    NearCopies,
    NearPair,
    NearPairs,
)
from kd_core.api.labelled_data import OnWarning, ignore
from kd_core.data.folders import MANIFEST_NAME, read_samples
from kd_core.data.near_duplicates import (
    THRESHOLD,
    Differing,
    UnionFind,
    agreement,
    fingerprints,
    near_pairs,
)
from kd_core.schema.csv_text import write_table
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample


def find_duplicates(
    data: str | Path,
    *,
    out: str | Path | None = None,
    against_groups: bool = False,
    threshold: float = THRESHOLD,
    on_progress: Callable[[int, int], None] | None = None,
    on_warning: OnWarning = ignore,
) -> Duplicates:
    """Compare every image of ``data`` with every other, whatever their border and inset.

    ``threshold``: correlation of the visible regions from which on two are near-copies. ``out``: a
    CSV of file, label and group, which other commands take as data. ``against_groups``: compare
    with the data set's own groups. Raises DataError.
    """
    source = Path(data)
    samples = read_samples(source)
    _refuse_early(source, Path(out) if out else None, against_groups, samples)
    prints, kept, broken = fingerprints(samples, on_progress)
    for path in broken:
        on_warning(f"{path} cannot be read and is left out.")
    # Sorted: what is printed and written must not hang on the order in which files were named.
    order = sorted(range(len(kept)), key=lambda index: kept[index].path)
    prints, kept = prints[order], [kept[index] for index in order]
    files = [_name(sample.path, source) for sample in kept]
    own_labels, own_groups = [row.label for row in kept], [row.group for row in kept]
    joined = UnionFind(len(kept))
    labels, apart = Differing(own_labels, MOST_LISTED), Differing(own_groups, MOST_LISTED)
    near = 0
    for pairs in near_pairs(prints, threshold):
        joined.join(pairs.first, pairs.second)
        labels.add(pairs)
        apart.add(pairs)
        near += len(pairs.first)
    groups = joined.groups()
    members: dict[int, list[int]] = defaultdict(list)
    for index, root in enumerate(groups.tolist()):
        members[root].append(index)
    duplicates = Duplicates(
        threshold=threshold,
        near_pairs=near,
        images=len(kept),
        groups=len(members),
        duplicates=[
            NearCopies([files[i] for i in group], [own_labels[i] for i in group])
            for group in members.values()
            if len(group) > 1
        ],
        label_contradictions=_listed(labels, files, own_labels, "labels"),
        featureless=[file for file, row in zip(files, prints, strict=True) if not row.any()],
        unreadable=[_name(path, source) for path in broken],
    )
    if against_groups:
        pairwise = agreement(groups, own_groups)
        compared = GroupAgreement(
            pairwise.precision,
            pairwise.recall,
            *pairwise,
            _listed(apart, files, own_groups, "groups"),
        )
        duplicates = msgspec.structs.replace(duplicates, against_groups=compared)
    if out:
        _write(Path(out), kept, [files[root] for root in groups.tolist()])
        on_warning(f"wrote {len(kept)} rows to {out}.")
    return duplicates


def _refuse_early(
    data: Path, out: Path | None, against_groups: bool, samples: Sequence[Sample]
) -> None:
    """Before minutes of work: what can be seen to fail."""
    if against_groups and len({sample.group for sample in samples}) == len(samples):
        raise DataError(
            f"{data} has no groups of its own to compare with.", "Leave --against-groups out."
        )
    if not out:
        return
    source = data if data.is_file() else data / MANIFEST_NAME
    if source.exists() and out.exists() and out.samefile(source):
        raise DataError(f"{out} is the manifest that is being read.", "Write to another file.")
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise DataError(
            f"{out} is a folder, or its folder is missing.",
            "Name a file in a folder that exists.",
        )


def _name(path: str, data: Path) -> str:
    root = data.absolute().parent if data.is_file() else data.absolute()
    file = Path(path)
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else path


def _listed(
    differing: Differing,
    files: Sequence[str],
    column: Sequence[str],
    kind: Literal["labels", "groups"],
) -> NearPairs:
    pairs = []
    for first, second, similarity in differing.most_alike():
        values = (column[first], column[second])
        pairs.append(
            NearPair(
                (files[first], files[second]),
                round(similarity, 4),
                values if kind == "labels" else None,
                values if kind == "groups" else None,
            )
        )
    return NearPairs(differing.count, pairs)


def _write(path: Path, kept: Sequence[Sample], groups: Sequence[str]) -> None:
    """Write the table with groups.

    Paths below the CSV's folder are relative to it, so that both can move together; others are
    absolute. Masks are kept. A group is named after its first file as seen from the data set, not
    from this machine: splits that name it can travel.
    """
    root = path.absolute().parent

    def place(name: str) -> str:
        return Path(name).relative_to(root).as_posix() if Path(name).is_relative_to(root) else name

    masks = any(sample.mask for sample in kept)
    rows = [["file", "label", "group", *(["mask"] if masks else [])]]
    for sample, group in zip(kept, groups, strict=True):
        mask = [place(sample.mask) if sample.mask else ""] if masks else []
        rows.append([place(sample.path), sample.label, group, *mask])
    try:
        path.write_bytes(write_table(rows, errors="strict"))
    except (OSError, UnicodeEncodeError) as error:
        raise DataError(
            f"{path} cannot be written: {error}.", "Choose another place, and file names in UTF-8."
        ) from error
