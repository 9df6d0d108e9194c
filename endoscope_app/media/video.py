"""A video file as exact frames: see ``frame_index`` for how a number finds its image."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from av.error import FFmpegError

from endoscope_app.base.errors import AppError
from endoscope_app.media import fingerprint, promised_size, scan, streams, video_bytes, wording
from endoscope_app.media.container import VideoFile, open_video_file
from endoscope_app.media.corrupt_frames import CorruptFrames
from endoscope_app.media.decoder import Decoded, PacketNotFound
from endoscope_app.media.frame_index import FrameIndex
from endoscope_app.media.frame_run import FrameRun, Starts
from endoscope_app.media.opening_watch import UNWATCHED, OpeningWatch
from endoscope_app.media.packet_table import NO_TIMESTAMP, IntArray
from endoscope_app.media.pixels import PixelConverter
from endoscope_app.media.recent_frames import RecentFrames
from endoscope_app.media.source import Frame, FrameSource, Image, SourceInfo, StreamChoice

# Of the frames on the way to a wished one so many are kept: a step back after a jump is free.
LEAD_FRAMES = 8
# Whoever went back by no more than this goes back: all frames on the way are kept, so that a group
# is decoded once and not once for every few steps.
NEAR_BACK = 8
# A damaged frame is given up when the decoder is this far past it.
GIVE_UP_AFTER = 16
# Decoding over a few frames is cheaper than a seek even if a keyframe lies between.
NEAR_AHEAD = 8


class VideoSource(FrameSource):
    def __init__(
        self,
        path: Path,
        deinterlace: bool = True,
        stream: int | None = None,
        watch: OpeningWatch = UNWATCHED,
    ) -> None:
        self._path, self._alive, self._is_closed = path, watch.alive, False
        file = open_video_file(path, stream=stream, alive=self._alive)
        self._file: VideoFile | None = file
        self._stream = file.stream.index
        self._running: Iterator[Decoded] | None = None
        self._next = 0
        self._recent, self._last_read = RecentFrames(), 0
        try:
            choices = streams.choices(file.container, file.stream)
            own = streams.choose(file.container)
            default = self._stream if own is None else own.index
            shown_aspect = float(file.stream.sample_aspect_ratio or 1)
            scanned = _scan(file, path, watch)
            self._index = scanned.index
            self._first, self._shown_aspect = scanned.first, shown_aspect
            self._pixels = self._converter()
            self._corrupt = CorruptFrames(self._index)
            self._run = FrameRun(
                self._index, Starts(self._index), self._corrupt, deinterlace and scanned.interlaced
            )
            self._keep = RecentFrames.room_for(scanned.first)
            self.info = _info(
                path,
                scanned,
                _clock_ms(file, self._index),
                self._pixels.geometry.width,
                self._pixels.geometry.height,
                choices,
                default,
            )
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
        if self._is_closed:
            raise ValueError("read from a closed source")
        try:
            decoded = self._recent.get(index) or self._decode_to(self._opened(), index)
        except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
            raise
        except BlockingIOError as error:
            raise MemoryError("no thread for FFmpeg") from error
        except (FFmpegError, OSError, PacketNotFound) as error:
            self._running = None
            raise self._damaged(index, type(error).__name__) from error
        self._last_read = index
        return Frame(index, self.time_ms(index), self._pixels.bgra(decoded), index in self._corrupt)

    def small_frames(
        self, start: int, stop: int, height: int, threads: int = 2
    ) -> Iterator[tuple[int, Image]]:
        """As the interface says; opens the file anew, so two may run at once.

        Frames that cannot be decoded are left out.
        """
        start, stop = max(start, 0), min(stop, len(self._index))
        if start >= stop:
            return
        pixels = self._converter()
        opened = open_video_file(self._path, threads, self._stream, self._alive)
        with contextlib.closing(opened) as file:
            try:
                for decoded in self._run.frames(file, start):
                    if decoded.number >= stop:
                        return
                    if decoded.number >= start:
                        yield decoded.number, pixels.small_rgb(decoded, height)
            except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
                raise
            except BlockingIOError as error:
                raise MemoryError("no thread for FFmpeg") from error
            except (FFmpegError, OSError, PacketNotFound) as error:
                raise self._damaged(start, type(error).__name__) from error

    def key_images(self, frames: Sequence[int], height: int) -> Iterator[tuple[int, Image]]:
        pixels = self._converter()
        opened = open_video_file(self._path, 1, self._stream, self._alive)
        with contextlib.closing(opened) as file:
            try:
                for key in frames:
                    for decoded in self._run.alone(file, key):
                        yield key, pixels.small_rgb(decoded, height)
            except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
                raise
            except BlockingIOError as error:
                raise MemoryError("no thread for FFmpeg") from error
            except (FFmpegError, OSError, PacketNotFound) as error:
                raise self._damaged(frames[0], type(error).__name__) from error

    def corrupt_frames(self) -> frozenset[int]:
        return self._corrupt.known()

    def key_frames(self) -> IntArray:
        return self._index.key_frames

    def rest(self) -> None:
        self._running = None
        self._recent.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def close(self) -> None:
        self._is_closed = True
        self.rest()

    def _opened(self) -> VideoFile:
        if self._file is None:
            self._file = open_video_file(self._path, stream=self._stream, alive=self._alive)
        return self._file

    def _converter(self) -> PixelConverter:
        return PixelConverter(self._first.video_frame, self._first.aspect, self._shown_aspect)

    def _decode_to(self, file: VideoFile, index: int) -> Decoded:
        if self._running is None or not self._is_ahead(index):
            goes_back = 0 < self._last_read - index <= NEAR_BACK
            # One less than there is room for, or the first would push out the frame before it
            lead = self._keep - 1 if goes_back else min(LEAD_FRAMES, self._keep - 1)
            self._running = self._run.frames(file, index, lead)
        for decoded in self._running:
            self._recent.put(decoded)
            self._next = decoded.number + 1
            if decoded.number == index:
                return decoded
            if decoded.number > index + GIVE_UP_AFTER:
                break
        self._running = None
        raise self._damaged(index, "not decoded")

    def _is_ahead(self, index: int) -> bool:
        """Whether decoding on reaches ``index`` sooner than a seek."""
        return self._next <= index and (
            index - self._next < NEAR_AHEAD or self._index.key_at(index) <= self._next
        )

    def _check(self, index: int) -> None:
        if not 0 <= index < len(self._index):
            raise IndexError(f"frame {index} of {len(self._index)}")

    def _damaged(self, index: int, detail: str) -> AppError:
        return AppError(
            wording.frame_not_read(index, self._path.name), wording.ANOTHER_FRAME, detail=detail
        )


def _scan(file: VideoFile, path: Path, watch: OpeningWatch) -> scan.Scan:
    try:
        scanned = scan.scan(file, video_bytes.size_of(path), watch)
    except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
        raise
    except BlockingIOError as error:
        raise MemoryError("no thread for FFmpeg") from error
    except (FFmpegError, OSError, PacketNotFound) as error:
        raise AppError(
            wording.not_read(path.name), wording.COPY_FILE_AGAIN, type(error).__name__
        ) from error
    if scanned is None:
        raise AppError(wording.no_frame(path.name), wording.EXPORT_AGAIN, "no frames")
    return scanned


def _clock_ms(file: VideoFile, index: FrameIndex) -> tuple[float, float] | None:
    """When the first frame begins and the last one ends, by the container's own clock; None where
    that is not rising.
    """
    first, last = (int(index.packets.pts[index.packet_of[place]]) for place in (0, -1))
    tick_ms = float((file.stream.time_base or 0) * 1000)
    if NO_TIMESTAMP in (first, last) or index.stamp_kind != "pts" or not tick_ms or last < first:
        return None
    return first * tick_ms, last * tick_ms + index.last_step_ms(0.0)


def _info(
    path: Path,
    scanned: scan.Scan,
    clock_ms: tuple[float, float] | None,
    width: int,
    height: int,
    choices: tuple[StreamChoice, ...],
    default: int,
) -> SourceInfo:
    """``default``: the stream that opens by itself, and has the file's identity; the labels of
    others keep apart.
    """
    count = len(scanned.index)
    duration = float(scanned.index.times_ms[-1]) + scanned.index.last_step_ms(1000.0 / scanned.rate)
    is_cut = promised_size.is_cut_off(path)
    of_file = fingerprint.of_file(path)
    identities = {
        choice.index: of_file
        if choice.index == default
        else fingerprint.of_stream(of_file, choice.index)
        for choice in choices
    }
    own = next((identities[choice.index] for choice in choices if choice.is_chosen), of_file)
    return SourceInfo(
        path,
        "video",
        count,
        scanned.rate,
        width,
        height,
        duration,
        own,
        _damage_note(scanned, duration, is_cut) + streams.note(choices),
        scanned.interlaced,
        stamp_kind=scanned.index.stamp_kind,
        damaged=scanned.damaged or is_cut,
        streams=choices,
        siblings=frozenset(identities.values()) - {own},
        clock_ms=clock_ms,
    )


def _damage_note(scanned: scan.Scan, duration_ms: float, is_cut: bool) -> tuple[str, ...]:
    count, corrupt = len(scanned.index), len(CorruptFrames(scanned.index).known())
    if is_cut or scanned.promised_frames or (scanned.damaged and not corrupt):
        seconds = int(
            (
                duration_ms
                if is_cut or scanned.damaged_after_ms is None
                else scanned.damaged_after_ms
            )
            / 1000
        )
        return (wording.damaged_after(seconds, count, scanned.promised_frames),)
    return (wording.faulty_frames(corrupt),) if corrupt else ()
