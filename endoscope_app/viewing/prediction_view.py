"""What the model says of the frame on screen: class, bars and heat map; and how fast that is."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from endoscope_app.base.window_port import WindowPort
from endoscope_app.media.source import Frame, Image
from endoscope_app.viewing import wording
from endoscope_app.viewing.class_names import ClassNames
from endoscope_app.viewing.classifier import Classifier, Prediction
from endoscope_app.viewing.commands import BLANK_IDENTITY
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.heat_map import HeatMap
from endoscope_app.viewing.heat_map_panel import HeatMapPanel
from endoscope_app.viewing.inference_thread import ClassifiedFrame
from endoscope_app.viewing.live_pipeline import LivePipeline
from endoscope_app.viewing.live_speed import LiveSpeedCount
from endoscope_app.viewing.probability_bars import ProbabilityBars
from endoscope_app.viewing.speed_meter import Meter
from endoscope_app.viewing.verdict_label import VerdictLabel

PREDICTED_CLASS = -1


class PredictionView(QObject):
    """Holds the frame on screen and its prediction; redraws when the reader asks "why not that
    class?".
    """

    def __init__(
        self,
        window: WindowPort,
        pipeline: LivePipeline,
        may_see: Callable[[int], bool],
        names: ClassNames,
        *,
        frame_view: FrameView,
        verdict: VerdictLabel,
        bars: ProbabilityBars,
        panel: HeatMapPanel,
        meter: Meter,
    ) -> None:
        """``may_see(index)``: whether the reader may see what the model says of that frame."""
        super().__init__(window.as_widget())
        self._may_see, self._names = may_see, names
        self._inference = pipeline.inference
        self._count = LiveSpeedCount(lambda: pipeline.dropped)
        self._view, self._verdict, self._bars = frame_view, verdict, bars
        self._panel, self._meter = panel, meter
        self._classifier: Classifier | None = None
        self._colours: list[QColor] = []
        self._current: ClassifiedFrame | None = None
        self._target = PREDICTED_CLASS
        self._blanks = False
        window.action(BLANK_IDENTITY).toggled.connect(self._on_blanking)
        names.changed.connect(self._show_names)
        self._inference.frame_explained.connect(self._on_frame_explained)
        panel.target_changed.connect(self._on_target_changed)
        bars.class_clicked.connect(self._on_bar_clicked)
        frame_view.frame_painted.connect(self._on_frame_painted)

    def use(self, classifier: Classifier, colours: list[QColor]) -> None:
        """Show this model's classes from now on, and explain the class that it predicts."""
        self._classifier = classifier
        self._colours = colours
        self._explain(PREDICTED_CLASS)
        self._show_names()

    def _show_names(self) -> None:
        """The classes under the names of now; the one that the heat map explains stays chosen."""
        if self._classifier is None:
            return
        names = self._names.all(self._classifier.classes)
        self._bars.set_classes(
            names,
            self._colours,
            self._classifier.thresholds.tolist(),
            self._classifier.columns,
        )
        self._panel.set_classes(names)
        self._panel.set_target(self._target)
        self._bars.set_target(None if self._target == PREDICTED_CLASS else self._target)
        self._draw()

    def restart_counting(self) -> None:
        """A new procedure: frames shown start at 0."""
        self._count.restart()
        self._current = None
        self._verdict.clear()
        self._bars.set_probabilities(None)

    def show(self, arrived: ClassifiedFrame) -> None:
        """A frame and its prediction, together."""
        if self._current is not None:
            self._count.replaced(self._current.decoded)
        self._current = arrived
        self._draw()

    @property
    def shown(self) -> int:
        """Frames painted since the procedure was opened."""
        return self._count.shown

    @property
    def dropped(self) -> int:
        """Frames of this procedure that should have been seen while playing and were not."""
        return self._count.dropped

    @property
    def frame(self) -> Frame | None:
        """The frame on screen."""
        return self._current.decoded.frame if self._current else None

    @property
    def prediction(self) -> Prediction | None:
        """What the model in use says of the frame on screen; None where the prediction is still
        that of the model before it.
        """
        prediction = self._current.prediction if self._current else None
        if prediction is None or self._classifier is None:
            return None
        return prediction if prediction.model_version == self._classifier.version else None

    @property
    def is_hidden(self) -> bool:
        """Whether the reader may not see yet what the model says of the frame on screen."""
        return self.frame is not None and not self._may_see(self.frame.index)

    @property
    def heat_map(self) -> HeatMap | None:
        """Of the frame on screen; None where there is none, or the reader may not see it yet."""
        return None if self.is_hidden else self._heat_map(self.prediction)

    def redraw(self) -> None:
        """The same frame again: what may be seen of the model has changed."""
        self._draw()

    def _draw(self) -> None:
        if self._current is None:
            return
        prediction = None if self.is_hidden else self.prediction
        self._view.show_frame(
            self._image(self._current), self._heat_map(prediction), token=self._current
        )
        if prediction is None or self._classifier is None:
            self._verdict.clear()
            self._bars.set_probabilities(None)
            return
        label = prediction.label
        self._bars.set_probabilities(prediction.probabilities)
        self._verdict.set_verdict(
            self._names.shown(self._classifier.classes[label]),
            float(prediction.probabilities[label]),
            self._colours[label],
            prediction.model_version,
            needed=self._classifier.needed(prediction),
            others=self._others(self._classifier, prediction),
        )

    def _others(self, classifier: Classifier, prediction: Prediction) -> list[str]:
        """A line for each class group but that of the class shown large."""
        return [
            wording.group_said(
                said.name,
                None if said.label is None else self._names.shown(classifier.classes[said.label]),
                said.probability,
                said.needed,
            )
            for said in (classifier.said(prediction) if classifier.groups else ())
            if said.label != prediction.label
        ]

    def _image(self, current: ClassifiedFrame) -> Image:
        """Where it is to be blanked and has not been yet, for a moment nothing is shown."""
        if not self._blanks:
            return current.decoded.frame.image
        whole = current.decoded.frame.image
        return np.zeros_like(whole) if current.blanked is None else current.blanked

    def _on_blanking(self, wanted: bool) -> None:
        self._blanks = wanted
        self._inference.blank(wanted)
        self._draw()

    def _heat_map(self, prediction: Prediction | None) -> HeatMap | None:
        """None also where it is of another class than the one asked about."""
        heat_map = self._current.heat_map if self._current else None
        if prediction is None or heat_map is None:
            return None
        asked = prediction.label if self._target == PREDICTED_CLASS else self._target
        return heat_map if heat_map.class_index == asked else None

    def _on_target_changed(self, target: int) -> None:
        """The frame on screen keeps its heat map until the one asked for comes."""
        self._explain(target)
        self._bars.set_target(None if target == PREDICTED_CLASS else target)

    def _explain(self, target: int) -> None:
        self._target = target
        self._inference.explain(None if target == PREDICTED_CLASS else target)

    def _on_frame_explained(self) -> None:
        explained = self._inference.explanations.take_now()
        current = self._current
        # A frame that was explained while a newer one came is over
        if explained is not None and current is not None and explained.decoded is current.decoded:
            self._current = explained
            self._draw()

    def _on_bar_clicked(self, class_index: int) -> None:
        target = PREDICTED_CLASS if class_index == self._target else class_index
        self._panel.set_target(target)
        self._on_target_changed(target)

    def _on_frame_painted(self, token: object, paint_ms: float) -> None:
        if isinstance(token, ClassifiedFrame):
            self._meter.set_speed(self._count.painted(token, paint_ms, time.perf_counter()))
