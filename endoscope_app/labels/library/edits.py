"""Acts on frames and ranges, built from how the library is now.

Building writes nothing; LabelStore.apply does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import wording
from endoscope_app.labels.library.frame_slots import given
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import (
    Act,
    FrameKind,
    FrameLabel,
    FrameMoment,
    Procedure,
    RangeLabel,
    RowChange,
)
from kd_core.schema.class_groups import ClassGroup


def label_frames(
    library: LabelReader, fingerprint: str, frames: Sequence[FrameMoment], class_id: int
) -> Act:
    """Give every frame the class, in the place of what it had of the same group.

    A frame that had a kept PNG keeps it.
    """
    title = wording.given_title(_name(library, class_id), _which(frames))
    return Act(title, _frames(library, fingerprint, frames, "class", class_id))


def agree(library: LabelReader, fingerprint: str, frame: FrameMoment, *model_class_ids: int) -> Act:
    """Reviewed: the model is right.

    Its class of this instant is kept, so that another model later changes nothing; one of each
    class group where it names several.
    """
    groups, changes = library.groups(), list[RowChange]()
    labels = list(library.labels_at(fingerprint, frame.pts))
    said = {groups.get(number, ClassGroup.OTHER): number for number in reversed(model_class_ids)}
    for class_id in said.values():
        label = FrameLabel(frame.pts, frame.frame_index, "agreed", class_id, frame.png)
        for before, after in given(labels, label, groups):
            changes.append(RowChange("frame_labels", fingerprint, before, after))
            labels = [each for each in labels if each != before] + ([after] if after else [])
    return Act(wording.reviewed_title(_which([frame])), tuple(changes))


def mark_unusable(library: LabelReader, fingerprint: str, frames: Sequence[FrameMoment]) -> Act:
    """None of these classes, or nothing to be seen: of the frame as a whole."""
    return Act(
        wording.given_title(wording.NONE_OF_THESE, _which(frames)),
        _frames(library, fingerprint, frames, "unusable", None),
    )


def clear_frames(library: LabelReader, fingerprint: str, pts: Iterable[int]) -> Act:
    """Take all labels off; frames without one are passed over."""
    labels = [
        label for item in dict.fromkeys(pts) for label in library.labels_at(fingerprint, item)
    ]
    moments = [FrameMoment(label.pts, label.frame_index) for label in labels]
    title = wording.clear_title(_which(moments))
    return Act(
        title, tuple(RowChange("frame_labels", fingerprint, label, None) for label in labels)
    )


def clear_label(library: LabelReader, fingerprint: str, label: FrameLabel) -> Act:
    """Take one label off its frame; those of other groups stay."""
    title = wording.clear_title(_which([FrameMoment(label.pts, label.frame_index)]))
    return Act(title, (RowChange("frame_labels", fingerprint, label, None),))


def add_range(
    library: LabelReader,
    fingerprint: str,
    first: FrameMoment,
    last: FrameMoment,
    class_id: int,
    range_id: int,
) -> Act:
    """Label a range; its two ends may be given in either order.

    ``range_id`` comes from LabelStore.new_id("range_labels").
    """
    span = _range(range_id, first, last, class_id)
    return Act(
        wording.given_title(_name(library, class_id), _span(span)),
        (RowChange("range_labels", fingerprint, None, span),),
    )


def change_range(
    library: LabelReader,
    range_id: int,
    first: FrameMoment | None = None,
    last: FrameMoment | None = None,
    class_id: int | None = None,
) -> Act:
    """Trim, move or reclass a range: what is not given stays.

    KeyError where there is no such range.
    """
    fingerprint, old = library.range_with(range_id)
    start = first or FrameMoment(old.first_pts, old.first_index)
    end = last or FrameMoment(old.last_pts, old.last_index)
    new = _range(range_id, start, end, old.class_id if class_id is None else class_id)
    if class_id is not None and class_id != old.class_id:
        title = wording.given_title(_name(library, class_id), _span(new))
    else:
        title = wording.trim_title(_span(old), _span(new))
    return Act(title, (RowChange("range_labels", fingerprint, old, new),))


def split_range(
    library: LabelReader,
    range_id: int,
    left_last: FrameMoment,
    right_first: FrameMoment,
    new_id: int,
) -> Act:
    """Two ranges of the same class: one up to ``left_last``, one with ``new_id`` from the frame
    after it, ``right_first``.

    AppError where the cut is not inside the range, KeyError where there is no such range.
    """
    fingerprint, old = library.range_with(range_id)
    if not old.first_index <= left_last.frame_index < right_first.frame_index <= old.last_index:
        raise AppError(*wording.SPLIT_OUTSIDE)
    left = replace(old, last_pts=left_last.pts, last_index=left_last.frame_index)
    right = replace(old, id=new_id, first_pts=right_first.pts, first_index=right_first.frame_index)
    changes = (
        RowChange("range_labels", fingerprint, old, left),
        RowChange("range_labels", fingerprint, None, right),
    )
    return Act(wording.split_title(_span(old), right_first.frame_index), changes)


def delete_range(library: LabelReader, range_id: int) -> Act:
    """Take a range away. KeyError where there is none of this id."""
    fingerprint, old = library.range_with(range_id)
    return Act(
        wording.clear_title(_span(old)), (RowChange("range_labels", fingerprint, old, None),)
    )


def register_procedure(library: LabelReader, procedure: Procedure) -> Act:
    """Note a procedure and where it lies.

    Labels need it noted first. It is journalled, but undo passes over it.

    The patient, and what was noted before and is not known now, stay.
    """
    known = library.procedure(procedure.fingerprint)
    if known is not None:
        procedure = replace(
            procedure,
            patient=known.patient,
            width=procedure.width or known.width,
            height=procedure.height or known.height,
            stamp_kind=procedure.stamp_kind or known.stamp_kind,
            first_image=procedure.first_image or known.first_image,
        )
    return Act(
        wording.PROCEDURE_TITLE,
        (RowChange("procedures", procedure.fingerprint, known, procedure),),
        undoable=False,
    )


def set_patient(library: LabelReader, fingerprints: Sequence[str], patient: str) -> Act:
    """These procedures are of one patient, by a pseudonym; empty for not known.

    In the undo of the first procedure.

    KeyError where one was never noted.
    """
    tidy = " ".join(patient.encode("utf-8", "replace").decode().replace("\0", " ").split())
    changes = []
    for fingerprint in dict.fromkeys(fingerprints):
        known = library.procedure(fingerprint)
        if known is None:
            raise KeyError(fingerprint)
        changes.append(RowChange("procedures", fingerprint, known, replace(known, patient=tidy)))
    return Act(wording.patient_title(tidy), tuple(changes), scope=fingerprints[0])


def compound(title: str, acts: Iterable[Act]) -> Act:
    """Several acts, all built from the library as it is now, as one; of two changes of the same
    row the later one holds.
    """
    merged: dict[tuple[str, str, str], RowChange] = {}
    for act in acts:
        for change in act.rows:
            key = (change.table, change.fingerprint, change.key)
            earlier = merged.get(key)
            merged[key] = (
                change
                if earlier is None
                else RowChange(change.table, change.fingerprint, earlier.before, change.after)
            )
    changes = tuple(merged.values())
    return Act(title, changes, undoable=any(change.table != "procedures" for change in changes))


def _frames(
    library: LabelReader,
    fingerprint: str,
    frames: Sequence[FrameMoment],
    kind: FrameKind,
    class_id: int | None,
) -> tuple[RowChange, ...]:
    groups = library.groups()
    changes = []
    for frame in {frame.pts: frame for frame in frames}.values():
        label = FrameLabel(frame.pts, frame.frame_index, kind, class_id, frame.png)
        for change in given(library.labels_at(fingerprint, frame.pts), label, groups):
            changes.append(RowChange("frame_labels", fingerprint, *change))
    return tuple(changes)


def _name(library: LabelReader, class_id: int) -> str:
    try:
        return library.label_class(class_id).name
    except KeyError:
        return wording.A_NEW_CLASS  # added by the same compound act, which has its own title


def _range(range_id: int, start: FrameMoment, end: FrameMoment, class_id: int) -> RangeLabel:
    first, last = sorted((start, end), key=lambda frame: frame.frame_index)
    return RangeLabel(range_id, first.pts, last.pts, first.frame_index, last.frame_index, class_id)


def _span(label: RangeLabel) -> str:
    return wording.span(label.first_index, label.last_index)


def _which(frames: Sequence[FrameMoment]) -> str:
    """As "1,204", "1,204-1,260" when they follow each other, else "57 frames"."""
    indices = sorted({frame.frame_index for frame in frames})
    if indices and indices[-1] - indices[0] == len(indices) - 1:
        return wording.numbered(indices[0], indices[-1])
    return wording.frames_apart(len(indices))
