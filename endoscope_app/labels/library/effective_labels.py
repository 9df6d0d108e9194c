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

NO_LABEL = -1


@dataclass(frozen=True)
class EffectiveLabels:
    """N frames: ``kind`` (N,) int8, the index into FRAME_KINDS or -1 for no label; ``class_id``
    (N,) int64, -1 for none; ``from_range`` (N,) bool, True where a range and no label of the frame
    itself says so.
    """

    kind: NDArray[np.int8]
    class_id: NDArray[np.int64]
    from_range: NDArray[np.bool_]


def effective(reader: LabelReader, fingerprint: str, frame_count: int) -> EffectiveLabels:
    """A frame's own label wins over ranges, and of overlapping ranges the one that was made later.

    Merged classes are given as the class that they went into. Labels beyond ``frame_count`` are of
    no frame and left out.
    """
    labels = EffectiveLabels(
        np.full(frame_count, NO_LABEL, np.int8),
        np.full(frame_count, NO_CLASS, np.int64),
        np.zeros(frame_count, np.bool_),
    )
    roots = {item.id: reader.resolved_class(item.id).id for item in reader.classes()}
    for span in sorted(reader.ranges(fingerprint), key=lambda item: item.id):
        covered = slice(span.first_index, min(span.last_index + 1, frame_count))
        labels.kind[covered] = FRAME_KINDS.index("class")
        labels.class_id[covered] = roots[span.class_id]
        labels.from_range[covered] = True
    own = reader.label_arrays(fingerprint)
    inside = own.frame_index < frame_count
    frames = own.frame_index[inside]
    labels.kind[frames] = own.kind[inside]
    labels.class_id[frames] = [roots.get(int(item), NO_CLASS) for item in own.class_id[inside]]
    labels.from_range[frames] = False
    return labels
