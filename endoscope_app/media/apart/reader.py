"""The process that decodes frames of a file which its keeper has looked through."""

from __future__ import annotations

import os
import select

import numpy as np

from endoscope_app.base.errors import AppError
from endoscope_app.media.apart.channel import Channel, ChannelClosed
from endoscope_app.media.apart.messages import (
    ORDERS,
    End,
    Fell,
    Free,
    Larger,
    Order,
    Read,
    Room,
    Run,
    Stop,
)
from endoscope_app.media.apart.messages import Image as ImageMessage
from endoscope_app.media.apart.slots import WrittenSlots
from endoscope_app.media.apart.telling import place_of, refusal
from endoscope_app.media.source import FrameSource, Image


def read_for(channel: Channel, source: FrameSource) -> None:
    """Do what is asked until nobody asks any more. Raises ChannelClosed."""
    try:
        _Reader(channel, source).serve()
    except MemoryError:
        channel.send(Fell(is_memory=True))
    except ChannelClosed:
        raise
    except Exception as error:  # a fault of ours is told of, and costs no more than a crash
        channel.send(Fell(is_memory=False, place=place_of(error)))


class _Reader:
    def __init__(self, channel: Channel, source: FrameSource) -> None:
        self._channel, self._source = channel, source
        self._slots: WrittenSlots | None = None
        self._told = len(source.corrupt_frames())
        self._known = source.corrupt_frames()
        self._is_stopped = False

    def serve(self) -> None:
        while True:
            order = self._next()
            if isinstance(order, Read):
                self._read(order.index)
            elif isinstance(order, Run):
                self._run(order)
            elif isinstance(order, Stop):
                self._end()

    def _next(self) -> Order:
        """The next order; those about the memory are followed here."""
        order: Order = ORDERS.decode(self._channel.receive(with_fds=True))
        if isinstance(order, Room) and (fd := self._channel.taken_fd()) is not None:
            self._slots = WrittenSlots(fd, order.size, order.count)
            os.close(fd)
        elif isinstance(order, Free) and self._slots is not None:
            self._slots.free += order.slots
        elif isinstance(order, Stop):
            self._is_stopped = True
        return order

    def _read(self, index: int) -> None:
        try:
            frame = self._source.read(index)
        except AppError as error:
            self._channel.send(refusal(error))
            return
        self._show(index, frame.image, is_corrupt=frame.is_corrupt)

    def _run(self, run: Run) -> None:
        """Decodes ahead of whoever reads, as far as there are free slots."""
        os.setpriority(os.PRIO_PROCESS, 0, run.nice)
        poll = select.poll()
        poll.register(self._channel.fileno(), select.POLLIN)
        source, keys = self._source, np.frombuffer(run.keys, np.int64).tolist()
        frames = (
            source.key_images(keys, run.height)
            if keys
            else source.small_frames(run.start, run.stop, run.height, run.threads)
        )
        try:
            for index, image in frames:
                while self._channel.is_waiting or poll.poll(0):
                    self._next()
                if self._is_stopped:
                    break
                self._show(index, image, is_corrupt=False)
        except AppError as error:
            self._channel.send(refusal(error))
            return
        finally:
            frames.close()  # type: ignore[attr-defined]
        self._end()

    def _end(self) -> None:
        self._channel.send(End(self._news(), self._is_stopped))
        self._is_stopped = False

    def _show(self, index: int, image: Image, *, is_corrupt: bool) -> None:
        while not self._is_stopped and (self._slots is None or image.size > self._slots.size):
            self._channel.send(Larger(image.size))
            while not isinstance(order := self._next(), Room) and not isinstance(order, Stop):
                pass
        while not self._is_stopped and self._slots is not None and not self._slots.free:
            self._next()
        if self._is_stopped or self._slots is None:
            return
        slot = self._slots.write(image)
        height, width = image.shape[:2]
        self._channel.send(ImageMessage(index, slot, height, width, is_corrupt, self._news()))

    def _news(self) -> bytes:
        """Damaged frames that were not told of yet, as int64."""
        known = self._source.corrupt_frames()
        if len(known) == self._told:
            return b""
        news, self._known, self._told = known - self._known, known, len(known)
        return np.array(sorted(news), np.int64).tobytes()
