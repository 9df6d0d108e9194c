"""Reading COCO JSON of this program and of others, entry by entry.

An entry that is odd is named, and the others are read. An annotation gives its image a category;
where a box lies in the image is not read, as labels here are of whole frames. Images find their
frames by what this program wrote beside them, else by the names of its images, else by the frame's
number in CVAT's names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange import reading_wording
from endoscope_app.labels.exchange.coco_shapes import (
    Annotation,
    Category,
    CocoFile,
    Image,
    Number,
    Video,
    own_attributes,
)
from endoscope_app.labels.exchange.document import (
    BY_NAME,
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    Moment,
    Unread,
    assemble,
    named_group,
)
from endoscope_app.labels.exchange.file_names import place_of
from endoscope_app.labels.exchange.range_runs import joined_ranges

_EXPECTED = reading_wording.EXPECTED_COCO
Entry = TypeVar("Entry")


def read(path: Path, go_on: files.GoOn = files.to_the_end) -> ExchangeDocument:
    """The document of a COCO file. AppError for anything else."""
    content = files.decode(files.load_bytes(path, _EXPECTED), CocoFile, _EXPECTED)
    with files.parsing(_EXPECTED):
        return _Reading(go_on).document(content)


class _Reading:
    """One pass over the four lists, those first that the others name."""

    def __init__(self, go_on: files.GoOn) -> None:
        self._go_on = go_on
        self._unread: list[Unread] = []
        self._procedures: dict[Number, ExchangeProcedure] = {}
        self._classes: dict[Number, ExchangeClass] = {}
        self._images: dict[Number, tuple[Image, tuple[str, Moment] | None]] = {}
        self._frames: list[ExchangeFrame] = []
        self._of_ranges: list[ExchangeFrame] = []
        self._boxes = 0

    def document(self, content: CocoFile) -> ExchangeDocument:
        """What all entries say."""
        for where, video in self._entries(content.videos or [], Video, "video"):
            self._take_video(where, video)
        for where, category in self._entries(content.categories or [], Category, "category"):
            self._take_category(where, category)
        for where, image in self._entries(content.images, Image, "image"):
            self._take_image(where, image)
        for where, image in self._entries(content.unusable_images or [], Image, "unusable image"):
            self._take_unusable(where, image)
        for where, annotation in self._entries(content.annotations, Annotation, "annotation"):
            self._take_annotation(where, annotation)
        return assemble(
            self._classes.values(),
            [procedure for procedure in self._procedures.values() if procedure.fingerprint],
            self._frames,
            joined_ranges(self._of_ranges),
            self._unread,
            reading_wording.boxes_as_labels(self._boxes),
        )

    def _entries(
        self, entries: list[msgspec.Raw], shape: type[Entry], what: str
    ) -> Iterator[tuple[str, Entry]]:
        for where, entry in files.decode_entries(entries, shape, what, self._go_on):
            if entry is None:
                self._unread.append(Unread(where, reading_wording.NOT_LIKE_COCO))
            else:
                yield where, entry

    def _take_video(self, where: str, video: Video) -> None:
        if video.id in self._procedures:
            self._unread.append(Unread(where, reading_wording.NUMBER_TWICE))
            return
        length, size = (video.length, video.duration_s), (video.width, video.height)
        self._procedures[video.id] = ExchangeProcedure(
            video.fingerprint, video.name or "", *length, *size
        )

    def _take_category(self, where: str, category: Category) -> None:
        if category.id in self._classes or not category.name.strip():
            self._unread.append(Unread(where, reading_wording.NUMBER_TWICE_OR_NO_NAME))
            return
        colour = category.color if isinstance(category.color, str) else ""
        self._classes[category.id] = ExchangeClass(
            category.name,
            colour,
            category.retired,
            category.key,
            named_group(category.supercategory),
        )

    def _take_image(self, where: str, image: Image) -> None:
        if image.id in self._images:
            self._unread.append(Unread(where, reading_wording.NUMBER_TWICE))
            return
        try:
            self._images[image.id] = image, self._place(image)
        except ValueError as error:
            self._unread.append(Unread(where, str(error)))

    def _take_unusable(self, where: str, image: Image) -> None:
        try:
            place = self._place(image)
            if place is None:
                raise ValueError(reading_wording.NO_FRAME_NAMED)
            self._frames.append(
                ExchangeFrame(
                    *place, "unusable", None, own_attributes(image.attributes).picture, where=where
                )
            )
        except ValueError as error:
            self._unread.append(Unread(where, str(error)))

    def _take_annotation(self, where: str, annotation: Annotation) -> None:
        known = self._images.get(annotation.image_id)
        category = self._classes.get(annotation.category_id)
        if known is None or category is None:
            self._unread.append(Unread(where, reading_wording.PARTS_MISSING))
            return
        image, place = known
        if place is None:
            self._unread.append(Unread(where, reading_wording.IMAGE_NAMES_NO_FRAME))
            return
        more = own_attributes(annotation.attributes)
        self._boxes += _is_part(annotation.bbox, image)
        if more.from_range:
            self._of_ranges.append(
                ExchangeFrame(*place, "class", category.name, from_range=True, where=where)
            )
            return
        kind = more.kind if more.kind in ("class", "agreed") else "class"
        self._frames.append(ExchangeFrame(*place, kind, category.name, more.picture, where=where))

    def _place(self, image: Image) -> tuple[str, Moment] | None:
        more = own_attributes(image.attributes)
        number, frame = image.video_id, image.frame_id
        procedure = self._procedures.get(number) if number is not None else None
        if procedure is not None and procedure.fingerprint and frame is not None:
            return procedure.fingerprint, Moment(more.pts, frame, more.seconds or 0.0)
        place = place_of(image.file_name or "")
        if place is None and procedure is not None and procedure.name and frame is not None:
            return BY_NAME + procedure.name, Moment(None, frame)
        return place


def _is_part(box: list[float] | None, image: Image) -> bool:
    """Whether a box is smaller than its image."""
    if box is None or len(box) != 4 or box[2] <= 0 or box[3] <= 0:
        return False
    return not (image.width and image.height and box[2] >= image.width and box[3] >= image.height)
