"""Short digests of what a model has learnt from, so that scores on that are known as such.

No image can be made from them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.schema.errors import ModelError
from kd_core.schema.json_text import LARGEST_BYTES, JsonError, JsonObject, decode_json
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_files import SEEN_NAME, TEACHER_WEIGHTS_NAME

#: The tensor's name, in a teacher's weights and in a student's own file.
SEEN = "seen"
_SEEN_BYTES = 8
_LENGTH = 8  # bytes of a header's length


class _Entry(msgspec.Struct):
    """What a header says of a tensor."""

    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


def shortened(content: str) -> str:
    """What is kept of an image's digest: enough to know it again among millions."""
    return content[: 2 * _SEEN_BYTES]


def packed(contents: Collection[str]) -> NDArray[np.uint8]:
    """Hex digests -> (N, 8) uint8, in an order that tells nothing."""
    rows = [list(bytes.fromhex(content)) for content in sorted(set(map(shortened, contents)))]
    return np.array(rows, np.uint8).reshape(-1, _SEEN_BYTES)


def unpacked(rows: NDArray[np.uint8]) -> frozenset[str]:
    """(N, 8) uint8 -> short hex digests."""
    return frozenset(bytes(row).hex() for row in rows.tolist())


def digest_of(contents: Collection[str]) -> str:
    """Hex digest of a set of images, whatever their order."""
    return hashlib.sha256(packed(contents).tobytes()).hexdigest()


def seen_file(contents: Collection[str]) -> bytes:
    """What a student's SEEN_NAME holds."""
    rows = packed(contents)
    entry = _Entry("U8", rows.shape, (0, rows.nbytes))
    header = msgspec.json.encode({SEEN: entry})
    return len(header).to_bytes(_LENGTH, "little") + header + rows.tobytes()


def read_seen(folder: Path, card: ModelCard) -> frozenset[str] | None:
    """Short digests of what the model in ``folder`` has learnt from.

    None where it was not kept, as by students of before 2026-12. Raises ModelError for a damaged
    file.
    """
    name = SEEN_NAME if SEEN_NAME in card.files else TEACHER_WEIGHTS_NAME
    if name not in card.files:
        return None
    try:
        return unpacked(_rows(folder / name))
    except (OSError, JsonError, KeyError, ValueError) as error:
        raise ModelError(
            f"What model {card.version} has learnt from cannot be read: {name} is damaged.",
            "Use another copy of the model.",
        ) from error


def _rows(path: Path) -> NDArray[np.uint8]:
    """The tensor SEEN of a safetensors file: a length, a JSON header, the bytes of all tensors.

    By hand, as scoring a student needs no package of the learning side
    (huggingface.co/docs/safetensors, "Format"). Raises OSError, JsonError, KeyError and ValueError.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH), "little")
        if not 0 < length <= LARGEST_BYTES:
            raise ValueError("no safetensors file")
        header = decode_json(file.read(length), JsonObject)
        first, last = msgspec.convert(header[SEEN], _Entry).data_offsets
        file.seek(first, os.SEEK_CUR)
        return np.frombuffer(file.read(last - first), np.uint8).reshape(-1, _SEEN_BYTES)
