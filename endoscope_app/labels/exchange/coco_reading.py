"""Reading COCO JSON of this program and of others, entry by entry: one that is odd is named, and
the others are read.

An annotation gives its image a category; where a box lies in the image is not read, as labels here
are of whole frames. Images find their frames by what this program wrote beside them, else by the
names of its pictures, else by the frame's number in CVAT's names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.class_matching import place_of
from endoscope_app.labels.exchange.document import (
    BY_NAME,
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    Moment,
    Unread,
    assemble,
)
from endoscope_app.labels.exchange.label_shapes import boxes_as_labels_in_words
from endoscope_app.labels.exchange.range_runs import joined_ranges
from endoscope_app.labels.library.records import FrameKind
from kd_core.schema.json_text import JsonError, decode_json

EXPECTED = "a COCO JSON file with images, categories, and annotations with category_id"
Entry = TypeVar("Entry")
Number = int | str
"""Of an image, a category, a video: whole numbers by COCO's rule, text in some programs."""


class Attributes(msgspec.Struct, omit_defaults=True):
    """Of an image: pts and seconds.

    Of an annotation: kind, kept picture, and whether a range says it.
    """

    pts: int | None = None
    seconds: float | None = None
    kind: FrameKind | None = None
    picture: str = ""
    from_range: bool = False


class _Video(msgspec.Struct):
    id: Number
    name: str | None = None
    fingerprint: str = ""
    length: int | None = None
    duration_s: float | None = None
    width: int = 0
    height: int = 0


class _Image(msgspec.Struct):
    id: Number
    file_name: str | None = None
    video_id: Number | None = None
    frame_id: int | None = None
    width: float | None = None
    height: float | None = None
    attributes: msgspec.Raw = msgspec.Raw()


class _Category(msgspec.Struct):
    id: Number
    name: str
    key: str = ""
    color: object = ""
    retired: bool = False


class _Annotation(msgspec.Struct):
    image_id: Number
    category_id: Number
    bbox: list[float] | None = None
    attributes: msgspec.Raw = msgspec.Raw()


class _File(msgspec.Struct):
    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw]
    categories: list[msgspec.Raw] | None = None
    videos: list[msgspec.Raw] | None = None
    unusable_images: list[msgspec.Raw] | None = None


def read(path: Path) -> ExchangeDocument:
    """The document of a COCO file. AppError for anything else."""
    found = files.decode(files.load_bytes(path, EXPECTED), _File, EXPECTED)
    with files.parsing(EXPECTED):
        return _Reading().document(found)


class _Reading:
    """One pass over the four lists, those first that the others name."""

    def __init__(self) -> None:
        self._unread: list[Unread] = []
        self._films: dict[Number, ExchangeProcedure] = {}
        self._classes: dict[Number, ExchangeClass] = {}
        self._images: dict[Number, tuple[_Image, tuple[str, Moment] | None]] = {}
        self._frames: list[ExchangeFrame] = []
        self._of_ranges: list[ExchangeFrame] = []
        self._boxes = 0

    def document(self, found: _File) -> ExchangeDocument:
        """What all entries say."""
        for where, video in self._entries(found.videos or [], _Video, "video"):
            if video.id in self._films:
                self._unread.append(Unread(where, "its number stands twice in the file"))
            else:
                size = video.width, video.height
                self._films[video.id] = ExchangeProcedure(
                    video.fingerprint, video.name or "", video.length, video.duration_s, *size
                )
        for where, category in self._entries(found.categories or [], _Category, "category"):
            if category.id in self._classes or not category.name.strip():
                self._unread.append(
                    Unread(where, "its number stands twice in the file, or it has no name")
                )
            else:
                colour = category.color if isinstance(category.color, str) else ""
                self._classes[category.id] = ExchangeClass(
                    category.name, colour, category.retired, category.key
                )
        for where, image in self._entries(found.images, _Image, "image"):
            self._take_image(where, image)
        for where, image in self._entries(found.unusable_images or [], _Image, "unusable image"):
            self._take_unusable(where, image)
        for where, annotation in self._entries(found.annotations, _Annotation, "annotation"):
            self._take_annotation(where, annotation)
        films = [film for film in self._films.values() if film.fingerprint]
        notes = boxes_as_labels_in_words(self._boxes)
        return assemble(
            self._classes.values(),
            films,
            self._frames,
            joined_ranges(self._of_ranges),
            self._unread,
            notes,
        )

    def _entries(
        self, raw: list[msgspec.Raw], shape: type[Entry], what: str
    ) -> Iterator[tuple[str, Entry]]:
        for number, one in enumerate(raw, 1):
            try:
                yield f"{what} {number}", decode_json(bytes(one), shape)
            except JsonError:
                self._unread.append(Unread(f"{what} {number}", "it is not built as COCO has it"))

    def _take_image(self, where: str, image: _Image) -> None:
        if image.id in self._images:
            self._unread.append(Unread(where, "its number stands twice in the file"))
            return
        try:
            self._images[image.id] = image, self._place(image)
        except ValueError as error:
            self._unread.append(Unread(where, str(error)))

    def _take_unusable(self, where: str, image: _Image) -> None:
        try:
            place = self._place(image)
            if place is None:
                raise ValueError("it names no frame of a recording")
            self._frames.append(
                ExchangeFrame(
                    *place, "unusable", None, _attributes(image.attributes).picture, where=where
                )
            )
        except ValueError as error:
            self._unread.append(Unread(where, str(error)))

    def _take_annotation(self, where: str, said: _Annotation) -> None:
        known = self._images.get(said.image_id)
        category = self._classes.get(said.category_id)
        if known is None or category is None:
            self._unread.append(
                Unread(where, "its image or its category is not in the file, or not read")
            )
            return
        image, place = known
        if place is None:
            self._unread.append(Unread(where, "its image names no frame of a recording"))
            return
        more = _attributes(said.attributes)
        self._boxes += _is_part(said.bbox, image)
        if more.from_range:
            self._of_ranges.append(
                ExchangeFrame(*place, "class", category.name, from_range=True, where=where)
            )
            return
        kind = more.kind if more.kind in ("class", "agreed") else "class"
        self._frames.append(ExchangeFrame(*place, kind, category.name, more.picture, where=where))

    def _place(self, image: _Image) -> tuple[str, Moment] | None:
        more = _attributes(image.attributes)
        film = self._films.get(image.video_id) if image.video_id is not None else None
        if film is not None and film.fingerprint and image.frame_id is not None:
            return film.fingerprint, Moment(more.pts, image.frame_id, more.seconds or 0.0)
        found = place_of(image.file_name or "")
        if found is None and film is not None and film.name and image.frame_id is not None:
            return BY_NAME + film.name, Moment(None, image.frame_id)
        return found


def _attributes(raw: msgspec.Raw) -> Attributes:
    """Ours, or nothing where they are another program's."""
    try:
        return decode_json(bytes(raw), Attributes) if bytes(raw) else Attributes()
    except JsonError:
        return Attributes()


def _is_part(box: list[float] | None, image: _Image) -> bool:
    """Whether a box is smaller than its image."""
    if box is None or len(box) != 4 or box[2] <= 0 or box[3] <= 0:
        return False
    return not (image.width and image.height and box[2] >= image.width and box[3] >= image.height)
