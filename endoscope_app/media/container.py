"""Opening a video file with FFmpeg, and every sentence for a file that is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from endoscope_app.errors import AppError

# FFmpeg renders text files as "ANSI art" video through these; a reader who opens a report by mistake must hear so.
TEXT_FORMATS = {"tty", "bin", "idf", "xbin", "adf"}
# A demuxer that keeps failing at one place will not recover; a broken packet here and there is passed over.
MAX_DEMUX_FAILURES = 8

CHOOSE_ANOTHER = "Choose a video file or a folder of pictures."


@dataclass(slots=True)
class VideoFile:
    """One open container with its picture stream. Two threads never share one."""

    container: InputContainer
    stream: VideoStream
    problems: list[str] = field(default_factory=list)

    def packets(self) -> Iterator[Packet[VideoStream]]:
        """Packets of the picture stream from the current place on; empty ones and FFmpeg's closing dummy are left out."""
        failures = 0
        while failures < MAX_DEMUX_FAILURES:
            try:
                for packet in self.container.demux(self.stream):
                    if packet.size:
                        yield packet
                return
            except (FFmpegError, OSError) as error:
                failures += 1
                self.problems.append(type(error).__name__)

    def close(self) -> None:
        self.container.close()


def open_video_file(path: Path, threads: int = 2, stream: int | None = None) -> VideoFile:
    """Open ``path`` for demuxing and decoding with ``threads`` decoder threads, or say in one sentence why not.

    ``stream`` is FFmpeg's number of the wanted video stream; without it the file's own choice is taken.
    """
    try:
        container = av.open(str(path), mode="r")
    except FileNotFoundError as error:
        raise missing(path) from error
    except PermissionError as error:
        raise AppError(f"“{path.name}” may not be read.", "Ask for permission to the file, or copy it to your own folder.") from error
    except (FFmpegError, OSError, ValueError) as error:
        raise _unreadable(path, type(error).__name__) from error
    chosen = _picture_stream(container, stream)
    if chosen is None:
        container.close()
        raise AppError(f"“{path.name}” holds no video.", CHOOSE_ANOTHER, detail="no video stream")
    chosen.codec_context.thread_type = "AUTO"
    chosen.codec_context.thread_count = threads
    return VideoFile(container, chosen)


def missing(path: Path) -> AppError:
    return AppError(f"“{path.name}” is not there any more.", "Find the file again, or connect the drive it is on.")


def _picture_stream(container: InputContainer, wanted: int | None) -> VideoStream | None:
    if container.format.name in TEXT_FORMATS:
        return None
    for stream in container.streams.video:
        # Cover art of a sound recording is a video stream to FFmpeg.
        is_cover = bool(stream.disposition & type(stream.disposition).attached_pic)
        if wanted in (None, stream.index) and not is_cover and stream.codec_context is not None and stream.codec_context.width > 0:
            return stream
    return None


def _unreadable(path: Path, detail: str) -> AppError:
    if _lacks_movie_header(path):
        return AppError(
            f"“{path.name}” was never finished by the recorder: its table of contents (moov) is missing.",
            "Export the recording again from the recorder, or repair the file with a recovery tool.",
            detail=detail,
        )
    return AppError(f"“{path.name}” is not a video that can be read.", CHOOSE_ANOTHER, detail=detail)


def _lacks_movie_header(path: Path) -> bool:
    """True for an MP4/MOV with an ``ftyp`` or ``mdat`` box at the front: FFmpeg refused it, so the ``moov`` box is what is missing."""
    try:
        with path.open("rb") as file:
            return file.read(8)[4:] in (b"ftyp", b"mdat", b"wide", b"skip", b"free")
    except OSError:
        return False
