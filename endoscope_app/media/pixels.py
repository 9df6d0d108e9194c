"""Turning a decoded frame into pixels as displayed: rotation and sample aspect applied, full
size or small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from endoscope_app.media.decoder import Decoded
from endoscope_app.media.source import Image

# Layouts that are shrunk before the change to RGB; anything else (deep, full-chroma or packed) goes
# straight to RGB.
SMALL_LAYOUTS = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "nv12"})
# FFmpeg's numbers of colour matrices.
BT_709, UNTAGGED, BT_601 = 1, 2, 6
SD_LINES = 576
HD_COLUMNS = 1280
OPAQUE = 255


@dataclass(frozen=True, slots=True)
class Geometry:
    """How stored frames become displayed images: scale to ``stored``, transpose, then flip."""

    stored_width: int  # with the sample aspect applied, before transposing
    stored_height: int
    transposed: bool = False
    flip_x: bool = False
    flip_y: bool = False

    @property
    def width(self) -> int:
        return self.stored_height if self.transposed else self.stored_width

    @property
    def height(self) -> int:
        return self.stored_width if self.transposed else self.stored_height

    def small_width(self, height: int) -> int:
        """Proportional and even, as displayed."""
        return max(2, 2 * round(self.width * height / self.height / 2))

    def orient(self, image: Image) -> Image:
        if self.transposed:
            image = image.swapaxes(0, 1)
        if self.flip_x:
            image = image[:, ::-1]
        if self.flip_y:
            image = image[::-1]
        return np.ascontiguousarray(image)


def geometry_of(video_frame: VideoFrame, sample_aspect: float) -> Geometry:
    """From the first frame: its size, its display matrix, and the sample aspect of the stream."""
    width = max(1, round(video_frame.width * (sample_aspect or 1.0)))
    data: Any = video_frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return Geometry(width, video_frame.height)
    # Row-major 3x3 in fixed point: x' = a*x + c*y and y' = b*x + d*y, so the larger pair tells
    # turned from upright.
    a, b, _, c, d = (int(value) for value in np.frombuffer(bytes(data), dtype="<i4")[:5])
    if abs(b) > abs(a):
        return Geometry(width, video_frame.height, transposed=True, flip_x=c < 0, flip_y=b < 0)
    return Geometry(width, video_frame.height, flip_x=a < 0, flip_y=d < 0)


def with_colour_matrix(video_frame: VideoFrame) -> VideoFrame:
    """Untagged HD is BT.709 and untagged SD BT.601, as every player takes it; FFmpeg's scaler
    alone takes all for BT.601.
    """
    if video_frame.colorspace == UNTAGGED and not video_frame.format.is_rgb:
        is_hd = (
            min(video_frame.width, video_frame.height) > SD_LINES
            or max(video_frame.width, video_frame.height) >= HD_COLUMNS
        )
        video_frame.colorspace = BT_709 if is_hd else BT_601
    return video_frame


class PixelConverter:
    """Turns decoded frames into images of a fixed size, that of the first frame as displayed.

    Not shared between threads.

    A frame of another size or sample aspect (the recorder was switched over) keeps its own aspect
    between black bars. Keeps FFmpeg's scaler warm from frame to frame.
    """

    def __init__(self, first: VideoFrame, first_aspect: float, shown_aspect: float) -> None:
        """``first_aspect`` is the sample aspect that the decoder gives for ``first``;
        ``shown_aspect`` overrules it.
        """
        self.geometry = geometry_of(first, shown_aspect)
        self._first = (first.width, first.height, first_aspect)
        self._scaler = VideoReformatter()
        self._shrinker = VideoReformatter()

    def bgra(self, decoded: Decoded) -> Image:
        def scale(width: int, height: int) -> Image:
            video_frame = with_colour_matrix(decoded.video_frame)
            return _pixels(
                self._scaler.reformat(video_frame, width=width, height=height, format="bgra"), 4
            )

        return self._fitted(decoded, self.geometry.width, self.geometry.height, scale)

    def small_rgb(self, decoded: Decoded, height: int) -> Image:
        def shrink(width: int, height: int) -> Image:
            video_frame = with_colour_matrix(decoded.video_frame)
            # Shrink in the decoder's own layout and turn only the small image into RGB: half the
            # time of a single step, and closer to area averaging in RGB (1.0 against 1.2 grey
            # levels; fast bilinear is off by 5, it skips pixels).
            layout = (
                video_frame.format.name if video_frame.format.name in SMALL_LAYOUTS else "rgb24"
            )
            small = self._shrinker.reformat(
                video_frame,
                width=width,
                height=height,
                format=layout,
                interpolation=Interpolation.AREA,
            )
            return _pixels(self._scaler.reformat(small, format="rgb24"), 3)

        return self._fitted(decoded, self.geometry.small_width(height), height, shrink)

    def _fitted(
        self, decoded: Decoded, width: int, height: int, scale: Callable[[int, int], Image]
    ) -> Image:
        """``scale`` gives the stored image in a wanted size; the result is as displayed,
        (height, width, channels).
        """
        geometry = self.geometry
        inner_width, inner_height = self._inner_size(decoded, width, height)
        stored = (inner_height, inner_width) if geometry.transposed else (inner_width, inner_height)
        image = geometry.orient(scale(*stored))
        if (inner_width, inner_height) == (width, height):
            return image
        framed = np.zeros((height, width, image.shape[2]), dtype=np.uint8)
        framed[..., 3:] = OPAQUE
        top, left = (height - inner_height) // 2, (width - inner_width) // 2
        framed[top : top + inner_height, left : left + inner_width] = image
        return framed

    def _inner_size(self, decoded: Decoded, width: int, height: int) -> tuple[int, int]:
        video_frame, aspect = decoded.video_frame, decoded.aspect
        if (video_frame.width, video_frame.height, aspect) == self._first:
            return width, height
        own_width, own_height = video_frame.width * (aspect or 1.0), float(video_frame.height)
        if (video_frame.width, video_frame.height) == self._first[:2] and not (
            aspect and self._first[2]
        ):
            return width, height  # a stream that only now says its aspect, or says it no longer
        if self.geometry.transposed:
            own_width, own_height = own_height, own_width
        share = min(width / own_width, height / own_height)
        return max(1, min(round(own_width * share), width)), max(
            1, min(round(own_height * share), height)
        )


def _pixels(video_frame: VideoFrame, channels: int) -> Image:
    """A view of the only plane without its row padding; ``Geometry.orient`` makes it contiguous."""
    plane = video_frame.planes[0]
    rows = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(-1, plane.line_size)
    image: Image = rows[: video_frame.height, : video_frame.width * channels].reshape(
        video_frame.height, video_frame.width, channels
    )
    return image
