"""Where an image lies in a viewport that zooms and pans: arithmetic in device pixels, no Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kd_core.vision.field_of_view import FieldOfView

#: Left, top, right and bottom in device pixels, between them where the image is scaled.
DeviceRect = tuple[float, float, float, float]

MAX_DEVICE_SCALE = 32.0


@dataclass(frozen=True)
class ViewGeometry:
    """An image of ``image`` pixels shown in ``viewport`` device pixels.

    ``zoom`` is relative to the fitted size and ``centre`` is a fraction of the image, so both
    survive a resized window and an image of another size. ``covered_left``: device pixels at the
    left that something lies over; an image that is narrower than the viewport gives way to it.
    """

    image: tuple[int, int]
    viewport: tuple[int, int]
    zoom: float = 1.0
    centre: tuple[float, float] = (0.5, 0.5)
    covered_left: int = 0

    @property
    def fit_scale(self) -> float:
        """Device pixels per image pixel when the whole image is seen."""
        return min(self.viewport[0] / self.image[0], self.viewport[1] / self.image[1])

    @property
    def scale(self) -> float:
        """Device pixels per image pixel now."""
        return self.fit_scale * self.zoom

    @property
    def origin(self) -> tuple[float, float]:
        """Device position of the image's top left corner."""
        return (
            self.viewport[0] / 2 - self.centre[0] * self.image[0] * self.scale,
            self.viewport[1] / 2 - self.centre[1] * self.image[1] * self.scale,
        )

    def to_device(self, x: float, y: float) -> tuple[float, float]:
        """Image pixels to device pixels."""
        left, top = self.origin
        return left + x * self.scale, top + y * self.scale

    def rect_of(self, region: FieldOfView) -> DeviceRect:
        """Where a part of the image lies."""
        width, height = self.image
        left, top = self.to_device(region.left * width, region.top * height)
        right, bottom = self.to_device(region.right * width, region.bottom * height)
        return left, top, right, bottom

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """Device pixels to image pixels."""
        left, top = self.origin
        return (x - left) / self.scale, (y - top) / self.scale

    def zoomed(self, factor: float, x: float, y: float) -> ViewGeometry:
        """Zoomed by ``factor`` so that the image point under device position ``x``, ``y``
        stays there.
        """
        most = max(1.0, MAX_DEVICE_SCALE / self.fit_scale)
        zoom = min(most, max(1.0, self.zoom * factor))
        at_x, at_y = self.to_image(x, y)
        scale = self.fit_scale * zoom
        centre = (
            (at_x - (x - self.viewport[0] / 2) / scale) / self.image[0],
            (at_y - (y - self.viewport[1] / 2) / scale) / self.image[1],
        )
        return replace(self, zoom=zoom, centre=centre).clamped()

    def panned(self, dx: float, dy: float) -> ViewGeometry:
        """Moved by device pixels, as the hand drags the image."""
        centre = (
            self.centre[0] - dx / (self.image[0] * self.scale),
            self.centre[1] - dy / (self.image[1] * self.scale),
        )
        return replace(self, centre=centre).clamped()

    def clamped(self) -> ViewGeometry:
        """Kept so that no side of the image leaves the viewport while there is more image
        to show there.
        """
        centre = tuple(self._clamp(self.centre[axis], axis) for axis in (0, 1))
        return replace(self, centre=(centre[0], centre[1]))

    def _clamp(self, centre: float, axis: int) -> float:
        size = self.image[axis] * self.scale
        half = self.viewport[axis] / 2 / size
        if half < 0.5:
            return min(1 - half, max(half, centre))
        room = self.viewport[axis] - size
        covered = self.covered_left if axis == 0 else 0
        return 0.5 if covered <= room / 2 else half - min(room, covered) / size
