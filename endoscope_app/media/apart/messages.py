"""What the program and the processes that decode for it say to each other.

What comes from a process that decodes is untrusted: each field has its limits.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

#: Frames of a procedure: a day at 60 per second is half of this.
MOST_FRAMES = 10_000_000
#: Bytes of one image: 100 megapixels with four channels.
MOST_IMAGE_BYTES = 400_000_000
#: Bytes of one message: stamps, times and names of all frames are the longest.
MOST_BYTES = 1 << 29
MOST_SIDE = 1 << 20

Count = Annotated[int, Meta(ge=0, le=MOST_FRAMES)]
Side = Annotated[int, Meta(ge=1, le=MOST_SIDE)]
Slot = Annotated[int, Meta(ge=0, le=255)]
Digest = Annotated[str, Meta(pattern=r"^([0-9a-f]{40})?$")]
#: Text as UTF-8 with the surrogates of file names.
Sentence = Annotated[bytes, Meta(max_length=4000)]
Name = Annotated[bytes, Meta(max_length=4096)]
Detail = Annotated[bytes, Meta(max_length=200)]


class Fork(msgspec.Struct, frozen=True, tag=True):
    """To a nursery or keeper, with the end of a socket: a process more. ``number`` is new."""

    number: int


class Finish(msgspec.Struct, frozen=True, tag=True):
    """To a nursery or keeper: say how that process ended; ``kill``: end it first."""

    number: int
    kill: bool


class Finished(msgspec.Struct, frozen=True, tag=True):
    """``code``: as of subprocess, negative for a signal; None where it has not ended."""

    code: Annotated[int, Meta(ge=-255, le=255)] | None


class Open(msgspec.Struct, frozen=True, tag=True):
    """To a keeper, first of all."""

    path: bytes
    deinterlace: bool
    stream: int | None
    memory: int


class Progress(msgspec.Struct, frozen=True, tag=True):
    share: Annotated[float, Meta(ge=0.0, le=1.0)]


class Alive(msgspec.Struct, frozen=True, tag=True):
    """Work goes on."""


class Stream(msgspec.Struct, frozen=True):
    index: Annotated[int, Meta(ge=0, le=1 << 20)]
    width: Annotated[int, Meta(ge=0, le=MOST_SIDE)]
    height: Annotated[int, Meta(ge=0, le=MOST_SIDE)]
    rate: float
    is_default: bool
    is_chosen: bool


class Opened(msgspec.Struct, frozen=True, tag=True):
    """A SourceInfo without its path, and what is known of every frame.

    ``times``: float64, ``stamps``: int64, ``keys`` and ``corrupt``: int64, as bytes; ``names``
    joined by zero bytes, empty where frames have none.
    """

    kind: Literal["video", "folder"]
    fps: float
    width: Side
    height: Side
    duration_ms: float
    fingerprint: Digest
    notes: Annotated[list[Sentence], Meta(max_length=64)]
    interlaced: bool
    stamp_kind: Literal["pts", "position", "count", "content"]
    legacy_fingerprint: Digest
    damaged: bool
    streams: Annotated[list[Stream], Meta(max_length=256)]
    siblings: Annotated[list[Digest], Meta(max_length=256)]
    clock_ms: tuple[float, float] | None
    times: bytes
    stamps: bytes
    keys: bytes | None
    names: bytes
    corrupt: bytes


class Refused(msgspec.Struct, frozen=True, tag=True):
    """An AppError; of NestedFolders the ``folders``, relative to what was to be opened."""

    sentence: Sentence
    way_out: Sentence
    detail: Detail
    folders: Annotated[list[Name], Meta(max_length=1000)] = []


class Fell(msgspec.Struct, frozen=True, tag=True):
    """The last word of a process that cannot go on; ``place``: where the program is at fault."""

    is_memory: bool
    place: Detail = b""


class Room(msgspec.Struct, frozen=True, tag=True):
    """To a reader, with shared memory: ``count`` slots of ``size`` bytes, all free; what was there
    before is not used any more.
    """

    size: int
    count: int


class Read(msgspec.Struct, frozen=True, tag=True):
    """To a reader: one frame; ``Image`` or ``Refused`` follows."""

    index: int


class Run(msgspec.Struct, frozen=True, tag=True):
    """To a reader: small frames; Images and ``End`` follow, or ``Refused``. ``nice``: how far the
    process gives way to others; ``keys``: as int64 the key frames that are wanted of them alone.
    """

    start: int
    stop: int
    height: int
    threads: int
    nice: int
    keys: bytes = b""


class Free(msgspec.Struct, frozen=True, tag=True):
    """To a reader: these slots are free again."""

    slots: list[int]


class Stop(msgspec.Struct, frozen=True, tag=True):
    """To a reader: end the run; an ``End`` that ``is_stopped`` follows, also where it had ended."""


class Image(msgspec.Struct, frozen=True, tag=True):
    """An image lies in ``slot``; ``corrupt``: frames that are known to be damaged since the one
    before, as int64.
    """

    index: Count
    slot: Slot
    height: Side
    width: Side
    is_corrupt: bool
    corrupt: bytes


class Larger(msgspec.Struct, frozen=True, tag=True):
    """An image does not fit into a slot: ``Room`` is waited for."""

    size: Annotated[int, Meta(ge=1, le=MOST_IMAGE_BYTES)]


class End(msgspec.Struct, frozen=True, tag=True):
    """Of a run; ``corrupt`` as in Image."""

    corrupt: bytes
    is_stopped: bool


Order = Fork | Finish | Open | Room | Read | Run | Free | Stop
Answer = Finished | Progress | Alive | Opened | Refused | Fell | Image | Larger | End

ORDERS = msgspec.msgpack.Decoder(Order)
ANSWERS = msgspec.msgpack.Decoder(Answer)


def packed(text: str, most: int = 4000) -> bytes:
    """Text for a message, cut to its limit."""
    return text.encode("utf-8", "surrogateescape")[:most]


def unpacked(text: bytes) -> str:
    """Text of a message, without characters that would not be seen."""
    return "".join(
        character
        for character in text.decode("utf-8", "surrogateescape")
        if character.isprintable() or character == "\n" or "\ud800" <= character <= "\udfff"
    )
