"""Live curves of a training: every named loss, and the scores, pass by pass.

Only what is opened for a training imports this: pyqtgraph takes a third of a second that the
application's start must not.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyqtgraph
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label
from endoscope_app.base.theme import class_colours
from endoscope_app.retraining.run import wording
from endoscope_app.retraining.wording import figure_name

_MANY = 12
LEGEND_LINES = 3


class CurvePlot(QWidget):
    """Losses on the left, scores on the right, last values below each and for a screen reader."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._losses = _Curves(wording.LOSSES, self)
        self._scores = _Curves(wording.SCORES, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self._losses, 1)
        row.addWidget(self._scores, 1)
        self.setAccessibleName(wording.CURVES_NAME)
        self._tell(0)

    def add_epoch(
        self, epoch: int, losses: Mapping[str, float], scores: Mapping[str, float]
    ) -> None:
        """An epoch has ended; one that was done twice, before and after a break, counts as it
        was the second time.
        """
        self._losses.add(epoch, losses)
        self._scores.add(epoch, scores)
        self._tell(epoch)

    def clear(self) -> None:
        """No curves."""
        self._losses.clear()
        self._scores.clear()
        self._tell(0)

    def points(self, name: str) -> list[tuple[int, float]]:
        """Epoch and value of a loss or score as they are drawn, for tests."""
        return self._losses.points(name) or self._scores.points(name)

    def _tell(self, epoch: int) -> None:
        self.setAccessibleDescription(
            wording.curves_text(epoch, self._losses.last_values(), self._scores.last_values())
        )


class _Curves(QWidget):
    """One plot: a curve a name, in the order in which names came."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._values: dict[str, dict[int, float]] = {}
        self._lines: dict[str, pyqtgraph.PlotDataItem] = {}
        self._colours = class_colours(_MANY)
        self._plot = pyqtgraph.PlotWidget(self, axisItems={"bottom": _EpochAxis("bottom")})
        self._plot.setMinimumHeight(200)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.showGrid(x=False, y=True, alpha=0.15)
        self._plot.setLabel("bottom", wording.PASS)
        self._plot.setAccessibleName(title)
        self._title = plain_label(title, self)
        self._title.setProperty("role", "group")
        self._legend = plain_label(parent=self)
        self._legend.setWordWrap(True)
        self._legend.setAlignment(Qt.AlignmentFlag.AlignTop)
        # Both plots are of one height
        self._legend.setMinimumHeight(LEGEND_LINES * self._legend.fontMetrics().lineSpacing())
        self._legend.setAccessibleName(f"{title}: last values")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self._plot, 1)
        column.addWidget(self._legend)
        self._dress()
        self._show_axes()

    def add(self, epoch: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._values.setdefault(name, {})[epoch] = value
            if name not in self._lines:
                colour = self._colours[len(self._lines) % _MANY]
                dot = {"symbol": "o", "symbolSize": 4, "symbolBrush": colour, "symbolPen": None}
                self._lines[name] = self._plot.plot(pen=pyqtgraph.mkPen(colour, width=2), **dot)
            values_by_epoch = dict(self.points(name))
            self._lines[name].setData([*values_by_epoch], [*values_by_epoch.values()])
        self._legend.setText("&nbsp;&nbsp; ".join(self._entry(name) for name in self._lines))
        self._show_axes()

    def clear(self) -> None:
        for line in self._lines.values():
            self._plot.removeItem(line)
        self._values, self._lines = {}, {}
        self._legend.clear()
        self._show_axes()

    def points(self, name: str) -> list[tuple[int, float]]:
        return sorted(self._values.get(name, {}).items())

    def last_values(self) -> str:
        return (
            ", ".join(f"{figure_name(name)} {self.points(name)[-1][1]:.3f}" for name in self._lines)
            or "none"
        )

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _entry(self, name: str) -> str:
        colour = self._colours[list(self._lines).index(name) % _MANY].name()
        text = figure_name(name).replace(" ", "&nbsp;")
        return (
            f'<span style="color:{colour}">■</span>&nbsp;{text}&nbsp;{self.points(name)[-1][1]:.3f}'
        )

    def _show_axes(self) -> None:
        """Empty axes would say a range that nothing was measured in."""
        for side in ("left", "bottom"):
            self._plot.showAxis(side, bool(self._lines))

    def _dress(self) -> None:
        palette = self.palette()
        muted = palette.color(QPalette.ColorRole.PlaceholderText)
        self._plot.setBackground(palette.color(QPalette.ColorRole.Base))
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(QColor(palette.color(QPalette.ColorRole.Mid)))
            axis.setTextPen(muted)


class _EpochAxis(pyqtgraph.AxisItem):  # type: ignore[misc]
    """Whole numbers alone: there is no half of an epoch."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """As pyqtgraph's, without what is finer than one."""
        whole = sorted(
            {max(1, round(spacing)) for spacing, _ in super().tickSpacing(low, high, size)},
            reverse=True,
        )
        return [(float(spacing), 0.0) for spacing in whole]
