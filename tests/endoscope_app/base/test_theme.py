"""The theme: colours that can be told apart, text that can be read, and nothing that glares."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from endoscope_app.base.theme import THEMES, Colours, apply_theme, class_colours, style_sheet

# Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB.
_SIGHTS = {
    "normal": np.eye(3),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def _linear(colour: QColor) -> NDArray[np.float64]:
    value = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _lab(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y, z = _XYZ @ np.clip(linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = [np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted(
        (float(_XYZ[1] @ _linear(colour)) for colour in (one, other)), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("sight", sorted(_SIGHTS))
def test_eight_classes_stay_apart_for_every_sight(sight: str) -> None:
    seen = [_lab(_SIGHTS[sight] @ _linear(colour)) for colour in class_colours(8)]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > 14


def test_class_colours_stand_out_from_the_dark_window() -> None:
    window = QColor(THEMES["dark"].window)
    assert all(_contrast(colour, window) >= 3.0 for colour in class_colours(12))


def test_more_classes_than_colours_still_differ_and_order_is_stable() -> None:
    assert len({colour.name() for colour in class_colours(24)}) == 24
    assert class_colours(6) == class_colours(24)[:6]
    assert class_colours(0) == []


@pytest.mark.parametrize("name", sorted(THEMES))
def test_text_is_readable(name: str) -> None:
    colours = THEMES[name]
    for ground in (colours.window, colours.raised, colours.field):
        assert _contrast(QColor(colours.text), QColor(ground)) >= 7.0
        assert _contrast(QColor(colours.muted), QColor(ground)) >= 4.5
        assert _contrast(QColor(colours.danger), QColor(ground)) >= 4.5


@pytest.mark.parametrize("image", ["#000000", "#0d0e10", "#c05a48"])
@pytest.mark.parametrize("name", sorted(THEMES))
def test_text_over_an_image_is_readable(name: str, image: str) -> None:
    colours = THEMES[name]
    laid, under = QColor(colours.over_image), QColor(image)
    share = laid.alphaF()
    ground = QColor.fromRgbF(
        share * laid.redF() + (1 - share) * under.redF(),
        share * laid.greenF() + (1 - share) * under.greenF(),
        share * laid.blueF() + (1 - share) * under.blueF(),
    )
    assert _contrast(QColor(colours.text), ground) >= 7.0
    assert _contrast(QColor(colours.muted), ground) >= 4.5


def test_the_dark_theme_has_nothing_glaring() -> None:
    assert all(_XYZ[1] @ _linear(QColor(value)) < 0.75 for value in vars(THEMES["dark"]).values())


@pytest.mark.parametrize("name", sorted(THEMES))
def test_style_sheet_has_no_hole(name: str) -> None:
    sheet = style_sheet(THEMES[name])
    assert "$" not in sheet
    assert sheet.count("{") == sheet.count("}")


def test_colours_are_valid() -> None:
    for colours in THEMES.values():
        assert isinstance(colours, Colours)
        assert all(QColor(value).isValid() for value in vars(colours).values())


def test_apply_theme_changes_palette_and_an_unknown_name_is_dark(
    qapp: QApplication, qtbot: QtBot
) -> None:
    apply_theme(qapp, "light")
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == THEMES["light"].window
    apply_theme(qapp, "no such theme")
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == THEMES["dark"].window
