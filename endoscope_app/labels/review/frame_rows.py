"""What reader and model say of the open procedure's frames, as far as the reader may see it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.labels.frame_states import NONE, State
from endoscope_app.labels.model_visibility import ModelVisibility
from endoscope_app.labels.procedure_labels import ProcedureLabels
from endoscope_app.labels.review.review_queues import margins, with_none
from endoscope_app.labels.review.review_rows import ReviewRows
from endoscope_app.viewing.procedure_player import ProcedurePlayer

Array = NDArray[np.float32]


class FrameColumns(NamedTuple):
    """Of some frames (M,), as ``ReviewRows.update`` takes them; ``label`` (G, M), of each group."""

    frames: NDArray[np.int64]
    label: NDArray[np.int16]
    state: NDArray[np.int8]
    model: NDArray[np.int16]
    probability: Array
    from_range: NDArray[np.bool_]


class FrameRows:
    """Where the settings hide the model, its columns are empty until the reader has answered."""

    def __init__(
        self,
        player: ProcedurePlayer,
        labels: ProcedureLabels,
        analysis: ProcedureAnalysis,
        visibility: ModelVisibility,
    ) -> None:
        self._player, self._labels = player, labels
        self._analysis, self._visibility = analysis, visibility
        self._probability: Array = np.zeros(0, np.float32)

    def all(self) -> ReviewRows | None:
        """Every frame; None while the labels are still those of another procedure."""
        states, times = self._labels.states, self.times()
        count = len(states.label)
        if len(times) < count:
            return None
        self._probability, margin = self._confidence(count)
        seen = self._visibility.frames
        return ReviewRows(
            np.arange(count),
            times[:count],
            states.labels,
            np.where(seen, states.model, NONE),
            np.where(seen, self._probability, np.nan),
            np.where(seen, states.states(), State.UNLABELLED),
            states.names,
            np.where(seen, margin, np.nan),
            states.from_range,
        )

    def part(self, frames: NDArray[np.int64]) -> FrameColumns:
        """Those of ``frames`` that were in ``all``, as they are now."""
        states = self._labels.states
        here = frames[(frames < len(states.label)) & (frames < len(self._probability))]
        seen = self._visibility.frames[here]
        return FrameColumns(
            here,
            states.labels[:, here],
            np.where(seen, states.states()[here], State.UNLABELLED),
            np.where(seen, states.model[here], NONE).astype(np.int16),
            np.where(seen, self._probability[here], np.nan).astype(np.float32),
            states.from_range[here],
        )

    def times(self) -> NDArray[np.float64]:
        """(N,) ms of the open procedure; NaN for stills, which have no time of their own."""
        times, info = self._player.times_ms, self._player.info
        is_video = info is not None and info.kind == "video"
        return times if is_video else np.full(len(times), np.nan)

    def _confidence(self, count: int) -> tuple[Array, Array]:
        """(N,) the probability of the model's class and the margin to the next one, of class groups
        the least.

        NaN where it has not looked.
        """
        unknown = np.full(count, np.nan, np.float32)
        timeline = self._analysis.timeline
        if timeline is None or timeline.frame_count != count:
            return unknown, unknown
        raw = timeline.raw.astype(np.float32)
        known = timeline.known
        best = raw[np.arange(count), np.maximum(timeline.labels(), 0)]
        parts = [with_none(raw[:, track.columns]) for track in timeline.tracks] or [raw]
        margin = np.min([margins(part) for part in parts], axis=0)
        return np.where(known, best, np.nan).astype(np.float32), np.where(
            known, margin, np.nan
        ).astype(np.float32)
