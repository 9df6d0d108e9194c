"""Labels of stills: all that are chosen at once, and on to the next one after a label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject

from endoscope_app.labels.frame_labelling import Answer, FrameLabelling
from endoscope_app.labels.frame_states import NONE
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_writer import Echo, LabelWriter
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act
from endoscope_app.labels.model_visibility import ModelVisibility
from endoscope_app.labels.procedure_labels import ProcedureLabels
from endoscope_app.stills import wording
from endoscope_app.stills.pair_flow import PairFlow
from endoscope_app.stills.sheet_flow import SheetFlow

Build = Callable[[LabelStore], Act]


class StillLabels(QObject):
    """Several stills are labelled in one act with one undo."""

    def __init__(
        self,
        desk: LabelDesk,
        sheet: SheetFlow,
        pairs: PairFlow,
        frames: FrameLabelling,
        labels: ProcedureLabels,
        writer: LabelWriter,
        visibility: ModelVisibility,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self._player, self._procedure, self._session = desk.player, desk.procedure, desk.session
        self._banner, self._sheet, self._labels = desk.window.banner, sheet, labels
        self._pairs = pairs
        self._writer, self._visibility = writer, visibility
        self._on_screen = NONE
        desk.player.frame_shown.connect(self._on_frame_shown)
        frames.others = self._take
        frames.labelled.connect(self._go_on)

    def _take(self, answer: Answer, key: str) -> bool:
        """On the sheet an answer is meant for what is chosen there, also where the screen is not
        there yet.
        """
        if self._pairs.shown:
            self._banner.show_remark(wording.LEAVE_FIRST)
            return True
        if not self._sheet.shown:
            return False
        chosen = self._sheet.chosen()
        if chosen == [self._on_screen]:
            return False  # with its pixels, as ever
        if not chosen:
            self._banner.show_remark(wording.CHOOSE_FIRST)
            return True
        if not self._writer.note_procedure():
            return True
        match answer:
            case "agreed":
                self._agree(chosen, key)
            case "cleared":
                self._clear(chosen, key)
            case _:
                self._label(chosen, None if answer == "unusable" else int(answer), key)
        return True

    def _label(self, chosen: Sequence[int], class_id: int | None, key: str) -> None:
        where = self._procedure.fingerprint
        moments = [self._procedure.moment(index) for index in chosen]
        name, colour = wording.UNUSABLE, ""
        if class_id is not None:
            name, colour = self._session.name_of(class_id), self._session.colour_of(class_id)

        def build(store: LabelStore) -> Act:
            if class_id is None:
                act = edits.mark_unusable(store.read, where, moments)
            else:
                act = edits.label_frames(store.read, where, moments, class_id)
            return replace(act, title=wording.labelled_title(name, len(moments)))

        echo = Echo(wording.labelled(name, len(moments), key), colour)
        if self._writer.write(build, echo=echo):
            self._go_on(chosen[-1])

    def _agree(self, chosen: Sequence[int], key: str) -> None:
        """With what the model says of each, as far as the reader may see it."""
        where, states = self._procedure.fingerprint, self._labels.states
        seen = self._visibility.frames
        said = [
            (self._procedure.moment(index), self._session.classes[int(states.model[index])].id)
            for index in chosen
            if states.model[index] != NONE and seen[index]
        ]
        if not said:
            self._banner.show_remark(wording.NOTHING_TO_AGREE)
            return
        written = self._writer.write(
            lambda store: edits.compound(
                wording.reviewed_title(len(said)),
                [edits.agree(store.read, where, moment, number) for moment, number in said],
            ),
            echo=Echo(wording.reviewed(len(said), len(chosen) - len(said), key)),
        )
        if written:
            self._go_on(chosen[-1])

    def _clear(self, chosen: Sequence[int], key: str) -> None:
        where, own = self._procedure.fingerprint, set(self._labels.states.own_labels()[0].tolist())
        labelled = [self._procedure.moment(index).pts for index in chosen if index in own]
        if not labelled:
            self._banner.show_remark(wording.NOTHING_TO_CLEAR)
            return
        count = len(labelled)
        self._writer.write(
            lambda store: replace(
                edits.clear_frames(store.read, where, labelled), title=wording.cleared_title(count)
            ),
            echo=Echo(wording.cleared(count, key)),
        )

    def _on_frame_shown(self, index: int) -> None:
        self._on_screen = index

    def _go_on(self, index: int) -> None:
        """Stills are not a film: after a label the next one is to be looked at."""
        info = self._player.info
        if info is None or info.kind != "folder" or self._player.playing:
            return
        following = self._sheet.after(index)
        if following != NONE:
            self._player.go_to(following)
