"""The groups of classes: an image has at most one class of each, as a polyp in a clean bowel."""

from __future__ import annotations

from enum import StrEnum

from kd_core.schema.taxonomy import canonical


class ClassGroup(StrEnum):
    """In their order: where one class alone counts, it is that of the first group that has one.

    The value is what is stored and what the reader sees.
    """

    PATHOLOGY = "Pathology"
    LANDMARKS = "Landmarks"
    PREPARATION = "Preparation"
    OTHER = "Other"


#: Hyper-KVASIR's and KVASIR-V2's anatomical landmarks.
LANDMARK_KEYS = frozenset(
    {"cecum", "ileum", "pylorus", "retroflex-rectum", "retroflex-stomach", "z-line"}
)
#: Their quality of mucosal views.
PREPARATION_KEYS = frozenset({"bbps-0-1", "bbps-2-3", "impacted-stool"})


def usual_group(class_key: str) -> ClassGroup:
    """Of a class by its key, as long as nobody has chosen another; a class that is not known here
    is looked for, so it is pathology.

    >>> [str(usual_group(key)) for key in ("normal-cecum", "bbps-2-3", "of-my-own")]
    ['Landmarks', 'Preparation', 'Pathology']
    """
    key = canonical(class_key)
    if key in LANDMARK_KEYS:
        return ClassGroup.LANDMARKS
    return ClassGroup.PREPARATION if key in PREPARATION_KEYS else ClassGroup.PATHOLOGY


def group_named(name: str) -> ClassGroup | None:
    """The group of this name, whatever its case; None where there is none.

    >>> group_named("landmarks"), group_named("gi") is None
    (<ClassGroup.LANDMARKS: 'Landmarks'>, True)
    """
    folded = name.strip().casefold()
    return next((group for group in ClassGroup if group.casefold() == folded), None)
