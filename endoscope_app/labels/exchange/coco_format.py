"""COCO JSON for classification, with annotations whose box is the whole image.

Of a document ranges are lost whose frames are not listed. What COCO has no word for stands in
``attributes``: a frame's pts, seconds, kind of label and kept image. The group of a class, where it
is not the usual one, is its supercategory. An image's file_name is where
the class folders of this program keep it, below their folder of images. Reading is in
coco_reading.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.coco_reading import read
from endoscope_app.labels.exchange.coco_shapes import (
    Annotation,
    Attributes,
    Category,
    CocoFile,
    Image,
    Info,
    Video,
)
from endoscope_app.labels.exchange.csv_format import image_path
from endoscope_app.labels.exchange.document import (
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    Moment,
)
from endoscope_app.labels.exchange.file_names import Names

__all__ = ["read", "write"]


def write(document: ExchangeDocument, path: Path, suffix: str = ".png") -> None:
    """Replace the file; ``suffix`` is that of the images. AppError where it cannot be written."""
    files.save(path, [msgspec.json.encode(_shaped(document, suffix)), b"\n"])


def _shaped(document: ExchangeDocument, suffix: str) -> CocoFile:
    names = Names(document)
    videos = [_video(number, procedure) for number, procedure in enumerate(document.procedures, 1)]
    numbers = {video.fingerprint: number for number, video in enumerate(videos, 1)}
    sizes = {video.fingerprint: (video.width, video.height) for video in videos}
    categories = [
        Category(number, known.name, known.group, known.key, known.colour, known.retired)
        for number, known in enumerate(document.classes, 1)
    ]
    category_of = {known.name: number for number, known in enumerate(document.classes, 1)}
    images: list[Image] = []
    image_of: dict[tuple[str, Moment], int] = {}
    annotations: list[Annotation] = []
    unusable: list[Image] = []
    for frame in document.frames:
        width, height = sizes[frame.fingerprint]
        at = Attributes(frame.at.pts, frame.at.seconds)
        if frame.class_name is None:
            at.picture = frame.picture
            name = f"{names.frame(frame.fingerprint, frame.at)}{suffix}"
        else:
            name = image_path(names, frame, suffix)
        place = numbers[frame.fingerprint], frame.at.frame_index, files.raw_json(at)
        if frame.class_name is None:
            unusable.append(Image(len(unusable) + 1, name, width, height, *place))
            continue
        # a frame with labels of several groups is one image, named by the first
        image = image_of.setdefault((frame.fingerprint, frame.at), len(images) + 1)
        if image > len(images):
            images.append(Image(image, name, width, height, *place))
        number = len(annotations) + 1
        category = category_of[frame.class_name]
        annotations.append(_annotation(frame, number, image, category, width, height))
    return CocoFile(
        info=files.raw_json(Info()),
        licenses=msgspec.Raw(b"[]"),
        videos=[files.raw_json(video) for video in videos],
        images=[files.raw_json(image) for image in images],
        categories=[files.raw_json(category) for category in categories],
        annotations=[files.raw_json(annotation) for annotation in annotations],
        unusable_images=[files.raw_json(image) for image in unusable],
    )


def _annotation(
    frame: ExchangeFrame, number: int, image: int, category: int, width: int, height: int
) -> Annotation:
    more = Attributes(kind=frame.kind, picture=frame.picture, from_range=frame.from_range)
    return Annotation(
        id=number,
        image_id=image,
        category_id=category,
        bbox=[0.0, 0.0, float(width), float(height)],
        area=float(width) * float(height),
        attributes=files.raw_json(more),
    )


def _video(number: int, procedure: ExchangeProcedure) -> Video:
    return Video(
        number,
        procedure.name,
        procedure.fingerprint,
        procedure.frame_count,
        procedure.duration_s,
        procedure.width,
        procedure.height,
    )
