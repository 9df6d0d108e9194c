"""COCO JSON for classification: videos, images, categories, and annotations whose box is the whole
image.

Of a document ranges are lost whose frames are not listed. What COCO has no word for stands in
``attributes``: a frame's pts, seconds, kind of label and kept picture. An image's file_name is
where the class folders of this program keep it, below their folder of images. Reading is in
coco_reading.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.class_matching import Names
from endoscope_app.labels.exchange.coco_reading import Attributes, read
from endoscope_app.labels.exchange.csv_format import picture_path
from endoscope_app.labels.exchange.document import ExchangeDocument, ExchangeProcedure

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
    unusable_images: list[_Image]
    """Not among the images: they are in no class folder, and other programs would take them for
    empty ones to learn from.
    """


def write(document: ExchangeDocument, path: Path, suffix: str = ".png") -> None:
    """Replace the file; ``suffix`` is that of the pictures. AppError where it cannot be written."""
    files.save(path, [msgspec.json.encode(_shaped(document, suffix)), b"\n"])


def _shaped(document: ExchangeDocument, suffix: str) -> _File:
    names = Names(document)
    films = {one.fingerprint: (number, one) for number, one in enumerate(document.procedures, 1)}
    categories = [
        _Category(n, one.name, "", one.key, one.colour, one.retired)
        for n, one in enumerate(document.classes, 1)
    ]
    numbers = {one.name: one.id for one in categories}
    images: list[_Image] = []
    annotations: list[_Annotation] = []
    unusable: list[_Image] = []
    for frame in document.frames:
        video, film = films[frame.fingerprint]
        size, index, at = (
            (film.width, film.height),
            frame.at.frame_index,
            Attributes(frame.at.pts, frame.at.seconds),
        )
        if frame.class_name is None:
            at.picture = frame.picture
            name = f"{names.frame(frame.fingerprint, frame.at)}{suffix}"
            unusable.append(_Image(len(unusable) + 1, name, *size, video, index, at))
            continue
        images.append(
            _Image(len(images) + 1, picture_path(names, frame, suffix), *size, video, index, at)
        )
        box = [0.0, 0.0, float(film.width), float(film.height)]
        more = Attributes(kind=frame.kind, picture=frame.picture, from_range=frame.from_range)
        number = numbers[frame.class_name]
        annotations.append(
            _Annotation(len(annotations) + 1, len(images), number, box, box[2] * box[3], more)
        )
    videos = [_video(number, film) for number, film in films.values()]
    return _File(_Info(), [], videos, images, categories, annotations, unusable)


def _video(number: int, film: ExchangeProcedure) -> _Video:
    return _Video(
        number,
        film.name,
        film.fingerprint,
        film.frame_count,
        film.duration_s,
        film.width,
        film.height,
    )
