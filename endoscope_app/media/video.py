"""A video file as exact frames: see ``frame_index`` for how a number finds its picture."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from av.error import FFmpegError
from av.video.frame import VideoFrame

from endoscope_app.errors import AppError
from endoscope_app.media import fingerprint, scan
from endoscope_app.media.container import VideoFile, open_video_file
from endoscope_app.media.decoder import PacketNotFound, decode_from
from endoscope_app.media.deinterlace import deinterlaced
from endoscope_app.media.frame_index import FrameIndex
from endoscope_app.media.opening_watch import UNWATCHED, OpeningWatch
from endoscope_app.media.picture import PixelConverter, geometry_of
from endoscope_app.media.source import Frame, FrameSource, Image, SourceInfo

# Steps back within these need no decoding; pictures are kept as the decoder made them (about 3 MB each at 1080p).
RECENT_FRAMES = 16
LEAD_FRAMES = 8
RECENT_BYTES = 64 << 20
# A damaged picture is given up when the decoder is this far past it.
GIVE_UP_AFTER = 16
# Decoding over a few frames is cheaper than a seek even if a keyframe lies between.
NEAR_AHEAD = 8


class VideoSource(FrameSource):
    def __init__(
        self, path: Path, deinterlace: bool = True, stream: int | None = None, watch: OpeningWatch = UNWATCHED
    ) -> None:
        self._path = path
        self._file: VideoFile | None = open_video_file(path, stream=stream)
        self._stream = self._file.stream.index
        watch.tell(0.0)
        self._running: Iterator[tuple[int, VideoFrame]] | None = None
        self._next = 0
        self._recent: OrderedDict[int, VideoFrame] = OrderedDict()
        try:
            found = _scan(self._file, path)
            self._index = found.index
            self._geometry = geometry_of(found.first_picture, float(self._file.stream.sample_aspect_ratio or 1))
            self._pixels = PixelConverter(self._geometry)
            self._deinterlace = deinterlace and found.interlaced
            picture = found.first_picture
            self._keep = max(2, min(RECENT_FRAMES, RECENT_BYTES // max(1, picture.width * picture.height * 3 // 2)))
            self.info = _info(path, found, self._geometry.width, self._geometry.height)
        except BaseException:
            self.close()
            raise

    def time_ms(self, index: int) -> float:
        self._check(index)
        return float(self._index.times_ms[index])

    def stamp(self, index: int) -> int:
        self._check(index)
        return int(self._index.stamps[index])

    def index_at(self, time_ms: float) -> int:
        return self._index.at(time_ms)

    def segments(self, parts: int, start: int = 0) -> list[tuple[int, int]]:
        return self._index.segments(parts, start)

    def read(self, index: int) -> Frame:
        self._check(index)
        if self._file is None:
            raise ValueError("read from a closed source")
        try:
            picture = self._recent.get(index) or self._decode_to(self._file, index)
        except (FFmpegError, OSError, PacketNotFound) as error:
            self._running = None
            raise self._damaged(index, type(error).__name__) from error
        return Frame(index, self.time_ms(index), self._pixels.bgra(picture))

    def small_frames(self, start: int, stop: int, height: int, threads: int = 2) -> Iterator[tuple[int, Image]]:
        """As the interface says; opens the file anew, so two may run at once. Frames that cannot be decoded are left out."""
        start, stop = max(start, 0), min(stop, len(self._index))
        if start >= stop:
            return
        pixels = PixelConverter(self._geometry)
        with contextlib.closing(open_video_file(self._path, threads, self._stream)) as file:
            try:
                for index, picture in _frames(file, self._index, start, 0, self._deinterlace):
                    if index >= stop:
                        return
                    if index >= start:
                        yield index, pixels.small_rgb(picture, height)
            except (FFmpegError, OSError, PacketNotFound) as error:
                raise self._damaged(start, type(error).__name__) from error

    def corrupt_frames(self) -> frozenset[int]:
        return frozenset()

    def close(self) -> None:
        self._running = None
        self._recent.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _decode_to(self, file: VideoFile, index: int) -> VideoFrame:
        if self._running is None or not self._is_ahead(index):
            self._running = _frames(file, self._index, index, min(LEAD_FRAMES, self._keep), self._deinterlace)
        for found, picture in self._running:
            self._remember(found, picture)
            self._next = found + 1
            if found == index:
                return picture
            if found > index + GIVE_UP_AFTER:
                break
        self._running = None
        raise self._damaged(index, "not decoded")

    def _is_ahead(self, index: int) -> bool:
        """Whether decoding on reaches ``index`` sooner than a seek."""
        return self._next <= index and (index - self._next < NEAR_AHEAD or self._index.key_at(index) <= self._next)

    def _remember(self, index: int, picture: VideoFrame) -> None:
        self._recent[index] = picture
        self._recent.move_to_end(index)
        while len(self._recent) > self._keep:
            self._recent.popitem(last=False)

    def _check(self, index: int) -> None:
        if not 0 <= index < len(self._index):
            raise IndexError(f"frame {index} of {len(self._index)}")

    def _damaged(self, index: int, detail: str) -> AppError:
        return AppError(
            f"Frame {index} of “{self._path.name}” could not be read.",
            "Go to another frame; if all fail, check that the file is still there and unchanged.",
            detail=detail,
        )


def _frames(file: VideoFile, index: FrameIndex, first: int, lead: int, filtered: bool) -> Iterator[tuple[int, VideoFrame]]:
    """Pictures from ``first`` on, before it up to ``lead`` more that were decoded on the way."""
    if not filtered:
        yield from _raw_frames(file, index, first, lead)
        return
    # The filter needs the picture before: start one earlier, and drop the first result unless nothing comes before it.
    before = max(first - 1, 0)
    dropped_until = -1
    fed = _raw_frames(file, index, before, lead)
    for place, (number, picture) in enumerate(deinterlaced(fed)):
        if place == 0 and number > 0:
            dropped_until = number
        if number > dropped_until:
            yield number, picture


def _raw_frames(file: VideoFile, index: FrameIndex, first: int, lead: int) -> Iterator[tuple[int, VideoFrame]]:
    key = index.key_at(first)
    begin = max(key, first - lead)
    wanted = (index.frame_of < 0) | (index.frame_of >= begin)  # a packet of no frame may still be needed by others
    for number, picture in decode_from(file, index.packets, int(index.packet_of[key]), wanted=wanted):
        frame = int(index.frame_of[number])
        # Frames shown before their keyframe refer to pictures this run never saw.
        if frame >= begin:
            yield frame, picture


def _scan(file: VideoFile, path: Path) -> scan.Scan:
    try:
        found = scan.scan(file)
    except (FFmpegError, OSError, PacketNotFound) as error:
        raise AppError(f"“{path.name}” could not be read.", "Copy the file again from the recorder.", type(error).__name__) from error
    if found is None:
        raise AppError(f"“{path.name}” holds no picture that can be decoded.", "Export the recording again.", "no frames")
    return found


def _info(path: Path, found: scan.Scan, width: int, height: int) -> SourceInfo:
    count = len(found.index)
    duration = float(found.index.times_ms[-1]) + 1000.0 / found.rate
    notes: tuple[str, ...] = ()
    if found.damaged:
        seconds = int(duration / 1000)
        of_all = f" of {found.promised_frames}" if found.promised_frames else ""
        notes = (f"The file is damaged after {seconds // 60}:{seconds % 60:02d}; {count}{of_all} frames can be read.",)
    return SourceInfo(
        path,
        "video",
        count,
        found.rate,
        width,
        height,
        duration,
        fingerprint.of_file(path),
        notes,
        found.interlaced,
        stamp_kind=found.index.stamp_kind,
        damaged=found.damaged,
    )
