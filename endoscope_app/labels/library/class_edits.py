"""Acts on the reader's classes.

A class is never deleted: it is retired or merged, and its labels keep their history.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import class_keys as keys
from endoscope_app.labels.library import wording
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import Act, LabelClass, RowChange
from kd_core.schema.class_groups import ClassGroup
from kd_core.schema.taxonomy import display_name


def add_class(library: LabelReader, name: str, colour: str, class_id: int) -> Act:
    """A new class, last in the panel.

    ``class_id`` comes from LabelStore.new_id("classes"). AppError for a name that is taken or
    empty.
    """
    shown = _free_name(library, name, class_id)
    key = keys.key_for(shown, [item.key for item in library.classes()])
    added = LabelClass(class_id, shown, _colour(colour), _next_place(library), key=key)
    return Act(wording.add_class_title(added.name), (RowChange("classes", "", None, added),))


def add_model_classes(library: LabelReader, missing: Sequence[tuple[str, str, int]]) -> Act:
    """Classes of a model that the library lacks, as (key, colour as #rrggbb, id), under their
    display names; undo passes over it.
    """
    used = {item.name.casefold() for item in library.classes() if item.merged_into is None}
    place = _next_place(library)
    changes = []
    for number, (key, colour, class_id) in enumerate(missing):
        name = keys.free_key(display_name(key), used)
        used.add(name.casefold())
        changes.append(
            RowChange(
                "classes",
                "",
                None,
                LabelClass(class_id, name, _colour(colour), place + number, key=key),
            )
        )
    return Act(wording.MODEL_CLASSES_TITLE, tuple(changes), undoable=False)


def rename_class(library: LabelReader, class_id: int, name: str) -> Act:
    """Every label of the class follows, as labels hold its id.

    AppError for a name that is taken or empty.
    """
    old = library.label_class(class_id)
    new = replace(old, name=_free_name(library, name, class_id))
    return Act(wording.rename_title(old.name, new.name), (_change(old, new),))


def recolour_class(library: LabelReader, class_id: int, colour: str) -> Act:
    """Give the class a colour as #rrggbb; ValueError for anything else."""
    old = library.label_class(class_id)
    new = replace(old, colour=_colour(colour))
    return Act(wording.recolour_title(old.name), (_change(old, new),))


def regroup_class(library: LabelReader, class_id: int, group: ClassGroup) -> Act:
    """Put the class into another group."""
    old = library.label_class(class_id)
    new = replace(old, class_group=group.value)
    return Act(wording.regroup_title(old.name, group.value), (_change(old, new),))


def reorder_classes(library: LabelReader, class_ids: Sequence[int]) -> Act:
    """Put these classes first in the panel, in this order; the others follow in theirs.

    The first ten have the digits.
    """
    known = {item.id: item for item in library.classes()}
    order = list(dict.fromkeys([*class_ids, *known]))
    return Act(
        wording.REORDER_TITLE,
        tuple(
            _change(known[class_id], replace(known[class_id], place=place))
            for place, class_id in enumerate(order)
        ),
    )


def merge_classes(library: LabelReader, class_ids: Iterable[int], into: int) -> Act:
    """From now on these classes count as ``into``.

    Their labels keep their own class, so that undo and history know it.

    AppError where a class would be merged into itself, by any way round.
    """
    target = library.resolved_class(into)
    changes = []
    for item in dict.fromkeys(class_ids):
        old = library.label_class(item)
        if target.id == item:
            raise AppError(*wording.MERGED_INTO_ITSELF)
        changes.append(_change(old, replace(old, merged_into=target.id)))
    names = [change.before.name for change in changes if isinstance(change.before, LabelClass)]
    return Act(wording.merge_title(names, target.name), tuple(changes))


def retire_class(library: LabelReader, class_id: int) -> Act:
    """Take the class out of the panel; its labels stay."""
    old = library.label_class(class_id)
    return Act(wording.retire_title(old.name), (_change(old, replace(old, retired=True)),))


def bring_back(library: LabelReader, class_id: int) -> Act:
    """Put a retired class into the panel again."""
    old = library.label_class(class_id)
    return Act(wording.bring_back_title(old.name), (_change(old, replace(old, retired=False)),))


def _next_place(library: LabelReader) -> int:
    return max((item.place for item in library.classes()), default=-1) + 1


def _change(before: LabelClass, after: LabelClass) -> RowChange:
    return RowChange("classes", "", before, after)


def _free_name(library: LabelReader, name: str, class_id: int) -> str:
    """The name tidied.

    Two classes of one name could not be told apart; the name of a merged class is free again.
    """
    tidy = " ".join(name.encode("utf-8", "replace").decode().replace("\0", " ").split())
    if not tidy:
        raise AppError(*wording.NO_NAME)
    for other in library.classes():
        if (
            other.id != class_id
            and other.merged_into is None
            and other.name.casefold() == tidy.casefold()
        ):
            raise AppError(*wording.name_taken(other.name, retired=other.retired))
    return tidy


def _colour(colour: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError("a colour is # and six hexadecimal digits")
    return colour.lower()
