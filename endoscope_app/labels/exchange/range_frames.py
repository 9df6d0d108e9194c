"""Ranges as formats see them that know frames alone.

Every frame of a range, as it counts in the library, is a label of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endoscope_app.labels.exchange.document import (
    ExchangeDocument,
    ExchangeFrame,
    Moment,
    TimeOf,
    assemble,
)
from endoscope_app.labels.exchange.import_placing import PtsOf
from endoscope_app.labels.library.effective_labels import effective
from endoscope_app.labels.library.label_reader import LabelReader


@dataclass(frozen=True)
class WithRangeFrames:
    """The document with a frame for every frame of its ranges.

    ``left_out``: ranges without any, as their procedure's file is not at hand.
    """

    document: ExchangeDocument
    left_out: int


def with_range_frames(
    document: ExchangeDocument, reader: LabelReader, pts_of: PtsOf, time_of: TimeOf
) -> WithRangeFrames:
    """A frame's own label wins over ranges of its group, and of overlapping ranges the later.

    The document is one that ``collect`` made now.
    """
    names = {known.id: reader.resolved_class(known.id).name for known in reader.classes()}
    frames: list[ExchangeFrame] = []
    lost: set[str] = set()
    for key in sorted({span.fingerprint for span in document.ranges}):
        procedure = reader.procedure(key)
        labels = effective(reader, key, procedure.frame_count if procedure is not None else 0)
        indices = np.flatnonzero(labels.from_range.any(axis=0)).tolist()
        stamps = {index: pts_of(key, index) for index in indices}
        if None in stamps.values():
            lost.add(key)
            continue
        for index, lane in np.argwhere(labels.from_range.T).tolist():
            at = Moment(stamps[index], index, time_of(key, index))
            name = names[int(labels.class_id[lane, index])]
            frames.append(ExchangeFrame(key, at, "class", name, from_range=True))
    expanded = assemble(
        document.classes, document.procedures, [*document.frames, *frames], document.ranges
    )
    return WithRangeFrames(expanded, sum(span.fingerprint in lost for span in document.ranges))
