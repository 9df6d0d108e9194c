"""Label Studio's task JSON: a task a frame with a choice, and a task a procedure with its ranges as timelinelabels.

Lost are classes without a label, and colours, order and retirement of classes, which Label Studio keeps in the project's labelling
setup. An unusable frame has the choice "unusable". What the task format has no word for (pts, seconds, the kind of a label) stands in
the task's ``data`` and the result's ``meta``, which other programs carry along; a choice that was changed there counts as changed.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import msgspec

from endoscope_app.store.exchange import files
from endoscope_app.store.exchange.document import (
    BY_NAME,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    assemble,
)
from endoscope_app.store.exchange.names import Names, frame_of
from endoscope_app.store.labels.records import FrameKind

EXPECTED = "a Label Studio JSON file: a list of tasks with data and annotations"
UNUSABLE = "unusable"


class _Data(msgspec.Struct, omit_defaults=True):
    image: str = ""
    video: str = ""
    procedure: str = ""
    pts: int | None = None
    frame: int | None = None
    seconds: float = 0.0
    picture: str = ""
    procedure_name: str = ""
    frame_count: int | None = None
    duration_s: float | None = None


class _Meta(msgspec.Struct, omit_defaults=True):
    kind: FrameKind | None = None
    choice: str = ""
    first_pts: int | None = None
    first_seconds: float = 0.0
    last_pts: int | None = None
    last_seconds: float = 0.0
    start: int | None = None
    end: int | None = None


class _Span(msgspec.Struct):
    start: int
    end: int


class _Value(msgspec.Struct, omit_defaults=True):
    choices: list[str] = []
    ranges: list[_Span] = []
    timelinelabels: list[str] = []


class _Result(msgspec.Struct, omit_defaults=True):
    type: str
    value: _Value
    from_name: str = ""
    to_name: str = ""
    id: str = ""
    meta: _Meta | None = None


class _Annotation(msgspec.Struct):
    result: list[_Result] = []


class _Task(msgspec.Struct):
    data: _Data
    annotations: list[_Annotation] = []


def write(document: ExchangeDocument, path: Path) -> None:
    """Replace the file. AppError where it cannot be written."""
    names = Names(document)
    tasks = [_frame_task(frame, names) for frame in document.frames]
    ranges: dict[str, list[ExchangeRange]] = defaultdict(list)
    for found in document.ranges:
        ranges[found.fingerprint].append(found)
    for one in document.procedures:
        data = _Data(
            video=names.procedure(one.fingerprint), procedure=one.fingerprint, procedure_name=one.name,
            frame_count=one.frame_count, duration_s=one.duration_s,
        )  # fmt: skip
        results = [_range_result(found, f"range-{number}") for number, found in enumerate(ranges[one.fingerprint], 1)]
        tasks.append(_Task(data, [_Annotation(results)] if results else []))
    files.save(path, [msgspec.json.encode(tasks), b"\n"])


def _frame_task(frame: ExchangeFrame, names: Names) -> _Task:
    at, choice = frame.at, frame.class_name if frame.class_name is not None else UNUSABLE
    data = _Data(
        image=f"{names.frame(frame.fingerprint, at)}.png", procedure=frame.fingerprint,
        pts=at.pts, frame=at.frame_index, seconds=at.seconds, picture=frame.picture,
    )  # fmt: skip
    result = _Result("choices", _Value(choices=[choice]), "choice", "image", "choice", _Meta(frame.kind, choice))
    return _Task(data, [_Annotation([result])])


def _range_result(found: ExchangeRange, name: str) -> _Result:
    first, last = found.first, found.last
    span = _Span(first.frame_index + 1, last.frame_index + 1)  # Label Studio counts frames from 1
    meta = _Meta(None, "", first.pts, first.seconds, last.pts, last.seconds, span.start, span.end)
    return _Result("timelinelabels", _Value(ranges=[span], timelinelabels=[found.class_name]), "timeline", "video", name, meta)


def read(path: Path) -> ExchangeDocument:
    """The document of a file of tasks. Of a task with several annotations the last one counts. AppError for anything else."""
    tasks = files.decode(files.load_bytes(path, EXPECTED), list[_Task], EXPECTED)
    with files.parsing(EXPECTED):
        return _document(tasks)


def _document(tasks: list[_Task]) -> ExchangeDocument:
    frames: list[ExchangeFrame] = []
    ranges: list[ExchangeRange] = []
    films: list[ExchangeProcedure] = []
    unplaced = 0
    for task in tasks:
        data = task.data
        if data.procedure and data.video:
            films.append(ExchangeProcedure(data.procedure, data.procedure_name, data.frame_count, data.duration_s))
        for result in task.annotations[-1].result if task.annotations else []:
            if result.type == "choices":
                place = _place(data)
                if place is None:
                    unplaced += 1
                else:
                    frames.extend(_frame(place, data, result, name) for name in result.value.choices)
            elif result.type == "timelinelabels" and data.video:
                key = data.procedure or BY_NAME + data.video.replace("\\", "/").rsplit("/", 1)[-1]
                ranges.extend(_range(key, result.meta, span, name) for name in result.value.timelinelabels for span in result.value.ranges)
    return assemble((), films, frames, ranges, unplaced)


def _place(data: _Data) -> tuple[str, Moment] | None:
    if data.procedure and data.frame is not None:
        return data.procedure, Moment(data.pts, data.frame, data.seconds)
    return frame_of(data.image)


def _frame(place: tuple[str, Moment], data: _Data, result: _Result, choice: str) -> ExchangeFrame:
    meta = result.meta if result.meta is not None and result.meta.choice == choice else None
    if meta is None or meta.kind is None:
        meta = _Meta("unusable" if choice == UNUSABLE else "class", choice)
    kind: FrameKind = meta.kind or "class"
    return ExchangeFrame(*place, kind, None if kind == "unusable" else choice, data.picture)


def _range(key: str, meta: _Meta | None, span: _Span, name: str) -> ExchangeRange:
    """A range that was moved in Label Studio has new frames, whose pts are not known here."""
    if meta is None or (meta.start, meta.end) != (span.start, span.end):
        meta = _Meta()
    first = Moment(meta.first_pts, span.start - 1, meta.first_seconds)
    last = Moment(meta.last_pts, span.end - 1, meta.last_seconds)
    return ExchangeRange(key, first, last, name)
