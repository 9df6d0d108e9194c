"""The review list: the open procedure's frames beside what reader and model say of them.

It keeps in step with player, labels and analysis.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QImage

from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.base.key_claim import PEEK_KEY
from endoscope_app.labels.commands import (
    AGREE,
    CLASS_KEYS,
    CLEAR_LABEL,
    NEXT_DIFFERING_OR_UNSURE,
    PREVIOUS_DIFFERING_OR_UNSURE,
    REDO,
    REVIEW_LIST,
    UNDO,
    UNUSABLE,
)
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.model_visibility import ModelVisibility
from endoscope_app.labels.procedure_labels import ProcedureLabels
from endoscope_app.labels.review import wording
from endoscope_app.labels.review.frame_rows import FrameRows
from endoscope_app.labels.review.frame_thumbnails import FrameThumbnails
from endoscope_app.labels.review.review_dialog import ReviewDialog
from endoscope_app.labels.review.review_rows import Queue, ReviewRows
from endoscope_app.labels.review.suspect_labels import SuspectLabels, suspect_columns
from endoscope_app.viewing.commands import BACK_1, FORWARD_1, PLAY_PAUSE
from endoscope_app.viewing.inference_thread import ClassifiedFrame

#: Commands whose keys work in the review window too.
SHARED = (
    *CLASS_KEYS,
    AGREE,
    UNUSABLE,
    CLEAR_LABEL,
    UNDO,
    REDO,
    NEXT_DIFFERING_OR_UNSURE,
    PREVIOUS_DIFFERING_OR_UNSURE,
    BACK_1,
    FORWARD_1,
    PLAY_PAUSE,
)


class ReviewFlow(QObject):
    """Makes the window when it is first asked for. A list that is not on screen costs nothing."""

    def __init__(
        self,
        desk: LabelDesk,
        labels: ProcedureLabels,
        analysis: ProcedureAnalysis,
        visibility: ModelVisibility,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self.dialog: ReviewDialog | None = None
        self._window, self._player, self._analysis = desk.window, desk.player, analysis
        self._session, self._procedure, self._labels = desk.session, desk.procedure, labels
        self._visibility = visibility
        self._thumbnails = FrameThumbnails(desk.player, desk.window, self)
        self._thumbnails.outdated.connect(self._on_outdated)
        self._thumbnails.made.connect(self._on_thumbnail)
        self._rows = FrameRows(desk.player, labels, analysis, visibility)
        # By fingerprint; those of the open procedure are all that the list shows
        self._suspects: dict[str, SuspectLabels] = {}
        desk.window.action(REVIEW_LIST).triggered.connect(self.open)
        labels.renewed.connect(self.fill)
        labels.frames_changed.connect(self._on_frames_changed)
        desk.player.opened.connect(self._on_opened)
        desk.player.frame_arrived.connect(self._on_frame_arrived)

    def open(self) -> None:
        """Show the list, or bring it to the front."""
        if self.dialog is None:
            dialog = self.dialog = ReviewDialog(
                [self._window.action(command) for command in SHARED],
                PEEK_KEY,
                self._window.as_widget(),
            )
            dialog.rows.frame_chosen.connect(self._on_frame_chosen)
            dialog.rows.thumbnails_wanted.connect(self._thumbnails.want)
            dialog.shown.connect(self._on_shown)
            dialog.all_requested.connect(lambda: self.show_suspects({}))
            dialog.peek_changed.connect(self._visibility.hold)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _on_outdated(self) -> None:
        if self.dialog is not None:
            self.dialog.rows.forget_thumbnails()

    def show_suspects(self, suspects: dict[str, SuspectLabels]) -> None:
        """Only these frames, by fingerprint, with what the models say; none: all frames.

        They stay until the reader wants all frames again.
        """
        self._suspects = suspects
        for fingerprint, labels in suspects.items():
            self._visibility.note_told(fingerprint, labels.frames.tolist())
        if self.suspects is not None:
            self.open()
        self._show_part()
        self.fill()
        if self.suspects is not None:
            self._on_frame_chosen(int(self.suspects.frames[0]))

    @property
    def suspects(self) -> SuspectLabels | None:
        """Those of the open procedure, if the list is to show them alone."""
        return self._suspects.get(self._procedure.fingerprint)

    def _show_part(self) -> None:
        if self.dialog is not None:
            self.dialog.show_part(wording.CONTRADICTED if self.suspects is not None else "")

    def close(self) -> None:
        """End the thread and wait for it (only while closing)."""
        if self.dialog is not None:
            self.dialog.close()
        self._thumbnails.close()

    def queue(self) -> NDArray[np.int64] | None:
        """The frames in the list's order; None where it is not on screen, or in that of time."""
        dialog = self.dialog
        if dialog is None or not dialog.isVisible() or dialog.rows.filters().queue() is Queue.TIME:
            return None
        return dialog.rows.shown_frames()

    def fill(self) -> None:
        """All rows anew."""
        dialog = self.dialog
        if dialog is None or not dialog.isVisible():
            return
        states, times = self._labels.states, self._rows.times()
        if len(times) < len(states.label):  # the times of another procedure
            return
        colours = [QColor(known.colour) for known in self._session.classes]
        if self.suspects is not None:
            here = suspect_columns(self.suspects, states)
            rows = ReviewRows(
                here.frames,
                times[here.frames],
                here.label,
                here.model,
                here.probability,
                here.state,
                states.names,
                from_range=here.from_range,
            )
            dialog.rows.set_rows(rows, colours)
            self._tell(self._player.index)
            return
        every = self._rows.all()
        if every is not None:
            dialog.rows.set_rows(every, colours)
            self._tell(self._player.index)

    def _tell(self, frame: int) -> None:
        """Below the list: what the models say of a suspect label, or why a column is empty."""
        if self.dialog is not None and self.suspects is not None:
            self.dialog.set_note(self.suspects.sentence(frame) or wording.CHOOSE_NOTE)
        elif self.dialog is not None:
            self.dialog.set_note("" if self._visibility.whole_procedure else wording.HIDDEN_NOTE)

    def _on_shown(self, shown: bool) -> None:
        if shown:
            self._labels.refresh_model()
            self.fill()
            self._show_frame(self._player.index)
        else:
            self._thumbnails.want_none()

    def _on_opened(self) -> None:
        self._thumbnails.want_none()
        if self.dialog is not None:
            self.dialog.rows.forget_thumbnails()
            self._show_part()

    def _on_frames_changed(self, frames: NDArray[np.int64]) -> None:
        dialog = self.dialog
        if dialog is None or not dialog.isVisible():
            return
        if self.suspects is not None:
            columns = suspect_columns(self.suspects, self._labels.states)
            mine = np.isin(columns.frames, frames)
            dialog.rows.update_rows(
                columns.frames[mine],
                columns.label[:, mine],
                columns.state[mine],
                from_range=columns.from_range[mine],
            )
            return
        part = self._rows.part(frames)
        dialog.rows.update_rows(
            part.frames, part.label, part.state, part.model, part.probability, part.from_range
        )

    def _on_frame_chosen(self, index: int) -> None:
        self._player.pause()
        self._player.go_to(index)

    def _on_frame_arrived(self, arrived: ClassifiedFrame) -> None:
        index = arrived.decoded.frame.index
        # A late frame must not pull back a reader who is already further down the list.
        if self._player.playing or index == self._player.index:
            self._show_frame(index)

    def _show_frame(self, index: int) -> None:
        if self.dialog is None or not self.dialog.isVisible():
            return
        if self.dialog.rows.chosen_frame() != index:
            self.dialog.rows.show_frame(index)
        if self.suspects is not None:
            self._tell(index)

    def _on_thumbnail(self, index: int, image: QImage) -> None:
        if self.dialog is not None:
            self.dialog.rows.set_thumbnail(index, image)
