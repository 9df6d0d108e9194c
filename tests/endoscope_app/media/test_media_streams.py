"""Several video streams in a file, colours by the matrix that applies, sizes and aspects that
change, what damage is counted.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.media.opening import open_source
from endoscope_app.media.source import FrameSource
from tests.endoscope_app import clips

from .test_media_exactness import joined


def two_streams(
    path: Path, first: tuple[int, int, int], second: tuple[int, int, int], default: int | None
) -> Path:
    """Streams of (width, height, frames); ``default`` is the one flagged so, None for neither."""
    with av.open(str(path), "w") as container:
        streams = []
        for place, (width, height, _) in enumerate((first, second)):
            stream = container.add_stream(
                "libx264", rate=25, options={"preset": "ultrafast", "bf": "0"}
            )
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            flags = type(stream.disposition)
            stream.disposition = flags.default if place == default else flags(0)
            streams.append(stream)
        for stream, (width, height, count) in zip(streams, (first, second), strict=True):
            for number in range(count):
                frame = av.VideoFrame.from_ndarray(
                    clips.numbered_picture(number, width, height), format="rgb24"
                )
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("first", "second", "default", "expected"),
    [
        ((160, 96, 30), (320, 192, 30), None, 1),  # the larger
        ((320, 192, 30), (160, 96, 30), 1, 1),  # the file's own choice
        ((640, 384, 1), (320, 192, 60), None, 1),  # a thumbnail is no recording
        ((640, 384, 1), (320, 192, 60), 0, 1),
        ((320, 192, 30), (320, 192, 30), None, 0),  # alike: the first
    ],
)
def test_the_recording_is_taken(
    tmp_path: Path,
    first: tuple[int, int, int],
    second: tuple[int, int, int],
    default: int | None,
    expected: int,
) -> None:
    # An MP4 always flags a track as default.
    path = two_streams(
        tmp_path / ("two.mkv" if default is None else "two.mp4"), first, second, default
    )
    with open_source(path) as source:
        assert [choice.index for choice in source.info.streams if choice.is_chosen] == [expected]
        assert source.info.width == (first, second)[expected][0]
        assert any("2 video streams" in note for note in source.info.notes)
        small = dict(source.small_frames(0, 1, 96))
        assert clips.read_number(small[0]) == 0
    other = 1 - expected
    with open_source(path, stream=other) as source:
        assert source.info.frame_count == (first, second)[other][2]
        assert [index for index, _ in source.small_frames(0, source.info.frame_count, 48)] == list(
            range(source.info.frame_count)
        )


def plain_colour(path: Path, size: tuple[int, int], y: int, u: int, v: int) -> Path:
    width, height = size
    planes = np.concatenate(
        [
            np.full(width * height, y),
            np.full(width * height // 4, u),
            np.full(width * height // 4, v),
        ]
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        image = planes.astype(np.uint8).reshape(height * 3 // 2, width)
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="yuv420p")))
        container.mux(stream.encode(None))
    return path


# Full red in limited range by the two standards: BT.709 and BT.601.
@pytest.mark.parametrize(
    ("size", "yuv"),
    [((1280, 720), (63, 102, 240)), ((720, 576), (81, 90, 240)), ((720, 1280), (63, 102, 240))],
)
def test_untagged_colours(tmp_path: Path, size: tuple[int, int], yuv: tuple[int, int, int]) -> None:
    with open_source(plain_colour(tmp_path / "red.mkv", size, *yuv)) as source:
        blue, green, red = (int(value) for value in source.read(1).image[5, 5, :3])
        assert (red, green, blue) == pytest.approx((255, 0, 0), abs=3)
        small = dict(source.small_frames(1, 2, 96))[1]
        assert [int(value) for value in small[5, 5]] == pytest.approx([255, 0, 0], abs=5)


def test_collected_bars_are_bt_709(shared_cases: Path) -> None:
    """Bars of full red, green and blue, of skin, grey and white; by BT.601 the green would be
    22 off.
    """
    bars = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (197, 99, 78), (128, 128, 128), (255, 255, 255))
    with open_source(shared_cases / "untagged_hd_bt709_bars.mp4") as source:
        whole = source.read(0).image[source.info.height // 4, :, 2::-1].astype(int)
        small = dict(source.small_frames(0, 1, 540))[0][135].astype(int)
    for line in (whole, small):
        seen = [line[len(line) * (2 * place + 1) // 12].tolist() for place in range(6)]
        assert np.abs(np.array(seen) - np.array(bars)).max() <= 3


def circle(size: tuple[int, int], aspect: float = 1.0) -> NDArray[np.uint8]:
    """White on grey; round when shown with sample aspect ``aspect``."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    inside = ((x - width / 2) * aspect) ** 2 + (y - height / 2) ** 2 < (
        min(width * aspect, height) * 0.35
    ) ** 2
    return np.where(inside[..., None], 235, 60).astype(np.uint8).repeat(3, axis=2)


def circle_clip(path: Path, size: tuple[int, int], aspect: Fraction = Fraction(1)) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=25, options={"preset": "ultrafast", "bf": "0", "g": "12"}
        )
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        for _ in range(24):
            container.mux(
                stream.encode(
                    av.VideoFrame.from_ndarray(circle(size, float(aspect)), format="rgb24")
                )
            )
        container.mux(stream.encode(None))
    return path


