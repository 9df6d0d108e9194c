"""Memory that a reader writes images into and the program reads them from without a copy."""

from __future__ import annotations

import fcntl
import mmap
import os
import weakref
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from endoscope_app.media.apart.messages import MOST_IMAGE_BYTES
from endoscope_app.media.source import Image

#: What the slots of one reader may take together, if one of them is not larger by itself.
_BYTES = 160 << 20
#: Neither end can change the size: a smaller file would end the program where it reads.
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """``count`` slots of ``size`` bytes."""

    size: int
    count: int

    @classmethod
    def holding(cls, image_bytes: int, most: int) -> SlotPlan:
        """As many slots for images of this size, up to ``most``, as are worth their memory."""
        size = -(-max(image_bytes, 1) // mmap.PAGESIZE) * mmap.PAGESIZE
        return cls(size, min(most, max(2, _BYTES // size)))


class _Lease:
    """What an array of pixels is made over: as long as one of its views lives, so does this."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._pixels = pixels
        self.__array_interface__: dict[str, Any] = pixels.__array_interface__


class Slots:
    """The program's side. ``freed``: slots whose images nobody holds any more."""

    def __init__(self, plan: SlotPlan, most_leased: int) -> None:
        """``most_leased``: slots whose images may be held; beyond it images are copied. Raises
        OSError where there is no memory.
        """
        if plan.size > MOST_IMAGE_BYTES + mmap.PAGESIZE:
            raise OSError("too large")
        self.plan, self._most_leased = plan, most_leased
        self.freed: deque[int] = deque()
        self._leased: set[int] = set()
        self.fd = os.memfd_create("frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(self.fd, plan.size * plan.count)
            fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, _SEALS)
            self._memory = mmap.mmap(self.fd, plan.size * plan.count)
        except BaseException:
            self.close_fd()
            raise

    def close_fd(self) -> None:
        """The memory stays as long as an image in it is held."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def image(self, slot: int, shape: tuple[int, int, int]) -> Image:
        """The image in a slot, which stays valid: a view, or a copy where many slots are held.

        Raises ValueError for what cannot lie there.
        """
        bytes_ = int(np.prod(shape, dtype=np.int64))
        if not 0 <= slot < self.plan.count or not 0 < bytes_ <= self.plan.size:
            raise ValueError("an image outside of its memory")
        pixels = np.frombuffer(self._memory, np.uint8, bytes_, slot * self.plan.size).reshape(shape)
        if slot in self._leased:
            raise ValueError("an image over one that is held")
        if len(self._leased) >= self._most_leased:
            self.freed.append(slot)
            return pixels.copy()
        self._leased.add(slot)
        lease = _Lease(pixels)
        weakref.finalize(lease, self.freed.append, slot).atexit = False
        return np.asarray(lease)

    def take_freed(self) -> list[int]:
        """Slots that the reader may use again."""
        slots = []
        while self.freed:
            slots.append(self.freed.popleft())
        self._leased.difference_update(slots)
        return slots


class WrittenSlots:
    """The reader's side."""

    def __init__(self, fd: int, size: int, count: int) -> None:
        self.size = size
        self._memory = mmap.mmap(fd, size * count)
        self.free = list(range(count))

    def write(self, image: Image) -> int:
        """Put a (H, W, C) image, which fits, into a free slot."""
        slot = self.free.pop()
        target = np.frombuffer(self._memory, np.uint8, image.size, slot * self.size)
        np.copyto(target.reshape(image.shape), image)
        return slot
