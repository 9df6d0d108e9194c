"""Jumps from one labelled frame to the next, and from one frame worth a look to the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.labels import act_wording
from endoscope_app.labels.commands import (
    NEXT_DIFFERING_OR_UNSURE,
    NEXT_LABEL,
    PREVIOUS_DIFFERING_OR_UNSURE,
    PREVIOUS_LABEL,
)
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.model_visibility import ModelVisibility
from endoscope_app.labels.procedure_labels import ProcedureLabels
from endoscope_app.labels.review.review_queues import next_in


class LabelJumps(QObject):
    """The four commands."""

    def __init__(
        self,
        desk: LabelDesk,
        labels: ProcedureLabels,
        visibility: ModelVisibility,
        queue: Callable[[], NDArray[np.int64] | None],
    ) -> None:
        """``queue``: frame indices (M,) in the order in which the reader goes through them, or
        None for the frames worth a look by time.
        """
        super().__init__(desk.window.as_widget())
        self._window, self._player = desk.window, desk.player
        self._session, self._procedure = desk.session, desk.procedure
        self._labels, self._visibility, self._queue = labels, visibility, queue
        desk.window.action(NEXT_LABEL).triggered.connect(partial(self._go_to_label, 1))
        desk.window.action(PREVIOUS_LABEL).triggered.connect(partial(self._go_to_label, -1))
        desk.window.action(NEXT_DIFFERING_OR_UNSURE).triggered.connect(
            partial(self._go_to_differing_or_unsure, 1)
        )
        desk.window.action(PREVIOUS_DIFFERING_OR_UNSURE).triggered.connect(
            partial(self._go_to_differing_or_unsure, -1)
        )

    def _go_to_label(self, direction: int) -> None:
        fingerprint, library = self._procedure.fingerprint, self._session.library
        if not fingerprint:
            self._window.banner.show_remark(NO_PROCEDURE_OPEN)
            return
        nearest = library.next_label if direction > 0 else library.previous_label
        index = nearest(fingerprint, self._player.index)
        # A label of no frame stands beyond the last one
        if index is not None and index < len(self._labels.states.kind):
            self._go(index)
        else:
            self._window.banner.show_remark(act_wording.no_label_further(direction > 0))

    def _go_to_differing_or_unsure(self, direction: int) -> None:
        if not self._procedure.fingerprint:
            self._window.banner.show_remark(NO_PROCEDURE_OPEN)
            return
        self._labels.refresh_model()
        queue = self._queue()
        frames = (
            self._labels.states.worth_a_look() & self._visibility.frames if queue is None else queue
        )
        index = next_in(frames, self._player.index, direction)
        if index is not None:
            self._go(index)
        elif queue is not None:
            self._window.banner.show_remark(act_wording.end_of_list(direction > 0))
        else:
            self._window.banner.show_remark(act_wording.nothing_worth_a_look(direction > 0))

    def _go(self, index: int) -> None:
        self._player.pause()
        self._player.go_to(index)
