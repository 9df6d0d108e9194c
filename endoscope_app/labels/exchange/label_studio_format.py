"""Label Studio's task JSON: image tasks for labelled frames, video tasks for ranges.

Label Studio refuses a file that holds both, so they are two, each for a project with its own
labelling configuration, which is written beside them. Lost are classes without a label, and
colours, order, keys, groups and retirement of classes. An unusable frame has the choice "unusable",
one with labels of several groups several choices. What a task has no word for (pts, seconds, the
kind of a label) stands in its ``data`` and the result's ``meta``, which Label Studio carries along;
a choice that was changed there counts as changed. Reading is in label_studio_reading.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import quoteattr

import msgspec

from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.csv_format import image_path
from endoscope_app.labels.exchange.cvat_format import carried_text
from endoscope_app.labels.exchange.document import ExchangeDocument, ExchangeFrame, ExchangeRange
from endoscope_app.labels.exchange.file_names import Names
from endoscope_app.labels.exchange.label_studio_reading import read
from endoscope_app.labels.exchange.label_studio_shapes import (
    UNUSABLE,
    Annotation,
    Meta,
    Result,
    Span,
    Task,
    TaskData,
    Value,
)

__all__ = ["LOCAL_FILES", "read", "write_configuration", "write_images", "write_videos"]
LOCAL_FILES = "/data/local-files/?d="
"""How Label Studio addresses a file below its document root: that of images is the class folders'
folder of images, that of videos the folder in which the procedures' files lie.
"""
_VIDEO_CONFIGURATION = """\
<View>
  <TimelineLabels name="timeline" toName="video">
{labels}  </TimelineLabels>
  <Video name="video" value="$video"/>
</View>
"""
_IMAGE_CONFIGURATION = """\
<View>
  <Image name="image" value="$image"/>
  <Choices name="choice" toName="image" choice="{choice}">
{choices}  </Choices>
</View>
"""


def write_images(document: ExchangeDocument, path: Path, suffix: str = ".png") -> None:
    """Replace the file of image tasks, one per labelled frame; ``suffix`` is that of the images.

    AppError where it cannot be written.
    """
    names = Names(document)
    own = [frame for frame in document.frames if not frame.from_range]
    tasks = [
        _frame_task(list(frames), names, suffix)
        for _, frames in groupby(own, key=lambda frame: (frame.fingerprint, frame.at))
    ]
    files.save(path, [msgspec.json.encode(tasks), b"\n"])


def write_videos(document: ExchangeDocument, path: Path) -> None:
    """Replace the file of video tasks, one per procedure with ranges.

    AppError where it cannot be written.
    """
    names = Names(document)
    ranges: dict[str, list[ExchangeRange]] = defaultdict(list)
    for span in document.ranges:
        ranges[span.fingerprint].append(span)
    tasks = []
    for procedure in document.procedures:
        key = procedure.fingerprint
        results = [
            _range_result(span, f"range-{number}") for number, span in enumerate(ranges[key], 1)
        ]
        if results:
            data = TaskData(
                procedure=key,
                procedure_name=procedure.name,
                frame_count=procedure.frame_count,
                duration_s=procedure.duration_s,
            )
            video = LOCAL_FILES + (procedure.name or names.procedure(key))
            tasks.append(_task("video", video, data, results))
    files.save(path, [msgspec.json.encode(tasks), b"\n"])


def write_configuration(document: ExchangeDocument, path: Path, *, videos: bool) -> None:
    """Replace the file with the labelling configuration that a project for these tasks needs.

    AppError where it cannot be written.
    """
    names = [known.name for known in document.classes if not known.retired]
    used = {label.class_name for label in document.labels() if label.class_name is not None}
    names += sorted(used - set(names))
    if videos:
        text = _VIDEO_CONFIGURATION.format(labels=_elements("Label", names))
    else:
        choices = _elements("Choice", dict.fromkeys([*names, UNUSABLE]))
        several = len({(frame.fingerprint, frame.at) for frame in document.frames})
        choice = "single" if several == len(document.frames) else "multiple"
        text = _IMAGE_CONFIGURATION.format(choices=choices, choice=choice)
    files.save(path, [text.encode()])


def _elements(tag: str, names: Iterable[str]) -> str:
    return "".join(f"    <{tag} value={quoteattr(carried_text(name))}/>\n" for name in names)


def _task(kind: str, address: str, data: TaskData, results: list[Result]) -> Task:
    fields: dict[str, object] = {kind: address, **msgspec.to_builtins(data)}
    return Task(fields, [Annotation([files.raw_json(result) for result in results])])


def _frame_task(labels: list[ExchangeFrame], names: Names, suffix: str) -> Task:
    """All labels of one frame are choices of one result."""
    frame = labels[0]
    at, choices = frame.at, [_choice(label) for label in labels]
    if frame.class_name is None:
        image = f"{names.frame(frame.fingerprint, at)}{suffix}"
    else:
        image = image_path(names, frame, suffix)
    picture = next((label.picture for label in labels if label.picture), "")
    data = TaskData(frame.fingerprint, at.pts, at.frame_index, at.seconds, picture)
    value, meta = Value(choices=choices), Meta(frame.kind, choices[0])
    if len(labels) > 1:
        meta.kinds = {_choice(label): label.kind for label in labels}
    result = Result("choices", value, "choice", "image", "choice", files.raw_json(meta))
    return _task("image", LOCAL_FILES + image, data, [result])


def _choice(label: ExchangeFrame) -> str:
    return UNUSABLE if label.class_name is None else label.class_name


def _range_result(label: ExchangeRange, name: str) -> Result:
    first, last = label.first, label.last
    span = Span(first.frame_index + 1, last.frame_index + 1)
    meta = Meta(None, "", first.pts, first.seconds, last.pts, last.seconds, span.start, span.end)
    value = Value(ranges=[span], timelinelabels=[label.class_name])
    return Result("timelinelabels", value, "timeline", "video", name, files.raw_json(meta))
