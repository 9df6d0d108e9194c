"""The contact sheet in step with the player, the labels and the analysis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.labels.frame_states import NONE
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.model_visibility import ModelVisibility
from endoscope_app.labels.procedure_labels import ProcedureLabels
from endoscope_app.labels.review.frame_rows import FrameRows
from endoscope_app.labels.review.frame_thumbnails import FrameThumbnails
from endoscope_app.stills import wording
from endoscope_app.stills.contact_sheet import ContactSheet
from endoscope_app.viewing.commands import BLANK_IDENTITY

#: Rows of a thumbnail: for screens with two pixels a point.
IMAGE_ROWS = 240


class SheetFlow(QObject):
    """A sheet that is not shown costs nothing. The still that the keyboard is on is the one on
    screen, so that what is said beside the picture is said of it.

    ``instead`` is asked before a still is opened: True where it was chosen for something else.
    """

    left = Signal()  # the sheet is no longer shown

    def __init__(
        self,
        desk: LabelDesk,
        sheet: ContactSheet,
        labels: ProcedureLabels,
        rows: FrameRows,
        visibility: ModelVisibility,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self._sheet, self._player, self._session = sheet, desk.player, desk.session
        self._banner, self._labels, self._rows = desk.window.banner, labels, rows
        self._visibility = visibility
        self.instead: Callable[[int], bool] = lambda _still: False
        self._filling = False
        self._thumbnails = FrameThumbnails(desk.player, desk.window, self, height=IMAGE_ROWS)
        self._thumbnails.made.connect(sheet.list.show_image)
        self._thumbnails.outdated.connect(self._on_blanking)
        self._blanks = desk.window.action(BLANK_IDENTITY)
        sheet.list.images_wanted.connect(self._thumbnails.want)
        sheet.list.current_changed.connect(self._on_current)
        sheet.list.opened.connect(self.show_still)
        sheet.list.left.connect(self.leave)
        labels.renewed.connect(self.fill)
        labels.frames_changed.connect(self._on_frames_changed)
        desk.player.opened.connect(self._on_opened)
        desk.player.frame_shown.connect(self._on_frame_shown)

    def toggle(self) -> None:
        """To the sheet, or from it to the still that the keyboard is on."""
        if self._sheet.shown:
            self.leave()
        elif not self.say_why_not():
            self.show_sheet()

    def say_why_not(self) -> bool:
        """Say why there are no stills; False where there are some."""
        info = self._player.info
        if info is None:
            self._banner.show_remark(NO_PROCEDURE_OPEN)
        elif info.kind != "folder":
            self._banner.show_remark(wording.ONLY_STILLS)
        else:
            return False
        return True

    def show_sheet(self) -> None:
        """In the picture's place, at the still on screen."""
        self._player.pause()
        self._labels.refresh_model()
        self._sheet.come(self._sheet.list)
        self.fill()
        self._sheet.list.mark(self._player.index)

    def leave(self) -> None:
        """The still that the keyboard is on, alone."""
        if self._sheet.shown:
            self._sheet.leave()
            self._thumbnails.want_none()
            self.left.emit()

    def ask(self, sentence: str) -> None:
        """What a still is to be chosen for; empty for nothing in particular."""
        self._sheet.ask(sentence)

    def take_keyboard(self) -> None:
        """What lay over the sheet is gone."""
        if self._sheet.shown:
            self._sheet.come(self._sheet.list)

    def show_still(self, index: int) -> None:
        """Alone, in the whole room."""
        if self.instead(index):
            return
        self.leave()
        self._player.go_to(index)

    def fill(self) -> None:
        """All cells anew."""
        info, rows = self._player.info, self._rows.all() if self._sheet.shown else None
        if rows is None or info is None or len(rows) != info.frame_count:
            return
        self._filling = True
        self._sheet.set_rows(rows, [QColor(known.colour) for known in self._session.classes])
        self._filling = False
        hidden = not self._visibility.whole_procedure
        self._sheet.set_note(wording.HIDDEN_NOTE if hidden else "")

    def close(self) -> None:
        """End the thread and wait for it (only while closing)."""
        self._thumbnails.close()

    def name_of(self, still: int) -> str:
        """By its file, or by its number where nothing may tell who the patient is."""
        return self._sheet.list.cells.name_of(still)

    def _on_frames_changed(self, frames: NDArray[np.int64]) -> None:
        if self._sheet.shown and len(self._sheet.list.cells.rows) == len(self._labels.states.label):
            self._sheet.update_rows(self._rows.part(frames))

    def _on_current(self, index: int) -> None:
        # Cells that are made anew lead nowhere: the next still may be on its way to the screen
        if not self._filling and index != self._player.index:
            self._player.pause()
            self._player.go_to(index)

    def _on_frame_shown(self, index: int) -> None:
        # A late frame must not pull back a reader who is already further on
        here = self._sheet.list.current()
        if self._sheet.shown and index == self._player.index and index != here:
            self._sheet.list.mark(index)

    def _on_blanking(self) -> None:
        self._name_stills(blanked=self._blanks.isChecked())
        self._sheet.list.forget_images()

    def _on_opened(self) -> None:
        self._thumbnails.want_none()
        info = self._player.info
        self._sheet.list.forget_images()
        self._name_stills(blanked=self._blanks.isChecked())
        if info is not None and info.kind != "folder":
            self.leave()

    def _name_stills(self, *, blanked: bool) -> None:
        """By their files, but where nothing may tell who the patient is."""
        shared = self._player.frames
        named = shared is not None and not blanked
        self._sheet.list.cells.name_of = (
            shared.name_of if named and shared else wording.still_number
        )

    @property
    def shown(self) -> bool:
        """Whether the sheet is in the picture's place."""
        return self._sheet.shown

    def chosen(self) -> list[int]:
        """The stills that are chosen on the sheet; none while it is not shown."""
        return self._sheet.list.chosen() if self._sheet.shown else []

    def after(self, still: int) -> int:
        """The one that follows in the sheet's order, or in the folder's; NONE after the last."""
        cells = self._sheet.list.cells
        if not self._sheet.shown:
            return still + 1 if still < self._player.last_index else NONE
        row = cells.row_of(still)
        return cells.still_at(row + 1) if NONE < row < cells.rowCount() - 1 else NONE
