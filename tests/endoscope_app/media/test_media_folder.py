"""Folders of pictures: order, depth, colour, orientation, and broken ones among good ones."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.media.folder import natural_key
from endoscope_app.media.opening import open_source
from tests.endoscope_app import clips


def save(path: Path, image: NDArray[np.generic]) -> Path:
    done, data = cv2.imencode(path.suffix, image)
    assert done
    data.tofile(path)
    return path


def grey(value: int, size: tuple[int, int] = (30, 40)) -> NDArray[np.uint8]:
    return np.full((*size, 3), value, dtype=np.uint8)


def test_natural_order_and_hidden_files(tmp_path: Path) -> None:
    folder = tmp_path / "Untersuchung 🎥 März"
    folder.mkdir()
    for number in (10, 9, 100, 1):
        save(folder / f"Bild {number}.png", grey(number))
    save(folder / ".hidden.png", grey(200))
    (folder / "notes.txt").write_text("no picture")
    with open_source(folder) as source:
        assert source.info.frame_count == 4
        assert source.info.notes == ()
        assert [int(source.read(index).image[0, 0, 0]) for index in range(4)] == [1, 9, 10, 100]
        assert [index for index, _ in source.small_frames(1, 9, 20)] == [1, 2, 3]
        assert [source.index_at(source.time_ms(index)) for index in range(4)] == [0, 1, 2, 3]
        assert source.segments(3, 1) == [(1, 2), (2, 3), (3, 4)]


def test_fingerprint_ignores_the_name_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    save(folder / "1.png", grey(5))
    with open_source(folder) as source:
        first = source.info.fingerprint
    with open_source(folder.rename(tmp_path / "b")) as source:
        assert source.info.fingerprint == first
    save(tmp_path / "b" / "2.png", grey(6))
    with open_source(tmp_path / "b") as source:
        assert source.info.fingerprint != first


def test_depth_grey_and_alpha_become_eight_bit_bgra(tmp_path: Path) -> None:
    save(tmp_path / "1_deep.png", np.full((20, 30, 3), 257 * 77, dtype=np.uint16))
    save(tmp_path / "2_deep_grey.tif", np.full((20, 30), 257 * 88, dtype=np.uint16))
    save(tmp_path / "3_grey.bmp", np.full((20, 30), 99, dtype=np.uint8))
    save(tmp_path / "4_alpha.png", np.full((20, 30, 4), 111, dtype=np.uint8))
    save(tmp_path / "5.webp", np.full((20, 30, 3), 120, dtype=np.uint8))
    with open_source(tmp_path) as source:
        for index, value in enumerate((77, 88, 99, 111, 120)):
            image = source.read(index).image
            assert image.shape == (20, 30, 4)
            assert image.dtype == np.uint8
            assert abs(int(image[5, 5, 1]) - value) <= 2
            assert int(image[5, 5, 3]) == 255


def exif_turned(path: Path, orientation: int) -> Path:
    """A JPEG, white on the left half, with an EXIF orientation put in by hand."""
    image = np.zeros((32, 64, 3), dtype=np.uint8)
    image[:, :32] = 255
    data = cv2.imencode(".jpg", image)[1].tobytes()
    tiff = b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x0112, 3, 1, orientation) + bytes(4)
    segment = b"Exif\0\0" + tiff
    path.write_bytes(
        data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:]
    )
    return path


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    with open_source(exif_turned(tmp_path / "turned.jpg", 6)) as source:
        assert (source.info.width, source.info.height) == (32, 64)
        image = source.read(0).image
        assert image[10, 16, 0] > 200
        assert image[50, 16, 0] < 50


def test_cmyk_jpeg_has_sane_colours(tmp_path: Path) -> None:
    pil = pytest.importorskip("PIL.Image", reason="only Pillow can write a CMYK JPEG here")
    pil.new("CMYK", (40, 30), (0, 255, 255, 0)).save(tmp_path / "red.jpg", quality=95)
    with open_source(tmp_path) as source:
        blue, green, red, _ = (int(value) for value in source.read(0).image[15, 20])
    assert red > 180
    assert green < 90
    assert blue < 90


def test_extreme_sizes(tmp_path: Path) -> None:
    save(tmp_path / "a.png", grey(50, (1, 1)))
    save(tmp_path / "b.png", grey(60, (4320, 7680)))
    with open_source(tmp_path) as source:
        assert source.read(0).image.shape == (1, 1, 4)
        assert source.read(1).image.shape == (4320, 7680, 4)
        assert [image.shape for _, image in source.small_frames(0, 2, 90)] == [
            (90, 90, 3),
            (90, 160, 3),
        ]


def test_broken_pictures_are_skipped_and_named(tmp_path: Path) -> None:
    for name in ("b.png", "d.png", "e.png"):
        save(tmp_path / name, grey(70))
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "c.jpg").write_bytes(b"this is text")
    with open_source(tmp_path) as source:
        assert source.info.frame_count == 3
        assert source.info.notes == ("2 images could not be read and were skipped: a.jpg, c.jpg.",)
        # Broken behind a good header: found only when it is asked for, and the numbers of the
        # others stay.
        (tmp_path / "d.png").write_bytes((tmp_path / "d.png").read_bytes()[:30])
        with pytest.raises(AppError, match=r"d\.png"):
            source.read(1)
        assert int(source.read(2).image[0, 0, 0]) == 70
        assert [index for index, _ in source.small_frames(0, 3, 20)] == [0, 2]


@pytest.mark.parametrize("contents", [{}, {"a.jpg": b"text"}, {"clip.mp4": b"x"}])
def test_a_folder_without_pictures_gets_a_sentence(
    tmp_path: Path, contents: dict[str, bytes]
) -> None:
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(AppError) as caught:
        open_source(tmp_path)
    assert caught.value.way_out


def test_natural_key_sorts_mixed_names() -> None:
    assert sorted(["b2", "b10", "10", "2", "B1", "a"], key=natural_key) == [
        "2",
        "10",
        "a",
        "B1",
        "b2",
        "b10",
    ]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_a_video_under_an_images_name_opens_as_what_it_is(tmp_path: Path, suffix: str) -> None:
    path = clips.make_clip(tmp_path / f"film{suffix}", 10).rename(tmp_path / "film.jpg")
    with open_source(path) as source:
        assert source.info.frame_count == 10


def test_one_unreadable_image_is_spoken_of_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"this is text")
    with pytest.raises(AppError, match=r"The only image in “.*” cannot be read"):
        open_source(tmp_path)
