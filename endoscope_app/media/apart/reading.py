"""The program's side of one reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from endoscope_app.base.errors import AppError
from endoscope_app.media.apart.channel import Channel, ChannelClosed, NoMessage
from endoscope_app.media.apart.messages import (
    Alive,
    Answer,
    End,
    Fell,
    Free,
    Larger,
    Read,
    Refused,
    Room,
    Run,
    Stop,
    unpacked,
)
from endoscope_app.media.apart.messages import Image as ImageMessage
from endoscope_app.media.apart.patience import Patience
from endoscope_app.media.apart.processes import Keeper, answer_of
from endoscope_app.media.apart.slots import SlotPlan, Slots
from endoscope_app.media.apart.wording import Fall
from endoscope_app.media.source import Image

READ_SLOTS, RUN_SLOTS = 4, 12
BGRA, RGB = 4, 3


class ReaderFell(Exception):
    """The process has ended, or has to be. ``fall``: None where only its keeper knows why."""

    def __init__(self, fall: Fall | None, place: str = "", *, is_over: bool = False) -> None:
        super().__init__(fall)
        self.fall = fall
        self.place = place  # where the program itself was at fault
        self.is_over = is_over  # the process has said its last word


@dataclass(frozen=True)
class ReadImage:
    """``corrupt``: further frames that are known to be damaged."""

    image: Image
    is_corrupt: bool


class Reader:
    """One thread at a time uses it. ``on_corrupt`` hears of damaged frames."""

    def __init__(
        self,
        number: int,
        channel: Channel,
        keeper: Keeper,
        silence_s: float,
        on_corrupt: Callable[[bytes], None],
    ) -> None:
        self.number, self.keeper = number, keeper
        self.nice = 0
        self._channel, self._silence_s, self._on_corrupt = channel, silence_s, on_corrupt
        self._slots: Slots | None = None
        self._is_running = self._is_stopping = False

    def read(self, index: int, expected_bytes: int) -> ReadImage:
        """One frame. Raises AppError where it is damaged, ReaderFell."""
        self._make_room(expected_bytes, READ_SLOTS)
        self._send_freed(1)
        self._send(Read(index))
        answer = self._answer(READ_SLOTS)
        if isinstance(answer, ImageMessage) and answer.index == index:
            return ReadImage(self._image(answer, BGRA), answer.is_corrupt)
        raise ReaderFell("crash")

    def run(self, run: Run, expected_bytes: int) -> Iterator[tuple[int, Image]]:
        """(index, image) as they come. Raises AppError, ReaderFell. Whoever leaves off early calls
        ``leave``.
        """
        self._make_room(expected_bytes, RUN_SLOTS)
        self._send_freed(1)
        self._is_running, self.nice = True, run.nice
        self._send(run)
        before, keys = run.start - 1, frozenset(np.frombuffer(run.keys, np.int64).tolist())
        while True:
            answer = self._answer(RUN_SLOTS)
            if isinstance(answer, End):
                self._is_running = False
                self._on_corrupt(answer.corrupt)
                return
            if not isinstance(answer, ImageMessage) or not before < answer.index < run.stop:
                raise ReaderFell("crash")
            if keys and answer.index not in keys:
                raise ReaderFell("crash")
            before = answer.index
            yield before, self._image(answer, RGB)
            self._send_freed(RUN_SLOTS // 4)

    def stop(self) -> None:
        """The run is not wanted any more. Raises ReaderFell."""
        if self._is_running and not self._is_stopping:
            self._is_stopping = True
            self._send(Stop())

    def leave(self) -> None:
        """Wait for the end of the run that was stopped, so that another can begin. Raises
        ReaderFell, AppError.
        """
        self.stop()
        while self._is_running:
            answer = self._answer(RUN_SLOTS)
            if isinstance(answer, ImageMessage) and self._slots is not None:
                self._on_corrupt(answer.corrupt)
                self._slots.freed.append(answer.slot)
            elif isinstance(answer, End):
                self._on_corrupt(answer.corrupt)
                if answer.is_stopped:
                    self._is_running = self._is_stopping = False

    def close(self) -> None:
        """The process ends as soon as it notices; images stay."""
        self._channel.close()
        if self._slots is not None:
            self._slots.close_fd()
            self._slots = None

    def _image(self, answer: ImageMessage, channels: int) -> Image:
        self._on_corrupt(answer.corrupt)
        if self._slots is None:
            raise ReaderFell("crash")
        try:
            return self._slots.image(answer.slot, (answer.height, answer.width, channels))
        except ValueError as error:
            raise ReaderFell("crash") from error

    def _answer(self, most: int) -> Answer:
        """The next that is for the caller."""
        patience = Patience(self._silence_s)
        while True:
            try:
                answer = answer_of(self._channel, patience)
            except ChannelClosed as error:
                raise ReaderFell(None) from error
            except NoMessage as error:
                raise ReaderFell("crash") from error
            except TimeoutError as error:
                raise ReaderFell("time") from error
            if isinstance(answer, Refused):
                self._is_running = self._is_stopping
                raise error_of(answer)
            if isinstance(answer, Fell):
                fall: Fall = "memory" if answer.is_memory else "crash"
                raise ReaderFell(fall, plain(answer.place), is_over=True)
            if isinstance(answer, Larger):
                self._make_room(answer.size, most)
            elif not isinstance(answer, Alive):
                return answer

    def _make_room(self, image_bytes: int, most: int) -> None:
        if self._slots is not None and self._slots.plan.size >= image_bytes:
            return
        try:
            plan = SlotPlan.holding(image_bytes, most)
            # A run needs room to decode ahead, one frame at a time only its own
            leased = plan.count - 1 if most == READ_SLOTS else plan.count // 2
            slots = Slots(plan, leased)
        except (OSError, MemoryError) as error:
            raise ReaderFell("memory") from error
        self._slots = slots
        try:
            self._send(Room(slots.plan.size, slots.plan.count), [slots.fd])
        finally:
            slots.close_fd()

    def _send_freed(self, least: int) -> None:
        if self._slots is not None and len(self._slots.freed) >= min(
            least, max(1, self._slots.plan.count // 4)
        ):
            self._send(Free(self._slots.take_freed()))

    def _send(self, order: Room | Read | Run | Free | Stop, fds: list[int] | None = None) -> None:
        try:
            self._channel.send(order, fds or ())
        except ChannelClosed as error:
            raise ReaderFell(None) from error


def error_of(refused: Refused) -> AppError:
    """As it was raised there."""
    return AppError(unpacked(refused.sentence), unpacked(refused.way_out), plain(refused.detail))


def plain(detail: bytes) -> str:
    """What of a detail may be logged."""
    return "".join(
        character
        for character in detail.decode("ascii", "ignore")
        if character.isalnum() or character in " _.-:"
    )
