"""Opening a video file with FFmpeg, and every sentence for a file that is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from endoscope_app.base.errors import AppError
from endoscope_app.media import foreign_file, wording
from endoscope_app.media.dicom.layout import is_dicom_file, layout_of
from endoscope_app.media.jpeg_stream import STRICT
from endoscope_app.media.streams import choose
from endoscope_app.media.video_bytes import open_video_bytes

# Videos only: playlists, name patterns, devices, subtitles and FFmpeg's "ANSI art" renderers of
# text are none.
FORMATS = (
    "mov,matroska,webm,avi,mpeg,mpegts,mpegtsraw,mpegvideo,asf,asf_o,flv,live_flv,h264,hevc,vvc,m4v,dv,mjpeg,mjpeg_2000,ogg,mxf,"
    "mxf_opatom,nut,ivf,obu,av1,vc1,vc1test,yuv4mpegpipe,wtv,rm,gif,apng,ffm,pva,r3d,lxf,gxf,dnxhd,dirac,h263,h261,cavsvideo"
)
NO_BYTE_SEEK = 0x8000  # FFmpeg's AVFMT_NO_BYTE_SEEK
# A demuxer that keeps failing at one place will not recover; a broken packet here and there is
# passed over.
MAX_DEMUX_FAILURES = 8
# FFmpeg asks Python for this much at a time of what lies inside a DICOM file.
INSIDE_BUFFER = 1 << 18


class VideoFile:
    """An open container with its chosen video stream. Two threads never share one."""

    def __init__(
        self,
        path: Path,
        container: InputContainer,
        inside: BinaryIO | None,
        stream: VideoStream,
        threads: int,
        alive: Callable[[], None],
    ) -> None:
        self._alive = alive
        self.path = path
        self.container = container
        self._inside = inside  # what the container reads, where that is part of a file
        self.stream = stream
        self._threads = threads
        self.is_fresh = True  # nothing was read yet
        self.problems: list[str] = []
        self._set_threads()

    @property
    def seeks_bytes(self) -> bool:
        return not self.container.format.flags & NO_BYTE_SEEK

    def packets(self) -> Iterator[Packet[VideoStream]]:
        """Packets of the stream from the current place on; empty ones and FFmpeg's closing
        dummy are left out.
        """
        failures = 0
        self.is_fresh = False
        while failures < MAX_DEMUX_FAILURES:
            try:
                for packet in self.container.demux(self.stream):
                    self._alive()
                    if packet.size:
                        yield packet
                return
            except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
                raise
            except (FFmpegError, OSError) as error:
                failures += 1
                self.problems.append(type(error).__name__)

    def reopen(self) -> None:
        """Go back to the first packet, whatever the container thinks of seeking.

        Raises AppError where the file is gone.
        """
        index = self.stream.index
        self.close()
        self.container, self._inside = _open_container(self.path)
        self.stream = next(
            stream for stream in self.container.streams.video if stream.index == index
        )
        self.is_fresh = True
        self._set_threads()

    def close(self) -> None:
        _close(self.container, self._inside)

    def _set_threads(self) -> None:
        self.stream.codec_context.thread_type = "AUTO"
        self.stream.codec_context.thread_count = self._threads
        if self.stream.codec_context.name == "mjpeg":
            self.stream.codec_context.options = STRICT


def open_video_file(
    path: Path,
    threads: int = 2,
    stream: int | None = None,
    alive: Callable[[], None] = lambda: None,
) -> VideoFile:
    """Open ``path`` for demuxing and decoding with ``threads`` decoder threads, or say in one
    sentence why not.

    ``stream`` is FFmpeg's number of the wanted video stream; without it the most likely one is
    taken. ``alive`` is called for every packet.
    """
    container, inside = _open_container(path)
    chosen = choose(container, stream)
    if chosen is None:
        sentence = wording.no_video(path.name, sound=bool(container.streams.audio))
        _close(container, inside)
        raise AppError(sentence, wording.CHOOSE_ANOTHER, detail="no video stream")
    return VideoFile(path, container, inside, chosen, threads, alive)


def _close(container: InputContainer, inside: BinaryIO | None) -> None:
    container.close()
    if inside is not None:
        inside.close()


def missing(path: Path) -> AppError:
    return AppError(wording.gone(path.name), wording.FIND_AGAIN)


def _open_container(path: Path) -> tuple[InputContainer, BinaryIO | None]:
    """The container, and what it reads where that is part of a DICOM file."""
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    inside = None
    try:
        if is_dicom_file(path):
            layout_of(path)  # says why where it cannot be read
            inside = open_video_bytes(path)
            return av.open(inside, mode="r", options=options, buffer_size=INSIDE_BUFFER), inside
        foreign = foreign_file.recognised(path)
        if foreign is not None:
            raise foreign
        # The scheme keeps a name like "rtsp:..." a name; the lists hold for everything a file may
        # point to.
        return av.open(f"file:{path}", mode="r", options=options), None
    except FileNotFoundError as error:
        raise missing(path) from error
    except PermissionError as error:
        raise AppError(wording.no_permission(path.name), wording.ASK_PERMISSION) from error
    except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
        raise
    except (FFmpegError, OSError, ValueError) as error:
        if inside is not None:
            inside.close()
        raise _unreadable(path, type(error).__name__) from error


def _unreadable(path: Path, detail: str) -> AppError:
    if _lacks_movie_header(path):
        return AppError(wording.never_finished(path.name), wording.EXPORT_OR_REPAIR, detail=detail)
    return AppError(wording.unreadable_video(path.name), wording.CHOOSE_ANOTHER, detail=detail)


def _lacks_movie_header(path: Path) -> bool:
    """True for an MP4/MOV with an ``ftyp`` or ``mdat`` box at the front: FFmpeg refused it, so
    the ``moov`` box is what is missing.
    """
    try:
        with path.open("rb") as file:
            return file.read(8)[4:] in (b"ftyp", b"mdat", b"wide", b"skip", b"free")
    except OSError:
        return False
