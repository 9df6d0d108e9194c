"""``kd-core dedupe``: find near-copies of one picture, so that no split trains on one and tests
on the other.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kd_core.data.folders import MANIFEST_NAME, read_samples
from kd_core.data.near_duplicates import (
    THRESHOLD,
    Array,
    Differing,
    Indices,
    UnionFind,
    agreement,
    fingerprints,
    near_pairs,
)
from kd_core.schema.csv_text import write_table
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample

HELP = "find near-duplicate images, whatever their border and inset"
#: Below, most pictures of a bowel resemble each other; above, rounding parts copies of one file.
LOWEST_THRESHOLD, HIGHEST_THRESHOLD = 0.5, 0.99
MOST_LISTED = 1000
MOST_PRINTED = 20


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "data", metavar="DIR", type=Path, help="a folder of class folders, or a manifest.csv"
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="one document for programs; standard output holds nothing else",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="groups.csv",
        help="write file, label and group of every image; other commands take it as --data",
    )
    parser.add_argument(
        "--against-groups",
        action="store_true",
        help=(
            "compare with the group column of the data set: of the pairs joined here, the share"
            " joined there (precision), and the reverse"
        ),
    )
    parser.add_argument(
        "--threshold",
        type=_threshold,
        metavar="T",
        default=THRESHOLD,
        help=(
            "correlation of the visible regions from which on two images are near-copies, .5 to .99"
            " (default: %(default)s)"
        ),
    )


def _threshold(word: str) -> float:
    value = float(word)
    if not LOWEST_THRESHOLD <= value <= HIGHEST_THRESHOLD:
        raise argparse.ArgumentTypeError(
            f"{word} is not between {LOWEST_THRESHOLD} and {HIGHEST_THRESHOLD}"
        )
    return value


def run(options: argparse.Namespace) -> int:
    """Fingerprint every image, join near pairs, print the groups and what contradicts them."""
    samples = read_samples(options.data)
    _refuse_early(options, samples)
    try:
        prints, kept, broken = fingerprints(samples, _progress if sys.stderr.isatty() else None)
    finally:
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)
    for path in broken:
        print(f"kd-core: {path} cannot be read and is left out.", file=sys.stderr)
    # Sorted: what is printed and written must not hang on the order in which the files were named.
    order = sorted(range(len(kept)), key=lambda index: kept[index].path)
    prints, kept = prints[order], [kept[index] for index in order]
    joined = UnionFind(len(kept))
    labels = Differing([sample.label for sample in kept], MOST_LISTED)
    apart = Differing([sample.group for sample in kept], MOST_LISTED)
    near = 0
    for pairs in near_pairs(prints, options.threshold):
        joined.join(pairs.first, pairs.second)
        labels.add(pairs)
        apart.add(pairs)
        near += len(pairs.first)
    groups = joined.groups()
    files = [_name(sample.path, options.data) for sample in kept]
    made = _report(files, kept, groups, labels, prints)
    made = {
        "threshold": options.threshold,
        "near_pairs": near,
        **made,
        "unreadable": [_name(path, options.data) for path in broken],
    }
    if options.against_groups:
        pairwise = agreement(groups, [sample.group for sample in kept])
        made["against_groups"] = {
            "precision": pairwise.precision,
            "recall": pairwise.recall,
            **pairwise._asdict(),
            "apart": _listed(apart, files, [sample.group for sample in kept], "groups"),
        }
    if options.out:
        _write(options.out, kept, [files[root] for root in groups.tolist()])
    print(json.dumps(made) if options.json else _table(made))
    return 0


def _refuse_early(options: argparse.Namespace, samples: Sequence[Sample]) -> None:
    """Before minutes of work: what can be seen to fail."""
    if options.against_groups and len({sample.group for sample in samples}) == len(samples):
        raise DataError(
            f"{options.data} has no groups of its own to compare with.",
            "Leave --against-groups out.",
        )
    if not options.out:
        return
    source = options.data if options.data.is_file() else options.data / MANIFEST_NAME
    if source.exists() and options.out.exists() and options.out.samefile(source):
        raise DataError(
            f"{options.out} is the manifest that is being read.", "Write to another file."
        )
    if options.out.is_dir() or not options.out.absolute().parent.is_dir():
        raise DataError(
            f"{options.out} is a folder, or its folder is missing.",
            "Name a file in a folder that exists.",
        )


def _progress(done: int, total: int) -> None:
    if done % 20 == 0 or done == total:
        print(f"\r{done} of {total} images", end="", file=sys.stderr, flush=True)


def _name(path: str, data: Path) -> str:
    root = data.absolute().parent if data.is_file() else data.absolute()
    file = Path(path)
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else path


def _report(
    files: Sequence[str], kept: Sequence[Sample], groups: Indices, labels: Differing, prints: Array
) -> dict[str, Any]:
    members: dict[int, list[int]] = defaultdict(list)
    for index, root in enumerate(groups.tolist()):
        members[root].append(index)
    several = [group for group in members.values() if len(group) > 1]
    return {
        "images": len(kept),
        "groups": len(members),
        "duplicates": [
            {"files": [files[i] for i in group], "labels": [kept[i].label for i in group]}
            for group in several
        ],
        "label_contradictions": _listed(labels, files, [sample.label for sample in kept], "labels"),
        "featureless": [file for file, row in zip(files, prints, strict=True) if not row.any()],
    }


def _listed(
    differing: Differing, files: Sequence[str], column: Sequence[str], name: str
) -> dict[str, Any]:
    return {
        "pairs": differing.count,
        "most_alike": [
            {
                "files": [files[first], files[second]],
                name: [column[first], column[second]],
                "similarity": round(similarity, 4),
            }
            for first, second, similarity in differing.most_alike()
        ],
    }


def _write(path: Path, kept: Sequence[Sample], groups: Sequence[str]) -> None:
    """Paths below the CSV's folder are relative to it, so that both can move together; others are
    absolute. Masks are kept.

    A group is named after its first file as seen from the data set, not from this machine: splits
    that name it can travel.
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
    print(f"kd-core: wrote {len(kept)} rows to {path}.", file=sys.stderr)


