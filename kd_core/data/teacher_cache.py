"""The teacher cache: views of images and teachers' logits on disk.

So a teacher sees each view once. One file per image and teacher (and one for the views), named by
the content of the image, of the teacher and of the preprocessing: a changed image or teacher is
another file, never a stale one. Files are written beside and moved into place, each record carries
a checksum, and what is missing, cut short or damaged is made again: the folder may be deleted at
any time. Logits are stored in half precision. Frames of patients lie here: the folder belongs into
the data folder of whoever owns them.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.data.augment import view_seed
from kd_core.data.image_files import content_of
from kd_core.data.view_policy import ViewPolicy, policy_for
from kd_core.data.views import TeacherView, teacher_view
from kd_core.models.teacher import FrozenTeacher
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.errors import DataError
from kd_core.vision import preprocess

Image = NDArray[np.uint8]
#: A teacher and crops (n, S, S, 3) uint8 on its device -> its view of them.
Answer = Callable[[FrozenTeacher, Tensor], TeacherView]
GIGABYTE = 1_000_000_000
#: The folder never grows beyond this on its own; some 8,000 images with six views and two teachers.
DEFAULT_LIMIT = 10 * GIGABYTE
#: Views a teacher looks at together while the cache is filled.
TOGETHER = 32
_CHECKSUM = 4  # bytes before each record
#: Only what is named as ``_paths`` names it is ever deleted, whatever folder --cache was pointed
#: at.
_OURS = f"[0-9a-f][0-9a-f]/{'[0-9a-f]' * 32}-*"
_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n# Views of frames and logits of teachers. Safe"
    " to delete; made again when needed.\n"
)


class CachedViews:
    """A ViewSource over files. ``fill`` first; ``batch`` makes what is missing all the same."""

    def __init__(
        self,
        folder: Path,
        crops: Image,
        labels: NDArray[np.int64],
        views: int,
        teachers: Sequence[FrozenTeacher] = (),
        limit: int = DEFAULT_LIMIT,
        policy: ViewPolicy | None = None,
        answer: Answer = teacher_view,
        seed: int = 0,
    ) -> None:
        """``crops`` (N, S, S, 3) uint8, ``labels`` (N,). ``answer``: how a teacher is asked.

        Runs of another ``seed`` have other views, and files of their own.

        Raises DataError where the folder cannot be made or holds too little.
        """
        self.labels, self._seed = labels, seed
        self._crops, self._teachers, self._answer = crops, teachers, answer
        size = crops.shape[1]
        self._policy = policy or policy_for(size)
        self._contents = [content_of(crop) for crop in crops]
        self._records = [
            _Record((size, size, 3), np.dtype(np.uint8)),
            *(_teacher_record(teacher) for teacher in teachers),
        ]
        _check_room(self._records, len(crops), views, limit)
        self.views = views
        version = f"{preprocess.VERSION}-{self._policy.version}" + (f"-s{seed}" if seed else "")
        self._names = [
            f"views-{version}",
            *(f"{teacher.fingerprint[:16]}-{version}" for teacher in teachers),
        ]
        self._folder = folder
        _prepare(folder, self._needed_bytes(), limit, keep=self._sizes())

    def fill(self, should_stop: Callable[[], bool] = lambda: False) -> Iterator[tuple[int, int]]:
        """Make what is missing; yields (done, total) images. Raises DataError on a full disk."""
        step = max(1, TOGETHER // self.views)
        for first in range(0, len(self.labels), step):
            if should_stop():
                return
            self._complete(range(first, min(first + step, len(self.labels))))
            yield min(first + step, len(self.labels)), len(self.labels)

    def batch(
        self, places: NDArray[np.int64], views: NDArray[np.int64]
    ) -> tuple[Tensor, list[TeacherView]]:
        """See ViewSource."""
        rows = [
            self._read_all(int(place), int(view)) for place, view in zip(places, views, strict=True)
        ]
        crops = torch.from_numpy(np.stack([row[0] for row in rows]))
        teachers = []
        for number, teacher in enumerate(self._teachers, 1):
            stacked = torch.from_numpy(np.stack([row[number] for row in rows])).float()
            classes = teacher.class_count
            shape = (len(rows), teacher.width, teacher.grid, teacher.grid)
            teachers.append(TeacherView(stacked[:, :classes], stacked[:, classes:].reshape(shape)))
        return crops, teachers

    def _read_all(self, place: int, view: int) -> list[NDArray[np.generic]]:
        for _ in range(2):
            rows = [
                record.read(path, view)
                for record, path in zip(self._records, self._paths(place), strict=True)
            ]
            whole = [row for row in rows if row is not None]
            if len(whole) == len(rows):
                return whole
            for path, row in zip(self._paths(place), rows, strict=True):
                if row is None:
                    # Where it cannot be deleted it cannot be written either, which is then said
                    with contextlib.suppress(OSError):
                        path.unlink(missing_ok=True)
            self._complete([place])
        raise DataError(
            "The teacher cache cannot be read back.",
            "Delete its folder, or choose another with --cache.",
        )

    def _complete(self, places: Sequence[int]) -> None:
        """Make what these few images lack.

        All of it goes through a teacher at once: six views alone would not fill a processor.
        """
        lacking = [(place, absent) for place in places if any(absent := self._absent(place))]
        if not lacking:
            return
        views = {place: self._made(place) for place, _ in lacking}
        for place, absent in lacking:
            if absent[0]:
                self._records[0].write(self._paths(place)[0], views[place])
        for number, teacher in enumerate(self._teachers, 1):
            asked = [place for place, absent in lacking if absent[number]]
            if asked:
                rows = _asked(
                    teacher, np.concatenate([views[place] for place in asked]), self._answer
                )
                for place, part in zip(asked, np.split(rows, len(asked)), strict=True):
                    self._records[number].write(self._paths(place)[number], part)

    def _absent(self, place: int) -> list[bool]:
        """For each file of an image: whether it lacks views.

        Those that are whole are marked as used now.
        """
        paths = self._paths(place)
        absent = [
            not record.complete(path, self.views)
            for record, path in zip(self._records, paths, strict=True)
        ]
        now = time.time()
        for path, gone in zip(paths, absent, strict=True):
            if not gone:
                # Another run may have thrown it away just now: batch makes it again
                with contextlib.suppress(OSError):
                    os.utime(path, (now, now))  # what was used last is thrown away last
        return absent

    def _made(self, place: int) -> Image:
        return np.stack(
            [
                self._policy(self._crops[place], view_seed(self._contents[place], view, self._seed))
                for view in range(self.views)
            ]
        )

    def _paths(self, place: int) -> list[Path]:
        content = self._contents[place]
        return [self._folder / content[:2] / f"{content[:32]}-{name}.bin" for name in self._names]

    def _sizes(self) -> dict[str, int]:
        """Of each file this run needs: its name, and how many bytes the run's views take in it."""
        sizes = [self.views * record.size for record in self._records]
        return {
            path.name: size
            for place in range(len(self.labels))
            for path, size in zip(self._paths(place), sizes, strict=True)
        }

    def _needed_bytes(self) -> int:
        return len(self.labels) * self.views * sum(record.size for record in self._records)


