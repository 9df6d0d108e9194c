"""The labels of a table: a row for each class group of an image, or a column for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from kd_core.data.listing import read_table
from kd_core.schema.class_groups import ClassGroup, group_named, usual_group
from kd_core.schema.class_heads import NONE
from kd_core.schema.errors import DataError
from kd_core.schema.reader_labels import NONE_OF_THESE

_WAY_OUT = "See the README for its columns."
Labels = tuple[tuple[str, str], ...]


class LabelRow(NamedTuple):
    """A label of one class group; ``line`` and ``cells`` are those of its row in the table."""

    line: int
    cells: Mapping[str, str]
    group: ClassGroup
    label: str


def rows_by_group(path: Path) -> list[LabelRow]:
    """The labels of the manifest ``path``, in its order.

    Raises DataError for a row without file or label, and for a file that is listed again: with a
    column class_group it may be, once for each class group.
    """
    rows = read_table(path, ("file",), kind="manifest", way_out=_WAY_OUT)
    columns = {name: group for name in rows[0][1] if (group := group_named(name)) is not None}
    if not columns:
        rows = read_table(path, ("file", "label"), kind="manifest", way_out=_WAY_OUT)
    labels: list[LabelRow] = []
    listed: dict[str, set[ClassGroup]] = {}
    for line, cells in rows:
        made = list(_labels_of(line, cells, columns))
        if not cells["file"] or not made:
            raise DataError(f"Row {line} of the manifest {path} lacks its file or label.", _WAY_OUT)
        known = listed.setdefault(cells["file"], set())
        its = {row.group for row in made}
        if known and (its & known or "class_group" not in cells):
            raise DataError(
                f"Row {line} of the manifest {path} lists {cells['file']} a second time.",
                "Keep one of the rows.",
            )
        known |= its
        labels += made
    return labels


def _labels_of(
    line: int, cells: Mapping[str, str], columns: Mapping[str, ClassGroup]
) -> Iterator[LabelRow]:
    said = {group: cells[column].strip() for column, group in columns.items()}
    for group, label in said.items():
        if label:
            yield LabelRow(line, cells, group, label)
    if (label := cells.get("label", "")) and label not in said.values():
        group = group_named(cells.get("class_group", "")) or usual_group(label)
        if not said.get(group):
            yield LabelRow(line, cells, group, label)


def merged_by_frame(
    rows: Sequence[LabelRow], path: Path, all_groups: bool
) -> Iterator[tuple[Mapping[str, str], str, Labels]]:
    """Each image once: the cells of a row, the label of its first group, those of all groups.

    The latter where ``all_groups`` are asked for. Rows of one frame are one image; rows of one
    group that differ (two readers) stay apart, as do all but the first group's otherwise. Raises
    DataError where a table says of a group both a class and none.
    """
    groups = list(ClassGroup)
    frames: dict[object, list[LabelRow]] = {}
    for row in rows:
        frame = row.cells.get("frame")
        of_frame = (row.cells.get("procedure", ""), frame) if frame else row.cells["file"]
        frames.setdefault(of_frame, []).append(row)
    for own in frames.values():
        own.sort(key=lambda row: (row.label.casefold() == NONE, groups.index(row.group)))
        first = [row for row in own if row.group is own[0].group]
        labels = tuple((row.group.value, _plain(row.label)) for row in own)
        told = len({row.group for row in own}) == len(own) and own[0].label != NONE_OF_THESE
        if all_groups and told:
            yield own[0].cells, _plain(own[0].label), labels
            continue
        for row in first:
            yield row.cells, _plain(row.label), ()


def _plain(label: str) -> str:
    return NONE if label.casefold() == NONE else label
