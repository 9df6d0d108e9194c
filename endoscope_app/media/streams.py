"""Which of a file's video streams is the procedure: never a cover, a thumbnail or a preview
that happens to come first.
"""

from __future__ import annotations

import re

from av.container import InputContainer
from av.video.stream import VideoStream

from endoscope_app.media import wording
from endoscope_app.media.source import StreamChoice

# Dispositions of FFmpeg that say of a stream that it is not the procedure.
NO_PROCEDURE = ("attached_pic", "timed_thumbnails", "still_image")
# A stream that holds this much less than the longest is a thumbnail track, whatever its flags say.
SHORT = 0.1


def choose(container: InputContainer, wanted: int | None = None) -> VideoStream | None:
    """The stream ``wanted`` (FFmpeg's number), or the likeliest: not a thumbnail, flagged
    default, largest, fastest, first.
    """
    streams = candidates(container)
    if wanted is not None:
        return next((stream for stream in streams if stream.index == wanted), None)
    longest = max((_length_s(container, stream) for stream in streams), default=0.0)

    def likeliness(stream: VideoStream) -> tuple[bool, bool, int, float, int]:
        is_whole = stream.frames != 1 and _length_s(container, stream) >= SHORT * longest
        context = stream.codec_context
        return (
            is_whole,
            _is_default(stream),
            context.width * context.height,
            _rate(stream),
            -stream.index,
        )

    return max(streams, key=likeliness, default=None)


def candidates(container: InputContainer) -> list[VideoStream]:
    """Video streams that can be decoded and may be a procedure."""
    return [
        stream
        for stream in container.streams.video
        if stream.codec_context is not None
        and stream.codec_context.width > 0
        and not _is_flagged(stream, *NO_PROCEDURE)
    ]


def choices(container: InputContainer, chosen: VideoStream) -> tuple[StreamChoice, ...]:
    """For the reader, where there is more than one candidate."""
    streams = candidates(container)
    if len(streams) < 2:
        return ()
    return tuple(
        StreamChoice(
            stream.index,
            stream.codec_context.width,
            stream.codec_context.height,
            _rate(stream),
            _is_default(stream),
            stream.index == chosen.index,
        )
        for stream in streams
    )


def note(streams: tuple[StreamChoice, ...]) -> tuple[str, ...]:
    """A sentence that says which of several streams is shown."""
    if not streams:
        return ()
    place, taken = next(
        (place, stream) for place, stream in enumerate(streams, 1) if stream.is_chosen
    )
    others = [_size(stream) for stream in streams if not stream.is_chosen]
    return (wording.stream_shown(place, _size(taken), others),)


def _size(stream: StreamChoice) -> str:
    return f"{stream.width} x {stream.height}"


def _is_flagged(stream: VideoStream, *names: str) -> bool:
    flags = type(stream.disposition)
    return any(
        bool(stream.disposition & flag)
        for flag in (getattr(flags, name, None) for name in names)
        if flag is not None
    )


def _is_default(stream: VideoStream) -> bool:
    return _is_flagged(stream, "default")


def _rate(stream: VideoStream) -> float:
    return float(stream.average_rate or stream.guessed_rate or 0)


def _length_s(container: InputContainer, stream: VideoStream) -> float:
    """Where the container says it for the stream (Matroska as a tag "00:01:02.5"), else that of
    the whole file.
    """
    tag = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if tag is not None:  # FFmpeg's own duration of such a stream is that of the file
        return int(tag[1]) * 3600 + int(tag[2]) * 60 + float(tag[3])
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / 1e6
