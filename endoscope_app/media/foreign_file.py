"""Files that hold no procedure, known by their first bytes: a sentence each, before FFmpeg
tries to make a video of them.
"""

from __future__ import annotations

from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.media import wording

HEAD = 4096

RAW_VIDEO = b"YUV4MPEG2"  # begins with text, and dark raw pixels read like letters

# (first bytes, what the file is, way out)
_KNOWN: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", wording.PDF, wording.CHOOSE_ANOTHER),
    (b"PK\x03\x04", wording.ZIP, wording.UNPACK),
    (b"PK\x05\x06", wording.EMPTY_ZIP, wording.CHOOSE_ANOTHER),
    (b"Rar!", wording.RAR, wording.UNPACK),
    (b"7z\xbc\xaf\x27\x1c", wording.SEVEN_ZIP, wording.UNPACK),
    (b"\x1f\x8b", wording.COMPRESSED, wording.UNPACK),
    (b"BZh", wording.COMPRESSED, wording.UNPACK),
    (b"\xfd7zXZ", wording.COMPRESSED, wording.UNPACK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", wording.OFFICE, wording.CHOOSE_ANOTHER),
    (b"SQLite format 3", wording.DATABASE, wording.CHOOSE_ANOTHER),
    (b"MZ", wording.PROGRAM, wording.CHOOSE_ANOTHER),
    (b"\x7fELF", wording.PROGRAM, wording.CHOOSE_ANOTHER),
)
# (word near the beginning of a text, what the text is)
_TEXTS: tuple[tuple[str, str], ...] = (
    ("#extm3u", wording.PLAYLIST),
    ("ffconcat version", wording.PLAYLIST),
    ("[playlist]", wording.PLAYLIST),
    ("<mpd", wording.PLAYLIST),
    ("<smil", wording.PLAYLIST),
    ("<asx", wording.PLAYLIST),
    ("<playlist", wording.PLAYLIST),
    ("<smoothstreamingmedia", wording.PLAYLIST),
    ("v=0", wording.LIVE_STREAM),
)


def recognised(path: Path) -> AppError | None:
    """The refusal for a file that holds no procedure, or None where FFmpeg shall try.

    Files that cannot be read are left to it.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError:
        return None
    for start, kind, way_out in _KNOWN:
        if head.startswith(start):
            return AppError(
                wording.not_a_video(path.name, kind), way_out, detail="known by its first bytes"
            )
    text = None if head.startswith(RAW_VIDEO) else _text(head)
    return None if text is None else _textual(path, text)


def _textual(path: Path, text: str) -> AppError:
    start = text.lstrip("\ufeff \t\r\n").lower()[:1024]
    for word, kind in _TEXTS:
        if start.startswith(word) or (word.startswith("<") and word in start):
            return AppError(
                wording.only_refers(path.name, kind),
                wording.CHOOSE_VIDEO_ITSELF,
                detail="playlist",
            )
    return AppError(
        wording.not_a_video(path.name, wording.TEXT), wording.CHOOSE_ANOTHER, detail="text"
    )


def _text(head: bytes) -> str | None:
    """The beginning of the file where it is text: no video or image begins with so many
    readable characters.
    """
    for encoding in ("utf-16", "utf-8"):
        if encoding == "utf-16" and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            # A cut through the last character is no fault.
            text = (
                head[: len(head) // 2 * 2].decode(encoding)
                if encoding == "utf-16"
                else _decoded(head)
            )
        except UnicodeDecodeError:
            continue
        if text and all(
            character.isprintable() or character in "\t\r\n\f\x1a\ufeff" for character in text
        ):
            return text
    return _latin(head)


def _decoded(head: bytes) -> str:
    for cut in range(4):
        try:
            return head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
    return head.decode("utf-8")


def _latin(head: bytes) -> str | None:
    """Text of old Windows programs: Latin letters with few others between."""
    readable = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head)
    if not head or b"\0" in head or readable < 0.9 * len(head) or any(byte < 9 for byte in head):
        return None
    return head.decode("cp1252", "replace")
