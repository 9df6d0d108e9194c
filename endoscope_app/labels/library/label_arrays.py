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
    columns = [np.ascontiguousarray(table[name]) for name in _ROW.names or ()]
    for column in columns:
        column.flags.writeable = False  # more than one may hold it
    return LabelArrays(*columns)


class KeptArrays:
    """The arrays that were read last, as long as nobody has written: an opening asks twice for
    the labels of a procedure, of which 45,000 take 50 ms.
    """

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._kept: LabelArrays | None = None

    def read(self, connection: sqlite3.Connection, fingerprint: str) -> LabelArrays:
        """As ``read_arrays``. What is read inside a transaction may be taken back, and is not
        kept.
        """
        if connection.in_transaction:
            return read_arrays(connection, fingerprint)
        # What this connection wrote, and whether another one did
        (others,) = connection.execute("PRAGMA data_version").fetchone()
        key = (connection, connection.total_changes, others, fingerprint)
        if self._kept is None or key != self._key:
            self._key, self._kept = key, read_arrays(connection, fingerprint)
        return self._kept