def _table(made: dict[str, Any]) -> str:
    lines = []
    for number, group in enumerate(made["duplicates"], 1):
        lines.append(f"group {number}: {len(group['files'])} near-copies")
        lines += [
            f"  {label}  {file}"
            for file, label in zip(group["files"], group["labels"], strict=True)
        ]
    several, copies = (
        len(made["duplicates"]),
        sum(len(group["files"]) for group in made["duplicates"]),
    )
    lines.append(
        f"{made['images']} images, {made['groups']} groups; {several} groups of more than one hold"
        f" {copies} images"
    )
    lines.append(f"{made['near_pairs']} pairs correlate at {made['threshold']:g} or more")
    lines += _differing(
        made["label_contradictions"], "labels", "pairs of near-copies have labels that disagree"
    )
    if made["featureless"]:
        lines.append(
            f"{len(made['featureless'])} show too little to be compared:"
            f" {', '.join(made['featureless'][:MOST_PRINTED])}"
        )
    if against := made.get("against_groups"):
        precision, recall = (
            f"{against[name]:.3f}" if against[name] is not None else "undefined"
            for name in ("precision", "recall")
        )
        lines.append(
            f"against the groups of the data set: pairwise precision {precision}, recall {recall}"
        )
        lines.append(
            f"  pairs in one group: {against['found']} here, {against['given']} there,"
            f" {against['both']} in both"
        )
        lines += _differing(
            against["apart"], "groups", "pairs of near-copies are in different groups there"
        )
    return "\n".join(lines)


def _differing(listed: dict[str, Any], name: str, what: str) -> list[str]:
    lines = [f"{listed['pairs']} {what}"]
    for pair in listed["most_alike"][:MOST_PRINTED]:
        (first, second), (one, other) = pair["files"], pair[name]
        lines.append(f"  {pair['similarity']:.3f}  {one}  {first}  |  {other}  {second}")
    if listed["pairs"] > MOST_PRINTED:
        lines.append(
            f"  and {listed['pairs'] - MOST_PRINTED} more (--json lists up to {MOST_LISTED})"
        )
    return lines
