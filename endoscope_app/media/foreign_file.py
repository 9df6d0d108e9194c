"""Files that hold no procedure, known by their first bytes: a sentence each, before FFmpeg
tries to make a video of them.
"""

from __future__ import annotations

from pathlib import Path

from endoscope_app.base.errors import AppError

HEAD = 4096
CHOOSE = "Choose a video file or a folder of images."
UNPACK = "Unpack it first, then choose the video file or the folder of images inside."
OPEN_ORIGINAL = "Choose the recording itself."

RAW_VIDEO = b"YUV4MPEG2"  # begins with text, and dark raw pixels read like letters

# (first bytes, what the file is, way out)
_KNOWN: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "is a PDF document, not a recording", CHOOSE),
    (b"PK\x03\x04", "is a ZIP archive (or an Office document), not a recording", UNPACK),
    (b"PK\x05\x06", "is an empty ZIP archive, not a recording", CHOOSE),
    (b"Rar!", "is a RAR archive, not a recording", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive, not a recording", UNPACK),
    (b"\x1f\x8b", "is a compressed archive, not a recording", UNPACK),
    (b"BZh", "is a compressed archive, not a recording", UNPACK),
    (b"\xfd7zXZ", "is a compressed archive, not a recording", UNPACK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an Office document, not a recording", CHOOSE),
    (b"SQLite format 3", "is a database, not a recording", CHOOSE),
    (b"MZ", "is a program, not a recording", CHOOSE),
    (b"\x7fELF", "is a program, not a recording", CHOOSE),
)
# (word near the beginning of a text, what the text is)
_TEXTS: tuple[tuple[str, str], ...] = (
    ("#extm3u", "a playlist"),
    ("ffconcat version", "a playlist"),
    ("[playlist]", "a playlist"),
    ("<mpd", "a playlist"),
    ("<smil", "a playlist"),
    ("<asx", "a playlist"),
    ("<playlist", "a playlist"),
    ("<smoothstreamingmedia", "a playlist"),
    ("v=0", "a description of a live stream"),
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
            return AppError(f"“{path.name}” {kind}.", way_out, detail="known by its first bytes")
    if head[128:132] == b"DICM":
        return dicom(path)
    text = None if head.startswith(RAW_VIDEO) else _text(head)
    return None if text is None else _textual(path, text)


def dicom(path: Path) -> AppError:
    return AppError(
        f"“{path.name}” is a DICOM file, which cannot be opened yet.",
        "Export it as a video (MP4) or as images (PNG, JPEG) from the viewer that came with it.",
        detail="DICOM",
    )


def _textual(path: Path, text: str) -> AppError:
    start = text.lstrip("\ufeff \t\r\n").lower()[:1024]
    for word, kind in _TEXTS:
        if start.startswith(word) or (word.startswith("<") and word in start):
            return AppError(
                f"“{path.name}” is {kind}: it only names recordings.",
                OPEN_ORIGINAL,
                detail="playlist",
            )
    return AppError(f"“{path.name}” is a text file, not a recording.", CHOOSE, detail="text")


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
