"""The picture: what is painted where, with real mouse and wheel events on a real widget."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.heat_map import HeatMap
from kd_core.vision.field_of_view import WHOLE_IMAGE, FieldOfView
from tests.endoscope_app.inner_widgets import image_to_widget, widget_to_image

Frame = NDArray[np.uint8]


def _frame(width: int = 200, height: int = 100, grey: int = 80) -> Frame:
    return np.full((height, width, 4), grey, np.uint8)


@pytest.fixture
def view(qtbot: QtBot) -> FrameView:
    widget = FrameView()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def _shot(view: FrameView) -> QImage:
    return view.grab().toImage()


def _pixel(image: QImage, x: float, y: float) -> tuple[int, int, int]:
    colour = image.pixelColor(int(x), int(y))
    return colour.red(), colour.green(), colour.blue()


def _wheel(view: FrameView, at: QPointF, steps: int) -> None:
    event = QWheelEvent(
        at,
        view.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_picture_is_fitted_with_dark_bars_and_true_colours(view: FrameView) -> None:
    frame = _frame()
    frame[:, :, :3] = (10, 120, 200)  # B, G, R
    view.show_frame(frame, None)
    image = _shot(view)
    assert _pixel(image, 200, 150) == (200, 120, 10)
    assert _pixel(image, 0, 50) == (200, 120, 10)
    assert _pixel(image, 399, 249) == (200, 120, 10)
    assert max(_pixel(image, 200, 48)) < 30
    assert max(_pixel(image, 200, 251)) < 30


def test_each_new_frame_is_reported_once_with_its_token(view: FrameView, qtbot: QtBot) -> None:
    tokens: list[object] = []
    times: list[float] = []
    view.frame_painted.connect(lambda token, ms: (tokens.append(token), times.append(ms)))
    first, second = object(), object()
    for token in (first, second):
        view.show_frame(_frame(), None, token)
        view.repaint()
        view.repaint()
    assert tokens == [first, second]
    assert len(times) == 2
    assert all(0 < ms < 1000 for ms in times)


def test_a_frame_replaced_before_it_was_painted_is_never_reported(view: FrameView) -> None:
    view.repaint()
    tokens: list[object] = []
    view.frame_painted.connect(lambda token, ms: tokens.append(token))
    view.show_frame(_frame(), None, "skipped")
    view.show_frame(_frame(), None, "shown")
    view.repaint()
    assert tokens == ["shown"]


@pytest.mark.parametrize("point", [QPointF(200, 150), QPointF(37, 88), QPointF(390, 200)])
def test_wheel_zooms_at_the_pointer(view: FrameView, point: QPointF) -> None:
    view.show_frame(_frame(), None)
    before = widget_to_image(view, point)
    _wheel(view, point, 8)
    after = widget_to_image(view, point)
    assert after.x() == pytest.approx(before.x(), abs=1e-6)
    assert after.y() == pytest.approx(before.y(), abs=1e-6)
    corner = image_to_widget(view, QPointF(0, 0)), image_to_widget(view, QPointF(1, 0))
    assert corner[1].x() - corner[0].x() == pytest.approx(2 * 1.25**8)


def test_what_is_painted_agrees_with_the_mapping_when_zoomed(view: FrameView) -> None:
    frame = _frame(grey=0)
    frame[60, 130, :3] = (0, 255, 0)
    view.show_frame(frame, None)
    _wheel(view, image_to_widget(view, QPointF(130.5, 60.5)), 12)
    image = _shot(view)
    top_left, bottom_right = (
        image_to_widget(view, QPointF(130, 60)),
        image_to_widget(view, QPointF(131, 61)),
    )
    # Above four times its size a pixel is a sharp square.
    assert _pixel(image, top_left.x() + 2, top_left.y() + 2) == (0, 255, 0)
    assert _pixel(image, bottom_right.x() - 2, bottom_right.y() - 2) == (0, 255, 0)
    assert _pixel(image, top_left.x() - 2, top_left.y() + 2) == (0, 0, 0)
    assert _pixel(image, bottom_right.x() + 2, bottom_right.y() - 2) == (0, 0, 0)


def test_drag_moves_the_picture_and_double_click_fits(view: FrameView, qtbot: QtBot) -> None:
    view.show_frame(_frame(), None)
    fitted = image_to_widget(view, QPointF(0, 0))
    view.zoom_by(4.0)
    held = widget_to_image(view, QPointF(200, 150))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    qtbot.mouseMove(view, QPoint(230, 140))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(230, 140))
    moved = widget_to_image(view, QPointF(230, 140))
    assert (moved.x(), moved.y()) == pytest.approx((held.x(), held.y()))
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert image_to_widget(view, QPointF(0, 0)) == fitted


def test_keys_zoom_pan_and_fit(view: FrameView, qtbot: QtBot) -> None:
    view.show_frame(_frame(), None)
    fitted = image_to_widget(view, QPointF(0, 0))
    for _ in range(8):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    zoomed = image_to_widget(view, QPointF(0, 0))
    assert zoomed.x() < fitted.x() - 100
    qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert image_to_widget(view, QPointF(0, 0)).x() == pytest.approx(zoomed.x() + 60)
    qtbot.keyClick(view, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert image_to_widget(view, QPointF(0, 0)) == fitted


def _changed(view: FrameView, frame: Frame, heat_map: HeatMap) -> NDArray[np.bool_]:
    view.show_frame(frame, None)
    without = _array(_shot(view))
    view.show_frame(frame, heat_map)
    return np.asarray((_array(_shot(view)) != without).any(axis=2))


def _array(image: QImage) -> Frame:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return (
        np.array(image.constBits(), np.uint8)
        .reshape(image.height(), image.width(), 4)[..., :3]
        .copy()
    )


@pytest.mark.parametrize(
    "prepare",
    [lambda view: None, lambda view: view.zoom_by(1.7, QPointF(120, 130))],
    ids=["fitted", "zoomed"],
)
def test_overlay_lies_exactly_over_its_box(
    view: FrameView, prepare: Callable[[FrameView], None]
) -> None:
    frame = _frame()
    view.show_frame(frame, None)
    prepare(view)
    changed = _changed(
        view, frame, HeatMap(np.ones((7, 7), np.float32), FieldOfView(0.25, 0.2, 0.75, 0.9), 0)
    )
    start, end = image_to_widget(view, QPointF(50, 20)), image_to_widget(view, QPointF(150, 90))
    expected = np.zeros_like(changed)
    expected[
        max(0, round(start.y())) : round(end.y()), max(0, round(start.x())) : round(end.x())
    ] = True
    # The zoom is written over the right lower corner
    assert np.array_equal(changed[:-40], expected[:-40])
    assert np.array_equal(changed[:, :-120], expected[:, :-120])


def test_heat_peak_is_painted_over_the_right_place_and_low_evidence_is_clear(
    view: FrameView,
) -> None:
    heat = np.zeros((14, 14), np.float32)
    heat[3, 10] = 1.0
    changed = _changed(view, _frame(), HeatMap(heat, WHOLE_IMAGE, 0))
    rows, columns = np.nonzero(changed)
    peak = image_to_widget(view, QPointF(10.5 / 14 * 200, 3.5 / 14 * 100))
    assert columns.mean() == pytest.approx(peak.x(), abs=2)
    assert rows.mean() == pytest.approx(peak.y(), abs=2)
    assert changed.mean() < 0.05


def test_overlay_can_be_hidden_faded_and_recoloured(view: FrameView) -> None:
    frame = _frame()
    view.show_frame(frame, HeatMap(np.ones((7, 7), np.float32), WHOLE_IMAGE, 0))
    seen = _pixel(_shot(view), 200, 150)
    view.set_overlay_visible(False)
    assert _pixel(_shot(view), 200, 150) == (80, 80, 80)
    view.set_overlay_visible(True)
    view.set_overlay_opacity(0.0)
    assert _pixel(_shot(view), 200, 150) == (80, 80, 80)
    view.set_overlay_opacity(0.6)
    assert _pixel(_shot(view), 200, 150) == seen
    view.set_overlay_opacity(1.0)
    view.set_colour_map("viridis")
    assert _pixel(_shot(view), 200, 150) == pytest.approx((253, 231, 37), abs=3)
    with pytest.raises(ValueError, match="jet"):
        view.set_colour_map("jet")


def test_broken_evidence_is_no_evidence(view: FrameView) -> None:
    assert not _changed(
        view, _frame(), HeatMap(np.full((7, 7), np.nan, np.float32), WHOLE_IMAGE, 0)
    ).any()


def test_the_frame_itself_is_never_written_to(view: FrameView) -> None:
    frames = [_frame(400, 300, 10), _frame(800, 600, 20), _frame(400, 300, 30)]
    for frame in frames:
        frame.setflags(write=False)
        view.show_frame(frame, HeatMap(np.ones((7, 7), np.float32), WHOLE_IMAGE, 0))
        view.repaint()
    assert [int(frame[0, 0, 0]) for frame in frames] == [10, 20, 30]
    view.set_overlay_visible(False)
    assert _pixel(_shot(view), 200, 150) == (30, 30, 30)


def test_a_slice_of_a_bigger_array_is_shown_right(view: FrameView) -> None:
    big = _frame(300, 300, 0)
    big[50:150, 40:240] = 90
    view.show_frame(big[50:150, 40:240], None)
    image = _shot(view)
    assert _pixel(image, 1, 52) == (90, 90, 90)
    assert _pixel(image, 398, 247) == (90, 90, 90)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (7680, 4320)])
def test_odd_sizes(view: FrameView, size: tuple[int, int]) -> None:
    view.show_frame(
        _frame(*size), HeatMap(np.ones((7, 7), np.float32), FieldOfView(0.1, 0.1, 0.9, 0.9), 0)
    )
    view.zoom_by(3.0, QPointF(10, 10))
    view.set_overlay_visible(False)
    middle = image_to_widget(view, QPointF(size[0] / 2, size[1] / 2))
    inside = QPointF(min(399, max(0.0, middle.x())), min(299, max(0.0, middle.y())))
    assert _pixel(_shot(view), inside.x(), inside.y()) == (80, 80, 80)


@pytest.mark.parametrize(
    "bad",
    [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4, 4), np.float32), np.zeros((0, 4, 4), np.uint8)],
)
def test_wrong_arrays_are_refused(view: FrameView, bad: Frame) -> None:
    with pytest.raises(ValueError, match="a frame is"):
        view.show_frame(bad, None)


def test_message_shows_only_without_a_picture_and_clear_forgets_the_zoom(view: FrameView) -> None:
    empty = _array(_shot(view))
    view.set_message("Open a procedure: Ctrl+O, or drop a file or folder here")
    told = _array(_shot(view))
    assert (told != empty).any()
    view.show_frame(_frame(), None)
    view.zoom_by(3.0)
    view.clear()
    assert np.array_equal(_array(_shot(view)), told)
    view.show_frame(_frame(), None)
    assert image_to_widget(view, QPointF(0, 0)) == QPointF(0, 50)


def test_caption_is_at_the_top_left(view: FrameView) -> None:
    view.show_frame(_frame(400, 300), None)
    before = _array(_shot(view))
    view.set_caption("Phantom: synthetic, no patient")
    rows, columns = np.nonzero((_array(_shot(view)) != before).any(axis=2))
    assert rows.max() < 50
    assert columns.min() < 20
    assert QColor(view.grab().toImage().pixel(300, 250)).red() == 80


def test_a_drag_whose_release_went_elsewhere_moves_nothing_more(
    view: FrameView, qtbot: QtBot
) -> None:
    view.zoom_by(4.0)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    before = image_to_widget(view, QPointF(10, 10))
    point = QPointF(260, 150)
    none, plain = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, point, view.mapToGlobal(point), none, none, plain)
    QApplication.sendEvent(view, event)
    assert image_to_widget(view, QPointF(10, 10)) == before
