"""Measures on disk, one file per procedure: they are the same for every model.

Layout, little-endian: magic 8 bytes | frames uint32 | columns uint32 | digest sha256 of fingerprint
and all that follows | known, packed bits | rows uint8. The magic's digits are the version of what
is measured and how: a file of another version counts as not measured.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np

from endoscope_app.analysis.quality import wording
from endoscope_app.analysis.quality.frame_measures import FrameMeasures
from endoscope_app.analysis.quality.measures import COUNT
from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.damaged_files import set_aside

MAGIC = b"EAMEAS01"
HEADER = struct.Struct("<8sII32s")


class MeasureStore:
    """Files in the folder of the predictions, made on the first save."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, fingerprint: str) -> Path:
        """Holds no patient data: the procedure's hash."""
        return self._folder / f"{fingerprint.lower()}.measures"

    def load(self, fingerprint: str, frame_count: int) -> FrameMeasures | None:
        """What was saved; None where there is nothing usable, or it cannot be read: it can be
        measured again. A damaged file is moved aside.
        """
        path = self.path(fingerprint)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        measures = _decode(data, fingerprint, frame_count)
        if measures is None:
            set_aside(path)
        return measures

    def save(self, fingerprint: str, measures: FrameMeasures) -> None:
        """Replace the file in one step. Raises AppError where that is not possible."""
        body = np.packbits(measures.known).tobytes() + measures.rows.tobytes()
        header = HEADER.pack(MAGIC, *measures.rows.shape, _digest(fingerprint, body))
        write_atomically(self.path(fingerprint), [header, body], wording.KEPT)


def _digest(fingerprint: str, body: bytes) -> bytes:
    return hashlib.sha256(f"{fingerprint.lower()}\0".encode() + body).digest()


def _decode(data: bytes, fingerprint: str, frames: int) -> FrameMeasures | None:
    if len(data) < HEADER.size:
        return None
    magic, stored, columns, digest = HEADER.unpack_from(data)
    bits = -(-frames // 8)
    body = data[HEADER.size :]
    if (
        (magic, stored, columns) != (MAGIC, frames, COUNT)
        or len(body) != bits + frames * COUNT
        or _digest(fingerprint, body) != digest
    ):
        return None
    known = np.unpackbits(np.frombuffer(body[:bits], np.uint8), count=frames).astype(np.bool_)
    # copied, because an array over bytes is read-only and the caller keeps filling it
    rows = np.frombuffer(body[bits:], np.uint8).reshape(frames, COUNT).copy()
    return FrameMeasures(rows, known)
