"""COCO JSON for classification: videos, images, categories, and annotations whose box is the whole image.

Of a document ranges are lost whose frames are not listed. What COCO has no word for stands in ``attributes``: a frame's pts, seconds,
kind of label and kept picture. An image's file_name is where the class folders of this program keep it, below their folder of images.
Reading is in coco_reading.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from endoscope_app.store.exchange import files
from endoscope_app.store.exchange.coco_reading import Attributes, read
from endoscope_app.store.exchange.csv_format import picture_path
from endoscope_app.store.exchange.document import ExchangeDocument, ExchangeFrame, ExchangeProcedure
from endoscope_app.store.exchange.names import Names

__all__ = ["read", "write"]


class _Info(msgspec.Struct):
    description: str = "labels of endoscopy frames"
    version: str = "1.0"
    year: int = 0
    contributor: str = ""
    url: str = ""
    date_created: str = ""


class _Video(msgspec.Struct, omit_defaults=True):
    id: int
    name: str
    fingerprint: str
    length: int | None = None
    duration_s: float | None = None
    width: int = 0
    height: int = 0


class _Image(msgspec.Struct):
    id: int
    file_name: str
    width: int
    height: int
    video_id: int
    frame_id: int
    attributes: Attributes
    license: int = 0


class _Category(msgspec.Struct, omit_defaults=True):
    id: int
    name: str
    supercategory: str
    key: str = ""
    color: str = ""
    retired: bool = False


class _Annotation(msgspec.Struct):
    id: int
    image_id: int
    category_id: int
    bbox: list[float]
    area: float
    attributes: Attributes
    segmentation: list[list[float]] = []
    iscrowd: int = 0


class _File(msgspec.Struct):
    info: _Info
    licenses: list[dict[str, str]]
    videos: list[_Video]
    images: list[_Image]
    categories: list[_Category]
    annotations: list[_Annotation]


def write(document: ExchangeDocument, path: Path, suffix: str = ".png") -> None:
    """Replace the file; ``suffix`` is that of the pictures. AppError where it cannot be written."""
    files.save(path, [msgspec.json.encode(_shaped(document, suffix)), b"\n"])


def _shaped(document: ExchangeDocument, suffix: str) -> _File:
    names = Names(document)
    films = {one.fingerprint: (number, one) for number, one in enumerate(document.procedures, 1)}
    categories = [
        _Category(n, one.name, "", one.key, one.colour, one.retired) for n, one in enumerate(document.classes, 1)
    ]
    numbers = {one.name: one.id for one in categories}
    images: list[_Image] = []
    annotations: list[_Annotation] = []
    for frame in document.frames:
        video, film = films[frame.fingerprint]
        name, index = _file_name(names, frame, suffix), frame.at.frame_index
        image = _Image(len(images) + 1, name, film.width, film.height, video, index, _said(frame))
        images.append(image)
        if frame.class_name is not None:
            box = [0.0, 0.0, float(film.width), float(film.height)]
            more = Attributes(kind=frame.kind, picture=frame.picture, from_range=frame.from_range)
            number = numbers[frame.class_name]
            annotations.append(_Annotation(len(annotations) + 1, image.id, number, box, box[2] * box[3], more))
    videos = [_video(number, film) for number, film in films.values()]
    return _File(_Info(), [], videos, images, categories, annotations)


def _video(number: int, film: ExchangeProcedure) -> _Video:
    return _Video(number, film.name, film.fingerprint, film.frame_count, film.duration_s, film.width, film.height)


def _said(frame: ExchangeFrame) -> Attributes:
    if frame.class_name is None:
        return Attributes(frame.at.pts, frame.at.seconds, unusable=True, picture=frame.picture)
    return Attributes(frame.at.pts, frame.at.seconds)


def _file_name(names: Names, frame: ExchangeFrame, suffix: str) -> str:
    if frame.class_name is None:
        return f"{names.frame(frame.fingerprint, frame.at)}{suffix}"
    return picture_path(names, frame, suffix)
