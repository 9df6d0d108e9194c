"""The shapes of Label Studio's task JSON, which are written and read alike.

What only other programs write, and what is written but never read back, may be anything.
"""

from __future__ import annotations

import msgspec

from endoscope_app.labels.library.records import FrameKind
from kd_core.schema.json_text import JsonError, decode_json

UNUSABLE = "unusable"
"""The choice of a frame that shows none of the classes."""


class TaskData(msgspec.Struct, omit_defaults=True):
    """What this program writes into a task's ``data``, beside the image or the video."""

    procedure: str = ""
    pts: int | None = None
    frame: int | None = None
    seconds: float = 0.0
    picture: str = ""
    procedure_name: str = ""
    frame_count: int | None = None
    duration_s: float | None = None


class Meta(msgspec.Struct, omit_defaults=True):
    """What this program writes beside a choice or a range; ``kinds``: by choice, where a frame has
    several.
    """

    kind: FrameKind | None = None
    choice: str = ""
    first_pts: int | None = None
    first_seconds: float = 0.0
    last_pts: int | None = None
    last_seconds: float = 0.0
    start: int | None = None
    end: int | None = None
    kinds: dict[str, FrameKind] = {}


class Span(msgspec.Struct):
    """First and last frame of a range, both included; Label Studio counts frames from 1."""

    start: int
    end: int


class Value(msgspec.Struct, omit_defaults=True):
    """An answer: choices for an image, or labels for ranges of a video."""

    choices: list[str] | None = None
    ranges: list[Span] | None = None
    timelinelabels: list[str] | None = None


class Result(msgspec.Struct, omit_defaults=True):
    """One answer to one control; ``meta`` is a Meta where this program wrote it."""

    type: str = ""
    value: Value | None = None
    from_name: str | None = None
    to_name: object = None
    id: object = None
    meta: msgspec.Raw = msgspec.Raw()


class Annotation(msgspec.Struct, omit_defaults=True):
    """What one person answered; each of ``result`` is a Result where Label Studio is followed."""

    result: list[msgspec.Raw] | None = None
    was_cancelled: bool | None = None


class Task(msgspec.Struct, omit_defaults=True):
    """An image or a video to annotate; ``data`` holds the fields of TaskData among others."""

    data: dict[str, object]
    annotations: list[Annotation] | None = None
    predictions: list[msgspec.Raw] | None = None
    drafts: list[msgspec.Raw] | None = None


def own_data(data: dict[str, object]) -> TaskData:
    """What this program wrote into a task; empty where the fields are another program's."""
    try:
        return msgspec.convert(
            {key: value for key, value in data.items() if value is not None}, TaskData
        )
    except msgspec.ValidationError:
        return TaskData()


def own_meta(result: Result) -> Meta:
    """What this program wrote beside an answer; empty where it is another program's."""
    try:
        return decode_json(bytes(result.meta), Meta) if bytes(result.meta) else Meta()
    except JsonError:
        return Meta()
