"""COCO-style JSON for classification: videos, images, categories, and annotations that give an image a category and no box.

Nothing of a document is lost. What COCO has no word for stands in ``attributes``: a frame's pts, seconds, kind of label and kept
picture; a range is an annotation of its first frame with the last frame in its attributes, so another program sees that frame's class.
Reading takes files of other programs too: their pictures find their frames by the names that this program's exports have.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from endoscope_app.store.exchange import files
from endoscope_app.store.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    assemble,
)
from endoscope_app.store.exchange.names import Names, frame_of
from endoscope_app.store.labels.records import FrameKind

EXPECTED = "a COCO JSON file with images, categories, and annotations with category_id"


class _Info(msgspec.Struct):
    description: str = "labels of endoscopy frames"
    version: str = "1.0"


class _Video(msgspec.Struct, omit_defaults=True):
    id: int
    name: str = ""
    fingerprint: str = ""
    length: int | None = None
    duration_s: float | None = None


class _Attributes(msgspec.Struct, omit_defaults=True):
    """Of an image: pts and seconds, and unusable. Of an annotation: kind and picture, or the end of a range."""

    pts: int | None = None
    seconds: float | None = None
    unusable: bool = False
    kind: FrameKind | None = None
    picture: str = ""
    range_last_frame: int | None = None
    range_last_pts: int | None = None
    range_last_seconds: float = 0.0


class _Image(msgspec.Struct, omit_defaults=True):
    id: int
    file_name: str = ""
    video_id: int | None = None
    frame_id: int | None = None
    attributes: _Attributes | None = None


class _Category(msgspec.Struct, omit_defaults=True):
    id: int
    name: str
    supercategory: str | None = None
    color: str | list[int] = ""
    retired: bool = False


class _Annotation(msgspec.Struct, omit_defaults=True):
    id: int
    image_id: int
    category_id: int
    attributes: _Attributes | None = None


class _File(msgspec.Struct):
    images: list[_Image]
    categories: list[_Category]
    annotations: list[_Annotation]
    videos: list[_Video] = []
    info: _Info = msgspec.field(default_factory=_Info)


def write(document: ExchangeDocument, path: Path) -> None:
    """Replace the file. AppError where it cannot be written."""
    files.save(path, [msgspec.json.encode(_shaped(document)), b"\n"])


def _shaped(document: ExchangeDocument) -> _File:
    names = Names(document)
    videos = [_Video(n, one.name, one.fingerprint, one.frame_count, one.duration_s) for n, one in enumerate(document.procedures, 1)]
    video_ids = {one.fingerprint: one.id for one in videos}
    categories = [_Category(n, one.name, None, one.colour, one.retired) for n, one in enumerate(document.classes, 1)]
    category_ids = {one.name: one.id for one in categories}
    images: dict[tuple[str, Moment], _Image] = {}
    annotations: list[_Annotation] = []

    def image(fingerprint: str, at: Moment) -> _Image:
        more = _Attributes(at.pts, at.seconds)
        fresh = _Image(len(images) + 1, f"{names.frame(fingerprint, at)}.png", video_ids[fingerprint], at.frame_index, more)
        return images.setdefault((fingerprint, at), fresh)

    for frame in document.frames:
        found = image(frame.fingerprint, frame.at)
        if frame.class_name is None:
            found.attributes = _Attributes(frame.at.pts, frame.at.seconds, unusable=True, picture=frame.picture)
        else:
            said = _Attributes(kind=frame.kind, picture=frame.picture)
            annotations.append(_Annotation(len(annotations) + 1, found.id, category_ids[frame.class_name], said))
    for span in document.ranges:
        end = _Attributes(range_last_frame=span.last.frame_index, range_last_pts=span.last.pts, range_last_seconds=span.last.seconds)
        first = image(span.fingerprint, span.first)
        annotations.append(_Annotation(len(annotations) + 1, first.id, category_ids[span.class_name], end))
    return _File(list(images.values()), categories, annotations, videos)


def read(path: Path) -> ExchangeDocument:
    """The document of a COCO file. AppError for anything else, and where a picture has two classes."""
    found = files.decode(files.load_bytes(path, EXPECTED), _File, EXPECTED)
    with files.parsing(EXPECTED):
        return _document(found)


def _document(found: _File) -> ExchangeDocument:
    films = {one.id: one for one in found.videos}
    classes = {one.id: _class(one) for one in found.categories}
    places = {one.id: _place(one, films) for one in found.images}
    frames: list[ExchangeFrame] = []
    ranges: list[ExchangeRange] = []
    unplaced = 0
    for one in found.images:
        place, more = places[one.id], one.attributes
        if place is not None and more is not None and more.unusable:
            frames.append(ExchangeFrame(*place, "unusable", None, more.picture))
    for said in found.annotations:
        if said.image_id not in places or said.category_id not in classes:
            raise ValueError("an annotation names an image or a category that is missing")
        place, name, more = places[said.image_id], classes[said.category_id].name, said.attributes or _Attributes()
        if place is None:
            unplaced += 1
        elif more.range_last_frame is None:
            frames.append(ExchangeFrame(*place, more.kind or "class", name, more.picture))
        else:
            last = Moment(more.range_last_pts, more.range_last_frame, more.range_last_seconds)
            ranges.append(ExchangeRange(*place, last, name))
    procedures = [ExchangeProcedure(one.fingerprint, one.name, one.length, one.duration_s) for one in films.values() if one.fingerprint]
    return assemble(classes.values(), procedures, frames, ranges, unplaced)


def _class(found: _Category) -> ExchangeClass:
    return ExchangeClass(found.name, found.color if isinstance(found.color, str) else "", found.retired)


def _place(image: _Image, films: dict[int, _Video]) -> tuple[str, Moment] | None:
    film = films.get(image.video_id) if image.video_id is not None else None
    if film is not None and film.fingerprint and image.frame_id is not None and image.attributes is not None:
        return film.fingerprint, Moment(image.attributes.pts, image.frame_id, image.attributes.seconds or 0.0)
    return frame_of(image.file_name)
