"""Whether two DICOM files are of one patient. What the tags say is hashed as it is read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from endoscope_app.media.dicom.header import DamagedHeader, is_dicom, meta, parsed, raw_value

NAME, NUMBER, ISSUER, BORN = 0x00100010, 0x00100020, 0x00100021, 0x00100030
MARK_BYTES = 16


def patient_mark(path: Path, key: bytes) -> bytes:
    """The same for files of the same patient, by number and birth date, else by name and birth
    date; empty where the file does not say. ``key``: without it nothing can be told from a mark.
    """
    try:
        with path.open("rb") as file:
            if not is_dicom(file) or meta(file)[0] == "1.2.840.10008.1.2.1.99":
                return b""
            file.seek(0)
            dataset = parsed(file, (NAME, NUMBER, ISSUER, BORN))
    except (OSError, DamagedHeader):
        return b""
    said = {tag: _plain(raw_value(dataset, tag)) for tag in (NAME, NUMBER, ISSUER, BORN)}
    if said[NUMBER]:
        parts = [b"number", said[NUMBER], said[ISSUER], said[BORN]]
    elif said[NAME]:
        parts = [b"name", said[NAME], said[BORN]]
    else:
        return b""
    return hashlib.blake2b(b"\0".join(parts), key=key, digest_size=MARK_BYTES).digest()


def _plain(raw: bytes) -> bytes:
    """Without what archives add and take away: spaces, empty parts of a name, capitals."""
    return b" ".join(raw.upper().replace(b"^", b" ").replace(b"\0", b" ").split())
