"""The bookmarks of the procedure on screen in their strip, in step with the library."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.library.records import Changes
from endoscope_app.labels.procedure_labels import ProcedureLabels
from endoscope_app.labels.review.frame_thumbnails import FrameThumbnails
from endoscope_app.segments import wording
from endoscope_app.segments.bookmark_tray import BookmarkTray
from endoscope_app.segments.decided import DecidedSegment, read_segments
from endoscope_app.segments.segment_notes import SegmentNotes


class TrayView(QObject):
    """``image``: gets the keyboard back from the strip; ``images``: those made so far, by frame."""

    def __init__(
        self,
        desk: LabelDesk,
        tray: BookmarkTray,
        labels: ProcedureLabels,
        notes: SegmentNotes,
        image: QWidget,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self._tray, self._notes, self._image = tray, notes, image
        self._player, self._session, self._procedure = desk.player, desk.session, desk.procedure
        self.images: dict[int, QImage] = {}
        self._closed = False
        self._thumbnails = FrameThumbnails(desk.player, desk.window, self)
        self._thumbnails.made.connect(self._on_made)
        self._thumbnails.outdated.connect(self._begin_anew)
        desk.player.opened.connect(self._begin_anew)
        labels.opened.connect(self._refresh)
        desk.session.changed.connect(self._on_changed)
        tray.opened.connect(self._on_opened)
        tray.dropped.connect(self._on_dropped)
        tray.list.left.connect(self._leave)

    def close(self) -> None:
        """End the thread and wait for it (only while closing)."""
        self._closed = True
        self._thumbnails.close()

    def _begin_anew(self) -> None:
        """Another procedure, or other images of the same."""
        self.images.clear()
        self._thumbnails.want_none()
        self._refresh()

    def _refresh(self) -> None:
        if self._closed:
            return
        where = self._procedure.fingerprint
        items = read_segments(self._session.library, where) if where else []
        marked = sorted(
            (item for item in items if item.kind == "bookmark"),
            key=lambda item: item.first_index,
        )
        places = self._procedure.places
        texts = [
            wording.tray_cell(places.at(item.first_index), item.fields.text) for item in marked
        ]
        images = [self.images.get(item.first_index) for item in marked]
        had_keyboard = self._tray.list.hasFocus()
        self._tray.set_items(marked, texts, images)
        if had_keyboard and not marked:
            self._leave()
        missing = [item.first_index for item in marked if item.first_index not in self.images]
        if missing:
            self._thumbnails.want(missing)

    def _leave(self) -> None:
        self._image.setFocus()

    def _on_changed(self, changes: Changes) -> None:
        if "segments" in changes.tables():
            self._refresh()

    def _on_made(self, frame: int, image: QImage) -> None:
        self.images[frame] = image
        self._tray.show_image(frame, image)

    def _on_opened(self, item: DecidedSegment) -> None:
        self._player.pause()
        self._player.go_to(item.first_index)

    def _on_dropped(self, item: DecidedSegment) -> None:
        self._notes.drop_bookmarks([item])
