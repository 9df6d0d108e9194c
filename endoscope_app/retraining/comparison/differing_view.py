"""The frames on which two models differ: a list, and the chosen one with each model's heat map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.base.wording import percent
from endoscope_app.retraining.comparison import wording
from endoscope_app.retraining.comparison.compared_models import (
    KINDS,
    Comparison,
    DifferingFrame,
    FramePrediction,
)
from endoscope_app.retraining.comparison.comparison_files import SeenFrame
from endoscope_app.retraining.comparison.differing_list import FrameList
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.heat_map import HeatMap

LIST_WIDTH = 420
ALL = "all"
_OTHERS_SHOWN, _LEAST_SHOWN = 2, 0.005


class ModelSight(QWidget):
    """The image as one model saw it, and what it predicted."""

    def __init__(self, who: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._who = who
        heading = plain_label(who)
        heading.setProperty("role", "group")
        self.view = FrameView()
        self._predicted, self._others = plain_label(), plain_label()
        self._predicted.setProperty("role", "heading")
        self._others.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading)
        column.addWidget(self.view, 1)
        for label in (self._predicted, self._others):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            column.addWidget(label)

    def show_prediction(self, prediction: FramePrediction, truth: str) -> None:
        """What it called the frame; the image comes later."""
        judged = wording.RIGHT if prediction.name == truth else wording.WRONG
        self._predicted.setText(
            f"{prediction.name}  {percent(prediction.probability, 1)}  \N{MIDDLE DOT}  {judged}"
        )
        self._predicted.setToolTip(plain_tip(prediction.name))
        shown = {
            name: share
            for name, share in prediction.others[:_OTHERS_SHOWN]
            if share >= _LEAST_SHOWN
        }
        self._others.setText(wording.then_named(shown))
        self.view.clear()
        self.view.set_message(wording.LOADING)
        self.view.setAccessibleName(wording.heat_map_name(self._who, prediction.name))

    def show_image(
        self, image: NDArray[np.uint8] | None, heat_map: HeatMap | None, trouble: str
    ) -> None:
        """The image, or why there is none."""
        if image is None:
            self.view.set_message(trouble)
        else:
            self.view.show_frame(image, heat_map)

    def shown_text(self) -> str:
        """The prediction and what else the model thought of."""
        return f"{self._predicted.text()}\n{self._others.text()}"


class DifferingView(QWidget):
    """Answer ``frame_chosen`` by ``show_frame``, ``thumbnail_requested`` by ``set_thumbnail``."""

    frame_chosen = Signal(object)  # DifferingFrame
    thumbnail_requested = Signal(str)
    opening_requested = Signal(str, str)  # fingerprint of the procedure, path of the image

    def __init__(self, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frames = comparison.frames
        self.list = FrameList()
        self.sights = ModelSight(wording.IN_USE), ModelSight(wording.NEW_MODEL)
        self._truth, self._note = plain_label(), plain_label()
        self._truth.setProperty("role", "heading")
        self._note.setProperty("role", "muted")
        self._note.setWordWrap(True)
        self._note.hide()
        self._heat = QCheckBox(wording.HEAT_MAPS)
        self._heat.setChecked(True)
        self._heat.setToolTip(plain_tip(wording.HEAT_TIP))
        self._heat.toggled.connect(self._show_heat)
        self.list.chosen.connect(self._on_chosen)
        self.list.activated.connect(self._on_activated)
        self.list.thumbnail_requested.connect(self.thumbnail_requested)
        self._lay_out(comparison)
        if self._frames:
            self._buttons.buttons()[0].setChecked(True)

    def show_frame(self, seen: SeenFrame) -> None:
        """The chosen frame with both heat maps; what belongs to another frame is dropped."""
        current = self.list.current()
        if current is None or current.path != seen.path:
            return
        for sight, overlay in zip(self.sights, (seen.active, seen.candidate), strict=True):
            sight.show_image(seen.image, overlay, seen.trouble)
        self._note.setText(seen.trouble)
        self._note.setVisible(bool(seen.trouble) and seen.image is not None)

    def set_thumbnail(self, path: str, image: QImage | None) -> None:
        """The small image of a frame."""
        self.list.set_thumbnail(path, image)

    def set_heat(self, colour_map: str, opacity: float) -> None:
        """The reader's choice of colours."""
        for sight in self.sights:
            sight.view.set_colour_map(colour_map)
            sight.view.set_overlay_opacity(opacity)

    def filters(self) -> list[str]:
        """What the buttons say."""
        return [button.text() for button in self._buttons.buttons()]

    def _lay_out(self, comparison: Comparison) -> None:
        self._buttons = QButtonGroup(self)
        upper = QHBoxLayout()
        upper.setSpacing(6)
        labels = (wording.ALL, *(wording.KINDS[kind] for kind in KINDS))
        for kind, label in zip((ALL, *KINDS), labels, strict=True):
            count = sum(kind in (ALL, frame.kind) for frame in self._frames)
            button = QToolButton()
            button.setText(f"{label} ({count:,})")
            button.setCheckable(True)
            button.setProperty("kind", kind)
            button.setEnabled(bool(count))
            button.toggled.connect(lambda on, kind=kind: self._filter(kind) if on else None)
            self._buttons.addButton(button)
            upper.addWidget(button)
        upper.addStretch(1)
        upper.addWidget(self._heat)
        self.list.setFixedWidth(LIST_WIDTH)
        lower, right, pair = QHBoxLayout(), QVBoxLayout(), QHBoxLayout()
        lower.setSpacing(16)
        pair.setSpacing(12)
        for sight in self.sights:
            pair.addWidget(sight, 1)
        right.addWidget(self._truth)
        right.addLayout(pair, 1)
        right.addWidget(self._note)
        lower.addWidget(self.list)
        lower.addLayout(right, 1)
        nothing = plain_label(comparison.trouble or wording.NONE_DIFFERS)
        nothing.setWordWrap(True)
        nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        whole = QWidget()
        whole.setLayout(lower)
        lower.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 10)
        column.setSpacing(10)
        column.addLayout(upper)
        column.addWidget(nothing)
        column.addWidget(whole, 1)
        nothing.setVisible(not self._frames)
        whole.setVisible(bool(self._frames))
        self._heat.setVisible(bool(self._frames))
        if not self._frames:
            column.addStretch(1)

    def _filter(self, kind: str) -> None:
        self.list.set_frames([frame for frame in self._frames if kind in (ALL, frame.kind)])

    def _on_chosen(self, frame: DifferingFrame) -> None:
        self._truth.setText(f"{wording.TRUTH}: {frame.truth}")
        self._note.hide()
        for sight, prediction in zip(self.sights, (frame.active, frame.candidate), strict=True):
            sight.show_prediction(prediction, frame.truth)
        self.frame_chosen.emit(frame)

    def _on_activated(self) -> None:
        frame = self.list.current()
        if frame is not None:
            self.opening_requested.emit(frame.procedure, frame.path)

    def _show_heat(self, on: bool) -> None:
        for sight in self.sights:
            sight.view.set_overlay_visible(on)
