"""When a procedure is opened: is it one that was labelled?

Where that is in question the reader is asked before labels are shown.
"""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.window_port import WindowPort
from endoscope_app.base.wording import counted
from endoscope_app.labels.commands import REMOVE_LOST
from endoscope_app.labels.identity_dialog import IdentityDialog, Side
from endoscope_app.labels.image_matching import places_by_image
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.labels.library import edits
from endoscope_app.labels.library import label_placing as placing
from endoscope_app.labels.library.first_images import FirstImages
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act, Changes, FrameMoment
from endoscope_app.labels.open_procedure import OpenProcedure, procedure_of
from endoscope_app.labels.procedure_identity import Doubt, doubt_about, lines_of
from endoscope_app.viewing.procedure_player import ProcedurePlayer

SAME, OTHER = "It is the same: show its labels", "It is another: keep them hidden"
CARRY, LEAVE, LATER = "Carry over", "Leave them", "Not now"
BY_NUMBER = (
    "Its labels were kept by frame number until now and stand at the same frame numbers: please"
    " look at them once."
)
WITHHELD = (
    "Labels are neither shown nor given: it is open whether this is the procedure that was"
    " labelled. Open it again to answer."
)


class Procedures(QObject):
    """Looks when a procedure, or the library, has been opened. A moved file is noted silently."""

    settled = Signal()  # which procedure it is, and where its labels stand, is known now

    def __init__(
        self,
        window: WindowPort,
        viewing: ProcedurePlayer,
        session: LabelSession,
        procedure: OpenProcedure,
        writer: LabelWriter,
        tasks: Tasks,
        library: Path,
    ) -> None:
        """``library``: the folder of the label library."""
        super().__init__(window.as_widget())
        self.question: IdentityDialog | None = None
        self._window, self._viewing, self._tasks = window, viewing, tasks
        self._session, self._procedure, self._writer = session, procedure, writer
        self._first_images = FirstImages(library / "first")
        self._kept = FramePngs(library / "frames", 0)
        self._stop = threading.Event()
        session.changed.connect(self._on_changed)
        window.action(REMOVE_LOST).triggered.connect(self._remove_lost)

    def look(self) -> None:
        """A procedure, or the library, has been opened; labels are withheld while something is
        in question.
        """
        info, store = self._viewing.info, self._session.store
        self._stop.set()
        self._stop = threading.Event()
        if self.question is not None:
            question, self.question = self.question, None
            question.reject()
        self._procedure.withheld = ""
        if info is None:
            return
        now = procedure_of(info, self._viewing.first_image)
        doubt = doubt_about(store.read, info, now, self._viewing.stamps.tolist())
        if doubt is not None and (doubt.kind == "differs" or not store.read_only_because):
            self._procedure.withheld = WITHHELD
            self._ask(store, doubt)
        elif not store.read_only_because:
            self._settle(store)

    def close(self) -> None:
        """Stop comparing images."""
        self._stop.set()

    def _ask(self, store: LabelStore, doubt: Doubt) -> None:
        info = self._viewing.info
        assert info is not None
        folder = info.kind == "folder"
        now = procedure_of(info, self._viewing.first_image)
        before, first = doubt.before, self._viewing.first_image
        sides = (
            Side(
                "As it was labelled",
                self._image_of(store, before.fingerprint),
                lines_of(before, folder, store.read.labelled_at(before.fingerprint), doubt.number),
            ),
            Side("As it is now", None if first is None else first.thumbnail, lines_of(now, folder)),
        )
        title, question, explanation, answers = _words(doubt)
        dialog = self.question = IdentityDialog(
            title, question, explanation, sides, answers, self._window.as_widget()
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowModality(Qt.WindowModality.NonModal)
        dialog.answered.connect(lambda answer: self._on_answered(dialog, doubt, answer))
        dialog.show()

    def _on_answered(self, dialog: IdentityDialog, doubt: Doubt, answer: str) -> None:
        if self.question is not dialog:
            return
        store = self._session.store
        self.question = None
        if answer == SAME:
            self._procedure.withheld = ""
            if not store.read_only_because:
                self._settle(store)
            self.settled.emit()
        elif answer == LEAVE:
            self._procedure.withheld = ""
            self._settle(store, note=True)
            self.settled.emit()
        elif answer == CARRY:
            self._carry(store, doubt)
        else:
            self._window.banner.show_message(WITHHELD)

    def _carry(self, store: LabelStore, doubt: Doubt) -> None:
        info = self._viewing.info
        if info is None:
            return
        old = doubt.before
        if info.kind != "folder" or old.stamp_kind == info.stamp_kind:
            self._carry_over(doubt, placing.by_stamp(self._viewing.stamps.tolist()))
            return
        # the labels of old folders are kept by place: only their pixels say which image was meant
        labels, stop, generation = (
            store.read.frame_labels(old.fingerprint),
            self._stop,
            self._viewing.generation,
        )
        same = doubt.kind == "old folder"
        self._window.banner.show_message("Comparing the images with those that were labelled…")

        def done(places: dict[int, FrameMoment]) -> None:
            if stop.is_set() or generation != self._viewing.generation:
                return
            stamps = self._viewing.stamps
            by_place = (
                {index: FrameMoment(int(stamp), index) for index, stamp in enumerate(stamps)}
                if same
                else {}
            )
            ends = {
                pts: by_place[index]
                for one in store.read.ranges(old.fingerprint)
                for pts, index in ((one.first_pts, one.first_index), (one.last_pts, one.last_index))
                if index in by_place
            }
            of_labels = {label.pts for label in labels}
            table = {**{pts: at for pts, at in ends.items() if pts not in of_labels}, **places}
            self._carry_over(doubt, placing.by_table(table))

        path = info.path
        self._tasks.run(
            lambda: places_by_image(path, labels, same, stop.is_set), done, self._on_failed
        )

    def _on_failed(self, error: AppError) -> None:
        self._window.banner.show_message(str(error))

    def _carry_over(self, doubt: Doubt, place_of: placing.PlaceOf) -> None:
        info = self._viewing.info
        if info is None:
            return
        now = procedure_of(info, self._viewing.first_image)
        said: list[str] = []

        def build(library: LabelStore) -> Act:
            result = placing.carry_over(library.read, doubt.before.fingerprint, now, place_of)
            said[:] = [result.words()]
            return result.act

        self._procedure.withheld = ""
        self._writer.write(build)
        self.settled.emit()
        self._window.banner.show_message(" ".join(said))

    def _settle(self, store: LabelStore, *, note: bool = False) -> None:
        """Note what is open where the library knows it, or should, and where its labels stand;
        say which have no frame.
        """
        info = self._viewing.info
        assert info is not None
        now, stamps = procedure_of(info, self._viewing.first_image), self._viewing.stamps
        known = store.read.procedure(now.fingerprint)
        labelled = now.fingerprint in store.read.labelled_procedures()
        if known is None and not note:
            return
        self._writer.write(
            lambda library: edits.register_procedure(library.read, now), by_reader=False
        )
        if labelled and known is not None and placing.kept_by_number(store.read, known, now):
            self._writer.write(
                lambda library: placing.stamped_anew(
                    library.read, now.fingerprint, stamps.tolist()
                ),
                by_reader=False,
            )
            self._window.banner.add_message(BY_NUMBER)
        if labelled:
            if not placing.are_settled(store.read, now.fingerprint, stamps):
                self._writer.write(
                    lambda library: placing.settle(library.read, now.fingerprint, stamps.tolist()),
                    by_reader=False,
                )
                self._say_lost(len(placing.without_frame(store.read, now.fingerprint, len(stamps))))
            self._keep_first_image()

    def _say_lost(self, number: int) -> None:
        if number:
            belong = "belongs" if number == 1 else "belong"
            words = (
                f"{counted(number, 'label')} {belong} to no frame of this recording and"
                f" {'is' if number == 1 else 'are'} not shown."
            )
            self._window.banner.add_message(
                f"{words} Labels, Remove labels of no frame takes them away."
            )

    def _remove_lost(self) -> None:
        """Delete the labels of the open procedure that belong to no frame; undo brings them
        back.
        """
        where, count = self._procedure.fingerprint, len(self._viewing.stamps)
        lost = placing.without_frame(self._session.library, where, count) if where else []
        if not lost:
            self._window.banner.show_message("Every label of this procedure belongs to a frame.")
            return
        self._writer.write(lambda library: placing.remove(where, lost))
        self._window.banner.show_message(
            f"Removed: {counted(len(lost), 'label')} of no frame. Ctrl+Z brings them back."
        )

    def _on_changed(self, changes: Changes) -> None:
        if self._procedure.fingerprint in changes.fingerprints() and changes.tables() & {
            "frame_labels",
            "range_labels",
        }:
            self._keep_first_image()

    def _keep_first_image(self) -> None:
        first, where = self._viewing.first_image, self._procedure.fingerprint
        if first is not None and where and not self._first_images.has(where):
            self._tasks.run(
                lambda: self._first_images.save(where, first.thumbnail), None, self._on_failed
            )

    def _image_of(self, store: LabelStore, fingerprint: str) -> NDArray[np.uint8] | None:
        """The first image as it was kept, else a labelled frame, else None."""
        found = self._first_images.load(fingerprint)
        if found is not None:
            return found
        for label in store.read.frame_labels(fingerprint):
            kept = self._kept.find(label.png)
            if kept is not None:
                return kept
        return None


def _words(doubt: Doubt) -> tuple[str, str, str, tuple[str, ...]]:
    """Title, question, explanation, answers; the first is the default."""
    count = counted(doubt.number, "label")
    if doubt.kind == "differs":
        return (
            "Is this the same procedure?",
            (
                f"The library knows this procedure ({count}), but with another"
                f" {' and another '.join(doubt.differing)}. Is it the same one?"
            ),
            "Until you have answered no label is shown or given. Esc leaves everything as it is.",
            (SAME, OTHER),
        )
    if doubt.kind == "old folder":
        return (
            "Are these the images that were labelled?",
            (
                f"A folder with the same names and sizes was labelled ({count}). Are these the same"
                " images? Carry the labels over?"
            ),
            (
                "Older versions knew folders by names and sizes, which two patients can share."
                " Labels whose pixels were kept are held against the images and stay behind where"
                " they differ. It can be undone. Esc leaves everything as it is."
            ),
            (CARRY, LEAVE, LATER),
        )
    return (
        "The content has changed",
        f"This content has changed since it was labelled ({count}). Carry the labels over?",
        (
            "Each label goes to the frame with the same time stamp, of stills to the image with the"
            " same content; labels without one stay with the old content. It can be undone. Esc"
            " leaves everything as it is."
        ),
        (CARRY, LEAVE, LATER) if doubt.is_likely else (LEAVE, CARRY, LATER),
    )
