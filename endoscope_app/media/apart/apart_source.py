"""An opened procedure whose frames are decoded by processes of its own."""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Generator, Iterator, Sequence

import numpy as np

from endoscope_app.base.errors import AppError
from endoscope_app.media.apart import wording
from endoscope_app.media.apart.household import Household
from endoscope_app.media.apart.messages import Run
from endoscope_app.media.apart.opened_file import OpenedFile
from endoscope_app.media.apart.reading import BGRA, RGB, Reader, ReaderFell, ReadImage
from endoscope_app.media.apart.wording import Fall
from endoscope_app.media.packet_table import IntArray
from endoscope_app.media.source import Frame, FrameSource, Image


class KnownCorrupt:
    """Frames of ``count`` that are known to be damaged; threads add to them."""

    def __init__(self, count: int, frames: frozenset[int]) -> None:
        self.count, self.frames = count, frames

    def add(self, news: bytes) -> None:
        """``news``: as int64; what is no frame is left out."""
        if news and not len(news) % 8:
            added = np.frombuffer(news, np.int64).tolist()
            self.frames |= {frame for frame in added if 0 <= frame < self.count}


class ApartSource(FrameSource):
    """Its processes end when nobody holds it any more: what threads share outlives ``close``."""

    def __init__(self, opened: OpenedFile, corrupt: KnownCorrupt, household: Household) -> None:
        self.info = opened.info
        self._opened, self._corrupt, self._household = opened, corrupt, household
        self._reader: Reader | None = None
        self._fell: dict[int, Fall] = {}
        self._is_closed = False
        weakref.finalize(self, household.close)

    def time_ms(self, index: int) -> float:
        self._check(index)
        return float(self._opened.times[index])

    def stamp(self, index: int) -> int:
        self._check(index)
        return int(self._opened.stamps[index])

    def index_at(self, time_ms: float) -> int:
        if self._opened.keys is None and self.info.kind == "folder":
            step = self.info.duration_ms / self.info.frame_count
            return min(max(int((time_ms + 1e-6) // step), 0), self.info.frame_count - 1)
        frame = int(np.searchsorted(self._opened.times, time_ms + 1e-6, side="right")) - 1
        return min(max(frame, 0), self.info.frame_count - 1)

    def segments(self, parts: int, start: int = 0) -> list[tuple[int, int]]:
        return self._opened.segments(parts, start)

    def key_frames(self) -> IntArray | None:
        return self._opened.keys

    def name_of(self, index: int) -> str:
        self._check(index)
        return self._opened.names[index] if self._opened.names else ""

    def corrupt_frames(self) -> frozenset[int]:
        return self._corrupt.frames

    def read(self, index: int) -> Frame:
        """As the interface says. A frame that made its process fall is not tried again."""
        self._check(index)
        if self._is_closed:
            raise ValueError("read from a closed source")
        if index in self._fell:
            raise self._frame_fell(index, self._fell[index])
        read = self._read(index)
        return Frame(index, self.time_ms(index), read.image, read.is_corrupt)

    def _read(self, index: int) -> ReadImage:
        expected = self.info.width * self.info.height * BGRA
        while True:
            if self._reader is None:
                self._reader = self._household.reader()
            reader = self._reader
            try:
                return reader.read(index, expected)
            except ReaderFell as error:
                self._reader = None
                fall = self._household.fallen(reader, error)
                if fall is None:
                    continue
                if fall != "gone":
                    self._fell[index] = fall
                raise self._frame_fell(index, fall, error.place) from error

    def small_frames(
        self, start: int, stop: int, height: int, threads: int = 2
    ) -> Iterator[tuple[int, Image]]:
        """As the interface says; where a process falls, its frames up to the next one at which
        decoding may begin are left out.
        """
        at, stop = max(start, 0), min(stop, self.info.frame_count)
        nice = _niceness()
        while at < stop:
            at, fell = yield from self._ran(Run(at, stop, height, threads, nice))
            if fell:
                at = self._opened.next_key(at)

    def key_images(self, frames: Sequence[int], height: int) -> Iterator[tuple[int, Image]]:
        """As the interface says; one at which a process falls is left out."""
        left, nice = list(frames), _niceness()
        while left:
            keys = np.array(left, np.int64).tobytes()
            run = Run(left[0], left[-1] + 1, height, 1, nice, keys)
            at, fell = yield from self._ran(run)
            left = [frame for frame in left if frame >= at][int(fell) :]

    def _ran(self, run: Run) -> Generator[tuple[int, Image], None, tuple[int, bool]]:
        """Its images; then the first frame that is still to come, and whether a process fell there
        by itself.
        """
        at, width = run.start, self.info.width * run.height / self.info.height
        reader = self._household.reader(run.nice)
        try:
            for index, image in reader.run(run, max(2, 2 * round(width / 2)) * run.height * RGB):
                at = index + 1
                yield index, image
        except ReaderFell as error:
            return at, self._household.fallen(reader, error) is not None
        except BaseException:
            # Left early, or a frame that cannot be read: it goes on with another run
            self._household.give_back(reader)
            raise
        self._household.give_back(reader)
        return run.stop, False

    def rest(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            self._household.dismiss(reader)

    def close(self) -> None:
        self._is_closed = True
        self.rest()

    def _frame_fell(self, index: int, fall: Fall, place: str = "") -> AppError:
        name = self.name_of(index)
        sentence = (
            wording.opening_fell(name, fall)
            if name
            else wording.frame_fell(index, self.info.path.name, fall)
        )
        return AppError(sentence, wording.ANOTHER_FRAME, place or f"frame {index}: {fall}")

    def _check(self, index: int) -> None:
        if not 0 <= index < self.info.frame_count:
            raise IndexError(f"frame {index} of {self.info.frame_count}")


def _niceness() -> int:
    """How far the thread that asks gives way to others."""
    return os.getpriority(os.PRIO_PROCESS, 0) if sys.platform == "linux" else 0
