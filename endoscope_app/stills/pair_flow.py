"""Two stills are chosen, looked at side by side, and kept for the report."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from endoscope_app.base.background_task import Tasks
from endoscope_app.labels.frame_states import NONE
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_writer import Echo, LabelWriter
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.pair_records import StillPair
from endoscope_app.labels.library.records import Act, Changes, RowChange
from endoscope_app.media.source import SharedFrames
from endoscope_app.stills import wording
from endoscope_app.stills.commands import COMPARE
from endoscope_app.stills.pair_view import PairView
from endoscope_app.stills.sheet_flow import SheetFlow
from endoscope_app.viewing.commands import BLANK_IDENTITY
from endoscope_app.viewing.identity_mask import without_identity

Image = NDArray[np.uint8]
Both = tuple[int, int]
_NO_PAIR: Both = (NONE, NONE)


class PairFlow(QObject):
    """``both``: the stills that are side by side, before and after."""

    def __init__(
        self, desk: LabelDesk, view: PairView, sheet: SheetFlow, writer: LabelWriter
    ) -> None:
        super().__init__(desk.window.as_widget())
        self.both = _NO_PAIR
        self._view, self._sheet, self._writer = view, sheet, writer
        self._player, self._session, self._procedure = desk.player, desk.session, desk.procedure
        self._banner = desk.window.banner
        self._blanks = desk.window.action(BLANK_IDENTITY)
        self._tasks = Tasks(self)
        self._first = NONE  # the one that another is to be compared with
        sheet.instead = self._take
        sheet.left.connect(self._forget_first)
        desk.window.action(COMPARE).triggered.connect(self.compare)
        self._blanks.toggled.connect(self._on_blanking)
        view.left_by_key.connect(self.leave)
        view.keep_requested.connect(self._on_keep)
        view.swap_requested.connect(self._on_swap)
        view.text_entered.connect(self._on_text)
        desk.player.opened.connect(self._on_opened)
        desk.session.changed.connect(self._on_changed)

    @property
    def shown(self) -> bool:
        """Whether two stills are in the picture's place."""
        return self._view.shown

    def compare(self) -> None:
        """The two stills that are chosen; or this one with another, which is then to be chosen."""
        if self.shown:
            self.leave()
        elif self._sheet.say_why_not():
            return
        elif not self._sheet.shown:
            self._ask_with(self._player.index)
        else:
            self._compare_chosen(self._sheet.chosen())

    def show_pair(self, before: int, after: int) -> None:
        """Side by side, in the order in which they are kept if they are."""
        kept = self._kept(before, after)
        if kept is not None:
            before, after = kept.before_index, kept.after_index
        self._forget_first()
        self._show(before, after, "" if kept is None else kept.text)

    def leave(self) -> None:
        """Back to where they were chosen."""
        if self.shown:
            self._view.leave()
            self.both = _NO_PAIR
            self._sheet.take_keyboard()

    def close(self) -> None:
        """Wait for what runs in the background (only while closing)."""
        self._tasks.close()

    def _compare_chosen(self, chosen: list[int]) -> None:
        if self._first != NONE and len(chosen) == 1:
            self._take(chosen[0])
        elif len(chosen) == 2:
            self.show_pair(*sorted(chosen))
        elif len(chosen) == 1:
            self._ask_with(chosen[0])
        else:
            self._banner.show_remark(wording.CHOOSE_TWO)

    def _ask_with(self, still: int) -> None:
        if not self._sheet.shown:
            self._sheet.show_sheet()
        self._first = still
        self._sheet.ask(wording.compare_with(self._sheet.name_of(still)))

    def _take(self, still: int) -> bool:
        """Whether the still that was opened is the other one of a pair."""
        if self._first == NONE:
            return False
        if still == self._first:
            self._banner.show_remark(wording.ANOTHER_STILL)
        else:
            self.show_pair(min(self._first, still), max(self._first, still))
        return True

    def _forget_first(self) -> None:
        self._first = NONE
        self._sheet.ask("")

    def _show(self, before: int, after: int, text: str) -> None:
        frames = self._player.frames
        if frames is None:
            return
        self._player.pause()
        both = self.both = (before, after)
        self._view.show_pair(*self._names(both), text)
        self._view.set_kept(self._kept(*both) is not None)
        self._view.come(self._view.before)
        blanks = self._blanks.isChecked()
        self._tasks.run(
            lambda: [_image(frames, index, blanks=blanks) for index in both],
            lambda images: self._on_images(both, images),
            lambda error: self._banner.show_message(str(error)),
        )

    def _names(self, both: Both) -> tuple[str, str]:
        return self._sheet.name_of(both[0]), self._sheet.name_of(both[1])

    def _places(self) -> tuple[str, str]:
        places = self._procedure.places
        return places.at(self.both[0]), places.at(self.both[1])

    def _on_images(self, both: Both, images: list[Image | None]) -> None:
        if both == self.both:
            self._view.show_images(*images)

    def _kept(self, one: int, other: int) -> StillPair | None:
        where = self._procedure.fingerprint
        pairs = self._session.library.pairs(where) if where else []
        wanted = {one, other}
        found = (pair for pair in pairs if {pair.before_index, pair.after_index} == wanted)
        return next(found, None)

    def _on_keep(self) -> None:
        kept = self._kept(*self.both)
        if kept is None:
            self._put(None, self._view.text(), wording.kept(*self._places()))
        else:
            self._write(kept, None, wording.dropped(*self._places()))
        self._view.set_kept(self._kept(*self.both) is not None)

    def _on_swap(self) -> None:
        kept = self._kept(*self.both)
        text, (before, after) = self._view.text(), self.both
        if kept is not None:
            turned = replace(
                kept,
                before_pts=kept.after_pts,
                before_index=kept.after_index,
                after_pts=kept.before_pts,
                after_index=kept.before_index,
            )
            self._write(kept, turned, wording.kept(*reversed(self._places())))
        self._show(after, before, text)

    def _on_text(self, text: str) -> None:
        """Written beside a pair that is kept at once; beside another when it is."""
        kept = self._kept(*self.both) if self.shown else None
        if kept is not None and kept.text != text:
            self._put(kept, text, wording.described(*self._places()))

    def _put(self, kept: StillPair | None, text: str, title: str) -> None:
        before, after = (self._procedure.moment(index) for index in self.both)
        if kept is not None:
            self._write(kept, replace(kept, text=text), title)
            return
        self._write(
            None,
            StillPair(0, before.pts, before.frame_index, after.pts, after.frame_index, text),
            title,
        )

    def _write(self, before: StillPair | None, after: StillPair | None, title: str) -> None:
        if not self._writer.note_procedure():
            return
        where = self._procedure.fingerprint

        def build(store: LabelStore) -> Act:
            new = after
            if after is not None and before is None:
                new = replace(after, id=store.new_id("still_pairs"))
            return Act(title, (RowChange("still_pairs", where, before, new),))

        self._writer.write(build, echo=Echo(title))

    def _on_changed(self, changes: Changes) -> None:
        """Also after an undo."""
        if self.shown and "still_pairs" in changes.tables():
            self._view.set_kept(self._kept(*self.both) is not None)

    def _on_blanking(self) -> None:
        if self.shown:
            self._show(*self.both, self._view.text())

    def _on_opened(self) -> None:
        self._forget_first()
        self.leave()


def _image(frames: SharedFrames, index: int, *, blanks: bool) -> Image | None:
    """BGRA at full height; None where it cannot be read."""
    found = frames.small_frames(index, index + 1, frames.info.height)
    rgb = next((image for _, image in found), None)
    if rgb is None:
        return None
    shown = without_identity(rgb) if blanks else rgb
    return np.asarray(cv2.cvtColor(shown, cv2.COLOR_RGB2BGRA), np.uint8)
