"""Key frames decoded by themselves: the images of decoding in order, and only those wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from endoscope_app.media.opening import open_joined, open_source
from tests.endoscope_app.clips import make_clip, read_number
from tests.present import present

COUNT, HEIGHT = 60, 96
KINDS: dict[str, dict[str, Any]] = {
    "b-frames.mp4": {"gop": 12, "b_frames": 2},
    "open.mkv": {"gop": 12, "b_frames": 2, "options": {"x264-params": "open-gop=1:scenecut=0"}},
    "transport.ts": {"gop": 10, "b_frames": 2},
    "parts.avi": {"codec": "mpeg4", "gop": 15, "b_frames": 0},
    "stills.avi": {"codec": "mjpeg", "pix_fmt": "yuvj420p", "b_frames": 0},
    "mpeg.mpg": {"codec": "mpeg2video", "gop": 9, "b_frames": 2},
}


@pytest.mark.parametrize("name", KINDS)
def test_each_is_the_image_that_decoding_in_order_gives(tmp_path: Path, name: str) -> None:
    clip = make_clip(tmp_path / name, COUNT, **KINDS[name])
    with open_source(clip) as source:
        in_order = dict(source.small_frames(0, COUNT, HEIGHT))
        keys = present(source.key_frames()).tolist()
        assert len(keys) > 2
        found = dict(source.key_images(keys[::2], HEIGHT))
        assert list(found) == keys[::2]
        for key, image in found.items():
            np.testing.assert_array_equal(image, in_order[key])


def test_an_intra_refresh_gives_nothing_that_is_not_whole(tmp_path: Path) -> None:
    clip = make_clip(
        tmp_path / "refresh.mp4",
        COUNT,
        b_frames=0,
        gop=20,
        options={"x264-params": "intra-refresh=1:keyint=20"},
    )
    with open_source(clip) as source:
        keys = present(source.key_frames()).tolist()
        for key, image in source.key_images(keys, HEIGHT):
            assert read_number(image) == key


def test_interlaced_ones_are_deinterlaced_by_themselves(tmp_path: Path) -> None:
    clip = make_clip(
        tmp_path / "fields.mpg",
        COUNT,
        codec="mpeg2video",
        gop=10,
        interlaced=True,
        options={"flags": "+ildct+ilme"},
    )
    with open_source(clip) as source:
        keys = present(source.key_frames()).tolist()
        assert [(key, read_number(image)) for key, image in source.key_images(keys, HEIGHT)] == [
            (key, key) for key in keys
        ]


def test_of_joined_files_each_from_its_own(tmp_path: Path) -> None:
    first = make_clip(tmp_path / "a.mp4", 30, gop=10)
    second = make_clip(tmp_path / "b.mp4", 24, gop=12)
    with open_joined([first, second]) as source:
        keys = present(source.key_frames()).tolist()
        assert keys == [0, 10, 20, 30, 42]
        found = [(key, read_number(image)) for key, image in source.key_images(keys[1:], HEIGHT)]
    assert found == [(10, 10), (20, 20), (30, 0), (42, 12)]
