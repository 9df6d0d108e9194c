"""Rotation, sample aspect, deinterlacing and real recordings."""

from __future__ import annotations

import hashlib
import os
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.media.opening import open_source
from endoscope_app.media.pixels import Geometry
from tests.endoscope_app import clips
from tests.places import REPOSITORY

DATA = (
    Path(os.environ.get("ENDOSCOPE_TEST_DATA") or REPOSITORY.parent / "shared" / "data")
    / "procedures"
)


@pytest.mark.parametrize(
    ("degrees", "flip"), [(0, False), (90, False), (180, False), (270, False), (0, True)]
)
def test_display_matrix_is_applied(tmp_path: Path, degrees: int, flip: bool) -> None:
    def turn(stream: av.VideoStream) -> None:
        if degrees or flip:
            stream.set_display_rotation(degrees, hflip=flip)

    if not hasattr(av.VideoStream, "set_display_rotation"):
        pytest.skip("this PyAV cannot write a display matrix")
    path = clips.make_clip(tmp_path / "turned.mp4", 15, prepare=turn)
    with open_source(path) as source:
        turned = degrees in (90, 270)
        expected = (clips.HEIGHT, clips.WIDTH) if turned else (clips.WIDTH, clips.HEIGHT)
        assert (source.info.width, source.info.height) == expected
        image = source.read(9).image
        with av.open(str(path)) as container:
            rotation = next(container.decode(video=0)).rotation
        upright = np.rot90(
            image[:, ::-1] if flip else image, -round(rotation / 90) if not flip else 0
        )
        assert clips.read_number(upright) == 9
        small = dict(source.small_frames(9, 10, 96))[9]
        assert small.shape == (96, 2 * round(source.info.width * 48 / source.info.height), 3)
        assert (
            clips.read_number(
                np.rot90(
                    small[:, ::-1] if flip else small, -round(rotation / 90) if not flip else 0
                )
            )
            == 9
        )


def test_orientation_follows_the_matrix() -> None:
    image = np.arange(6, dtype=np.uint8).reshape(2, 3, 1)
    assert np.array_equal(
        Geometry(3, 2, transposed=True, flip_x=True).orient(image), np.rot90(image, -1)
    )
    assert np.array_equal(
        Geometry(3, 2, transposed=True, flip_y=True).orient(image), np.rot90(image, 1)
    )
    assert np.array_equal(
        Geometry(3, 2, flip_x=True, flip_y=True).orient(image), np.rot90(image, 2)
    )


def test_sample_aspect_widens_the_picture(tmp_path: Path) -> None:
    def aspect(stream: av.VideoStream) -> None:
        stream.codec_context.sample_aspect_ratio = Fraction(16, 11)

    with open_source(
        clips.make_clip(tmp_path / "pal.mp4", 15, size=(352, 288), prepare=aspect)
    ) as source:
        assert (source.info.width, source.info.height) == (512, 288)
        assert clips.read_number(source.read(7).image) == 7
        assert next(iter(source.small_frames(7, 8, 144)))[1].shape == (144, 256, 3)


def comb(image: NDArray[Any]) -> float:
    """How much neighbouring lines differ in the lower half, where the two fields show different
    moments.
    """
    lower = image[image.shape[0] // 2 + 4 : -4, 30:-30, 1].astype(np.float64)
    return float(np.abs(lower[1:] - lower[:-1]).mean())


def test_interlaced_is_woven_away_and_can_be_left(tmp_path: Path) -> None:
    path = clips.make_clip(
        tmp_path / "fields.mpg",
        40,
        codec="mpeg2video",
        interlaced=True,
        options={"flags": "+ildct+ilme"},
    )
    with open_source(path) as filtered, open_source(path, deinterlace=False) as plain:
        assert filtered.info.interlaced
        assert plain.info.interlaced
        assert filtered.info.frame_count == plain.info.frame_count == 40
        assert comb(filtered.read(20).image) < comb(plain.read(20).image) / 3
        in_order = [
            hashlib.sha1(filtered.read(index).image.tobytes()).digest() for index in range(40)
        ]
        for index in random.Random(1).sample(range(40), 40):
            assert hashlib.sha1(filtered.read(index).image.tobytes()).digest() == in_order[index]
        whole = [image for _, image in filtered.small_frames(0, 40, 96)]
        for start, stop in filtered.segments(3):
            assert all(
                np.array_equal(image, whole[index])
                for index, image in filtered.small_frames(start, stop, 96)
            )


@pytest.mark.parametrize(
    "name", ["procedure.mp4", "procedure_12s_mjpeg.avi", "procedure_20s_interlaced.mpg"]
)
def test_real_recordings_give_the_same_picture_every_time(name: str) -> None:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    with open_source(path) as source:
        count = min(source.info.frame_count, 150)
        in_order = [
            hashlib.sha1(source.read(index).image.tobytes()).digest() for index in range(count)
        ]
        for index in random.Random(2).sample(range(count), 40):
            assert hashlib.sha1(source.read(index).image.tobytes()).digest() == in_order[index]
        assert [index for index, _ in source.small_frames(0, count, 64)] == list(range(count))
