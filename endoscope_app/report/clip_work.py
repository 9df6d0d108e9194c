"""A finding as a clip: its frames, blanked, at their own times, as H.264 in an MP4. No Qt.

Nothing of the recording goes into it but its frames: no sound, no name, no date.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.base.permissions import make_open_folder, open_like_folder
from endoscope_app.base.unfinished import noted
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.source import SharedFrames
from endoscope_app.report import wording
from endoscope_app.report.saved_file import not_saved
from endoscope_app.viewing.identity_mask import without_identity

Image = NDArray[np.uint8]
Progress = Callable[[int, int], None]

_MILLISECONDS = 1000
_QUALITY = {"crf": "18", "preset": "veryfast"}


@dataclass(frozen=True)
class ClipWork:
    """Frames ``first`` to ``last``, both included, into ``target``."""

    frames: SharedFrames
    times: FrameTimes
    first: int
    last: int
    target: Path

    def run(self, progress: Progress, should_stop: Callable[[], bool]) -> str:
        """How it ended, as a sentence; where it was cancelled nothing is left.

        AppError where the recording cannot be read or the clip not be written.
        """
        try:
            make_open_folder(self.target.parent)
        except OSError as error:
            raise not_saved(error) from error
        with noted(unfinished := self.target.parent / f".writing-{secrets.token_hex(4)}.mp4"):
            return self._run(unfinished, progress, should_stop)

    def _run(self, unfinished: Path, progress: Progress, should_stop: Callable[[], bool]) -> str:
        try:
            unfinished.touch(mode=0o600, exist_ok=False)
            if not self._encode(unfinished, progress, should_stop):
                return wording.CLIP_STOPPED
            os.replace(unfinished, self.target)
            open_like_folder(self.target)
        except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
            raise
        except FFmpegError as error:
            raise AppError(*wording.NO_CLIP, type(error).__name__) from error
        except OSError as error:
            raise not_saved(error) from error
        finally:
            unfinished.unlink(missing_ok=True)
        return wording.clip_saved(self.target.name)

    def _encode(self, path: Path, progress: Progress, should_stop: Callable[[], bool]) -> bool:
        """Whether it came to its end."""
        begin, total = float(self.times.times_ms[self.first]), self.last - self.first + 1
        height = self.frames.info.height
        with av.open(str(path), "w", format="mp4") as container:
            stream: av.VideoStream | None = None
            shown = -1
            for index, rgb in self.frames.small_frames(self.first, self.last + 1, height):
                if should_stop():
                    return False
                progress(index - self.first, total)
                image = _even(without_identity(rgb))
                if stream is None:
                    stream = _new_stream(container, image, self.frames.info.fps)
                image = _fitted(image, stream.width, stream.height)
                frame = av.VideoFrame.from_ndarray(image, "rgb24")
                # Two frames of one millisecond would be one
                shown = max(shown + 1, round(float(self.times.times_ms[index]) - begin))
                frame.pts = shown
                frame.time_base = stream.codec_context.time_base
                container.mux(stream.encode(frame))
            if stream is None:
                raise AppError(*wording.NO_CLIP)
            container.mux(stream.encode(None))
        return True


def _new_stream(
    container: av.container.OutputContainer, image: Image, fps: float
) -> av.VideoStream:
    stream = container.add_stream(
        "libx264", rate=Fraction(fps).limit_denominator(1000), options=_QUALITY
    )
    assert isinstance(stream, av.VideoStream)
    stream.height, stream.width = image.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, _MILLISECONDS)
    return stream


def _fitted(rgb: Image, width: int, height: int) -> Image:
    """The image as it is; of a file of another size it is scaled between black borders."""
    if rgb.shape[:2] == (height, width):
        return rgb
    scale = min(width / rgb.shape[1], height / rgb.shape[0])
    size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
    whole = np.zeros((height, width, 3), np.uint8)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    whole[top : top + size[1], left : left + size[0]] = cv2.resize(
        rgb, size, interpolation=cv2.INTER_AREA
    )
    return whole


def _even(rgb: Image) -> Image:
    """H.264 in the form that every player shows has even sides."""
    height, width = rgb.shape[:2]
    return np.ascontiguousarray(rgb[: height - height % 2, : width - width % 2])
