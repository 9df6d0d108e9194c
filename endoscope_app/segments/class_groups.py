"""Which kind of thing a class is: what is looked for comes first, what tells where one is and how
clean it is after it. No Qt.
"""

from __future__ import annotations

from enum import StrEnum

from kd_core.schema.taxonomy import ALIASES


class Group(StrEnum):
    """In the order of the list; the value is what the reader sees."""

    PATHOLOGY = "Pathology"
    LANDMARKS = "Landmarks"
    PREPARATION = "Preparation"
    BOOKMARKS = "Bookmarks"


#: Hyper-KVASIR's and KVASIR-V2's anatomical landmarks.
LANDMARK_KEYS = frozenset(
    {"cecum", "ileum", "pylorus", "retroflex-rectum", "retroflex-stomach", "z-line"}
)
#: Their quality of mucosal views.
PREPARATION_KEYS = frozenset({"bbps-0-1", "bbps-2-3", "impacted-stool"})


def group_of(class_key: str) -> Group:
    """Of a class by its key; a class of the reader's own is looked for, so it is pathology, and
    what has no class is a bookmark.
    """
    if not class_key:
        return Group.BOOKMARKS
    key = ALIASES.get(class_key, class_key)
    if key in LANDMARK_KEYS:
        return Group.LANDMARKS
    return Group.PREPARATION if key in PREPARATION_KEYS else Group.PATHOLOGY
