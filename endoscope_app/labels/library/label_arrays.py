"""The labels of a whole procedure as arrays."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.library.records import FRAME_KINDS

NO_CLASS = -1
_KINDS = " ".join(f"WHEN '{kind}' THEN {code}" for code, kind in enumerate(FRAME_KINDS))
_ROW = np.dtype(
    [("pts", np.int64), ("frame_index", np.int64), ("class_id", np.int32), ("kind", np.uint8)]
)


@dataclass(frozen=True)
class LabelArrays:
    """N labels in the order of their frames, a frame once for each of its labels: pts (N,) int64,
    frame_index (N,) int64, class_id (N,) int32 (-1 for none), kind (N,) uint8.

    A kind is the index into FRAME_KINDS: 0 class, 1 agreed, 2 unusable.
    """

    pts: NDArray[np.int64]
    frame_index: NDArray[np.int64]
    class_id: NDArray[np.int32]
    kind: NDArray[np.uint8]


def read_arrays(connection: sqlite3.Connection, fingerprint: str) -> LabelArrays:
    """The labels of one procedure."""
    query = (
        f"SELECT pts, frame_index, coalesce(class_id, {NO_CLASS}), CASE kind {_KINDS} END"
        " FROM frame_labels WHERE fingerprint = ? ORDER BY frame_index, pts, slot"
    )
    table = np.fromiter(connection.execute(query, (fingerprint,)), dtype=_ROW)
    return LabelArrays(
        *(np.ascontiguousarray(table[name]) for name in ("pts", "frame_index", "class_id", "kind"))
    )
