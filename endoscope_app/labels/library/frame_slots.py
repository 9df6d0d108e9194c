"""The labels of one frame: one of each group, or that it is unusable; what a new one replaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count

from endoscope_app.labels.library.library_statistics import resolved
from endoscope_app.labels.library.records import FrameLabel, LabelClass
from kd_core.schema.class_groups import ClassGroup, group_named

Change = tuple[FrameLabel | None, FrameLabel | None]
"""A label before and after; None where there is none."""


def groups_of(classes: Sequence[LabelClass]) -> dict[int, ClassGroup]:
    """By class id the group that it counts in: that of the class that it was merged into."""
    known = {item.id: item for item in classes}
    return {
        item.id: group_named(resolved(known, item.id).class_group) or ClassGroup.OTHER
        for item in classes
    }


def given(
    labels: Sequence[FrameLabel], label: FrameLabel, groups: Mapping[int, ClassGroup]
) -> list[Change]:
    """What giving a frame with ``labels`` this one changes: it takes the place of the label of its
    group, or of one that says unusable; one that says unusable takes the place of all.

    Its slot is chosen here, and without a kept image it has that of the others.
    """
    replaced = [each for each in labels if is_rival(each, label, groups)]
    taken = {each.slot for each in labels}
    slot = replaced[0].slot if replaced else next(free for free in count() if free not in taken)
    kept = (each.png for each in (label, *replaced, *labels) if each.png is not None)
    after = replace(label, slot=slot, png=next(kept, None))
    gone: list[Change] = [(each, None) for each in replaced[1:]]
    return [(replaced[0] if replaced else None, after), *gone]


def is_rival(one: FrameLabel, other: FrameLabel, groups: Mapping[int, ClassGroup]) -> bool:
    """Whether one frame cannot have both."""
    if one.class_id is None or other.class_id is None:
        return True
    # A class that the same act adds is a reader's own
    own = ClassGroup.PATHOLOGY
    return groups.get(one.class_id, own) == groups.get(other.class_id, own)
