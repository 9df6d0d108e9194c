"""Recordings that are damaged in the ways that happen, and in ways that no recorder knows; all
drawn here, by the seed.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from tests.endoscope_app.clips import make_clip

_CLIPS = (
    ("a.mp4", "libx264"),
    ("b.mkv", "libx264"),
    ("c.ts", "mpeg2video"),
    ("d.avi", "msmpeg4"),
    ("e.mov", "mpeg4"),
    ("f.mpg", "mpeg2video"),
    ("g.avi", "mjpeg"),
)
_STILLS = (".png", ".jpg", ".bmp", ".tif", ".webp")
_BLOCK = 512


def originals(folder: Path) -> list[Path]:
    """A short clip of every container, and a still of every kind."""
    folder.mkdir(parents=True)
    pixel = {"mjpeg": "yuvj420p"}
    found = [
        make_clip(
            folder / name,
            20,
            codec=codec,
            size=(96, 64),
            gop=8,
            b_frames=0,
            pix_fmt=pixel.get(codec, "yuv420p"),
        )
        for name, codec in _CLIPS
    ]
    image = np.random.default_rng(3).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    for suffix in _STILLS:
        path = folder / f"still{suffix}"
        path.write_bytes(cv2.imencode(suffix, cv2.GaussianBlur(image, (9, 9), 3))[1].tobytes())
        found.append(path)
    return found


def damaged(sound: list[Path], folder: Path, count: int) -> Iterator[tuple[str, Path]]:
    """As disks, copies and recorders damage files: cut, emptied, blocks lost, zeroed, exchanged."""
    draw = random.Random(300)
    for number, (name, content) in enumerate(_bombs()):
        if number < count:
            yield name, _written(folder / name, content)
    for number in range(len(_bombs()), count):
        path = sound[number % len(sound)]
        way = _DAMAGES[number // len(sound) % len(_DAMAGES)]
        content = way(bytearray(path.read_bytes()), draw)
        yield f"{number} {way.__name__} {path.name}", _written(folder / path.name, content)


def mutated(sound: list[Path], folder: Path, count: int) -> Iterator[tuple[str, Path]]:
    """Bytes exchanged at random, most of them where headers and tables are."""
    draw = random.Random(1500)
    for number in range(count):
        path = sound[number % len(sound)]
        content = bytearray(path.read_bytes())
        for _ in range(draw.choice((1, 2, 4, 16, 64))):
            length = draw.choice((64, 2048, len(content)))
            at = draw.randrange(min(length, len(content)))
            at = len(content) - 1 - at if draw.random() < 0.3 else at
            content[at] = draw.choice((0, 255, 0x7F, 0x80, content[at] ^ (1 << draw.randrange(8))))
        yield f"{number} of {path.name}", _written(folder / path.name, bytes(content))


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def _cut(content: bytearray, draw: random.Random) -> bytes:
    return bytes(content[: draw.randrange(1, len(content))])


def _headless(content: bytearray, draw: random.Random) -> bytes:
    return bytes(content[draw.randrange(1, len(content)) :])


def _zeroed(content: bytearray, draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    size = min(draw.choice((16, _BLOCK, 4 * _BLOCK)), len(content) - at)
    content[at : at + size] = bytes(size)
    return bytes(content)


def _lost(content: bytearray, draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    del content[at : at + _BLOCK]
    return bytes(content) or b"\0"


def _twice(content: bytearray, draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    return bytes(content[: at + _BLOCK] + content[at:])


def _swapped(content: bytearray, draw: random.Random) -> bytes:
    one, other = draw.randrange(len(content)), draw.randrange(len(content))
    low, high = sorted((one, other))
    return bytes(content[high:] + content[low:high] + content[:low]) if low else bytes(content)


def _noisy(content: bytearray, draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    size = min(_BLOCK, len(content) - at)
    content[at : at + size] = draw.randbytes(size)
    return bytes(content)


def _sizes(content: bytearray, draw: random.Random) -> bytes:
    """Four bytes that are most likely a length become a huge one."""
    at = draw.randrange(0, max(1, min(len(content) - 4, 1024)))
    content[at : at + 4] = draw.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0"))
    return bytes(content)


_DAMAGES = (_cut, _headless, _zeroed, _lost, _twice, _swapped, _noisy, _sizes)


def _png(width: int, height: int, data: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        check = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _bombs() -> list[tuple[str, bytes]]:
    """Small files that promise much, and lists that name other files, whatever they are called."""
    concat = b"ffconcat version 1.0\nfile /etc/passwd\n"
    playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n"
    session = b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"
    zeros = zlib.compress(bytes(20_000_000), 9)
    lists = [
        (f"list{number}{suffix}", content)
        for number, content in enumerate((concat, playlist, session))
        for suffix in (".mp4", ".mkv", ".ts", ".avi", ".png", ".m3u8", ".sdp")
    ]
    return [
        ("huge.png", _png(60_000, 60_000, zeros)),
        ("wide.png", _png(2**31 - 1, 1, zeros)),
        ("zero.png", _png(0, 0, zeros)),
        (
            "large.bmp",
            b"BM"
            + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, 2**30, 2**30, 1, 24, 0, 0, 0, 0, 0, 0),
        ),
        ("gif.gif", b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b";"),
        ("empty.mp4", b""),
        ("one.mkv", b"\x1a"),
        ("text.mp4", b"This is a letter.\n" * 400),
        ("page.avi", b"<html><body><img src='http://127.0.0.1:9/'></body></html>" * 20),
        ("zip.mov", b"PK\x03\x04" + bytes(4000)),
        ("noise.ts", random.Random(1).randbytes(200_000)),
        ("zeros.mpg", bytes(200_000)),
        ("ones.avi", b"\xff" * 200_000),
        ("tag.mp4", struct.pack(">I", 1) + b"ftyp" + struct.pack(">Q", 2**63) + bytes(4000)),
        ("deep.mp4", b"".join(struct.pack(">I", 8 * (3000 - n)) + b"moov" for n in range(3000))),
        *lists,
    ]