class _Record:
    """Arrays of one shape and type, one after the other in a file, each behind its checksum."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> None:
        self._shape, self._dtype = shape, dtype
        self._payload = int(np.prod(shape)) * dtype.itemsize
        self.size = self._payload + _CHECKSUM

    def complete(self, path: Path, count: int) -> bool:
        try:
            return path.stat().st_size >= count * self.size
        except OSError:
            return False

    def read(self, path: Path, place: int) -> NDArray[np.generic] | None:
        try:
            with open(path, "rb") as file:
                file.seek(place * self.size)
                content = file.read(self.size)
        except OSError:
            return None
        payload = content[_CHECKSUM:]
        if (
            len(payload) != self._payload
            or zlib.crc32(payload).to_bytes(_CHECKSUM, "little") != content[:_CHECKSUM]
        ):
            return None
        return np.frombuffer(payload, self._dtype).reshape(self._shape)

    def write(self, path: Path, rows: NDArray[np.generic]) -> None:
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(temporary, "xb") as file:
                for row in rows:
                    payload = np.ascontiguousarray(row, self._dtype).tobytes()
                    file.write(zlib.crc32(payload).to_bytes(_CHECKSUM, "little") + payload)
            os.replace(temporary, path)  # without fsync: after a power cut the checksum tells
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            way_out = "Free some space, or choose another folder with --cache."
            raise DataError(
                f"The teacher cache at {path.parent.parent} cannot be written: {error.strerror}.",
                way_out,
            ) from error


def _teacher_record(teacher: FrozenTeacher) -> _Record:
    return _Record((teacher.class_count + teacher.width * teacher.grid**2,), np.dtype(np.float16))


def _asked(teacher: FrozenTeacher, views: Image, answer: Answer) -> NDArray[np.float16]:
    """(N, S, S, 3) -> a teacher's logits and map of each, in one row of halves."""
    device = next(teacher.parameters()).device
    batches = [
        torch.from_numpy(views[i : i + TOGETHER]).to(device) for i in range(0, len(views), TOGETHER)
    ]
    parts = [answer(teacher, batch) for batch in batches]
    rows = torch.cat([torch.cat([part.logits, part.features.flatten(1)], 1) for part in parts])
    # Clipped to what a half can hold: an infinity would poison every loss.
    largest = float(torch.finfo(torch.float16).max)
    return rows.clamp(-largest, largest).half().cpu().numpy()


def _check_room(records: Sequence[_Record], images: int, views: int, limit: int) -> None:
    # Never fewer views without a word: the result would hang on the size of a folder.
    needed = images * views * sum(record.size for record in records)
    if needed > limit:
        sizes = f"{needed / GIGABYTE:.2g} GB of teacher cache; it may hold {limit / GIGABYTE:.2g}"
        way_out = (
            "Allow more with --cache-gb, take fewer with --views, or do without with --no-cache."
        )
        raise DataError(f"{views} views of these {images} images need {sizes}.", way_out)


def _prepare(folder: Path, needed: int, limit: int, keep: dict[str, int]) -> None:
    """Make the folder and room for ``needed`` bytes.

    Leftovers of killed runs are swept; then what was used longest ago is thrown away. A file in
    ``keep`` goes only for the bytes it holds beyond those named there (views of a run that took
    more), after all others.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (tag := folder / "CACHEDIR.TAG").exists():
            write_atomically(tag, _TAG.encode("ascii"))
    except OSError as error:
        raise DataError(
            f"{folder} cannot be used as teacher cache: {error.strerror}.",
            "Choose another with --cache.",
        ) from error
    others = []
    for path in folder.glob(_OURS):
        try:
            if path.suffix == ".part" and time.time() - path.stat().st_mtime > 60:
                path.unlink(missing_ok=True)
            elif (
                path.suffix == ".bin"
                and (surplus := path.stat().st_size - keep.get(path.name, 0)) > 0
            ):
                others.append((path.name in keep, path.stat().st_mtime, surplus, path))
        except OSError:
            continue  # another run was faster
    total = needed + sum(size for *_, size, _ in others)
    for *_, size, path in sorted(others):
        if total <= limit:
            break
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        total -= size
