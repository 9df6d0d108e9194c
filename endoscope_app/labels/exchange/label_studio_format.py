"""Label Studio's task JSON: one file of image tasks, a task per frame with a choice, and one of
video tasks with ranges on a timeline.

Label Studio refuses a file that holds both, so they are two, each for a project with its own
labelling configuration, which is written beside them. Lost are classes without a label, and
colours, order, keys and retirement of classes. An unusable frame has the choice "unusable". What a
task has no word for (pts, seconds, the kind of a label) stands in its ``data`` and the result's
``meta``, which Label Studio carries along; a choice that was changed there counts as changed.
Reading is in label_studio_reading.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import quoteattr

import msgspec

from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.class_matching import Names
from endoscope_app.labels.exchange.csv_format import picture_path
from endoscope_app.labels.exchange.cvat_format import carried_text
from endoscope_app.labels.exchange.document import ExchangeDocument, ExchangeFrame, ExchangeRange
from endoscope_app.labels.exchange.label_studio_reading import UNUSABLE, Meta, read

__all__ = ["LOCAL_FILES", "read", "write_configuration", "write_images", "write_videos"]
LOCAL_FILES = "/data/local-files/?d="
"""How Label Studio addresses a file below its document root: that of images is the class folders'
folder of images, that of videos the folder in which the recordings lie.
"""


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
    from_name: str
    to_name: str
    id: str
    meta: Meta


class _Annotation(msgspec.Struct):
    result: list[_Result]


class _Task(msgspec.Struct):
    data: _Data
    annotations: list[_Annotation]


def write_images(document: ExchangeDocument, path: Path, suffix: str = ".png") -> None:
    """Replace the file of image tasks, one per labelled frame; ``suffix`` is that of the pictures.

    AppError where it cannot be written.
    """
    names = Names(document)
    tasks = [_frame_task(frame, names, suffix) for frame in document.frames if not frame.from_range]
    files.save(path, [msgspec.json.encode(tasks), b"\n"])


def write_videos(document: ExchangeDocument, path: Path) -> None:
    """Replace the file of video tasks, one per recording with ranges.

    AppError where it cannot be written.
    """
    names = Names(document)
    ranges: dict[str, list[ExchangeRange]] = defaultdict(list)
    for found in document.ranges:
        ranges[found.fingerprint].append(found)
    tasks = []
    for one in document.procedures:
        if results := [
            _range_result(found, f"range-{number}")
            for number, found in enumerate(ranges[one.fingerprint], 1)
        ]:
            data = _Data(
                video=LOCAL_FILES + (one.name or names.procedure(one.fingerprint)),
                procedure=one.fingerprint,
                procedure_name=one.name,
                frame_count=one.frame_count,
                duration_s=one.duration_s,
            )
            tasks.append(_Task(data, [_Annotation(results)]))
    files.save(path, [msgspec.json.encode(tasks), b"\n"])


def write_configuration(document: ExchangeDocument, path: Path, *, videos: bool) -> None:
    """Replace the file with the labelling configuration that a project for these tasks needs.

    AppError where it cannot be written.
    """
    names = [one.name for one in document.classes if not one.retired]
    used = {label.class_name for label in document.labels() if label.class_name is not None}
    names += sorted(used - set(names))
    if videos:
        labels = _elements("Label", names)
        body = (
            f'  <TimelineLabels name="timeline" toName="video">\n{labels}  </TimelineLabels>\n '
            ' <Video name="video" value="$video"/>\n'
        )
    else:
        choices = _elements("Choice", dict.fromkeys([*names, UNUSABLE]))
        body = (
            '  <Image name="image" value="$image"/>\n  <Choices name="choice" toName="image"'
            f' choice="single">\n{choices}  </Choices>\n'
        )
    files.save(path, [f"<View>\n{body}</View>\n".encode()])


def _elements(tag: str, names: Iterable[str]) -> str:
    return "".join(f"    <{tag} value={quoteattr(carried_text(name))}/>\n" for name in names)


def _frame_task(frame: ExchangeFrame, names: Names, suffix: str) -> _Task:
    at, choice = frame.at, frame.class_name if frame.class_name is not None else UNUSABLE
    plain = f"{names.frame(frame.fingerprint, at)}{suffix}"
    data = _Data(
        image=LOCAL_FILES
        + (plain if frame.class_name is None else picture_path(names, frame, suffix)),
        procedure=frame.fingerprint,
        pts=at.pts,
        frame=at.frame_index,
        seconds=at.seconds,
        picture=frame.picture,
    )
    result = _Result(
        "choices", _Value(choices=[choice]), "choice", "image", "choice", Meta(frame.kind, choice)
    )
    return _Task(data, [_Annotation([result])])


def _range_result(found: ExchangeRange, name: str) -> _Result:
    first, last = found.first, found.last
    span = _Span(first.frame_index + 1, last.frame_index + 1)  # Label Studio counts frames from 1
    meta = Meta(None, "", first.pts, first.seconds, last.pts, last.seconds, span.start, span.end)
    return _Result(
        "timelinelabels",
        _Value(ranges=[span], timelinelabels=[found.class_name]),
        "timeline",
        "video",
        name,
        meta,
    )
