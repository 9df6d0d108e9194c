"""Reading CVAT's XML: tags of "for images 1.1" and tracks of "for video 1.1".

Tasks, jobs, and projects of several procedures are read.

A frame is known by its name where this program gave it, else by the number in its name or its id,
which are the procedure's own frame numbers. Attributes that a tag brought along count only where
they agree with the image that it stands on, as CVAT copies them when a tag is carried on to other
frames.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import Element, XMLPullParser

from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange import reading_wording
from endoscope_app.labels.exchange.document import (
    BY_NAME,
    UNNAMED,
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeRange,
    Moment,
    Unread,
    assemble,
)
from endoscope_app.labels.exchange.file_names import frame_of
from endoscope_app.labels.exchange.range_runs import joined_ranges
from endoscope_app.labels.library.records import FrameKind

_EXPECTED = reading_wording.EXPECTED_CVAT
UNUSABLE = "unusable"
_DEEPEST = 64
#: Characters between two looks at the depth. What has been fed is built before anyone can refuse
#: it, and a tree of 90,000 elements in each other takes minutes to be taken apart.
_FED = 1 << 13
_SHAPES = frozenset(
    {"box", "polygon", "polyline", "points", "ellipse", "cuboid", "mask", "skeleton"}
)
_NUMBERED = re.compile(r"(?:.*[/\\])?frame_(\d{1,18})(?:\.\w+)?", re.IGNORECASE)
_WHOLE = re.compile(r"\d{1,18}")


def read(path: Path, go_on: files.GoOn = files.to_the_end) -> ExchangeDocument:
    """The document of a CVAT file.

    AppError for anything else; a DOCTYPE or an entity is refused before anything is parsed.
    """
    text = files.load_text(path, _EXPECTED)
    with files.parsing(_EXPECTED):
        if re.search(r"<!\s*(doctype|entity)", text, re.IGNORECASE):
            raise ValueError("a document type is not read")
        return _Reading().document(text, go_on)


class _Reading:
    """One pass over the file; elements are dropped as soon as they were understood."""

    def __init__(self) -> None:
        self._classes: list[ExchangeClass] = []
        self._frames: list[ExchangeFrame] = []
        self._ranges: list[ExchangeRange] = []
        self._of_ranges: list[ExchangeFrame] = []
        self._sources: dict[str, str] = {}
        self._source = ""
        self._tracks = 0
        self._shapes: Counter[str] = Counter()
        self._unread: list[Unread] = []

    def document(self, text: str, go_on: files.GoOn) -> ExchangeDocument:
        """What all of the text says. ValueError or ParseError where it is no CVAT file."""
        parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
        open_elements: list[Element] = []
        for start in range(0, len(text), _FED):
            go_on()
            parser.feed(text[start : start + _FED])
            self._take(parser, open_elements)
        parser.close()
        self._take(parser, open_elements)
        # the label of unusable frames is declared without a colour, and no class of the reader's
        declared = [known for known in self._classes if known != ExchangeClass(UNUSABLE)]
        notes = reading_wording.shapes_not_read(self._shapes)
        if self._tracks:
            notes.append(reading_wording.tracks_as_ranges(self._tracks))
        ranges = [*self._ranges, *joined_ranges(self._of_ranges)]
        return assemble(declared, (), self._frames, ranges, self._unread, notes)

    def _take(self, parser: XMLPullParser[Element], open_elements: list[Element]) -> None:
        for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
            if event == "start":
                if not open_elements and element.tag != "annotations":
                    raise ValueError("the root is not annotations")
                open_elements.append(element)
                if len(open_elements) > _DEEPEST:
                    raise ValueError("elements lie too deep in each other")
                continue
            open_elements.pop()
            self._element(element, [outer.tag for outer in open_elements])
            if len(open_elements) == 1:
                open_elements[0].clear()

    def _element(self, element: Element, path: list[str]) -> None:
        match element.tag, path[-1:]:
            case "label", ["labels"]:
                if name := element.findtext("name") or "":
                    self._classes.append(ExchangeClass(name, element.findtext("color") or ""))
            case "task", _ if "meta" in path:
                self._sources[(element.findtext("id") or "").strip()] = _source(
                    element.findtext("source")
                )
            case "source", _ if "meta" in path and "task" not in path:
                self._source = _source(element.text)
            case "image", ["annotations"]:
                self._guarded(element, f"image {element.get('id', '')}", self._image)
            case "track", ["annotations"]:
                self._guarded(element, f"track {element.get('id', '')}", self._track)

    def _guarded(self, element: Element, where: str, take: Callable[[Element, str], None]) -> None:
        """One odd element is named, and the others are read."""
        try:
            take(element, where)
        except ValueError as error:
            self._unread.append(Unread(where, str(error)))

    def _image(self, image: Element, where: str) -> None:
        self._shapes.update(shape.tag for shape in image if shape.tag in _SHAPES)
        for tag in image.iter("tag"):
            label = tag.get("label", "")
            attributes = {each.get("name", ""): each.text or "" for each in tag.iter("attribute")}
            if not label.strip():
                raise ValueError(reading_wording.TAG_NO_LABEL)
            key, at, own = self._place(image, attributes)
            if attributes.get("from_range") == "true":
                self._of_ranges.append(
                    ExchangeFrame(key, at, "class", label, from_range=True, where=where)
                )
                continue
            kind = attributes.get("kind") or ("unusable" if label == UNUSABLE else "class")
            name = None if kind == "unusable" and label == UNUSABLE else label
            if name is not None and kind not in ("class", "agreed"):
                kind = "class"
            picture = attributes.get("picture", "") if own else ""
            self._frames.append(
                ExchangeFrame(key, at, cast(FrameKind, kind), name, picture, where=where)
            )

    def _place(self, image: Element, attributes: dict[str, str]) -> tuple[str, Moment, bool]:
        """The procedure's key, the frame, and whether the tag's attributes are of this frame."""
        name = image.get("name", "")
        ours, numbered = frame_of(name), _NUMBERED.fullmatch(name)
        procedure = attributes.get("procedure", "")
        if ours is not None:
            key, at = ours
            number: int | None = at.frame_index
        else:
            key = self._key(image)
            number = (
                int(numbered[1])
                if numbered
                else _number(image.get("id"))
                if key != UNNAMED
                else None
            )
            at = Moment(None, number if number is not None else 0)
        own = (
            bool(procedure)
            and _number(attributes.get("frame")) is not None
            and number in (None, _number(attributes.get("frame")))
        )
        if own:
            return procedure, _moment(attributes), True
        if number is None:
            raise ValueError(reading_wording.NO_FRAME_NAMED)
        known = procedure and (ours is None or procedure.startswith(key))
        return (procedure if known else key), at, False

    def _track(self, track: Element, where: str) -> None:
        """A range for every stretch of frames in which the track is there."""
        key, label = self._key(track), track.get("label", "")
        if not label.strip():
            raise ValueError(reading_wording.NO_LABEL)
        numbered = [
            (_number(shape.get("frame")), shape.get("outside") == "1")
            for shape in track
            if shape.get("frame") is not None
        ]
        shapes = sorted((frame, outside) for frame, outside in numbered if frame is not None)
        if len(shapes) < len(numbered):
            raise ValueError(reading_wording.FRAME_NO_NUMBER)
        self._tracks += bool(shapes)
        start: int | None = None
        for frame, outside in [*shapes, (shapes[-1][0] + 1, True)] if shapes else []:
            if outside and start is not None:
                self._ranges.append(
                    ExchangeRange(key, Moment(None, start), Moment(None, frame - 1), label, where)
                )
                start = None
            elif not outside and start is None:
                start = frame

    def _key(self, element: Element) -> str:
        """The procedure of an image or a track, by the source of its task."""
        task = element.get("task_id")
        if task is not None and task in self._sources:
            return BY_NAME + self._sources[task]
        if len(self._sources) > 1:
            raise ValueError(reading_wording.WHICH_OF_SEVERAL)
        return BY_NAME + next((name for name in self._sources.values() if name), self._source)


def _source(text: str | None) -> str:
    return re.split(r"[/\\]", (text or "").strip())[-1].strip()


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and _WHOLE.fullmatch(text.strip()) else None


def _moment(attributes: dict[str, str]) -> Moment:
    try:
        pts = attributes.get("pts")
        return Moment(
            int(pts) if pts else None,
            int(attributes["frame"]),
            float(attributes.get("seconds") or 0.0),
        )
    except ValueError:
        raise ValueError(reading_wording.ATTRIBUTES_NO_NUMBERS) from None
