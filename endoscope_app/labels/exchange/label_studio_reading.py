"""Reading Label Studio's JSON, of this program's tasks and of any other project's: one that is odd
is named, and the others are read.

Of a task with several annotations the last counts that is neither cancelled nor empty: skipping a
task later takes no answer back. Where tasks ask several questions, the control counts whose answers
are classes; the others are said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import msgspec

from endoscope_app.base.errors import AppError
from endoscope_app.base.wording import counted
from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.class_matching import place_of, without_upload_prefix
from endoscope_app.labels.exchange.document import (
    BY_NAME,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    Unread,
    assemble,
)
from endoscope_app.labels.exchange.label_shapes import shapes_in_words
from endoscope_app.labels.library.records import FrameKind
from kd_core.schema.json_text import JsonError, decode_json

EXPECTED = "a Label Studio JSON file: a list of tasks with data and annotations"
UNUSABLE = "unusable"
IsClass = Callable[[str], bool]
_SHAPES = {
    "rectanglelabels": "box",
    "rectangle": "box",
    "videorectangle": "box",
    "polygonlabels": "polygon",
    "polygon": "polygon",
    "brushlabels": "mask",
    "brush": "mask",
    "ellipselabels": "ellipse",
    "ellipse": "ellipse",
    "keypointlabels": "point",
    "keypoint": "point",
}
_IMAGE = re.compile(r".*\.(png|jpe?g|bmp|tiff?|webp)", re.IGNORECASE)
_VIDEO = re.compile(r".*\.(mp4|mov|avi|mkv|mpe?g|m?ts|m2ts|wmv|webm)", re.IGNORECASE)


class Meta(msgspec.Struct, omit_defaults=True):
    """What this program writes beside a choice or a range."""

    kind: FrameKind | None = None
    choice: str = ""
    first_pts: int | None = None
    first_seconds: float = 0.0
    last_pts: int | None = None
    last_seconds: float = 0.0
    start: int | None = None
    end: int | None = None


class _Data(msgspec.Struct):
    procedure: str = ""
    pts: int | None = None
    frame: int | None = None
    seconds: float = 0.0
    picture: str = ""
    procedure_name: str = ""
    frame_count: int | None = None
    duration_s: float | None = None


class _Span(msgspec.Struct):
    start: int
    end: int


class _Value(msgspec.Struct):
    choices: list[str] | None = None
    ranges: list[_Span] | None = None
    timelinelabels: list[str] | None = None


class _Result(msgspec.Struct):
    type: str = ""
    value: _Value | None = None
    from_name: str | None = None
    meta: msgspec.Raw = msgspec.Raw()


class _Annotation(msgspec.Struct):
    result: list[msgspec.Raw] | None = None
    was_cancelled: bool | None = None


class _Task(msgspec.Struct):
    data: dict[str, object]
    annotations: list[_Annotation] | None = None
    predictions: list[msgspec.Raw] | None = None
    drafts: list[msgspec.Raw] | None = None


def read(path: Path, is_class: IsClass = lambda name: False) -> ExchangeDocument:
    """The document of a file of tasks.

    ``is_class``: whether the library knows a class of this name, to tell one question from another.

    AppError for anything else.
    """
    found = files.decode(files.load_bytes(path, EXPECTED), list[msgspec.Raw], EXPECTED)
    reading = _Reading()
    with files.parsing(EXPECTED):
        for number, raw in enumerate(found, 1):
            reading.task(raw, f"task {number}")
    if found and reading.foreign == len(found):
        raise AppError(
            "Nothing in the file is a task of Label Studio.",
            f"Expected is {EXPECTED}. Export as JSON, not as JSON-MIN.",
        )
    with files.parsing(EXPECTED):
        return reading.document(is_class)


class _Reading:
    """One pass over the tasks."""

    def __init__(self) -> None:
        self.foreign = 0
        self._choices: list[tuple[str, ExchangeFrame]] = []
        self._ranges: list[ExchangeRange] = []
        self._films: list[ExchangeProcedure] = []
        self._unread: list[Unread] = []
        self._shapes: Counter[str] = Counter()
        self._cancelled = 0
        self._only_predicted = 0
        self._only_drafted = 0

    def document(self, is_class: IsClass) -> ExchangeDocument:
        """What all tasks say, of the one control whose answers are classes."""
        control = self._control(is_class)
        others = Counter(name for name, _ in self._choices if name != control)
        notes = shapes_in_words(self._shapes)
        for name, number in sorted(others.items()):
            notes.append(f"Not read: {counted(number, 'answer')} to the question “{name}”.")
        if self._cancelled:
            notes.append(f"Not counted: {counted(self._cancelled, 'cancelled annotation')}.")
        if self._only_predicted:
            notes.append(
                f"Not counted: {counted(self._only_predicted, 'task')} that a model has predicted"
                " and nobody has answered."
            )
        if self._only_drafted:
            notes.append(
                f"Not counted: {counted(self._only_drafted, 'task')} whose answer was never"
                " submitted."
            )
        frames = [frame for name, frame in self._choices if name == control]
        return assemble((), self._films, frames, self._ranges, self._unread, notes)

    def _control(self, is_class: IsClass) -> str:
        """That with the most answers that name classes; among equals the one that is answered
        first.
        """
        names = Counter(name for name, _ in self._choices)
        known = Counter(
            name
            for name, frame in self._choices
            if frame.class_name is None or is_class(frame.class_name)
        )
        return max(names, key=lambda name: known[name] / names[name], default="")

    def task(self, raw: msgspec.Raw, where: str) -> None:
        """Take one task."""
        try:
            task = decode_json(bytes(raw), _Task)
        except JsonError:
            self.foreign += 1
            self._unread.append(Unread(where, "it is not built as Label Studio has it"))
            return
        data = _ours(task.data)
        image = _named(task.data, "image", _IMAGE)
        video = "" if image else _named(task.data, "video", _VIDEO)
        if data.procedure and video:
            self._films.append(
                ExchangeProcedure(
                    data.procedure, data.procedure_name, data.frame_count, data.duration_s
                )
            )
        for result in self._counting(task, where):
            try:
                self._take(result, data, image, video, where)
            except ValueError as error:
                self._unread.append(Unread(where, str(error)))

    def _counting(self, task: _Task, where: str) -> Iterator[_Result]:
        """The results of the annotation that counts."""
        annotations = task.annotations or []
        self._cancelled += sum(bool(one.was_cancelled) for one in annotations)
        answered = [one for one in annotations if one.result and not one.was_cancelled]
        if not annotations:
            self._only_drafted += bool(task.drafts)
            self._only_predicted += bool(task.predictions) and not task.drafts
        for raw in answered[-1].result or [] if answered else []:
            try:
                yield decode_json(bytes(raw), _Result)
            except JsonError:
                self._unread.append(
                    Unread(where, "one of its results is not built as Label Studio has it")
                )

    def _take(self, result: _Result, data: _Data, image: str, video: str, where: str) -> None:
        value = result.value
        if result.type in _SHAPES:
            self._shapes[_SHAPES[result.type]] += 1
        elif value is None:
            return  # a relation between regions, or one that was emptied
        elif result.type == "choices" and value.choices and video:
            raise ValueError("it gives a class to a whole recording, not to a frame")
        elif result.type == "choices" and value.choices:
            key, at = _place(data, image)
            for choice in value.choices:
                self._choices.append(
                    (result.from_name or "", _frame(key, at, data, result, choice, where))
                )
        elif result.type == "timelinelabels":
            if not video and not data.procedure:
                raise ValueError("it does not say which recording it is of")
            film = data.procedure or BY_NAME + _file_name(video)
            for name in value.timelinelabels or []:
                self._ranges += [
                    _range(film, result, span, name, where) for span in value.ranges or []
                ]


def _ours(data: dict[str, object]) -> _Data:
    """What this program writes into a task, or nothing where the fields are another program's."""
    try:
        return msgspec.convert(
            {key: value for key, value in data.items() if value is not None}, _Data
        )
    except msgspec.ValidationError:
        return _Data()


