"""Small video clips made with PyAV, each frame carrying its number as 16 black or white blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

BITS = 16
COLUMNS = 8
WIDTH, HEIGHT = 320, 192


def numbered_picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """RGB: the number in two rows of eight blocks over the upper half, a moving grey ramp below
    so that motion is coded.
    """
    image = np.empty((height, width, 3), dtype=np.uint8)
    ramp = (np.arange(width) * 2 + number * 5) % 200 + 20
    image[:] = ramp.astype(np.uint8)[None, :, None]
    for bit in range(BITS):
        rows, columns = _block(bit, width, height)
        image[rows, columns] = 235 if number >> bit & 1 else 20
    return image


def read_number(image: NDArray[np.uint8]) -> int:
    """The number drawn by ``numbered_picture``, from any size and channel order."""
    grey = image[..., :3].mean(axis=2)
    height, width = grey.shape
    number = 0
    for bit in range(BITS):
        rows, columns = _block(bit, width, height)
        block = grey[rows, columns]
        middle = block[
            block.shape[0] // 4 : -(block.shape[0] // 4) or None,
            block.shape[1] // 4 : -(block.shape[1] // 4) or None,
        ]
        number |= int(middle.mean() > 127) << bit
    return number


def _block(bit: int, width: int, height: int) -> tuple[slice, slice]:
    row, column = divmod(bit, COLUMNS)
    return (
        slice(row * height // 4, (row + 1) * height // 4),
        slice(column * width // COLUMNS, (column + 1) * width // COLUMNS),
    )


def make_clip(
    path: Path,
    count: int = 60,
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (WIDTH, HEIGHT),
    rate: Fraction | int = 25,
    gop: int = 12,
    b_frames: int = 2,
    pix_fmt: str = "yuv420p",
    pts: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    prepare: Callable[[av.VideoStream], None] | None = None,
    interlaced: bool = False,
) -> Path:
    """Encode ``count`` numbered frames. ``pts`` in ``time_base`` units makes a variable rate."""
    base = time_base or Fraction(1) / Fraction(rate)
    extra = {"preset": "ultrafast"} if codec == "libx264" else {}
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(
            codec,
            rate=rate,
            options={**extra, "bf": str(b_frames), "g": str(gop), **(options or {})},
        )
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = base
        if codec in {"mpeg2video", "mjpeg", "mpeg4"}:
            stream.bit_rate = 4_000_000
        if prepare is not None:
            prepare(stream)
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(
                _field_pair(number, size) if interlaced else numbered_picture(number, *size),
                format="rgb24",
            )
            frame.pts = number if pts is None else pts[number]
            frame.time_base = base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _field_pair(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Two moments in one frame: every second line shows the ramp moved on, the number is the
    same in both.
    """
    image = numbered_picture(number, *size)
    half = size[1] // 2
    image[half + 1 :: 2] = np.roll(image[half + 1 :: 2], 24, axis=1)
    return image


def remux(source: Path, target: Path, *, skip: int = 0, shift: int = 0) -> Path:
    """Copy packets without their first ``skip``, timestamps moved by ``shift`` ticks of the
    source.
    """
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        stream = reader.streams.video[0]
        copy = writer.add_stream_from_template(stream)
        for number, packet in enumerate(reader.demux(stream)):
            if number < skip or packet.dts is None or packet.pts is None:
                continue
            packet.pts += shift
            packet.dts += shift
            packet.stream = copy
            writer.mux(packet)
    return target


def repeated(source: Path, target: Path, times: int) -> Path:
    """The video so many times in a row, its packets as they are."""
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        stream = reader.streams.video[0]
        copy = writer.add_stream_from_template(stream)
        length = stream.duration
        assert length is not None
        for number in range(times):
            reader.seek(0)
            for packet in reader.demux(stream):
                if packet.dts is None or packet.pts is None:
                    continue
                packet.pts += number * length
                packet.dts += number * length
                packet.stream = copy
                writer.mux(packet)
    return target
