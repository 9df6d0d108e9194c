"""The frames of the review list as arrays, with its own sorting and filtering. No Qt.

There may be 45,000 rows: none of them is an object.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.frame_states import NONE, State
from endoscope_app.labels.review import review_queues as queues


class Queue(IntEnum):
    """The order that the rows have before a column is sorted."""

    TIME = 0
    MOST_UNCERTAIN = 1
    DISAGREEMENTS_FIRST = 2
    RARE_CLASSES_FIRST = 3
    SPREAD = 4
    GIVEN = 5  # as the rows were given, for a list that was found for the reader


class Column(IntEnum):
    """The columns of the list."""

    THUMBNAIL = 0
    FRAME = 1
    TIME = 2
    YOU = 3
    MODEL = 4
    PROBABILITY = 5
    STATE = 6


@dataclass(frozen=True)
class RowFilter:
    """What to show.

    A class that the reader or the model names, a state, and the model's probability from low to
    high.
    """

    class_code: int | None = None
    state: State | None = None
    low: float = 0.0
    high: float = 1.0


class ReviewRows:
    """N frames. Rows are named by position.

    Label and model codes are places in ``names``, or NONE; an unknown probability is NaN.
    """

    def __init__(
        self,
        frame_index: NDArray[np.integer[Any]],
        time_ms: NDArray[Any],
        label_code: NDArray[np.integer[Any]],
        model_code: NDArray[np.integer[Any]],
        probability: NDArray[np.floating[Any]],
        state_code: NDArray[np.integer[Any]],
        names: Sequence[str],
        margin: NDArray[np.floating[Any]] | None = None,
        from_range: NDArray[np.bool_] | None = None,
    ) -> None:
        """Each array (N,), of ``label_code`` also (G, N): the labels of G groups.

        Where ``margin`` (best minus second best probability) is given, "most uncertain" goes by it,
        else by the probability. ``from_range``: the label is that of a range around the frame; none
        where it is not given.

        Raises ValueError for lengths that differ, codes without a name or meaning, or a frame given
        twice.
        """
        self.names = tuple(names)
        self.frame_index = np.asarray(frame_index, dtype=np.int64)
        self.time_ms = np.asarray(time_ms, dtype=np.float64)
        self.by_group = np.atleast_2d(np.array(label_code, dtype=np.int32))
        self.label_code = _first(self.by_group)
        self.model_code = np.array(model_code, dtype=np.int32)
        self.probability = np.array(probability, dtype=np.float32)
        self.state_code = np.array(state_code, dtype=np.int8)
        self.margin = self.probability if margin is None else np.asarray(margin, dtype=np.float32)
        no_ranges = np.zeros(len(self.frame_index), np.bool_)
        self.from_range = no_ranges if from_range is None else np.array(from_range, dtype=np.bool_)
        texts = self.label_code, self.model_code, self.state_code
        columns = (
            self.frame_index,
            self.time_ms,
            *texts,
            self.probability,
            self.margin,
            self.from_range,
        )
        if any(column.shape != (len(self.frame_index),) for column in columns):
            raise ValueError(
                f"columns of different lengths: {[column.shape for column in columns]}"
            )
        _check_codes(self.by_group, len(self.names), NONE)
        _check_codes(self.model_code, len(self.names), NONE)
        _check_codes(self.state_code, len(State), 0)
        self._by_time = np.argsort(self.frame_index, kind="stable")
        self._frames = self.frame_index[self._by_time]
        if (np.diff(self._frames) == 0).any():
            raise ValueError("a frame is given twice")
        alphabetical = sorted(range(len(self.names)), key=lambda code: self.names[code].casefold())
        self._rank = np.empty(len(self.names) + 1, dtype=np.float64)
        self._rank[alphabetical] = np.arange(len(self.names))
        # The place that the code NONE reads. NaN sorts last, up or down.
        self._rank[NONE] = np.nan

    def __len__(self) -> int:
        return len(self.frame_index)

    def positions_of(self, frames: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Positions of these frames (M,), NONE for a frame that is not here."""
        if not len(self):
            return np.full(len(frames), NONE, dtype=np.int64)
        places = np.minimum(np.searchsorted(self._frames, frames), len(self) - 1)
        positions: NDArray[np.int64] = np.where(
            self._frames[places] == frames, self._by_time[places], NONE
        ).astype(np.int64)
        return positions

    def update(
        self,
        frames: NDArray[np.integer[Any]],
        label_code: NDArray[np.integer[Any]],
        state_code: NDArray[np.integer[Any]],
        model_code: NDArray[np.integer[Any]] | None = None,
        probability: NDArray[np.floating[Any]] | None = None,
        from_range: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.int64]:
        """New labels and states of some frames (M,); returns the positions changed.

        ``label_code`` as it was given when the rows were made. With what may be seen of the model
        where a label shows or hides it. Frames that are not here are passed over.
        """
        labels = np.atleast_2d(label_code)
        columns = (labels.T, state_code, model_code, probability, from_range)
        lengths = [len(column) for column in columns if column is not None]
        if any(length != len(frames) for length in lengths):
            raise ValueError(f"{len(frames)} frames, but columns of {lengths}")
        _check_codes(labels, len(self.names), NONE)
        _check_codes(state_code, len(State), 0)
        if model_code is not None:
            _check_codes(model_code, len(self.names), NONE)
        positions = self.positions_of(frames)
        here: NDArray[np.bool_] = positions != NONE
        self.by_group[:, positions[here]] = labels[:, here]
        self.label_code[positions[here]] = _first(labels[:, here])
        self.state_code[positions[here]] = state_code[here]
        if model_code is not None:
            self.model_code[positions[here]] = model_code[here]
        if probability is not None:
            self.probability[positions[here]] = probability[here]
        self.from_range[positions[here]] = False if from_range is None else from_range[here]
        changed: NDArray[np.int64] = positions[here]
        return changed

    def labels_of(self, position: int) -> list[str]:
        """What the reader calls a frame, in the order of the groups."""
        return [self.names[code] for code in self.by_group[:, position].tolist() if code != NONE]

    def mask(self, wanted: RowFilter) -> NDArray[np.bool_]:
        """(N,) True for the rows that the filter lets through.

        An unknown probability passes only while the range is whole.
        """
        passed: NDArray[np.bool_] = np.ones(len(self), dtype=np.bool_)
        if wanted.low > 0.0 or wanted.high < 1.0:
            passed &= (self.probability >= np.float32(wanted.low)) & (
                self.probability <= np.float32(wanted.high)
            )
        if wanted.class_code is not None:
            passed &= (self.by_group == wanted.class_code).any(axis=0) | (
                self.model_code == wanted.class_code
            )
        if wanted.state is not None:
            passed &= self.state_code == wanted.state
        return passed

    def arrange(
        self, wanted: RowFilter, queue: Queue, column: Column | None, descending: bool
    ) -> NDArray[np.int64]:
        """Positions (M,) of the rows to show, in the queue's order.

        They are then sorted by the column, so that ties keep the queue's order.
        """
        passed = self._by_time[self.mask(wanted)[self._by_time]]
        positions = passed[self._queue_order(passed, queue)]
        if column is None or column is Column.THUMBNAIL:
            return positions
        key = self._key(column)[positions]
        ordered: NDArray[np.int64] = positions[
            np.argsort(-key if descending else key, kind="stable")
        ]
        return ordered

    def _queue_order(self, positions: NDArray[np.int64], queue: Queue) -> NDArray[np.int64]:
        if queue is Queue.GIVEN:
            return np.argsort(positions, kind="stable").astype(np.int64)
        if queue is Queue.MOST_UNCERTAIN:
            return np.argsort(self.margin[positions], kind="stable").astype(np.int64)
        if queue is Queue.DISAGREEMENTS_FIRST:
            return np.argsort(
                self.state_code[positions] != State.DISAGREEMENT, kind="stable"
            ).astype(np.int64)
        if queue is Queue.RARE_CLASSES_FIRST:
            counts = np.bincount(self.model_code[self.model_code >= 0], minlength=len(self.names))
            return queues.rare_class_first(self.model_code[positions], counts)
        return queues.spread(len(positions)) if queue is Queue.SPREAD else np.arange(len(positions))

    def _key(self, column: Column) -> NDArray[np.float64]:
        if column is Column.YOU:
            return self._rank[self.label_code]
        if column is Column.MODEL:
            return self._rank[self.model_code]
        plain: dict[Column, NDArray[Any]] = {
            Column.FRAME: self.frame_index,
            Column.TIME: self.time_ms,
            Column.PROBABILITY: self.probability,
            Column.STATE: self.state_code,
        }
        return plain[column].astype(np.float64)


def _first(by_group: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
    """(N,) the code of the first group of (G, N) that has one, NONE where none has."""
    first = np.full(by_group.shape[1], NONE, np.int32)
    for lane in by_group[::-1]:
        np.copyto(first, lane, where=lane != NONE, casting="same_kind")
    return first


def _check_codes(codes: NDArray[np.integer[Any]], count: int, least: int) -> None:
    if codes.size and (int(codes.min()) < least or int(codes.max()) >= count):
        raise ValueError(
            f"codes from {int(codes.min())} to {int(codes.max())}, but only {least} to {count - 1}"
            " mean something"
        )