def _named(data: dict[str, object], usual: str, kind: re.Pattern[str]) -> str:
    """The task's image or video: under its usual name, else under whatever name the project
    gave it.
    """
    found = data.get(usual)
    if isinstance(found, str) and found:
        return found
    return next(
        (value for value in data.values() if isinstance(value, str) and kind.fullmatch(value)), ""
    )


def _file_name(address: str) -> str:
    """The name of the file that a task shows: a path, an upload, an address with a signature,
    or one of Label Studio's local files.
    """
    local = address.rpartition("?d=")[2].partition("?")[0]
    return unquote(re.split(r"[/\\]", local)[-1])


def _place(data: _Data, image: str) -> tuple[str, Moment]:
    if data.procedure and data.frame is not None:
        return data.procedure, Moment(data.pts, data.frame, data.seconds)
    found = place_of(image) or place_of(without_upload_prefix(_file_name(image)))
    if found is None:
        raise ValueError("its image names no frame of a recording")
    return found


def _frame(
    key: str, at: Moment, data: _Data, result: _Result, choice: str, where: str
) -> ExchangeFrame:
    meta = _meta(result)
    if meta.choice != choice or meta.kind is None:
        meta = Meta("unusable" if choice == UNUSABLE else "class", choice)
    kind: FrameKind = meta.kind or "class"
    return ExchangeFrame(
        key, at, kind, None if kind == "unusable" else choice, data.picture, where=where
    )


def _range(key: str, result: _Result, span: _Span, name: str, where: str) -> ExchangeRange:
    """A range that was moved in Label Studio has new frames, whose pts are not known here."""
    meta = _meta(result)
    if (meta.start, meta.end) != (span.start, span.end):
        meta = Meta()
    if span.start < 1:
        raise ValueError("a range begins before the first frame")
    first = Moment(meta.first_pts, span.start - 1, meta.first_seconds)
    last = Moment(meta.last_pts, span.end - 1, meta.last_seconds)
    return ExchangeRange(key, first, last, name, where)


def _meta(result: _Result) -> Meta:
    """Ours, or nothing where it is another program's."""
    try:
        return decode_json(bytes(result.meta), Meta) if bytes(result.meta) else Meta()
    except JsonError:
        return Meta()
