"""What exported images and class folders are called, and a frame's place read back from a name.

A frame is "abababababab-f000123-t00004.920s-p4920": the procedure's short fingerprint, index,
seconds and pts, so that labels find their frame again after any program that keeps nothing but file
names. The procedure's own name comes first where the document has it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

from endoscope_app.labels.exchange.document import BY_NAME, ExchangeDocument, Moment

SHORT = 12
_HEX = re.compile(r"[0-9a-f]{8,128}")
_FRAME = re.compile(r"(?:.*-)?([0-9a-f]{8,128})-f(\d{1,19})-t(\d{1,12}\.\d{3})s(?:-p(-?\d{1,19}))?")
_NUMBERED = re.compile(r"(?:.*?([^/\\]*)[/\\])?frame_(\d{6,18})(?:\.\w+)?", re.IGNORECASE)
_NO_PROCEDURES = frozenset(
    {"images", "frames", "data", "default", "train", "val", "test", "obj_train_data", "upload"}
)
_UPLOADED = re.compile(r"^[0-9a-f]{8}-(?=.)")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|manifest)(\..*)?", re.IGNORECASE)
_LONGEST = 80


class Names:
    """Names for the images and class folders of one document.

    No two are alike even where case does not count.
    """

    def __init__(self, document: ExchangeDocument) -> None:
        short = _shortened([procedure.fingerprint for procedure in document.procedures])
        self._procedures = {
            procedure.fingerprint: f"{safe(procedure.name)}-{key}" if procedure.name else key
            for procedure, key in zip(document.procedures, short, strict=True)
        }
        # of a procedure in several files the frame's own file is named
        self._known = {procedure.fingerprint: procedure for procedure in document.procedures}
        self._short = dict(zip(self._known, short, strict=True))
        # by key: what programs learn from folders is called as models call it, however the reader
        # renames a class
        self._folders = _apart({known.name: known.key or known.name for known in document.classes})

    def frame(self, fingerprint: str, at: Moment) -> str:
        """The name of a frame's image without its suffix."""
        end = "" if at.pts is None else f"-p{at.pts}"
        part = self._known[fingerprint].part_name(at.frame_index)
        begin = (
            f"{safe(part)}-{self._short[fingerprint]}" if part else self._procedures[fingerprint]
        )
        return f"{begin}-f{at.frame_index:06d}-t{at.seconds:09.3f}s{end}"

    def procedure(self, fingerprint: str) -> str:
        """The name of a procedure."""
        return self._procedures[fingerprint]

    def folder(self, class_name: str) -> str:
        """The name of a class's folder."""
        return self._folders[class_name]


def frame_of(file_name: str) -> tuple[str, Moment] | None:
    """The procedure's short fingerprint and the frame's place, from a name of ``Names.frame``.

    None for any other name. ValueError for numbers that no frame has.
    """
    stem = re.split(r"[/\\]", file_name)[-1]
    match = _FRAME.fullmatch(re.sub(r"\.(png|jpe?g)$", "", stem, flags=re.IGNORECASE))
    if match is None:
        return None
    pts = None if match[4] is None else int(match[4])
    return match[1], Moment(pts, int(match[2]), float(match[3]))


def place_of(file_name: str) -> tuple[str, Moment] | None:
    """As ``frame_of``, or by the number in a name as CVAT gives frames of a video.

    That is "video 3/frame_000012.png"; None for any other. Other programs count from 1 in names
    that look alike but for fewer digits, so those say nothing.
    """
    place = frame_of(file_name)
    numbered = None if place else _NUMBERED.fullmatch(file_name)
    if numbered is None:
        return place
    folder = numbered[1] or ""
    procedure = "" if folder.casefold() in _NO_PROCEDURES else folder
    return BY_NAME + procedure, Moment(None, int(numbered[2]))


def without_upload_prefix(name: str) -> str:
    """Label Studio puts eight hexadecimal digits before the name of every file that is uploaded."""
    return _UPLOADED.sub("", name)


def safe(text: str) -> str:
    """A name that every file system takes; it is not hidden, and no spreadsheet's formula."""
    plain = re.sub(r"[^\w .()+-]+", "_", unicodedata.normalize("NFC", text)).strip(" .+-")
    cut = plain.encode()[:_LONGEST].decode("utf-8", "ignore").strip(" .+-") or "_"
    return f"{cut}_" if _RESERVED.fullmatch(cut) else cut


def _shortened(prints: list[str]) -> list[str]:
    """The first 12 digits, or as many more as keep these fingerprints apart.

    For anything else 12 digits of its hash.
    """
    plain = [
        text if _HEX.fullmatch(text) else hashlib.sha256(text.encode()).hexdigest()
        for text in prints
    ]
    length = SHORT
    while len({text[:length] for text in plain}) < len(set(plain)) and length < 128:
        length += 1
    return [text[:length] for text in plain]


def _apart(names: Mapping[str, str]) -> dict[str, str]:
    folders: dict[str, str] = {}
    taken: set[str] = set()
    for name, key in names.items():
        base = safe(key)
        candidate, number = base, 1
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{base}_{number}"
        taken.add(candidate.casefold())
        folders[name] = candidate
    return folders
