"""What every frame of a procedure counts as, own labels and ranges together: the one answer for
counts, exports and training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.library.label_arrays import NO_CLASS
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import FRAME_KINDS
from kd_core.schema.class_groups import ClassGroup

NO_LABEL = -1
GROUPS: tuple[ClassGroup, ...] = tuple(ClassGroup)


@dataclass(frozen=True)
class EffectiveLabels:
    """N frames with a label of each of G groups at most, in the order of GROUPS.

    ``kind`` (G, N) int8, the index into FRAME_KINDS or -1 for no label; ``class_id`` (G, N) int64,
    -1 for none; ``from_range`` (G, N) bool, True where a range and no label of the frame itself
    says so; ``unusable`` (N,) bool: the frame shows none of the classes.
    """

    kind: NDArray[np.int8]
    class_id: NDArray[np.int64]
    from_range: NDArray[np.bool_]
    unusable: NDArray[np.bool_]

    @property
    def first(self) -> NDArray[np.int64]:
        """(N,) the class of the first group that has one, -1 for none: what a frame is where one
        class alone counts.
        """
        first = np.full(len(self.unusable), NO_CLASS, np.int64)
        for lane in self.class_id[::-1]:
            np.copyto(first, lane, where=lane != NO_CLASS)
        return first

    @property
    def own(self) -> NDArray[np.bool_]:
        """(N,) frames with a label of their own."""
        own: NDArray[np.bool_] = ((self.class_id != NO_CLASS) & ~self.from_range).any(axis=0)
        return own | self.unusable


def effective(reader: LabelReader, fingerprint: str, frame_count: int) -> EffectiveLabels:
    """A frame's own label wins over ranges of its group, and of overlapping ranges of one group the
    one that was made later. No range says anything of a frame that is unusable.

    Merged classes are given as the class that they went into. Labels beyond ``frame_count`` are of
    no frame and left out.
    """
    labels = EffectiveLabels(
        np.full((len(GROUPS), frame_count), NO_LABEL, np.int8),
        np.full((len(GROUPS), frame_count), NO_CLASS, np.int64),
        np.zeros((len(GROUPS), frame_count), np.bool_),
        np.zeros(frame_count, np.bool_),
    )
    roots = {item.id: reader.resolved_class(item.id).id for item in reader.classes()}
    lanes = {class_id: GROUPS.index(group) for class_id, group in reader.groups().items()}
    for span in sorted(reader.ranges(fingerprint), key=lambda item: item.id):
        lane = lanes[span.class_id]
        covered = slice(span.first_index, min(span.last_index + 1, frame_count))
        labels.kind[lane, covered] = FRAME_KINDS.index("class")
        labels.class_id[lane, covered] = roots[span.class_id]
        labels.from_range[lane, covered] = True
    own = reader.label_arrays(fingerprint)
    inside = own.frame_index < frame_count
    frames, classes, kinds = own.frame_index[inside], own.class_id[inside], own.kind[inside]
    unusable = classes == NO_CLASS
    labels.unusable[frames[unusable]] = True
    for table, nothing in ((labels.kind, NO_LABEL), (labels.class_id, NO_CLASS)):
        table[:, labels.unusable] = nothing
    labels.from_range[:, labels.unusable] = False
    frames, classes, kinds = frames[~unusable], classes[~unusable], kinds[~unusable]
    lane_of = np.array([lanes[int(item)] for item in classes], np.int64)
    labels.kind[lane_of, frames] = kinds
    labels.class_id[lane_of, frames] = [roots[int(item)] for item in classes]
    labels.from_range[lane_of, frames] = False
    return labels
