"""CVAT's XML "for images 1.1" of one procedure: its frames with a label, their class as a tag.

CVAT keeps no tags in "for video 1.1".

An image's id is its frame's number, which is what CVAT goes by in a task on the procedure's video,
and its name is that of the image which the class folders hold, by which CVAT finds it in a task on
images. Lost are retirement, keys and groups of classes, ranges whose frames are not listed, names
and lengths of procedures. What CVAT has no word for stands in attributes of the tag: pts, seconds,
kind. An unusable frame has the tag "unusable". Control characters, which XML forbids, become
visible signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.cvat_reading import UNUSABLE, read
from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
)
from endoscope_app.labels.exchange.file_names import Names

__all__ = ["ATTRIBUTES", "carried_text", "read", "write"]
ATTRIBUTES = ("procedure", "frame", "pts", "seconds", "kind", "picture", "from_range")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def carried_text(text: str) -> str:
    """The text as XML can hold it: U+0001 becomes the sign U+2401, and so on."""
    return _FORBIDDEN.sub(
        lambda sign: chr(0x2400 + ord(sign[0])) if ord(sign[0]) < 0x20 else "\ufffd", text
    )


def write(document: ExchangeDocument, path: Path, suffix: str = ".png") -> None:
    """Replace the file with the frames of a document of one procedure.

    ``suffix`` is that of the images. AppError where it cannot be written. ValueError for a document
    of several procedures: CVAT would put all on one.
    """
    labelled = {frame.fingerprint for frame in document.frames}
    if len(labelled) > 1:
        raise ValueError("a CVAT file is of one procedure")
    procedure = next(
        (known for known in document.procedures if known.fingerprint in labelled),
        ExchangeProcedure(""),
    )
    files.save(path, ["".join(_parts(document, procedure, suffix)).encode()])


def _parts(document: ExchangeDocument, procedure: ExchangeProcedure, suffix: str) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield "<annotations>\n<version>1.1</version>\n<meta><task><name>labels</name>"
    if procedure.frame_count:
        yield f"<size>{procedure.frame_count}</size><mode>interpolation</mode>"
        yield f"<start_frame>0</start_frame><stop_frame>{procedure.frame_count - 1}</stop_frame>"
    yield f"<labels>\n{''.join(_labels(document))}</labels>"
    if procedure.width and procedure.height:
        size = f"<width>{procedure.width}</width><height>{procedure.height}</height>"
        yield f"<original_size>{size}</original_size>"
    if procedure.name:
        yield f"<source>{_text(procedure.name)}</source>"
    yield "</task></meta>\n"
    names = Names(document)
    size = ""
    if procedure.width and procedure.height:
        size = f' width="{procedure.width}" height="{procedure.height}"'
    for at, frames in groupby(document.frames, key=lambda frame: frame.at):
        name = quoteattr(names.frame(procedure.fingerprint, at) + suffix)
        tags = "".join(_tag(frame) for frame in frames)
        yield f'<image id="{at.frame_index}" name={name}{size}>{tags}</image>\n'
    yield "</annotations>\n"


def _labels(document: ExchangeDocument) -> Iterator[str]:
    known = {each.name for each in document.classes}
    unusable = any(frame.kind == "unusable" for frame in document.frames) and UNUSABLE not in known
    extra = [ExchangeClass(UNUSABLE)] if unusable else []
    named = "".join(
        f"<attribute><name>{name}</name><mutable>False</mutable><input_type>text</input_type>"
        "<default_value></default_value><values></values></attribute>"
        for name in ATTRIBUTES
    )
    for label in (*document.classes, *extra):
        colour = f"<color>{_text(label.colour)}</color>" if label.colour else ""
        rest = f"<type>tag</type><attributes>{named}</attributes>"
        yield f"<label><name>{_text(label.name)}</name>{colour}{rest}</label>\n"


def _tag(frame: ExchangeFrame) -> str:
    at = frame.at
    attributes = {
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
        for name, value in attributes.items()
        if value not in (None, "")
    )
    name = UNUSABLE if frame.class_name is None else frame.class_name
    return f'<tag label={quoteattr(carried_text(name))} source="manual">{inner}</tag>'


def _text(text: str) -> str:
    return escape(carried_text(text), {"\r": "&#13;"})
