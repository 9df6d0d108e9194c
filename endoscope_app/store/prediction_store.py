"""Raw predictions on disk, one file a (recording, model version), so that opening a recording again shows its timeline at once.

Layout, little-endian: magic 8 bytes | frames uint32 | classes uint32 | key sha256 | digest sha256 | known, packed bits | raw float16.
The key says whose predictions these are, the digest covers everything else in the file.
"""

from __future__ import annotations

import hashlib
import re
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from endoscope_app.errors import AppError
from endoscope_app.store.atomic import set_aside, write_atomically

MAGIC = b"EAPRED01"
HEADER = struct.Struct("<8sII32s32s")

Stored = tuple[NDArray[np.float16], NDArray[np.bool_]]


class PredictionStore:
    """Files of raw probabilities in one folder; the folder is made on the first save."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, fingerprint: str, model_version: str) -> Path:
        """Holds no patient data: the recording's hash, the model's name made safe, and a hash that keeps two such names apart."""
        if not re.fullmatch(r"[0-9a-fA-F]{8,128}", fingerprint):
            raise ValueError("a fingerprint is 8 to 128 hexadecimal digits")
        safe = re.sub(r"[^A-Za-z0-9._-]+", "_", model_version)[:40].strip("._-")
        mark = hashlib.sha256(model_version.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return self._folder / f"{fingerprint.lower()}-{safe or 'model'}-{mark}.predictions"

    def load(self, fingerprint: str, model_version: str, frame_count: int, class_count: int) -> Stored | None:
        """raw (N, C) float16 and known (N,), or None where there is nothing usable; an unusable file is moved aside."""
        path = self.path(fingerprint, model_version)
        try:
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            detail = f"{type(error).__name__} errno {error.errno}"
            raise AppError("Earlier predictions could not be read.", "The recording is analysed again.", detail) from error
        stored = _decode(data, _key(fingerprint, model_version), frame_count, class_count)
        if stored is None:
            set_aside(path)
        return stored

    def save(self, fingerprint: str, model_version: str, raw: NDArray[np.float16], known: NDArray[np.bool_]) -> None:
        """Replace the file in one step; raw (N, C), known (N,). AppError when the disk is full or the folder not writable."""
        if raw.ndim != 2 or known.shape != raw.shape[:1]:
            raise ValueError(f"raw {raw.shape} and known {known.shape} do not belong together")
        bits = np.packbits(known).tobytes()
        body = raw.astype("<f2").tobytes()
        key = _key(fingerprint, model_version)
        digest = _digest(raw.shape[0], raw.shape[1], key, bits, body)
        header = HEADER.pack(MAGIC, raw.shape[0], raw.shape[1], key, digest)
        write_atomically(self.path(fingerprint, model_version), [header, bits, body], "the analysis of this recording")


def _key(fingerprint: str, model_version: str) -> bytes:
    return hashlib.sha256(f"{fingerprint.lower()}\0{model_version}".encode("utf-8", "surrogatepass")).digest()


def _digest(frames: int, classes: int, key: bytes, bits: bytes, body: bytes) -> bytes:
    whole = hashlib.sha256(struct.pack("<II", frames, classes))
    for part in (key, bits, body):
        whole.update(part)
    return whole.digest()


def _decode(data: bytes, key: bytes, frames: int, classes: int) -> Stored | None:
    if len(data) < HEADER.size:
        return None
    magic, stored_frames, stored_classes, stored_key, digest = HEADER.unpack_from(data)
    bits_size = -(-frames // 8)
    if (magic, stored_frames, stored_classes, stored_key) != (MAGIC, frames, classes, key):
        return None
    if len(data) != HEADER.size + bits_size + frames * classes * 2:
        return None
    bits, body = data[HEADER.size : HEADER.size + bits_size], data[HEADER.size + bits_size :]
    if _digest(frames, classes, key, bits, body) != digest:
        return None
    known = np.unpackbits(np.frombuffer(bits, np.uint8), count=frames).astype(np.bool_)
    # copied, because an array over bytes is read-only and the caller goes on filling it
    raw = np.frombuffer(body, "<f2").astype(np.float16).reshape(frames, classes)
    return raw, known
