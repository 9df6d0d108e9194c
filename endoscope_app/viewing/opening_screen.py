"""What the window shows while a procedure is opened, and once it is open or was refused."""

from __future__ import annotations

from endoscope_app.base.errors import AppError
from endoscope_app.base.paths import demo_clip
from endoscope_app.base.window_port import WindowPort
from endoscope_app.media.opening import OpeningStopped
from endoscope_app.media.source import SourceInfo
from endoscope_app.viewing import wording
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.opening_bar import OpeningBar
from endoscope_app.viewing.opening_progress import OpeningProgress
from endoscope_app.viewing.transport_bar import TransportBar


class OpeningScreen:
    """Title, image, banner and bar; nothing is open at the start."""

    def __init__(
        self, window: WindowPort, *, bar: OpeningBar, frame_view: FrameView, transport: TransportBar
    ) -> None:
        self._window, self._view, self._transport = window, frame_view, transport
        self._progress = OpeningProgress(bar)
        frame_view.set_message(wording.EMPTY_HINT)
        transport.set_enabled_for_source(False)

    def begin(self, name: str, *, is_first: bool) -> None:
        """A file of this name is being opened; ``is_first``: no other is on screen meanwhile."""
        self._window.banner.show_message("")
        if is_first:
            self._view.set_message(wording.OPENING)
        self._progress.begin(name)

    def show_progress(self, share: float) -> None:
        """``share`` 0..1 of the file has been looked through."""
        self._progress.tell(share)

    def show_opened(self, info: SourceInfo) -> None:
        """It is open; its first frame is still to come."""
        self._progress.end()
        self._window.as_widget().setWindowTitle(wording.window_title(info.path.name))
        # The frame of the procedure before must not stand under this one's name
        self._view.clear()
        is_phantom = info.path.resolve() == demo_clip().resolve()
        self._view.set_caption(wording.PHANTOM_CAPTION if is_phantom else "")
        self._view.set_message(wording.READING_FIRST)
        self._transport.set_enabled_for_source(True)
        self._window.banner.show_message(" ".join(info.notes))

    def show_refused(self, error: AppError, *, is_first: bool) -> None:
        """It cannot be opened, or the reader did not want to wait for it."""
        self._progress.end()
        if is_first:
            self._view.set_message(wording.EMPTY_HINT)
        if not isinstance(error, OpeningStopped):
            self._window.banner.show_message(str(error))
