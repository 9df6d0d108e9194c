"""Motion JPEG: FFmpeg hides damage in it without a word, so it is decoded strictly first and
leniently where that fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import av
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

STRICT = {"err_detect": "explode"}
# A recorder whose every image breaks some rule of JPEG is odd, not damaged.
ODD_AFTER = 8


class JpegStream:
    """Images in the order of their packets.

    Give each packet to ``sent`` and what the strict decoder returns to ``checked``.
    """

    def __init__(self) -> None:
        self._waiting: dict[int, Packet[VideoStream]] = {}
        self._refused = 0
        self._accepted = 0
        self._lenient: VideoCodecContext | None = None

    def sent(self, number: int, packet: Packet[VideoStream]) -> None:
        self._waiting[number] = packet

    def checked(self, video_frames: Iterable[VideoFrame]) -> Iterator[tuple[int, VideoFrame, bool]]:
        """(packet number, image, whether it is damaged); a missing image is decoded again as
        soon as a later one is there.
        """
        for video_frame in video_frames:
            if video_frame.pts is None:
                continue
            yield from self._again([number for number in self._waiting if number < video_frame.pts])
            self._waiting.pop(video_frame.pts, None)
            self._accepted += 1
            yield video_frame.pts, video_frame, bool(video_frame.is_corrupt)

    def rest(self) -> Iterator[tuple[int, VideoFrame, bool]]:
        """Images that are missing when the strict decoder has given its last."""
        yield from self._again(list(self._waiting))

    def _again(self, numbers: list[int]) -> Iterator[tuple[int, VideoFrame, bool]]:
        for number in numbers:
            video_frame = self._decoded(self._waiting.pop(number))
            self._refused += 1
            if video_frame is not None:
                yield number, video_frame, self._accepted > 0 or self._refused <= ODD_AFTER

    def _decoded(self, packet: Packet[VideoStream]) -> VideoFrame | None:
        if self._lenient is None:
            context = av.CodecContext.create("mjpeg", "r")
            assert isinstance(context, VideoCodecContext)
            context.thread_count = 1
            self._lenient = context
        try:
            video_frames = self._lenient.decode(Packet(bytes(packet)))
        except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
            raise
        except (FFmpegError, OSError):
            return None
        return video_frames[0] if video_frames else None
