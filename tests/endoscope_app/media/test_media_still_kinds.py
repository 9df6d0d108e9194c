"""More in a file than meets the eye: several pages, animations, deep samples, kinds that cannot
be opened.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.media.opening import open_source
from tests.endoscope_app import clips
from tests.present import present

from .test_media_folder import grey, save

PNG_START = 8 + 25  # signature and IHDR


def png_with_chunk(path: Path, image: NDArray[np.generic], kind: bytes, body: bytes) -> Path:
    data = cv2.imencode(".png", image)[1].tobytes()
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    path.write_bytes(data[:PNG_START] + chunk + data[PNG_START:])
    return path


def brightness(path: Path) -> list[int]:
    """Green of the middle of every image, read one by one and by the analysis path."""
    with open_source(path) as source:
        count = source.info.frame_count
        whole = [source.read(index).image for index in range(count)]
        values = [int(image[image.shape[0] // 2, image.shape[1] // 2, 1]) for image in whole]
        small = dict(source.small_frames(0, count, 16))
    assert all(
        abs(int(small[index][8, small[index].shape[1] // 2, 1]) - value) <= 2
        for index, value in enumerate(values)
    )
    return values


def deep(value: int) -> NDArray[np.uint16]:
    return np.full((20, 30, 3), value, dtype=np.uint16)


def test_pages_of_a_tiff_are_frames(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    assert cv2.imwritemulti(str(path), [grey(40), grey(80), grey(120)])
    assert brightness(path) == [40, 80, 120]
    with open_source(path) as source:
        stamps = [source.stamp(index) for index in range(3)]
    assert len(set(stamps)) == 3
    save(tmp_path / "a.png", grey(7))
    assert brightness(tmp_path) == [7, 40, 80, 120]
    with open_source(tmp_path) as source:
        assert source.info.notes == (
            "Files with several pages are shown page by page: pages.tif (3).",
        )
        assert [source.stamp(index) for index in range(1, 4)] == stamps


def test_collected_tiff_shows_its_five_pages(shared_cases: Path) -> None:
    pil = pytest.importorskip("PIL.Image", reason="Pillow reads the pages independently")
    with (
        pil.open(shared_cases / "five_pages.tif") as image,
        open_source(shared_cases / "five_pages.tif") as source,
    ):
        assert source.info.frame_count == image.n_frames == 5
        for page in range(5):
            image.seek(page)
            assert np.array_equal(
                source.read(page).image[..., 2::-1], np.asarray(image.convert("RGB"))
            )


def test_an_animation_is_said_to_be_one(tmp_path: Path) -> None:
    png_with_chunk(tmp_path / "moving.png", grey(9), b"acTL", struct.pack(">II", 5, 0))
    with open_source(tmp_path) as source:
        assert source.info.notes == ("Only the first frame of an animation is shown: moving.png.",)


def test_animated_webp_is_said_to_be_one(tmp_path: Path) -> None:
    pil = pytest.importorskip("PIL.Image", reason="only Pillow can write an animated WebP here")
    frames = [pil.fromarray(grey(value)) for value in (10, 100, 200)]
    frames[0].save(tmp_path / "moving.webp", save_all=True, append_images=frames[1:], duration=100)
    with open_source(tmp_path / "moving.webp") as source:
        assert source.info.frame_count == 1
        assert source.info.notes == ("Only the first frame of an animation is shown: moving.webp.",)


def test_twelve_bits_in_sixteen_are_of_normal_brightness(tmp_path: Path) -> None:
    save(tmp_path / "1.png", deep(1024))
    save(tmp_path / "2.png", deep(4080))
    save(tmp_path / "3.png", deep(16))
    save(tmp_path / "4.png", grey(33))
    assert brightness(tmp_path) == [64, 254, 1, 33]
    with open_source(tmp_path) as source:
        assert source.info.notes == (
            "16-bit images that use 12 bits are shown by these 12 bits (0 to 4095).",
        )


def test_the_whole_folder_has_one_scale(tmp_path: Path) -> None:
    save(tmp_path / "1.png", deep(1024))
    save(tmp_path / "2.png", deep(60000))
    assert brightness(tmp_path) == [4, 233]
    with open_source(tmp_path) as source:
        assert source.info.notes == ()


def test_significant_bits_of_a_png_are_believed(tmp_path: Path) -> None:
    png_with_chunk(tmp_path / "dark.png", deep(1024), b"sBIT", bytes([16, 16, 16]))
    assert brightness(tmp_path) == [4]


def test_collected_twelve_bit_image(shared_cases: Path) -> None:
    path = shared_cases / "twelve_bit_in_sixteen.png"
    samples = present(cv2.imread(str(path), cv2.IMREAD_UNCHANGED)).astype(np.float64)
    with open_source(path) as source:
        shown = source.read(0).image[..., :3].astype(np.float64)
        assert np.abs(shown - samples * 255 / 4095).max() <= 0.51
        assert any("12 bits" in note for note in source.info.notes)


@pytest.mark.parametrize(("full", "noted"), [(1.0, False), (255.0, True), (65535.0, True)])
def test_floating_point_tiff(tmp_path: Path, full: float, noted: bool) -> None:
    image = np.full((20, 30), full / 2, dtype=np.float32)
    image[0, 0] = full
    for name, samples in (("grey", image), ("colour", np.repeat(image[..., None], 3, axis=2))):
        data = cv2.imencode(".tif", samples, [cv2.IMWRITE_TIFF_COMPRESSION, 1])[1]
        data.tofile(tmp_path / f"{name}.tif")
    assert brightness(tmp_path) == [128, 128]
    with open_source(tmp_path) as source:
        assert bool(source.info.notes) == noted


def test_files_of_other_kinds_in_a_folder_are_counted_and_named(tmp_path: Path) -> None:
    save(tmp_path / "a.png", grey(5))
    (tmp_path / "scan.jp2").write_bytes(b"x")
    (tmp_path / "film.mp4").write_bytes(b"x")
    (tmp_path / "notes.txt").write_text("no image")
    with open_source(tmp_path) as source:
        assert source.info.notes == ("2 files of other kinds are not shown: film.mp4, scan.jp2.",)


def test_a_folder_of_videos_says_so(tmp_path: Path) -> None:
    clips.make_clip(tmp_path / "a.mp4", 5)
    with pytest.raises(AppError, match=r"holds videos, no images: a\.mp4"):
        open_source(tmp_path)


def test_an_image_is_known_by_its_content_whatever_its_suffix(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", grey(44)).rename(tmp_path / "a.image")
    assert brightness(path) == [44]
