"""The shapes of COCO JSON, which are written and read alike.

What is written for other programs but never read back may be anything in their files.
"""

from __future__ import annotations

import msgspec

from endoscope_app.labels.library.records import FrameKind
from kd_core.schema.json_text import JsonError, decode_json

Number = int | str
"""Of an image, a category, a video: whole numbers by COCO's rule, text in some programs."""


class Attributes(msgspec.Struct, omit_defaults=True):
    """What this program notes beside an entry.

    Of an image: pts and seconds. Of an annotation: kind, kept image, and whether a range says it.
    """

    pts: int | None = None
    seconds: float | None = None
    kind: FrameKind | None = None
    picture: str = ""
    from_range: bool = False


class Info(msgspec.Struct):
    """What COCO asks every file to say of itself."""

    description: str = "labels of endoscopy frames"
    version: str = "1.0"
    year: int = 0
    contributor: str = ""
    url: str = ""
    date_created: str = ""


class Video(msgspec.Struct, omit_defaults=True):
    """A procedure; its length is in frames."""

    id: Number
    name: str | None = None
    fingerprint: str = ""
    length: int | None = None
    duration_s: float | None = None
    width: int = 0
    height: int = 0


class Image(msgspec.Struct):
    """A frame; ``attributes`` are Attributes where this program wrote them."""

    id: Number
    file_name: str | None = None
    width: float | None = None
    height: float | None = None
    video_id: Number | None = None
    frame_id: int | None = None
    attributes: msgspec.Raw = msgspec.Raw()
    license: object = 0


class Category(msgspec.Struct, omit_defaults=True):
    """A class."""

    id: Number
    name: str
    supercategory: object = None
    key: str = ""
    color: object = ""
    retired: bool = False


class Annotation(msgspec.Struct, kw_only=True):
    """The category of an image; ``attributes`` are Attributes where this program wrote them."""

    id: object = None
    image_id: Number
    category_id: Number
    bbox: list[float] | None = None
    area: object = None
    attributes: msgspec.Raw = msgspec.Raw()
    segmentation: object = ()
    iscrowd: object = 0


class CocoFile(msgspec.Struct, kw_only=True):
    """The whole file; each entry is a shape from above where COCO is followed."""

    info: msgspec.Raw = msgspec.Raw()
    licenses: msgspec.Raw = msgspec.Raw()
    videos: list[msgspec.Raw] | None = None
    images: list[msgspec.Raw]
    categories: list[msgspec.Raw] | None = None
    annotations: list[msgspec.Raw]
    unusable_images: list[msgspec.Raw] | None = None
    """Not among the images: they are in no class folder, and other programs would take them for
    empty ones to learn from.
    """


def own_attributes(attributes: msgspec.Raw) -> Attributes:
    """What this program noted; empty where the attributes are another program's."""
    try:
        return decode_json(bytes(attributes), Attributes) if bytes(attributes) else Attributes()
    except JsonError:
        return Attributes()
