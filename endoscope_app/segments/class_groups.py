"""In which group of the list a segment is: what is looked for comes first, what tells where one is
and how clean it is after it. No Qt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from endoscope_app.labels.library.records import LabelClass
from kd_core.schema.class_groups import ClassGroup, usual_group


class Group(StrEnum):
    """In the order of the list; the value is what the reader sees."""

    PATHOLOGY = ClassGroup.PATHOLOGY.value
    LANDMARKS = ClassGroup.LANDMARKS.value
    PREPARATION = ClassGroup.PREPARATION.value
    OTHER = ClassGroup.OTHER.value
    BOOKMARKS = "Bookmarks"


def groups_of(classes: Iterable[LabelClass]) -> dict[str, str]:
    """What the reader has put the classes of a library into, by their key."""
    return {item.key.casefold(): item.class_group for item in classes}


def group_of(class_key: str, chosen: Mapping[str, str]) -> Group:
    """Of a class by its key, with what ``groups_of`` gives; what has no class is a bookmark."""
    if not class_key:
        return Group.BOOKMARKS
    return Group(chosen.get(class_key.casefold()) or usual_group(class_key))
