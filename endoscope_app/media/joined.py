"""Several files as one procedure: one running number and one time axis over all of their frames."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.media import fingerprint, part_wording
from endoscope_app.media.opening_watch import OpeningStopped, OpeningWatch
from endoscope_app.media.part import Part
from endoscope_app.media.part_memory import KnownPart
from endoscope_app.media.part_order import laid_out, stamps_of_parts
from endoscope_app.media.source import Frame, FrameSource, Image, SourceInfo

OpenPart = Callable[[Path, OpeningWatch], FrameSource]


class PartRefused(AppError):
    """One of the files cannot be opened, and never was: the others can be opened without it."""

    def __init__(self, place: int, count: int, path: Path, error: AppError) -> None:
        sentence = part_wording.part_refused(place + 1, count, error.sentence)
        super().__init__(sentence, part_wording.PART_WAY_OUT, error.detail)
        self.part = path


@dataclass(frozen=True)
class OpenedPart:
    """``source`` None: the file is away, and only what is known of it is here."""

    path: Path
    known: KnownPart
    source: FrameSource | None


def open_parts(
    files: Sequence[Path],
    known: Sequence[KnownPart | None],
    open_part: OpenPart,
    watch: OpeningWatch,
) -> list[OpenedPart]:
    """Every file opened, in order; of one that cannot be, what is known stands in.

    Raises PartRefused where nothing is known of it, or where not one can be opened; what was opened
    before is closed.
    """
    opened: list[OpenedPart] = []
    sizes = np.cumsum([0, *(_size(file) for file in files)])
    shares = sizes / max(int(sizes[-1]), 1)
    refused: AppError | None = None
    try:
        for place, (file, memory) in enumerate(zip(files, known, strict=True)):
            try:
                share = watch.part(float(shares[place]), float(shares[place + 1]))
                source = _opened_video(file, open_part, share)
                opened.append(OpenedPart(file, KnownPart.of(source), source))
            except OpeningStopped:
                raise
            except AppError as error:
                refused = refused or PartRefused(place, len(files), file, error)
                if memory is None:
                    raise PartRefused(place, len(files), file, error) from error
                opened.append(OpenedPart(file, memory, None))
        if refused is not None and all(part.source is None for part in opened):
            raise refused
    except BaseException:
        for part in opened:
            if part.source is not None:
                part.source.close()
        raise
    return opened


def _opened_video(file: Path, open_part: OpenPart, watch: OpeningWatch) -> FrameSource:
    source = open_part(file, watch)
    if source.info.kind == "video":
        return source
    source.close()
    raise AppError(part_wording.not_a_part(file.name), part_wording.NOT_A_PART, "not a video")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


class JoinedSource(FrameSource):
    """``path``: the list of the files, by whose name the procedure is called."""

    def __init__(self, path: Path, opened: Sequence[OpenedPart]) -> None:
        self._opened = list(opened)
        self._parts = laid_out([(part.path, part.known, part.source is None) for part in opened])
        self._firsts = [part.first for part in self._parts]
        self._times = np.concatenate(
            [
                part.begin_ms + opened_part.known.times_ms
                for part, opened_part in zip(self._parts, opened, strict=True)
            ]
        )
        self._stamps = stamps_of_parts([part.known for part in opened])
        self._read_last = 0
        self.info = _info(path, self._opened, self._parts)

    def time_ms(self, index: int) -> float:
        self._check(index)
        return float(self._times[index])

    def stamp(self, index: int) -> int:
        self._check(index)
        return int(self._stamps[index])

    def index_at(self, time_ms: float) -> int:
        frame = int(np.searchsorted(self._times, time_ms + 1e-6, side="right")) - 1
        return min(max(frame, 0), len(self._times) - 1)

    def read(self, index: int) -> Frame:
        self._check(index)
        place = self._place(index)
        part, source = self._parts[place], self._opened[place].source
        if source is None:
            raise AppError(
                part_wording.part_away(part.path.name),
                part_wording.PART_WAY_OUT,
                detail=f"frame {index}",
            )
        if place != self._read_last:
            self._let_rest(self._read_last)
            self._read_last = place
        frame = source.read(index - part.first)
        return Frame(index, self.time_ms(index), frame.image, frame.is_corrupt)

    def segments(self, parts: int, start: int = 0) -> list[tuple[int, int]]:
        """As the interface says, for ``parts`` of at least as many as there are files; frames of a
        file that is away are in none.
        """
        total = len(self._stamps)
        cut: list[tuple[int, int]] = []
        for part, opened in zip(self._parts, self._opened, strict=True):
            if opened.source is None or part.end <= start:
                continue
            begin = max(start - part.first, 0)
            share = max(1, parts * (part.frame_count - begin) // max(total - start, 1))
            cut += [
                (part.first + first, part.first + last)
                for first, last in opened.source.segments(share, begin)
            ]
        return cut

    def small_frames(
        self, start: int, stop: int, height: int, threads: int = 2
    ) -> Iterator[tuple[int, Image]]:
        for part, opened in zip(self._parts, self._opened, strict=True):
            first, last = max(start, part.first), min(stop, part.end)
            if opened.source is None or first >= last:
                continue
            frames = opened.source.small_frames(
                first - part.first, last - part.first, height, threads
            )
            for index, image in frames:
                yield part.first + index, image

    def key_frames(self) -> NDArray[np.int64]:
        """As the interface says; the first frame of a file that is away counts as one."""
        keys = []
        for part, opened in zip(self._parts, self._opened, strict=True):
            own = opened.source.key_frames() if opened.source is not None else None
            keys.append(part.first + (np.zeros(1, np.int64) if own is None else own))
        return np.concatenate(keys)

    def key_images(self, frames: Sequence[int], height: int) -> Iterator[tuple[int, Image]]:
        for part, opened in zip(self._parts, self._opened, strict=True):
            own = [frame - part.first for frame in frames if part.first <= frame < part.end]
            if opened.source is None or not own:
                continue
            for index, image in opened.source.key_images(own, height):
                yield part.first + index, image

    def corrupt_frames(self) -> frozenset[int]:
        return frozenset(
            part.first + frame
            for part, opened in zip(self._parts, self._opened, strict=True)
            if opened.source is not None
            for frame in opened.source.corrupt_frames()
        )

    def close(self) -> None:
        for opened in self._opened:
            if opened.source is not None:
                opened.source.close()

    def _place(self, index: int) -> int:
        return bisect_right(self._firsts, index) - 1

    def _let_rest(self, place: int) -> None:
        """Only the file that is read is open and keeps decoded frames."""
        source = self._opened[place].source
        if source is not None:
            source.rest()

    def _check(self, index: int) -> None:
        if not 0 <= index < len(self._stamps):
            raise IndexError(f"frame {index} of {len(self._stamps)}")


def _info(path: Path, opened: Sequence[OpenedPart], parts: tuple[Part, ...]) -> SourceInfo:
    infos = [part.source.info for part in opened if part.source is not None]
    count = parts[-1].end
    played_ms = sum(part.known.duration_ms for part in opened)
    width, height = opened[0].known.size
    return SourceInfo(
        path,
        "video",
        count,
        1000.0 * count / played_ms if played_ms > 0 else infos[0].fps,
        width,
        height,
        parts[-1].begin_ms + opened[-1].known.duration_ms,
        fingerprint.of_parts(part.known.fingerprint for part in opened),
        _notes(opened, parts),
        any(info.interlaced for info in infos),
        stamp_kind="content",
        damaged=len(infos) < len(opened) or any(info.damaged for info in infos),
        parts=parts,
    )


def _notes(opened: Sequence[OpenedPart], parts: tuple[Part, ...]) -> tuple[str, ...]:
    notes = []
    for file, part in zip(opened, parts, strict=True):
        if file.source is None:
            notes.append(part_wording.part_missing(part.path.name, part.frame_count))
        else:
            notes += [part_wording.of_part(part.path.name, note) for note in file.source.info.notes]
    unknown = [
        (before.path.name, part.path.name)
        for before, part in itertools.pairwise(parts)
        if not part.is_continued and part.begin_ms <= _end_ms(opened, parts, before)
    ]
    return (*notes, part_wording.unknown_between(unknown)) if unknown else tuple(notes)


def _end_ms(opened: Sequence[OpenedPart], parts: tuple[Part, ...], part: Part) -> float:
    return part.begin_ms + opened[parts.index(part)].known.duration_ms
