"""Images that would take all memory are refused by what their first bytes say."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageWriter

from endoscope_app.base.errors import AppError
from endoscope_app.media.image_file import decode_deep
from endoscope_app.media.opening import open_source
from endoscope_app.media.still_header import read_header
from kd_core.data.image_files import read_rgb
from kd_core.schema.errors import DataError
from kd_core.schema.png_chunks import is_torn_png
from tests.present import present

from .test_media_folder import grey, save

WIDTH, HEIGHT = 45, 31


def encoded(suffix: str) -> bytes:
    image = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    return bytes(cv2.imencode(suffix, image)[1].tobytes())


def lossless_webp() -> bytes:
    """Of Qt's writer: OpenCV writes the lossy kind."""
    made = QByteArray()
    buffer = QBuffer(made)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"webp"))
    writer.setQuality(100)
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(0x808080)
    assert writer.write(image)
    return bytes(made.data())


def with_exif(jpeg: bytes) -> bytes:
    """An APP1 segment in front, which holds the frame header of a thumbnail."""
    thumbnail = encoded(".jpg")[:600]
    return (
        jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 8) + b"Exif\0\0" + thumbnail
    ) + jpeg[2:]


@pytest.mark.parametrize(
    "content",
    [
        *(encoded(suffix) for suffix in (".png", ".jpg", ".bmp", ".tif", ".webp")),
        lossless_webp(),
        with_exif(encoded(".jpg")),
    ],
)
def test_pixels_are_those_that_a_decoder_finds(content: bytes) -> None:
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert present(decoded).shape[:2] == (HEIGHT, WIDTH)
    assert present(read_header(io.BytesIO(content))).pixels == WIDTH * HEIGHT


def bomb(width: int = 40_000, height: int = 40_000) -> bytes:
    """A PNG of 1.6 billion black pixels in two megabytes at most, sound in every chunk."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    rows = zlib.compressobj(9)
    row = bytes(1 + width // 8)
    data = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def test_a_bomb_alone_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    path.write_bytes(bomb())
    assert path.stat().st_size < 1 << 20
    with pytest.raises(AppError, match="more than 100 megapixels") as caught:
        open_source(path)
    assert "smaller copy" in caught.value.way_out
    assert decode_deep(path) is None


def test_a_bomb_among_stills_is_named_and_the_others_are_shown(tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path / f"s_{number}.png", grey(40 * number + 40))
    (tmp_path / "s_1.png").write_bytes(bomb())
    with open_source(tmp_path) as source:
        assert source.info.frame_count == 2
        assert "1 image has more than 100 megapixels and cannot be shown: s_1.png." in str(
            source.info.notes
        )
        assert "could not be read" not in str(source.info.notes)
        assert source.info.damaged
        assert len(dict(source.small_frames(0, 2, 16))) == 2


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".webp"])
def test_headers_may_end_anywhere(suffix: str) -> None:
    content = encoded(suffix)
    for end in range(min(len(content), 400)):
        found = read_header(io.BytesIO(content[:end]))
        assert found is None or found.pixels >= 0


def test_a_directory_beyond_what_a_file_can_hold_is_no_header() -> None:
    beyond = b"II+\0\x08\0\0\0" + b"\xff" * 8
    assert read_header(io.BytesIO(beyond)) is None


@pytest.mark.skipif(sys.platform == "win32", reason="resource is not there")
def test_a_chunk_that_says_it_is_larger_than_the_file_takes_no_memory(tmp_path: Path) -> None:
    content = bytearray(encoded(".png"))
    place = content.index(b"IDAT") - 4
    content[place] = 0xFF
    path = tmp_path / "still.png"
    path.write_bytes(content)
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert decode_deep(path) is None
    with pytest.raises(DataError, match="damaged"):
        read_rgb(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_whole_png_is_not_torn() -> None:
    whole = encoded(".png")
    assert not is_torn_png(whole)
    assert not is_torn_png(whole + b"behind its end")
    assert not is_torn_png(encoded(".jpg"))
    assert is_torn_png(whole[: len(whole) // 2])
    for length in range(len(whole)):  # none is refused that OpenCV would read
        part = np.frombuffer(whole[: length + 1], np.uint8)
        assert not is_torn_png(part.data) or cv2.imdecode(part, cv2.IMREAD_COLOR) is None
