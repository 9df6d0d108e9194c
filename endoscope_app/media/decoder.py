"""Decoding from a keyframe on, each frame labelled with the number of the packet it came from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from av.error import EOFError as EndOfStream
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from endoscope_app.media.container import VideoFile
from endoscope_app.media.jpeg_stream import JpegStream
from endoscope_app.media.packet_reading import PacketNotFound, packets_from
from endoscope_app.media.packet_table import PacketTable

# Each error while draining costs one decoder thread's frame; more than this many in a row is a
# decoder that is done.
MAX_DRAIN_FAILURES = 8

__all__ = ["Decoded", "PacketNotFound", "decode_from"]


class Decoded(NamedTuple):
    """A frame as the decoder gave it.

    ``aspect`` is the sample aspect that the stream had then, 0 where it says none; ``is_corrupt``
    says that the decoder had to guess parts of it.
    """

    number: int  # of its packet, or of its frame once that is known
    video_frame: VideoFrame
    aspect: float
    is_corrupt: bool


def decode_from(
    file: VideoFile,
    table: PacketTable,
    start: int,
    count: int | None = None,
    wanted: NDArray[np.bool_] | None = None,
) -> Iterator[Decoded]:
    """Yield frames from packet ``start`` on, feeding ``count`` packets or all.

    Broken packets yield nothing.

    ``wanted`` (packets,) marks the frames that will be looked at: of the others, those that no
    frame refers to are not decoded at all, which makes a seek with B-frames up to twice as fast.
    """
    jpegs = JpegStream() if file.stream.codec_context.name == "mjpeg" else None
    numbered = packets_from(file, table, start)
    for number, packet in numbered if count is None else islice(numbered, count):
        context = file.stream.codec_context
        context.skip_frame = "DEFAULT" if wanted is None or wanted[number] else "NONREF"
        # The decoder hands a packet's pts to its frame untouched, so the pts can carry the packet
        # number.
        packet.pts = number
        if jpegs is not None:
            jpegs.sent(number, packet)
        try:
            video_frames = _from(context, packet)
        except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
            raise
        except (FFmpegError, OSError) as error:
            file.problems.append(type(error).__name__)
            continue
        yield from _numbered(file, video_frames, jpegs)
    yield from _drain(file, jpegs)


def _from(context: VideoCodecContext, packet: Packet[VideoStream] | None) -> list[VideoFrame]:
    """What FFmpeg gives for this packet, or at the end. Raises FFmpegError, OSError, and
    MemoryError also where the system gives the decoder no thread: every frame would be lost, and
    none is damaged.
    """
    try:
        return context.decode(packet)
    except BlockingIOError as error:
        raise MemoryError("no thread for the decoder") from error


def _numbered(
    file: VideoFile, video_frames: list[VideoFrame], jpegs: JpegStream | None
) -> Iterator[Decoded]:
    aspect = float(file.stream.codec_context.sample_aspect_ratio or 0)
    if jpegs is not None:
        for number, video_frame, is_corrupt in jpegs.checked(video_frames):
            yield Decoded(number, video_frame, aspect, is_corrupt)
        return
    for video_frame in video_frames:
        if video_frame.pts is not None:
            yield Decoded(video_frame.pts, video_frame, aspect, bool(video_frame.is_corrupt))


def _drain(file: VideoFile, jpegs: JpegStream | None) -> Iterator[Decoded]:
    for _ in range(MAX_DRAIN_FAILURES):
        try:
            video_frames = _from(file.stream.codec_context, None)
        except EndOfStream:
            break
        except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
            raise
        except (FFmpegError, OSError) as error:
            file.problems.append(type(error).__name__)
            continue
        yield from _numbered(file, video_frames, jpegs)
        break
    if jpegs is not None:
        aspect = float(file.stream.codec_context.sample_aspect_ratio or 0)
        for number, video_frame, is_corrupt in jpegs.rest():
            yield Decoded(number, video_frame, aspect, is_corrupt)
