"""The process that has opened one file, and forks readers of it. What it reads may be hostile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from endoscope_app.base.errors import AppError
from endoscope_app.media.apart import confinement
from endoscope_app.media.apart.channel import Channel, ChannelClosed
from endoscope_app.media.apart.messages import (
    ORDERS,
    Alive,
    Fell,
    Open,
    Opened,
    Progress,
    Stream,
    packed,
)
from endoscope_app.media.apart.nest import Nest
from endoscope_app.media.apart.reader import read_for
from endoscope_app.media.apart.telling import place_of, refusal
from endoscope_app.media.opening_watch import OpeningWatch
from endoscope_app.media.source import FrameSource

Opener = Callable[[Path, bool, int | None, OpeningWatch], FrameSource]
ALIVE_EVERY_S = 2.0


class Beat:
    """Tells whoever waits that work goes on, but not oftener than is needed."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._told = time.monotonic()

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._told > ALIVE_EVERY_S:
            self._told = now
            self.channel.send(Alive())


def keep(channel: Channel, opener: Opener) -> None:
    """Open what is asked for, say what it is, and fork readers. Raises ChannelClosed."""
    order = ORDERS.decode(channel.receive())
    assert isinstance(order, Open)
    confinement.confine(order.memory)
    beat = Beat(channel)
    watch = OpeningWatch(lambda share: channel.send(Progress(share)), alive=beat)
    path = Path(os.fsdecode(order.path))
    try:
        source = opener(path, order.deinterlace, order.stream, watch)
        opened = _opened(source)
    except AppError as error:
        channel.send(refusal(error, path))
        return
    except MemoryError:
        channel.send(Fell(is_memory=True))
        return
    except ChannelClosed:
        raise
    except Exception as error:  # a fault of ours is told of, and costs no more than a crash
        channel.send(Fell(is_memory=False, place=place_of(error)))
        return
    # No thread of a decoder may be left: those that are forked would wait for it
    source.rest()
    channel.send(opened)

    def read(own: Channel) -> None:
        beat.channel = own
        read_for(own, source)

    Nest(channel, read).serve()


def _opened(source: FrameSource) -> Opened:
    info = source.info
    frames = range(info.frame_count)
    keys = source.key_frames()
    names = [source.name_of(index) for index in frames] if info.kind == "folder" else []
    corrupt = np.array(sorted(source.corrupt_frames()), np.int64)
    return Opened(
        kind="folder" if info.kind == "folder" else "video",
        fps=info.fps,
        width=info.width,
        height=info.height,
        duration_ms=info.duration_ms,
        fingerprint=info.fingerprint,
        notes=[packed(note) for note in info.notes],
        interlaced=info.interlaced,
        stamp_kind=info.stamp_kind,  # type: ignore[arg-type]
        legacy_fingerprint=info.legacy_fingerprint,
        damaged=info.damaged,
        streams=[
            Stream(one.index, one.width, one.height, one.rate, one.is_default, one.is_chosen)
            for one in info.streams
        ],
        siblings=sorted(info.siblings),
        clock_ms=info.clock_ms,
        times=np.array([source.time_ms(index) for index in frames], np.float64).tobytes(),
        stamps=np.array([source.stamp(index) for index in frames], np.int64).tobytes(),
        keys=None if keys is None else keys.astype(np.int64).tobytes(),
        names=b"\0".join(map(packed, names)),
        corrupt=corrupt.tobytes(),
    )
