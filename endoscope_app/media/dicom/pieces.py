"""Where in a DICOM file the bytes of its frames lie, and a file that is made of such pieces."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import BinaryIO

Piece = tuple[int, int]  # place in the file, bytes
Pieces = tuple[Piece, ...]

ITEM, END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
OPEN_LENGTH = 0xFFFFFFFF
MOST_PIECES = 1_000_000
#: Of JPEG and JPEG-LS, and of JPEG 2000 without and with boxes around it
BEGINNINGS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ")


def fragments(file: BinaryIO) -> tuple[Pieces, tuple[int, ...], bool]:
    """(fragments, table of offsets, whether the file ends before they do) from the table's item
    on, where ``file`` stands. Offsets count from the first fragment's item. Raises OSError.
    """
    place = file.tell()
    length = file.seek(0, io.SEEK_END)
    found: list[Piece] = []
    table: tuple[int, ...] | None = None
    while len(found) < MOST_PIECES:
        file.seek(place)
        head = file.read(8)
        if head[:4] != ITEM:
            return tuple(found), table or (), head[:4] != END
        size = int.from_bytes(head[4:], "little")
        is_cut = size == OPEN_LENGTH or place + 8 + size > length
        if table is None and not is_cut:
            table = _offsets(file.read(size)) if size <= 4 * MOST_PIECES else ()
        elif table is not None:
            found.append((place + 8, min(size, length - place - 8)))
        if is_cut:
            return tuple(found), table or (), True
        place += 8 + size
    return tuple(found), table or (), True


def _offsets(data: bytes) -> tuple[int, ...]:
    return tuple(
        int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data) // 4 * 4, 4)
    )


def by_frame(
    file: BinaryIO, parts: Pieces, table: Sequence[int], frames: int
) -> tuple[Pieces, ...]:
    """The fragments of each frame: by the table, else one each, else where an image begins."""
    if len(parts) == frames:
        return tuple((part,) for part in parts)
    if not parts:
        return ()
    starts = {part[0] - 8 - (parts[0][0] - 8): number for number, part in enumerate(parts)}
    if table and all(offset in starts for offset in table) and _rises(table):
        cuts = [starts[offset] for offset in table]
    else:
        cuts = [number for number, part in enumerate(parts) if _begins_image(file, part)]
    if not cuts or cuts[0] != 0:
        cuts = [0]
    return tuple(parts[begin:end] for begin, end in pairwise([*cuts, len(parts)]))


def _rises(offsets: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(offsets))


def _begins_image(file: BinaryIO, part: Piece) -> bool:
    file.seek(part[0])
    return file.read(max(map(len, BEGINNINGS))).startswith(BEGINNINGS)


class PieceFile(io.RawIOBase):
    """Reads ``parts`` of ``file`` one after the other, as if they were a file; closes ``file``
    with itself. ``is_cut``: bytes that were promised are missing at the end.
    """

    def __init__(self, file: BinaryIO, parts: Pieces, is_cut: bool = False) -> None:
        self._file, self._parts, self.is_cut = file, parts, is_cut
        self._starts = [0, *accumulate(size for _, size in parts)]
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._starts[-1]}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._at = base + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        """As many bytes as are wanted, fewer only at the end."""
        wanted = max(self._starts[-1] - self._at, 0) if size is None or size < 0 else size
        got: list[bytes] = []
        while wanted:
            data = self._next(wanted)
            if not data:
                break
            got.append(data)
            wanted -= len(data)
        return b"".join(got)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _next(self, size: int) -> bytes:
        """What lies in the piece that the place is in."""
        if self._at >= self._starts[-1]:
            return b""
        number = bisect_right(self._starts, self._at) - 1
        inside = self._at - self._starts[number]
        place, length = self._parts[number]
        self._file.seek(place + inside)
        data = self._file.read(min(size, length - inside))
        self._at += len(data)
        return data
