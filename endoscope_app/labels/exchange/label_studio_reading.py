"""Reading Label Studio's JSON, of this program's tasks and of any other project's.

A task that is odd is named, and the others are read. Of a task with several annotations the last
counts that is neither cancelled nor empty: skipping a task later takes no answer back. Where tasks
ask several questions, the control counts whose answers are classes; the others are named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import msgspec

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange import reading_wording
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
from endoscope_app.labels.exchange.file_names import place_of, without_upload_prefix
from endoscope_app.labels.exchange.label_studio_shapes import (
    UNUSABLE,
    Meta,
    Result,
    Span,
    Task,
    TaskData,
    own_data,
    own_meta,
)
from kd_core.schema.json_text import JsonError, decode_json

IsClass = Callable[[str], bool]
"""Whether the library knows a class of this name."""
_EXPECTED = reading_wording.EXPECTED_LABEL_STUDIO
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


def read(
    path: Path, is_class: IsClass = lambda name: False, go_on: files.GoOn = files.to_the_end
) -> ExchangeDocument:
    """The document of a file of tasks; ``is_class`` tells one question from another.

    AppError for anything else.
    """
    tasks = files.decode(files.load_bytes(path, _EXPECTED), list[msgspec.Raw], _EXPECTED)
    reading = _Reading()
    with files.parsing(_EXPECTED):
        for number, task in enumerate(tasks, 1):
            go_on()
            reading.task(task, f"task {number}")
    if tasks and reading.foreign == len(tasks):
        way_out = reading_wording.expected(_EXPECTED, reading_wording.NOT_JSON_MIN)
        raise AppError(reading_wording.NO_TASKS, way_out)
    with files.parsing(_EXPECTED):
        return reading.document(is_class)


class _Reading:
    """One pass over the tasks."""

    def __init__(self) -> None:
        self.foreign = 0
        self._choices: list[tuple[str, ExchangeFrame]] = []
        """With the control that each answers."""
        self._ranges: list[ExchangeRange] = []
        self._procedures: list[ExchangeProcedure] = []
        self._unread: list[Unread] = []
        self._shapes: Counter[str] = Counter()
        self._cancelled = 0
        self._only_predicted = 0
        self._only_drafted = 0

    def document(self, is_class: IsClass) -> ExchangeDocument:
        """What all tasks say, of the one control whose answers are classes."""
        control = self._control(is_class)
        others = Counter(name for name, _ in self._choices if name != control)
        notes = reading_wording.shapes_not_read(self._shapes)
        notes += [
            reading_wording.other_answers(number, name) for name, number in sorted(others.items())
        ]
        if self._cancelled:
            notes.append(reading_wording.cancelled(self._cancelled))
        if self._only_predicted:
            notes.append(reading_wording.only_predicted(self._only_predicted))
        if self._only_drafted:
            notes.append(reading_wording.only_drafted(self._only_drafted))
        frames = [frame for name, frame in self._choices if name == control]
        return assemble((), self._procedures, frames, self._ranges, self._unread, notes)

    def _control(self, is_class: IsClass) -> str:
        """That with the most answers that name classes; of equals the one answered first."""
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
            task = decode_json(bytes(raw), Task)
        except JsonError:
            self.foreign += 1
            self._unread.append(Unread(where, reading_wording.NOT_LIKE_LABEL_STUDIO))
            return
        data = own_data(task.data)
        image = _named(task.data, "image", _IMAGE)
        video = "" if image else _named(task.data, "video", _VIDEO)
        if data.procedure and video:
            length = data.frame_count, data.duration_s
            self._procedures.append(ExchangeProcedure(data.procedure, data.procedure_name, *length))
        for result in self._counting(task, where):
            try:
                self._take(result, data, image, video, where)
            except ValueError as error:
                self._unread.append(Unread(where, str(error)))

    def _counting(self, task: Task, where: str) -> Iterator[Result]:
        """The results of the annotation that counts."""
        annotations = task.annotations or []
        self._cancelled += sum(bool(annotation.was_cancelled) for annotation in annotations)
        answered = [each for each in annotations if each.result and not each.was_cancelled]
        if not annotations:
            self._only_drafted += bool(task.drafts)
            self._only_predicted += bool(task.predictions) and not task.drafts
        for raw in answered[-1].result or [] if answered else []:
            try:
                yield decode_json(bytes(raw), Result)
            except JsonError:
                self._unread.append(Unread(where, reading_wording.RESULT_NOT_LIKE_LABEL_STUDIO))

    def _take(self, result: Result, data: TaskData, image: str, video: str, where: str) -> None:
        value = result.value
        if result.type in _SHAPES:
            self._shapes[_SHAPES[result.type]] += 1
        elif value is None:
            return  # a relation between regions, or one that was emptied
        elif result.type == "choices" and value.choices and video:
            raise ValueError(reading_wording.WHOLE_PROCEDURE)
        elif result.type == "choices" and value.choices:
            key, at = _place(data, image)
            control = result.from_name or ""
            for choice in value.choices:
                self._choices.append((control, _frame(key, at, data, result, choice, where)))
        elif result.type == "timelinelabels":
            if not video and not data.procedure:
                raise ValueError(reading_wording.WHICH_PROCEDURE)
            key = data.procedure or BY_NAME + _file_name(video)
            for name in value.timelinelabels or []:
                self._ranges += [
                    _range(key, result, span, name, where) for span in value.ranges or []
                ]


def _named(data: dict[str, object], usual: str, kind: re.Pattern[str]) -> str:
    """The task's image or video: under its usual name, else under the project's own."""
    named = data.get(usual)
    if isinstance(named, str) and named:
        return named
    return next(
        (value for value in data.values() if isinstance(value, str) and kind.fullmatch(value)), ""
    )


def _file_name(address: str) -> str:
    """The name of the file that a task shows.

    A path, an upload, an address with a signature, or one of Label Studio's local files.
    """
    local = address.rpartition("?d=")[2].partition("?")[0]
    return unquote(re.split(r"[/\\]", local)[-1])


def _place(data: TaskData, image: str) -> tuple[str, Moment]:
    if data.procedure and data.frame is not None:
        return data.procedure, Moment(data.pts, data.frame, data.seconds)
    place = place_of(image) or place_of(without_upload_prefix(_file_name(image)))
    if place is None:
        raise ValueError(reading_wording.IMAGE_NAMES_NO_FRAME)
    return place


def _frame(
    key: str, at: Moment, data: TaskData, result: Result, choice: str, where: str
) -> ExchangeFrame:
    meta = own_meta(result)
    kind = meta.kinds.get(choice) or (meta.kind if meta.choice == choice else None)
    if kind is None:
        kind = "unusable" if choice == UNUSABLE else "class"
    name = None if kind == "unusable" else choice
    return ExchangeFrame(key, at, kind, name, data.picture, where=where)


def _range(key: str, result: Result, span: Span, name: str, where: str) -> ExchangeRange:
    """A range that was moved in Label Studio has new frames, whose pts are not known here."""
    meta = own_meta(result)
    if (meta.start, meta.end) != (span.start, span.end):
        meta = Meta()
    if span.start < 1:
        raise ValueError(reading_wording.RANGE_BEFORE_START)
    first = Moment(meta.first_pts, span.start - 1, meta.first_seconds)
    last = Moment(meta.last_pts, span.end - 1, meta.last_seconds)
    return ExchangeRange(key, first, last, name, where)
