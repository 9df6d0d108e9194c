"""Raw predictions on disk, one file per procedure and model version: a timeline is shown at once
when its procedure is opened again.

Layout, little-endian: magic 8 bytes | frames uint32 | classes uint32 | key sha256 | digest sha256 |
known, packed bits | damaged, packed bits | raw float16. The key says whose predictions these are,
the digest covers everything else in the file. Files of the first layout, which has no damaged bits,
are still read. What a quick look saw is kept apart, in files with another magic: never is it taken
for the prediction of a frame that was analysed.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis import wording
from endoscope_app.analysis.quality.measure_store import MeasureStore
from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.damaged_files import set_aside
from endoscope_app.base.errors import AppError

MAGIC_WITHOUT_DAMAGE = b"EAPRED01"
MAGIC = b"EAPRED02"
MAGIC_OF_QUICK_LOOK = b"EAQUIK01"
HEADER = struct.Struct("<8sII32s32s")


class Stored(NamedTuple):
    """raw (N, C): probabilities; known (N,): which frames were analysed; damaged (N,): which
    came out damaged, or not at all.
    """

    raw: NDArray[np.float16]
    known: NDArray[np.bool_]
    damaged: NDArray[np.bool_]


class PredictionStore:
    """Files of raw probabilities in one folder; the folder is made on the first save.

    ``measures``: what was measured of the frames, which is the same for every model.
    """

    suffix, magic = "predictions", MAGIC

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.measures = MeasureStore(folder)

    @property
    def quick(self) -> QuickLookStore:
        """What quick looks saw of the same procedures."""
        return QuickLookStore(self._folder)

    def path(self, fingerprint: str, model_version: str) -> Path:
        """Of the file of a procedure and a model."""
        return self._folder / file_name(fingerprint, model_version, self.suffix)

    def load(
        self, fingerprint: str, model_version: str, frame_count: int, class_count: int
    ) -> Stored | None:
        """What was saved, or None where there is nothing usable; an unusable file is moved
        aside.
        """
        path = self.path(fingerprint, model_version)
        try:
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            detail = f"{type(error).__name__} errno {error.errno}"
            raise AppError(wording.NOT_READ, wording.NOT_READ_WAY_OUT, detail) from error
        key = key_of(fingerprint, model_version)
        magics = (MAGIC, MAGIC_WITHOUT_DAMAGE) if self.magic == MAGIC else (self.magic,)
        stored = _decode(data, magics, key, frame_count, class_count)
        if stored is None:
            set_aside(path)
        return stored

    def save(
        self,
        fingerprint: str,
        model_version: str,
        raw: NDArray[np.float16],
        known: NDArray[np.bool_],
        damaged: NDArray[np.bool_] | None = None,
    ) -> None:
        """Replace the file in one step; raw (N, C), known (N,), damaged (N,), None for no frame.

        Raises AppError when the disk is full or the folder not writable.
        """
        damaged = np.zeros_like(known) if damaged is None else damaged
        if raw.ndim != 2 or not known.shape == damaged.shape == raw.shape[:1]:
            raise ValueError(
                f"raw {raw.shape}, known {known.shape} and damaged {damaged.shape} do not belong"
                " together"
            )
        parts = [
            np.packbits(known).tobytes(),
            np.packbits(damaged).tobytes(),
            raw.astype("<f2").tobytes(),
        ]
        key = key_of(fingerprint, model_version)
        header = HEADER.pack(
            self.magic, *raw.shape, key, _digest(raw.shape[0], raw.shape[1], key, *parts)
        )
        write_atomically(
            self.path(fingerprint, model_version),
            [header, *parts],
            wording.KEPT,
        )


class QuickLookStore(PredictionStore):
    """Files of what quick looks saw; needed no longer once every frame is analysed."""

    suffix, magic = "quick", MAGIC_OF_QUICK_LOOK

    def discard(self, fingerprint: str, model_version: str) -> None:
        """Where there is one; one that cannot be removed does no harm."""
        with suppress(OSError):
            self.path(fingerprint, model_version).unlink(missing_ok=True)


def file_name(fingerprint: str, model_version: str, suffix: str) -> str:
    """Holds no patient data: the procedure's hash, the model's name made safe, and a hash that
    keeps two such names apart.
    """
    if not re.fullmatch(r"[0-9a-fA-F]{8,128}", fingerprint):
        raise ValueError("a fingerprint is 8 to 128 hexadecimal digits")
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", model_version)[:40].strip("._-")
    mark = hashlib.sha256(model_version.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{fingerprint.lower()}-{safe or 'model'}-{mark}.{suffix}"


def key_of(fingerprint: str, model_version: str) -> bytes:
    """Whose file it is: of which procedure, by which model."""
    return hashlib.sha256(
        f"{fingerprint.lower()}\0{model_version}".encode("utf-8", "surrogatepass")
    ).digest()


def _digest(frames: int, classes: int, *parts: bytes) -> bytes:
    whole = hashlib.sha256(struct.pack("<II", frames, classes))
    for part in parts:
        whole.update(part)
    return whole.digest()


def _decode(
    data: bytes, magics: Collection[bytes], key: bytes, frames: int, classes: int
) -> Stored | None:
    if len(data) < HEADER.size:
        return None
    magic, stored_frames, stored_classes, stored_key, digest = HEADER.unpack_from(data)
    if magic not in magics or (
        stored_frames,
        stored_classes,
        stored_key,
    ) != (frames, classes, key):
        return None
    bits_size = -(-frames // 8)
    sizes = [bits_size] * (1 if magic == MAGIC_WITHOUT_DAMAGE else 2) + [frames * classes * 2]
    if len(data) != HEADER.size + sum(sizes):
        return None
    ends = HEADER.size + np.cumsum(sizes)
    parts = [data[end - size : end] for size, end in zip(sizes, ends.tolist(), strict=True)]
    if _digest(frames, classes, key, *parts) != digest:
        return None
    known, *damage, body = parts
    # copied, because an array over bytes is read-only and the caller keeps filling it
    raw = np.frombuffer(body, "<f2").astype(np.float16).reshape(frames, classes)
    return Stored(
        raw,
        _bits(known, frames),
        _bits(damage[0], frames) if damage else np.zeros(frames, np.bool_),
    )


def _bits(packed: bytes, count: int) -> NDArray[np.bool_]:
    return np.unpackbits(np.frombuffer(packed, np.uint8), count=count).astype(np.bool_)
