"""The arithmetic of zooming and panning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endoscope_app.viewing.view_geometry import MAX_DEVICE_SCALE, ViewGeometry

_SIZES = st.tuples(st.integers(1, 8000), st.integers(1, 8000))


def test_fit_centres_the_picture() -> None:
    geometry = ViewGeometry((100, 50), (400, 400))
    assert geometry.scale == 4.0
    assert geometry.origin == (0.0, 100.0)


@given(_SIZES, _SIZES, st.floats(0.1, 20), st.floats(0, 1), st.floats(0, 1))
def test_zoom_stays_in_bounds_and_the_picture_covers_what_it_can(
    image: tuple[int, int], viewport: tuple[int, int], factor: float, x: float, y: float
) -> None:
    geometry = ViewGeometry(image, viewport).zoomed(factor, x * viewport[0], y * viewport[1])
    assert geometry.zoom >= 1.0
    assert geometry.scale <= max(geometry.fit_scale, MAX_DEVICE_SCALE) * 1.0001
    for axis, start in enumerate(geometry.origin):
        size = image[axis] * geometry.scale
        slack = 1e-6 * max(size, viewport[axis])
        if size >= viewport[axis]:
            assert start <= slack
            assert start + size >= viewport[axis] - slack
        else:
            assert start == pytest.approx((viewport[axis] - size) / 2, abs=slack)


@given(_SIZES, st.floats(1, 8), st.floats(-500, 1500), st.floats(-500, 1500))
def test_there_and_back(image: tuple[int, int], zoom: float, x: float, y: float) -> None:
    geometry = ViewGeometry(image, (1000, 700), zoom)
    assert geometry.to_device(*geometry.to_image(x, y)) == pytest.approx((x, y), abs=1e-6)


def test_panning_follows_the_hand_and_stops_at_the_border() -> None:
    geometry = ViewGeometry((100, 100), (200, 200), zoom=4.0)
    left, top = geometry.origin
    assert geometry.panned(30, -20).origin == pytest.approx((left + 30, top - 20))
    assert geometry.panned(10_000, 10_000).origin == pytest.approx((0, 0))


@pytest.mark.parametrize(
    ("covered", "left"),
    [(0, 100), (90, 100), (150, 150), (300, 200)],
    ids=["nothing", "beside the image", "over its edge", "more than there is room for"],
)
def test_an_image_gives_way_to_what_lies_over_the_left(covered: int, left: int) -> None:
    geometry = ViewGeometry((100, 100), (400, 200), covered_left=covered).clamped()
    assert geometry.origin == pytest.approx((left, 0))
    zoomed = geometry.zoomed(4.0, left + 100, 100)
    assert zoomed.origin[0] <= 0, "zoomed in, it fills the view as ever"
    assert zoomed.to_image(left + 100, 100) == pytest.approx((50, 50))
