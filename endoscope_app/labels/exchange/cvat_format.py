"""CVAT's XML "for images 1.1" of one recording: its frames with a label, their class as a tag.

CVAT keeps no tags in "for video 1.1".

An image's id is its frame's number, which is what CVAT goes by in a task on the recording, and its
name is that of the picture which the class folders hold, by which CVAT finds it in a task on
pictures. Lost are retirement and keys of classes, ranges whose frames are not listed, names and
lengths of recordings. What CVAT has no word for stands in attributes of the tag: pts, seconds,
kind. An unusable frame has the tag "unusable". Control characters, which XML forbids, become
visible signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.class_matching import Names
from endoscope_app.labels.exchange.cvat_reading import UNUSABLE, read
from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
)

__all__ = ["ATTRIBUTES", "carried_text", "read", "write"]
ATTRIBUTES = ("procedure", "frame", "pts", "seconds", "kind", "picture", "from_range")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def carried_text(text: str) -> str:
    """The text as XML can hold it: U+0001 becomes the sign U+2401, and so on."""
    return _FORBIDDEN.sub(
        lambda found: chr(0x2400 + ord(found[0])) if ord(found[0]) < 0x20 else "\ufffd", text
    )


def write(document: ExchangeDocument, path: Path, suffix: str = ".png") -> None:
    """Replace the file with the frames of a document of one recording.

    AppError where it cannot be written.

    ``suffix`` is that of the pictures. ValueError for a document of several recordings: CVAT would
    put all on one.
    """
    films = {frame.fingerprint: None for frame in document.frames}
    if len(films) > 1:
        raise ValueError("a CVAT file is of one recording")
    film = next(
        (one for one in document.procedures if one.fingerprint in films), ExchangeProcedure("")
    )
    files.save(path, ["".join(_parts(document, film, suffix)).encode()])


def _parts(document: ExchangeDocument, film: ExchangeProcedure, suffix: str) -> Iterator[str]:
    yield (
        '<?xml version="1.0"'
        ' encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n<meta><task>'
        "<name>labels</name>"
    )
    if film.frame_count:
        yield f"<size>{film.frame_count}</size><mode>interpolation</mode>"
        yield f"<start_frame>0</start_frame><stop_frame>{film.frame_count - 1}</stop_frame>"
    yield f"<labels>\n{''.join(_labels(document))}</labels>"
    if film.width and film.height:
        size = f"<width>{film.width}</width><height>{film.height}</height>"
        yield f"<original_size>{size}</original_size>"
    if film.name:
        yield f"<source>{_text(film.name)}</source>"
    yield "</task></meta>\n"
    names = Names(document)
    size = f' width="{film.width}" height="{film.height}"' if film.width and film.height else ""
    for frame in document.frames:
        name = quoteattr(names.frame(frame.fingerprint, frame.at) + suffix)
        yield f'<image id="{frame.at.frame_index}" name={name}{size}>{_tag(frame)}</image>\n'
    yield "</annotations>\n"


def _labels(document: ExchangeDocument) -> Iterator[str]:
    known = {one.name for one in document.classes}
    unusable = any(frame.kind == "unusable" for frame in document.frames) and UNUSABLE not in known
    extra = [ExchangeClass(UNUSABLE)] if unusable else []
    named = "".join(
        f"<attribute><name>{name}</name><mutable>False</mutable><input_type>text</input_type>"
        "<default_value></default_value><values></values></attribute>"
        for name in ATTRIBUTES
    )
    for one in (*document.classes, *extra):
        colour = f"<color>{_text(one.colour)}</color>" if one.colour else ""
        rest = f"<type>tag</type><attributes>{named}</attributes>"
        yield f"<label><name>{_text(one.name)}</name>{colour}{rest}</label>\n"


def _tag(frame: ExchangeFrame) -> str:
    at = frame.at
    said = {
        "procedure": frame.fingerprint,
        "frame": at.frame_index,
        "pts": at.pts,
        "seconds": at.seconds,
        "kind": frame.kind,
        "picture": frame.picture,
        "from_range": "true" if frame.from_range else "",
    }
    inner = "".join(
        f'<attribute name="{name}">{_text(str(value))}</attribute>'
        for name, value in said.items()
        if value not in (None, "")
    )
    name = UNUSABLE if frame.class_name is None else frame.class_name
    return f'<tag label={quoteattr(carried_text(name))} source="manual">{inner}</tag>'


def _text(text: str) -> str:
    return escape(carried_text(text), {"\r": "&#13;"})
