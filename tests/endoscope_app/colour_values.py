"""Colours as numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor


def rgb(colour: QColor) -> NDArray[np.float64]:
    """(3,) red, green and blue, 0 to 255."""
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)
