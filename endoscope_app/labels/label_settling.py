"""Where the labels of an opened procedure stand: noted with what is known of it now, each at the
index of its frame, and those of no frame told of.
"""

from __future__ import annotations

from PySide6.QtCore import QObject

from endoscope_app.labels import identity_wording
from endoscope_app.labels.commands import REMOVE_LOST, UNDO
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.labels.library import edits
from endoscope_app.labels.library import label_placing as placing


class LabelSettling(QObject):
    """Writes facts, which undo passes over; only the removal of labels of no frame is an act."""

    def __init__(
        self,
        desk: LabelDesk,
        writer: LabelWriter,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self._banner, self._player = desk.window.banner, desk.player
        self._session, self._procedure, self._writer = desk.session, desk.procedure, writer
        self._undo = desk.window.action(UNDO).trigger
        desk.window.action(REMOVE_LOST).triggered.connect(self._remove_lost)

    def settle(self, *, note: bool = False) -> None:
        """Note what is open where the library knows it, or with ``note`` anyhow, and where its
        labels stand; say which have no frame.
        """
        now, library = self._procedure.noted, self._session.library
        if now is None:
            return
        known = library.procedure(now.fingerprint)
        labelled = library.is_labelled(now.fingerprint)
        if known is None and not note:
            return
        self._writer.write(lambda store: edits.register_procedure(store.read, now))
        if not labelled:
            return
        stamps = self._player.stamps
        if known is not None and placing.kept_by_number(library, known, now):
            self._writer.write(
                lambda store: placing.stamped_anew(store.read, now.fingerprint, stamps.tolist())
            )
            self._banner.add_message(identity_wording.BY_NUMBER)
        if not placing.are_settled(library, now.fingerprint, stamps):
            self._writer.write(
                lambda store: placing.settle(store.read, now.fingerprint, stamps.tolist())
            )
            lost = placing.without_frame(library, now.fingerprint, len(stamps))
            if lost:
                self._banner.add_message(identity_wording.without_frame(len(lost)))

    def _remove_lost(self) -> None:
        """Delete the labels of the open procedure that belong to no frame; undo brings them
        back.
        """
        where, count = self._procedure.fingerprint, len(self._player.stamps)
        lost = placing.without_frame(self._session.library, where, count) if where else []
        if not lost:
            self._banner.show_message(identity_wording.NONE_LOST)
            return
        self._writer.write(lambda _: placing.remove(where, lost))
        self._banner.show_message(identity_wording.lost_removed(len(lost)), undo=self._undo)
