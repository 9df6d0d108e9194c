"""CVAT's XML "for images 1.1": an image a frame, its class as a tag; CVAT keeps no tags in "for video 1.1".

Lost are the retirement of classes, and names, lengths and label-less ones of procedures. What CVAT has no word for stands in attributes
of the tag: pts, seconds, kind; a range is a tag on its first frame with the last frame in attributes. An unusable frame has the tag
"unusable". Control characters, which XML forbids, become visible signs. Reading takes tasks of CVAT's own too: frames by number under
the task's source, and tracks of "for video 1.1" as ranges.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import Element, XMLPullParser
from xml.sax.saxutils import escape, quoteattr

from endoscope_app.store.exchange import files
from endoscope_app.store.exchange.document import (
    BY_NAME,
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeRange,
    Moment,
    assemble,
)
from endoscope_app.store.exchange.names import Names, frame_of
from endoscope_app.store.labels.records import FrameKind

EXPECTED = "a CVAT XML file, exported as 'CVAT for images 1.1'"
UNUSABLE = "unusable"
ATTRIBUTES = (
    "procedure", "frame", "pts", "seconds", "kind", "picture", "range_last_frame", "range_last_pts", "range_last_seconds",
)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NUMBERED = re.compile(r"(?:.*[/\\])?frame_(\d{1,18})(?:\.\w+)?", re.IGNORECASE)


def carried_text(text: str) -> str:
    """The text as XML can hold it: U+0001 becomes the sign U+2401, and so on."""
    return _FORBIDDEN.sub(lambda found: chr(0x2400 + ord(found[0])) if ord(found[0]) < 0x20 else "\ufffd", text)


def write(document: ExchangeDocument, path: Path) -> None:
    """Replace the file. AppError where it cannot be written."""
    files.save(path, ["".join(_parts(document)).encode()])


def _parts(document: ExchangeDocument) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n<meta><task><name>labels</name><labels>\n'
    known = {one.name for one in document.classes}
    unusable = any(frame.kind == "unusable" for frame in document.frames) and UNUSABLE not in known
    extra = [ExchangeClass(UNUSABLE)] if unusable else []
    named = "".join(
        f"<attribute><name>{name}</name><mutable>False</mutable><input_type>text</input_type></attribute>" for name in ATTRIBUTES
    )
    for one in (*document.classes, *extra):
        colour = f"<color>{_text(one.colour)}</color>" if one.colour else ""
        yield f"<label><name>{_text(one.name)}</name>{colour}<type>tag</type><attributes>{named}</attributes></label>\n"
    yield "</labels></task></meta>\n"
    names = Names(document)
    places = [(label.fingerprint, label.at if isinstance(label, ExchangeFrame) else label.first, label) for label in document.labels()]
    places.sort(key=lambda one: (one[0], one[1].pts is None, one[1].pts or 0, one[1].frame_index, one[1].seconds))
    for number, ((fingerprint, at), same) in enumerate(groupby(places, key=lambda one: one[:2])):
        tags = "".join(_tag(label) for _, _, label in same)
        yield f'<image id="{number}" name={quoteattr(names.frame(fingerprint, at) + ".png")}>{tags}</image>\n'
    yield "</annotations>\n"


def _tag(label: ExchangeFrame | ExchangeRange) -> str:
    at = label.at if isinstance(label, ExchangeFrame) else label.first
    said: dict[str, object] = {"procedure": label.fingerprint, "frame": at.frame_index, "pts": at.pts, "seconds": at.seconds}
    if isinstance(label, ExchangeFrame):
        said |= {"kind": label.kind, "picture": label.picture}
    else:
        last = label.last
        said |= {"range_last_frame": last.frame_index, "range_last_pts": last.pts, "range_last_seconds": last.seconds}
    inner = "".join(f'<attribute name="{name}">{_text(str(value))}</attribute>' for name, value in said.items() if value not in (None, ""))
    name = UNUSABLE if label.class_name is None else label.class_name
    return f"<tag label={quoteattr(carried_text(name))} source=\"manual\">{inner}</tag>"


def _text(text: str) -> str:
    return escape(carried_text(text), {"\r": "&#13;"})


def read(path: Path) -> ExchangeDocument:
    """The document of a CVAT file. AppError for anything else; a DOCTYPE or an entity is refused before anything is parsed."""
    text = files.load_text(path, EXPECTED)
    with files.parsing(EXPECTED):
        if re.search(r"<!\s*(doctype|entity)", text, re.IGNORECASE):
            raise ValueError("a document type is not read")
        return _Reading().document(text)


class _Reading:
    """One pass over the file; elements are dropped as soon as they were understood."""

    def __init__(self) -> None:
        self._classes: list[ExchangeClass] = []
        self._frames: list[ExchangeFrame] = []
        self._ranges: list[ExchangeRange] = []
        self._source = ""
        self._unplaced = 0

    def document(self, text: str) -> ExchangeDocument:
        """What all of the text says. ValueError or ParseError where it is no CVAT file."""
        parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
        open_elements: list[Element] = []
        for start in range(0, len(text), 1 << 20):
            parser.feed(text[start : start + (1 << 20)])
            self._take(parser, open_elements)
        parser.close()
        self._take(parser, open_elements)
        # the label of unusable frames is declared without a colour, and no class of the reader's
        declared = [one for one in self._classes if one != ExchangeClass(UNUSABLE)]
        return assemble(declared, (), self._frames, self._ranges, self._unplaced)

    def _take(self, parser: XMLPullParser[Element], open_elements: list[Element]) -> None:
        for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
            if event == "start":
                if not open_elements and element.tag != "annotations":
                    raise ValueError("the root is not annotations")
                open_elements.append(element)
                continue
            open_elements.pop()
            self._element(element, [one.tag for one in open_elements])
            if len(open_elements) == 1:
                open_elements[0].clear()

    def _element(self, element: Element, path: list[str]) -> None:
        match element.tag, path[-1:]:
            case "label", ["labels"]:
                self._classes.append(ExchangeClass(element.findtext("name") or "", element.findtext("color") or ""))
            case "source", _ if "meta" in path:
                self._source = element.text or ""
            case "image", ["annotations"]:
                self._image(element)
            case "track", ["annotations"]:
                self._track(element)

    def _image(self, image: Element) -> None:
        for tag in image.iter("tag"):
            label = tag.get("label", "")
            said = {one.get("name", ""): one.text or "" for one in tag.iter("attribute")}
            place = self._place(image, said)
            if place is None:
                self._unplaced += 1
            elif "range_last_frame" in said:
                last = _moment(said, "range_last_")
                self._ranges.append(ExchangeRange(*place, last, label))
            else:
                kind = said.get("kind") or ("unusable" if label == UNUSABLE else "class")
                name = None if kind == "unusable" and label == UNUSABLE else label
                known = cast(FrameKind, "class" if kind == "unusable" and name is not None else kind)
                self._frames.append(ExchangeFrame(*place, known, name, said.get("picture", "")))

    def _place(self, image: Element, said: dict[str, str]) -> tuple[str, Moment] | None:
        if said.get("procedure") and said.get("frame"):
            return said["procedure"], _moment(said, "")
        name = image.get("name", "")
        numbered = _NUMBERED.fullmatch(name)
        if numbered is not None and self._source:
            return self._key(), Moment(None, int(numbered[1]))
        return frame_of(name)

    def _track(self, track: Element) -> None:
        """A class from the first frame that the track shows to the last one before it leaves, as often as it comes back."""
        shapes = sorted((int(shape.get("frame", "")), shape.get("outside") == "1") for shape in track if shape.get("frame") is not None)
        start: int | None = None
        for frame, outside in [*shapes, (shapes[-1][0] + 1, True)] if shapes else []:
            if outside and start is not None:
                self._add_track_range(start, frame - 1, track.get("label", ""))
                start = None
            elif not outside and start is None:
                start = frame

    def _add_track_range(self, first: int, last: int, label: str) -> None:
        if self._source:
            self._ranges.append(ExchangeRange(self._key(), Moment(None, first), Moment(None, last), label))
        else:
            self._unplaced += 1

    def _key(self) -> str:
        return BY_NAME + re.split(r"[/\\]", self._source)[-1]


def _moment(said: dict[str, str], start: str) -> Moment:
    pts = said.get(f"{start}pts")
    return Moment(int(pts) if pts else None, int(said[f"{start}frame"]), float(said.get(f"{start}seconds") or 0.0))
