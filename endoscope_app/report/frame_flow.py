"""The frame on screen saved or copied: blanked, unless the reader confirms otherwise, which the
history keeps.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication, QImage

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.plain_text import ask
from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.library.records import AiVisible, Context
from endoscope_app.report import wording
from endoscope_app.report.commands import SAVE_FRAME
from endoscope_app.report.frame_dialog import FrameDialog
from endoscope_app.report.frame_picture import FrameOnScreen, encoded
from endoscope_app.report.saved_file import save
from endoscope_app.viewing.prediction_view import PredictionView

Image = NDArray[np.uint8]


class FrameFlow(QObject):
    """``dialog`` while it is open; it is of the frame that was on screen when it was opened."""

    def __init__(
        self,
        desk: LabelDesk,
        shown: PredictionView,
        settings: CurrentSettings,
        visible: Callable[[], AiVisible],
        files: FileQuestion,
    ) -> None:
        """``visible``: whether the reader sees the model, for the history."""
        super().__init__(desk.window.as_widget())
        self.dialog: FrameDialog | None = None
        self.files = files
        self._desk, self._shown, self._settings = desk, shown, settings
        self._visible = visible
        self._tasks = Tasks(self)
        self._frame: FrameOnScreen | None = None
        self._picture: Image | None = None
        desk.window.action(SAVE_FRAME).triggered.connect(self.open)

    def open(self) -> None:
        """Show the frame on screen as it would be saved."""
        frame, now = self._shown.frame, self._settings.now
        if frame is None:
            self._desk.window.banner.show_message(NO_PROCEDURE_OPEN)
            return
        if self.dialog is not None:
            self.dialog.close()
        self._desk.player.pause()
        heat_map = self._shown.heat_map
        self._frame = FrameOnScreen(
            frame.index, frame.image, heat_map, now.colour_map, now.overlay_opacity
        )
        dialog = self.dialog = FrameDialog(
            has_heat_map=heat_map is not None,
            heat_map=now.overlay_visible,
            parent=self._desk.window.as_widget(),
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.changed.connect(self._make)
        dialog.save_requested.connect(self._on_save)
        dialog.copy_requested.connect(self._on_copy)
        dialog.finished.connect(self._forget)
        self._make()
        dialog.show()
        dialog.activateWindow()

    def close(self) -> None:
        """Wait for what runs (only while closing)."""
        self._tasks.close()

    def _forget(self) -> None:
        self.dialog, self._frame, self._picture = None, None, None

    def _make(self) -> None:
        dialog, frame = self.dialog, self._frame
        if dialog is None or frame is None:
            return
        dialog.show_waiting()
        heat_map, masked = dialog.heat_map, dialog.masked

        def done(picture: Image) -> None:
            is_asked_for = self.dialog is dialog and self._frame is frame
            if is_asked_for and (dialog.heat_map, dialog.masked) == (heat_map, masked):
                self._picture = picture
                dialog.show_picture(_image(picture))

        self._tasks.run(
            lambda: frame.picture(heat_map=heat_map, masked=masked), done, self._on_failed
        )

    def _on_save(self) -> None:
        dialog, frame, picture = self.dialog, self._frame, self._picture
        if dialog is None or frame is None or picture is None:
            return
        path = self.files.save_file(
            dialog, wording.FRAME_TITLE, wording.frame_name(frame.index), "*.png *.jpg"
        )
        if path is None or not self._may_leave(frame.index):
            return
        target = path if path.suffix else path.with_suffix(".png")

        def write() -> str:
            save(target, encoded(picture, target.suffix))
            return target.name

        self._tasks.run(write, lambda name: self._say(wording.frame_saved(name)), self._on_failed)

    def _on_copy(self) -> None:
        frame, picture = self._frame, self._picture
        if frame is not None and picture is not None and self._may_leave(frame.index):
            QGuiApplication.clipboard().setImage(_image(picture))
            self._say(wording.FRAME_COPIED)

    def _may_leave(self, index: int) -> bool:
        """Masked always; otherwise once the reader has confirmed it and the history has it."""
        dialog, desk = self.dialog, self._desk
        if dialog is None or dialog.masked:
            return dialog is not None
        noted = desk.procedure.noted
        if noted is None or not desk.procedure.fingerprint or desk.session.read_only_because:
            dialog.say(wording.NOT_UNMASKED, problem=True)
            return False
        if not ask(dialog, wording.UNMASKED_TITLE, wording.UNMASKED_QUESTION):
            return False
        title = wording.unmasked_act(desk.procedure.places.at(index))
        context = Context(desk.session.reader_name(), self._visible())
        try:
            desk.session.store.note(noted, title, context)
        except AppError as error:
            dialog.say(str(error), problem=True)
            return False
        return True

    def _on_failed(self, error: AppError) -> None:
        if self.dialog is not None:
            self.dialog.say(str(error), problem=True)
        else:
            self._desk.window.banner.show_message(str(error))

    def _say(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.say(sentence)
        else:
            self._desk.window.banner.show_message(sentence)


def _image(rgb: Image) -> QImage:
    """A copy that outlives the array."""
    height, width = rgb.shape[:2]
    data = np.ascontiguousarray(rgb)
    return QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
