"""Embeddings on disk beside the predictions, one file per procedure and model version. No Qt.

Layout, little-endian: magic 8 bytes | frames uint32 | size uint32 | key sha256 | digest sha256 |
known, packed bits | times float64 | stamps int64 | vectors float16. Key and digest are those of
predictions: whose they are, and that they are whole.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np

from endoscope_app.analysis import wording
from endoscope_app.analysis.embeddings import Embeddings
from endoscope_app.analysis.prediction_store import file_name, key_of
from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.damaged_files import set_aside
from endoscope_app.base.errors import AppError

MAGIC = b"EAEMBD01"
HEADER = struct.Struct("<8sII32s32s")


class EmbeddingStore:
    """Files in one folder; the folder is made on the first save."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, fingerprint: str, model_version: str) -> Path:
        """Of the file of a procedure and a model."""
        return self._folder / file_name(fingerprint, model_version, "embeddings")

    def load(self, fingerprint: str, model_version: str) -> Embeddings | None:
        """What was saved, or None where there is nothing usable; an unusable file is moved aside.

        AppError where it cannot be read.
        """
        path = self.path(fingerprint, model_version)
        try:
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            detail = f"{type(error).__name__} errno {error.errno}"
            raise AppError(wording.NOT_READ, wording.NOT_READ_WAY_OUT, detail) from error
        found = _decode(data, key_of(fingerprint, model_version))
        if found is None:
            set_aside(path)
        return found

    def save(self, fingerprint: str, model_version: str, embeddings: Embeddings) -> None:
        """Replace the file in one step. AppError when the disk is full or not writable."""
        parts = [
            np.packbits(embeddings.known).tobytes(),
            embeddings.times_ms.astype("<f8").tobytes(),
            embeddings.stamps.astype("<i8").tobytes(),
            embeddings.vectors.astype("<f2").tobytes(),
        ]
        key = key_of(fingerprint, model_version)
        header = HEADER.pack(MAGIC, *embeddings.vectors.shape, key, _digest(*parts))
        path = self.path(fingerprint, model_version)
        write_atomically(path, [header, *parts], wording.KEPT)


def _digest(*parts: bytes) -> bytes:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return whole.digest()


def _decode(data: bytes, key: bytes) -> Embeddings | None:
    if len(data) < HEADER.size:
        return None
    magic, frames, size, stored_key, digest = HEADER.unpack_from(data)
    sizes = [-(-frames // 8), 8 * frames, 8 * frames, 2 * frames * size]
    if magic != MAGIC or stored_key != key or len(data) != HEADER.size + sum(sizes):
        return None
    ends = (HEADER.size + np.cumsum(sizes)).tolist()
    parts = [data[end - length : end] for length, end in zip(sizes, ends, strict=True)]
    if _digest(*parts) != digest:
        return None
    known, times, stamps, vectors = parts
    # copied, because an array over bytes is read-only and the caller keeps filling it
    return Embeddings(
        np.frombuffer(vectors, "<f2").astype(np.float16).reshape(frames, size),
        np.unpackbits(np.frombuffer(known, np.uint8), count=frames).astype(np.bool_),
        np.frombuffer(times, "<f8").astype(np.float64),
        np.frombuffer(stamps, "<i8").astype(np.int64),
    )
