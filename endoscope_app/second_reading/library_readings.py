"""Both readings of a procedure, from the library that counts and from that of second readers.
No Qt.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from endoscope_app.labels.library.effective_labels import GROUPS, effective
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.second_reading.two_readings import (
    NOTHING,
    Reading,
    TwoReadings,
    as_first_read,
)
from kd_core.schema.reader_labels import NONE_OF_THESE


def read_both(main: LabelReader, second: LabelReader, fingerprint: str) -> TwoReadings:
    """Of one procedure that was noted in ``main``; KeyError where it was not.

    Classes of both, and their groups, are those of ``main``: a class that was merged since counts
    as the one that it went into, here and where it was adjudicated.
    """
    procedure = main.procedure(fingerprint)
    if procedure is None:
        raise KeyError(fingerprint)
    frames = procedure.frame_count
    roots = {item.id: main.resolved_class(item.id) for item in main.classes()}
    key_of = {item: root.key for item, root in roots.items()}
    others = {item.id: item.key for item in second.classes() if item.id not in key_of}
    keys = (*dict.fromkeys([*key_of.values(), *others.values()]), NONE_OF_THESE)
    groups = {**second.groups(), **main.groups()}
    lanes = {key: GROUPS.index(groups[item]) for item, key in {**others, **key_of}.items()}
    places = {item: keys.index(key) for item, key in {**others, **key_of}.items()}
    merged = {item.key: roots[item.id].key for item in main.classes()}
    adjudications = tuple(
        replace(
            item,
            first_said=merged.get(item.first_said, item.first_said),
            second_said=merged.get(item.second_said, item.second_said),
            outcome=merged.get(item.outcome, item.outcome),
        )
        for item in main.adjudications(fingerprint)
    )
    now = _reading(main, fingerprint, frames, places)
    both = TwoReadings(
        keys,
        lanes,
        now,
        _regrouped(_reading(second, fingerprint, frames, places), keys, lanes),
        now,
        adjudications,
    )
    return replace(both, first=as_first_read(now, adjudications, both))


def _reading(
    reader: LabelReader, fingerprint: str, frame_count: int, places: dict[int, int]
) -> Reading:
    labels = effective(reader, fingerprint, frame_count)
    codes = np.full(labels.class_id.shape, NOTHING, np.int64)
    for class_id in np.unique(labels.class_id).tolist():
        if class_id in places:
            codes[labels.class_id == class_id] = places[class_id]
    return Reading(codes, labels.unusable)


def _regrouped(reading: Reading, keys: tuple[str, ...], lanes: dict[str, int]) -> Reading:
    """The second reader's classes may have been put into other groups since."""
    codes = np.full_like(reading.codes, NOTHING)
    for said in reading.codes[::-1]:
        for code in np.unique(said[said != NOTHING]).tolist():
            codes[lanes[keys[code]], said == code] = code
    return Reading(codes, reading.unusable)
