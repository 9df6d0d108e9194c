"""The two threads between a file and the screen: one decodes, one classifies."""

from __future__ import annotations

from endoscope_app.base.mailbox import Mailbox
from endoscope_app.viewing.inference_thread import DecodedFrame, InferenceThread
from endoscope_app.viewing.playback_thread import PlaybackThread


class LivePipeline:
    """Frames that a newer one overtakes anywhere on the way are ``dropped``."""

    def __init__(self) -> None:
        self._frames: Mailbox[DecodedFrame] = Mailbox()
        self.inference = InferenceThread(self._frames)
        self.playback = PlaybackThread(self._frames)

    @property
    def dropped(self) -> int:
        """Since the program was started."""
        return self.playback.dropped + self._frames.replaced + self.inference.results.replaced

    def start(self) -> None:
        """Begin to wait for work."""
        self.inference.start()
        self.playback.start()

    def stop(self) -> None:
        """Ask the decoding to end; ``wait`` must follow."""
        self.playback.stop()

    def wait(self) -> None:
        """Return when both threads have ended (only while closing)."""
        self.playback.wait()
        self.inference.stop()
        self.inference.wait()
        # Qt holds what their signals are connected to, the whole window with it, while they live
        for thread in (self.playback, self.inference):
            thread.deleteLater()
