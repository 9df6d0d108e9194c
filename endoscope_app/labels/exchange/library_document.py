"""The document of what the library holds. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    NameBy,
    PartsOf,
    TimeOf,
    assemble,
)
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import LabelClass, Procedure
from kd_core.schema.class_groups import usual_group


def collect(
    reader: LabelReader,
    fingerprints: Iterable[str] | None = None,
    name_by: NameBy = "fingerprint",
    time_of: TimeOf | None = None,
    parts_of: PartsOf | None = None,
) -> ExchangeDocument:
    """What the library says about these procedures (all that it knows, for None).

    It has all classes that were not merged away, named as the reader sees them. File names often
    carry a patient's name: ``name_by`` 'name' puts them into the document. Without ``time_of``
    frames count as evenly spaced over the procedure's duration. ``parts_of`` gives the files of a
    procedure in several, which are named as the procedure is. Fingerprints that the library does
    not know are passed over.
    """
    wanted = None if fingerprints is None else set(fingerprints)
    chosen = [
        procedure
        for procedure in reader.procedures()
        if wanted is None or procedure.fingerprint in wanted
    ]
    classes = reader.classes()
    names = {known.id: reader.resolved_class(known.id).name for known in classes}
    frames: list[ExchangeFrame] = []
    ranges: list[ExchangeRange] = []
    procedures: list[ExchangeProcedure] = []
    for procedure in chosen:
        seconds = _evenly(procedure) if time_of is None else time_of
        before = len(frames) + len(ranges)
        frames += _frames(reader, procedure, names, seconds)
        ranges += _ranges(reader, procedure, names, seconds)
        known = _procedure(procedure, name_by)
        # While its files are open for the times
        if name_by == "name" and parts_of is not None and len(frames) + len(ranges) > before:
            known = replace(known, parts=parts_of(procedure.fingerprint))
        procedures.append(known)
    own = [_class(known) for known in classes if known.merged_into is None]
    return assemble(own, procedures, frames, ranges)


def _frames(
    reader: LabelReader, procedure: Procedure, names: dict[int, str], seconds: TimeOf
) -> list[ExchangeFrame]:
    key = procedure.fingerprint
    return [
        ExchangeFrame(
            key,
            Moment(label.pts, label.frame_index, seconds(key, label.frame_index)),
            label.kind,
            None if label.class_id is None else names[label.class_id],
            label.png or "",
        )
        for label in reader.frame_labels(key)
        # labels of no frame stand beyond the last one
        if label.frame_index < procedure.frame_count
    ]


def _ranges(
    reader: LabelReader, procedure: Procedure, names: dict[int, str], seconds: TimeOf
) -> list[ExchangeRange]:
    key = procedure.fingerprint
    return [
        ExchangeRange(
            key,
            Moment(span.first_pts, span.first_index, seconds(key, span.first_index)),
            Moment(span.last_pts, span.last_index, seconds(key, span.last_index)),
            names[span.class_id],
        )
        for span in reader.ranges(key)
        if span.last_index < procedure.frame_count
    ]


def _class(known: LabelClass) -> ExchangeClass:
    key = "" if known.key == known.name else known.key
    group = "" if known.class_group == usual_group(known.key) else known.class_group
    return ExchangeClass(known.name, known.colour, known.retired, key, group)


def _procedure(procedure: Procedure, name_by: NameBy) -> ExchangeProcedure:
    name = plain_name(procedure.name) if name_by == "name" else ""
    return ExchangeProcedure(
        procedure.fingerprint,
        name,
        procedure.frame_count,
        procedure.duration_s,
        procedure.width,
        procedure.height,
    )


def plain_name(name: str) -> str:
    """A file's name need not be valid Unicode, and every format here is."""
    return name.encode("utf-8", "replace").decode()


def _evenly(procedure: Procedure) -> TimeOf:
    count = procedure.frame_count
    step = procedure.duration_s / count if count > 0 else 0.0
    return lambda _, index: round(index * step, 3)
