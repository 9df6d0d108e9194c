"""Small images of the frames that stand for segments, made beside everything else, and their heat
maps where they are wanted.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from PySide6.QtCore import QObject

from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.settings import Settings
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.review.frame_thumbnails import FrameThumbnails
from endoscope_app.labels.review.thumbnail_thread import Draw
from endoscope_app.segments.commands import HEAT_MAPS
from endoscope_app.segments.segment_list import SegmentList
from endoscope_app.segments.segment_rows import SegmentRow
from endoscope_app.viewing.classifier import Classifier, Image
from endoscope_app.viewing.heat_colours import colour_table, laid_over


class SegmentImages(QObject):
    """The list says what it wants; another procedure, or another model, has other images."""

    def __init__(
        self,
        desk: LabelDesk,
        segments: SegmentList,
        analysis: ProcedureAnalysis,
        settings: CurrentSettings,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self._list, self._thumbnails = segments, FrameThumbnails(desk.player, desk.window, self)
        self._thumbnails.outdated.connect(segments.forget_images)
        self._analysis, self._settings = analysis, settings
        self._wanted = desk.window.action(HEAT_MAPS)
        self._drawn_by: Classifier | None = None
        self._wanted.toggled.connect(self._begin_anew)
        segments.images_wanted.connect(self._want)
        self._thumbnails.made.connect(segments.show_image)
        desk.player.opened.connect(self._begin_anew)
        settings.changed.connect(self._on_settings_changed)
        analysis.finished.connect(self._on_finished)

    def close(self) -> None:
        """End the thread and wait for it (only while closing)."""
        self._thumbnails.close()

    def _want(self, frames: list[int]) -> None:
        classifier = self._analysis.classifier
        self._thumbnails.draw = None
        if self._wanted.isChecked() and classifier is not None:
            now = self._settings.now
            table = colour_table(now.colour_map, now.overlay_opacity)
            self._drawn_by = classifier
            self._thumbnails.draw = _heat_maps(classifier, self._classes(), table)
        self._thumbnails.want(frames)

    def _classes(self) -> dict[int, str]:
        """What each frame stands for, by the class's key."""
        return {
            row.item.thumbnail_index: row.item.model_class or row.item.class_key
            for row in self._list.rows.rows
            if isinstance(row, SegmentRow)
        }

    def _begin_anew(self) -> None:
        self._thumbnails.want_none()
        self._list.forget_images()

    def _on_finished(self) -> None:
        """Another model explains frames otherwise."""
        if self._wanted.isChecked() and self._drawn_by is not self._analysis.classifier:
            self._begin_anew()

    def _on_settings_changed(self, before: Settings, now: Settings) -> None:
        look = (before.colour_map, before.overlay_opacity)
        if self._wanted.isChecked() and look != (now.colour_map, now.overlay_opacity):
            self._begin_anew()


def _heat_maps(classifier: Classifier, classes: Mapping[int, str], table: Image) -> Draw:
    """Lays over each frame what spoke for the class of its segment, a class of the model's."""
    codes = {key: code for code, key in enumerate(classifier.classes)}

    def draw(frame: int, rgb: Image, shown: Image) -> Image:
        code = codes.get(classes.get(frame, ""))
        if code is None:
            return shown
        bgra = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA), np.uint8)
        return laid_over(shown, classifier.heat_map(classifier.classify(bgra), code), table)

    return draw