def roundness(image: NDArray[np.uint8]) -> float:
    rows, columns = np.nonzero(image[..., 1] > 150)
    return float(np.ptp(columns) + 1) / float(np.ptp(rows) + 1)


def every_roundness(source: FrameSource) -> list[float]:
    whole = [roundness(source.read(index).image) for index in (3, 40, 4, 44)]
    return whole + [
        roundness(image) for _, image in source.small_frames(36, 48, source.info.height)
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (((320, 240), Fraction(1)), ((640, 240), Fraction(1))),
        (((640, 360), Fraction(1)), ((240, 320), Fraction(1))),
        (((320, 240), Fraction(1)), ((320, 240), Fraction(16, 11))),
        (((320, 240), Fraction(16, 11)), ((400, 240), Fraction(1))),
    ],
)
def test_nothing_is_squeezed_when_the_recorder_is_switched_over(
    tmp_path: Path,
    first: tuple[tuple[int, int], Fraction],
    second: tuple[tuple[int, int], Fraction],
) -> None:
    parts = [
        circle_clip(tmp_path / f"{place}.ts", *part) for place, part in enumerate((first, second))
    ]
    with open_source(joined(tmp_path / "both.ts", *parts)) as source:
        assert source.info.frame_count == 48
        assert every_roundness(source) == pytest.approx([1.0] * 16, abs=0.06)
        assert source.read(40).image.shape == (source.info.height, source.info.width, 4)


def broken(path: Path, share: float, length: int) -> Path:
    data = bytearray(path.read_bytes())
    place = int(len(data) * share)
    data[place : place + length] = (
        np.random.default_rng(2).integers(0, 256, length, dtype=np.uint8).tobytes()
    )
    path.write_bytes(bytes(data))
    return path


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.avi", "mpeg4"), ("a.ts", "mpeg2video"), ("a.mkv", "libx264")],
)
def test_concealed_damage_is_counted_by_both_paths(tmp_path: Path, name: str, codec: str) -> None:
    path = broken(clips.make_clip(tmp_path / name, 75, codec=codec, b_frames=0), 0.5, 300)
    with open_source(path) as source:
        assert len(list(source.small_frames(0, source.info.frame_count, 64))) >= 70
        analysed = source.corrupt_frames()
        assert 1 <= len(analysed) <= 15
    with open_source(path) as source:
        flagged = set()
        for index in range(min(analysed) + 1):
            if source.read(index).is_corrupt:
                flagged.add(index)
        assert min(analysed) in flagged


def test_damaged_motion_jpeg_is_counted_and_still_shown(tmp_path: Path) -> None:
    path = clips.make_clip(tmp_path / "a.avi", 40, codec="mjpeg", pix_fmt="yuvj420p", b_frames=0)
    with av.open(str(path)) as container:
        packets = [
            (packet.pos or 0, packet.size) for packet in container.demux(video=0) if packet.size
        ]
    data = bytearray(path.read_bytes())
    for number in (0, 17, 39):
        position, size = packets[number]
        # The lower half of the image, so that its number above stays readable.
        data[position + size * 3 // 4 : position + size * 3 // 4 + 60] = b"\xff\xd0" * 30
    path.write_bytes(bytes(data))
    with open_source(path) as source:
        small = [
            (index, clips.read_number(image)) for index, image in source.small_frames(0, 40, 96)
        ]
        assert small == [(index, index) for index in range(40)]
        assert source.corrupt_frames() == {0, 17, 39}
    with open_source(path) as source:
        flagged = [index for index in (39, 38, 17, 16, 1, 0) if source.read(index).is_corrupt]
        assert flagged == [39, 17, 0]


def test_lost_transport_packets_are_said_at_opening(tmp_path: Path) -> None:
    path = clips.make_clip(tmp_path / "a.ts", 75, b_frames=2, gop=30)
    data = path.read_bytes()
    cut = len(data) // 188 // 2 * 188
    path.write_bytes(data[:cut] + data[cut + 6 * 188 :])
    with open_source(path) as source:
        assert source.info.damaged
        assert any("damaged" in note for note in source.info.notes)
        assert source.corrupt_frames()


@pytest.mark.parametrize("name", ["a.mkv", "a.webm", "a.avi", "a.wmv", "a.ts", "a.mp4"])
def test_a_copy_that_broke_off_is_said(tmp_path: Path, name: str) -> None:
    codec = {"a.webm": "libvpx", "a.wmv": "msmpeg4", "a.avi": "mpeg4"}.get(name, "libx264")
    options = {"movflags": "faststart"} if name == "a.mp4" else None
    path = clips.make_clip(tmp_path / name, 75, codec=codec, b_frames=0, container_options=options)
    with open_source(path) as source:
        assert not source.info.damaged
        assert source.info.notes == ()
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10 + 1])
    with open_source(path) as source:
        assert source.info.damaged
        assert len(source.info.notes) == 1
        assert "damaged" in source.info.notes[0]
        last = source.info.frame_count - 1
        assert 30 < last < 60
        assert clips.read_number(source.read(last // 2).image) == last // 2
