"""When a procedure is opened: is it one that was labelled?

Where that is in question the reader is asked before labels are shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.labels import identity_wording
from endoscope_app.labels.identity_dialog import IdentityDialog, Side
from endoscope_app.labels.image_matching import places_by_image
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_settling import LabelSettling
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.labels.library import label_placing as placing
from endoscope_app.labels.library import wording
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.learning_sides import follow_sides, followed_use
from endoscope_app.labels.library.records import Act, FrameMoment, Procedure
from endoscope_app.labels.library.segment_placing import PlaceOf
from endoscope_app.labels.procedure_identity import IdentityQuestion, identity_question, lines_of
from endoscope_app.labels.procedure_images import ProcedureImages
from endoscope_app.media.source import SourceInfo
from endoscope_app.viewing.screen_blanking import ScreenBlanking


class ProcedureIdentity(QObject):
    """Looks when a procedure, or the library, has been opened. A moved file is noted silently."""

    settled = Signal()  # which procedure it is, and where its labels stand, is known now

    def __init__(
        self,
        desk: LabelDesk,
        writer: LabelWriter,
        settling: LabelSettling,
        images: ProcedureImages,
        tasks: Tasks,
        *,
        held_out: Path,
    ) -> None:
        """``held_out``: the file that says what is never learnt from."""
        super().__init__(desk.window.as_widget())
        self.question: IdentityDialog | None = None
        self._window, self._player, self._tasks = desk.window, desk.player, tasks
        self._session, self._procedure, self._writer = desk.session, desk.procedure, writer
        self._settling, self._images = settling, images
        self._held_out = held_out
        self._stop = threading.Event()

    def look(self) -> None:
        """A procedure, or the library, has been opened; labels are withheld while something is
        in question.
        """
        self._stop.set()
        self._stop = threading.Event()
        if self.question is not None:
            dialog, self.question = self.question, None
            dialog.reject()
        self._procedure.withheld = ""
        info, now = self._player.info, self._procedure.noted
        if info is None or now is None:
            return
        stamps, read_only = self._player.stamps.tolist(), self._session.read_only_because
        question = identity_question(self._session.library, info, now, stamps)
        if question is not None and (question.kind == "differs" or not read_only):
            self._procedure.withheld = identity_wording.WITHHELD
            self._ask(question, now)
        elif not read_only:
            self._settle()

    def close(self) -> None:
        """Stop comparing images."""
        self._stop.set()

    def _ask(self, question: IdentityQuestion, now: Procedure) -> None:
        folder = self._player.info is not None and self._player.info.kind == "folder"
        before, first = question.before, self._player.first_image
        labelled_at = self._session.library.labelled_at(before.fingerprint)
        sides = (
            Side(
                identity_wording.AS_LABELLED,
                self._images.image_of(before.fingerprint),
                (
                    *lines_of(before, folder, labelled_at, question.number),
                    *_also(question),
                ),
            ),
            Side(
                identity_wording.AS_NOW,
                None if first is None else first.thumbnail,
                lines_of(now, folder),
            ),
        )
        dialog = self.question = IdentityDialog(
            identity_wording.IDENTITY_TITLES[question.kind],
            identity_wording.identity_question(question.kind, question.number, question.differing),
            identity_wording.IDENTITY_EXPLANATIONS[question.kind],
            sides,
            _choices(question),
            self._window.as_widget(),
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowModality(Qt.WindowModality.NonModal)
        blanking = ScreenBlanking(self._window, dialog)
        dialog.show_images(blanking.rgb)
        blanking.changed.connect(lambda: dialog.show_images(blanking.rgb))
        dialog.answered.connect(lambda choice: self._on_answered(dialog, question, choice))
        dialog.show()

    def _on_answered(self, dialog: IdentityDialog, question: IdentityQuestion, choice: str) -> None:
        if self.question is not dialog:
            return
        self.question = None
        if choice == identity_wording.SAME:
            self._procedure.withheld = ""
            if not self._session.read_only_because:
                self._settle()
            self.settled.emit()
        elif choice == identity_wording.LEAVE:
            if question.kind == "joined" and not self._follows(question, alone=True):
                return
            self._procedure.withheld = ""
            self._settle(note=True)
            self.settled.emit()
        elif choice == identity_wording.CARRY:
            if self._follows(question):
                self._carry(question)
        else:
            self._window.banner.show_message(identity_wording.WITHHELD)

    def _follows(self, question: IdentityQuestion, *, alone: bool = False) -> bool:
        """The procedure is learnt from, kept for checking or left out as what it was known as: the
        images are the same. ``alone``: what the reader said of that is written, too, since no label
        is. False where it could not be.
        """
        noted, before = self._procedure.noted, _known_as(question)
        if noted is None:
            return False
        now = noted.fingerprint
        try:
            follow_sides(self._held_out, before, now)
        except AppError as error:
            self._window.banner.show_message(str(error))
            return False
        rows = followed_use(self._session.library, before, now) if alone else ()
        if rows:
            self._writer.write(lambda _: Act(wording.USE_FOLLOWS_TITLE, rows, scope=now))
        return True

    def _settle(self, *, note: bool = False) -> None:
        self._settling.settle(note=note)
        if self._session.library.is_labelled(self._procedure.fingerprint):
            self._images.keep()

    def _carry(self, question: IdentityQuestion) -> None:
        info, old = self._player.info, question.before
        if info is None:
            return
        if question.kind == "joined":
            self._carry_parts(question, info)
            return
        if info.kind != "folder" or old.stamp_kind == info.stamp_kind:
            self._carry_over(question, placing.by_stamp(self._player.stamps.tolist()))
            return
        # the labels of old folders are kept by place: only their pixels say which image was meant
        labels = self._session.library.frame_labels(old.fingerprint)
        path, stop, generation = info.path, self._stop, self._player.generation
        same = question.kind == "old folder"

        def done(places: dict[int, FrameMoment]) -> None:
            if not stop.is_set() and generation == self._player.generation:
                ends = self._ends_of_ranges(old.fingerprint) if same else {}
                labelled = {label.pts for label in labels}
                table = {pts: at for pts, at in ends.items() if pts not in labelled}
                self._carry_over(question, placing.by_table({**table, **places}))

        self._window.banner.show_message(identity_wording.COMPARING)
        self._tasks.run(
            lambda: places_by_image(path, labels, same, stop.is_set), done, self._on_failed
        )

    def _carry_parts(self, question: IdentityQuestion, info: SourceInfo) -> None:
        stamps = self._player.stamps.tolist()
        # of a file that is there twice the first
        parts = {part.fingerprint: part for part in reversed(info.parts)}
        sources = []
        for old in (question.before, *question.also):
            part = parts.get(old.fingerprint)
            place_of = (
                placing.by_stamp(stamps)
                if part is None
                else placing.by_offset(stamps, part.first, part.frame_count)
            )
            sources.append((old.fingerprint, place_of))
        self._write(
            lambda store, now: placing.carry_all(store.read, sources, now, self._seconds),
            _known_as(question),
        )

    def _ends_of_ranges(self, fingerprint: str) -> dict[int, FrameMoment]:
        """By old stamp: where the ends of ranges stand now, by their place in the folder."""
        count = len(self._player.stamps)
        return {
            pts: self._procedure.moment(index)
            for span in self._session.library.ranges(fingerprint)
            for pts, index in ((span.first_pts, span.first_index), (span.last_pts, span.last_index))
            if index < count
        }

    def _carry_over(self, question: IdentityQuestion, place_of: PlaceOf) -> None:
        old = question.before.fingerprint
        self._write(
            lambda store, now: placing.carry_over(store.read, old, now, place_of, self._seconds),
            _known_as(question),
        )

    def _write(
        self,
        placed: Callable[[LabelStore, Procedure], placing.CarryOver],
        before: Collection[str],
    ) -> None:
        """``before``: the fingerprints of what is carried."""
        now = self._procedure.noted
        if now is None:
            return
        sentences: list[str] = []

        def build(store: LabelStore) -> Act:
            result = placed(store, now)
            sentences[:] = [result.sentence()]
            use = followed_use(store.read, before, now.fingerprint)
            return replace(result.act, rows=(*result.act.rows, *use)) if use else result.act

        self._procedure.withheld = ""
        self._writer.write(build)
        self.settled.emit()
        self._window.banner.show_message(" ".join(sentences))

    def _seconds(self, index: int) -> float:
        """When a frame of the open procedure is shown, of a still its number."""
        places = self._procedure.places
        return float(index) if places.stills else float(places.times_ms[index]) / 1000

    def _on_failed(self, error: AppError) -> None:
        self._window.banner.show_message(str(error))


def _known_as(question: IdentityQuestion) -> tuple[str, ...]:
    return tuple(old.fingerprint for old in (question.before, *question.also))


def _also(question: IdentityQuestion) -> tuple[str, ...]:
    names = [procedure.name for procedure in question.also]
    return (identity_wording.also_labelled(names),) if names else ()


def _choices(question: IdentityQuestion) -> tuple[str, ...]:
    """The first is the default."""
    if question.kind == "differs":
        return identity_wording.SAME, identity_wording.OTHER
    if question.kind == "changed" and not question.is_likely:
        return identity_wording.LEAVE, identity_wording.CARRY, identity_wording.LATER
    return identity_wording.CARRY, identity_wording.LEAVE, identity_wording.LATER
