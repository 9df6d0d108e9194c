"""A key becomes a label: the frame on screen is captured at the press, and written with its
history at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal

from PySide6.QtCore import QObject, Signal

from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.labels import act_wording, wording
from endoscope_app.labels.commands import (
    AGREE,
    CLASS_KEYS,
    CLEAR_LABEL,
    DIGITS,
    LABEL_RANGE,
    UNUSABLE,
)
from endoscope_app.labels.frame_pixels import FramePixels
from endoscope_app.labels.kept_frames import KeptFrames
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_panel import LabelPanel
from endoscope_app.labels.label_writer import Echo, LabelWriter
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act, FrameMoment, LabelClass, ModelOpinion
from endoscope_app.labels.model_visibility import ModelVisibility
from endoscope_app.labels.range_marks import RangeMarks
from endoscope_app.labels.range_paint import RangePaint
from endoscope_app.viewing.classifier import Classifier, Prediction
from endoscope_app.viewing.inference_thread import ClassifiedFrame

#: What is said of a frame: a class by its id, or one of these.
Answer = int | Literal["agreed", "unusable", "cleared"]


class FrameLabelling(QObject):
    """What the reader does to the frame on screen, by key or in the panel.

    ``others`` is asked first, with the answer and its key: True where several frames are chosen
    elsewhere and have got it instead.
    """

    labelled = Signal(int)  # the frame on screen was answered

    def __init__(
        self,
        desk: LabelDesk,
        panel: LabelPanel,
        writer: LabelWriter,
        marks: RangeMarks,
        paint: RangePaint,
        visibility: ModelVisibility,
        kept: KeptFrames,
    ) -> None:
        """``kept``: of the frames that are labelled."""
        super().__init__(desk.window.as_widget())
        self._window = desk.window
        self._session, self._procedure, self._writer = desk.session, desk.procedure, writer
        self._marks, self._visibility, self._kept = marks, visibility, kept
        self._paint = paint
        self.others: Callable[[Answer, str], bool] = lambda _answer, _key: False
        self.pixels = FramePixels(self)
        self._classifier: Classifier | None = None
        self._shown: ClassifiedFrame | None = None
        self._last_class: int | None = None
        for place, command in enumerate(CLASS_KEYS):
            desk.window.action(command).triggered.connect(partial(self._on_digit, place))
        desk.window.action(AGREE).triggered.connect(partial(self.agree, AGREE.keys[0]))
        desk.window.action(UNUSABLE).triggered.connect(
            partial(self.mark_unusable, UNUSABLE.keys[0])
        )
        desk.window.action(CLEAR_LABEL).triggered.connect(partial(self.clear, CLEAR_LABEL.keys[0]))
        desk.window.action(LABEL_RANGE).triggered.connect(self._on_label_range)
        panel.class_chosen.connect(self._on_row)
        panel.agree_requested.connect(self.agree)
        panel.unusable_requested.connect(self.mark_unusable)
        panel.clear_requested.connect(self.clear)

    def use(self, classifier: Classifier, colours: list[str]) -> None:
        """The model whose classes a new library begins with, and whose predictions are put beside
        labels; colours as #rrggbb.
        """
        self._classifier = classifier
        if self._session.read_only_because:
            return
        known = {item.key.casefold() for item in self._session.classes}
        missing = [
            (key, colour, self._session.store.new_id("classes"))
            for key, colour in zip(classifier.classes, colours, strict=True)
            if key.casefold() not in known
        ]
        if missing:
            self._writer.write(lambda library: class_edits.add_model_classes(library.read, missing))

    def show(self, arrived: ClassifiedFrame) -> None:
        """The frame on screen, with its prediction."""
        before = self._shown
        if before is None or before.decoded.frame.index != arrived.decoded.frame.index:
            self._writer.begin_look()
        self._shown = arrived
        self.pixels.show(arrived.decoded.frame)

    def forget(self) -> None:
        """Another procedure is being opened."""
        self._shown = None
        self.pixels.forget()

    def close(self) -> None:
        """Wait for what runs in the background (only while closing)."""
        self.pixels.close()

    def label(self, class_id: int, key: str = "") -> None:
        """Give the marked range, or else the frame on screen, this class; ``key``: what was
        pressed for it, empty for the mouse.
        """
        self._last_class = class_id
        if self.others(class_id, key):
            return
        if self._marks.complete:
            self._marks.label(class_id, key)
            return
        name, colour = self._session.name_of(class_id), self._session.colour_of(class_id)
        self._act(
            lambda store, where, frame: edits.label_frames(store.read, where, [frame], class_id),
            title=name,
            echo=lambda place: Echo(act_wording.labelled(name, place, key), colour),
        )

    def agree(self, key: str = "") -> None:
        """Reviewed: the model is right about the frame on screen."""
        if self.others("agreed", key):
            return
        if self._shown is None:
            self._window.banner.show_remark(NO_PROCEDURE_OPEN)
            return
        models = self._named_by_model()
        if not self._visibility.allowed(self._shown.decoded.frame.index):
            self._window.banner.show_remark(act_wording.MODEL_HIDDEN)
            return
        if not models:
            self._window.banner.show_remark(act_wording.NO_PREDICTION)
            return
        ids, name = [model.id for model in models], wording.joined(item.name for item in models)
        self._act(
            lambda store, where, frame: edits.agree(store.read, where, frame, *ids),
            title=act_wording.reviewed_title(name),
            echo=lambda place: Echo(act_wording.reviewed(name, place, key), models[0].colour),
        )

    def _named_by_model(self) -> list[LabelClass]:
        """The classes that the model says of the frame on screen: the one that leads, and of a
        model that tells class groups apart what it is sure of in the others.
        """
        prediction, classifier = self._prediction(), self._classifier
        if prediction is None or classifier is None:
            return []
        lead = prediction.label
        keys = [
            said.label
            for said in classifier.said(prediction)
            if said.label is not None and (said.is_sure or said.label == lead)
        ]
        found = [self._session.class_of_key(classifier.classes[label]) for label in keys]
        return [item for item in found if item is not None]

    def mark_unusable(self, key: str = "") -> None:
        """None of the classes, or nothing to be seen on the frame on screen."""
        if self.others("unusable", key):
            return
        self._act(
            lambda store, where, frame: edits.mark_unusable(store.read, where, [frame]),
            title=wording.NONE_OF_THESE,
            echo=lambda place: Echo(act_wording.labelled(wording.NONE_OF_THESE, place, key)),
        )

    def clear(self, key: str = "") -> None:
        """Take all labels off the frame on screen; where it has none of its own, remove the
        newest range that covers it.
        """
        if self.others("cleared", key):
            return
        if self._shown is None:
            self._window.banner.show_remark(NO_PROCEDURE_OPEN)
            return
        index, where = self._shown.decoded.frame.index, self._procedure.fingerprint
        pts, place = self._procedure.moment(index).pts, self._procedure.places.at(index)
        own = self._session.library.labels_at(where, pts)
        if own:
            what = wording.joined(self._name(label.class_id) for label in own)
            title = act_wording.title_at(act_wording.cleared_title(what), place)
            self._writer.write(
                lambda store: replace(edits.clear_frames(store.read, where, [pts]), title=title),
                self._opinion(),
                echo=Echo(act_wording.cleared(what, place, key)),
            )
            return
        if not self._marks.remove_at(index):
            self._window.banner.show_remark(act_wording.nothing_to_clear(place))

    def _take_off(self, class_id: int) -> bool:
        """Take one label of the frame's own off it; False where it has none of this class."""
        if self._shown is None or not (where := self._procedure.fingerprint):
            return False
        index = self._shown.decoded.frame.index
        pts, place = self._procedure.moment(index).pts, self._procedure.places.at(index)
        own = next(
            (
                label
                for label in self._session.library.labels_at(where, pts)
                if label.kind == "class" and label.class_id == class_id
            ),
            None,
        )
        if own is None:
            return False
        name = self._name(class_id)
        title = act_wording.title_at(act_wording.cleared_title(name), place)
        self._writer.write(
            lambda store: replace(edits.clear_label(store.read, where, own), title=title),
            self._opinion(),
            echo=Echo(act_wording.cleared(name, place, "")),
        )
        return True

    def _name(self, class_id: int | None) -> str:
        return wording.NONE_OF_THESE if class_id is None else self._session.name_of(class_id)

    def _act(
        self,
        build: Callable[[LabelStore, str, FrameMoment], Act],
        *,
        title: str,
        echo: Callable[[str], Echo],
    ) -> None:
        """On the frame that is on screen at this instant, playing or not, with its pixels.

        ``title``: what undo calls it, without its place; ``echo``: made of its place.
        """
        if self._session.read_only_because:
            self._window.banner.show_message(self._session.read_only_because)
            return
        if self._shown is None:
            self._window.banner.show_remark(NO_PROCEDURE_OPEN)
            return
        if not self._writer.note_procedure():
            return
        frame = self._shown.decoded.frame
        pixels = self.pixels.of(frame)
        moment = self._procedure.moment(frame.index, pixels.content)
        # captured now: an act that waits for a name must not end in another procedure
        where, place = self._procedure.fingerprint, self._procedure.places.at(frame.index)
        whole_title = act_wording.title_at(title, place)
        written = self._writer.write(
            lambda store: replace(build(store, where, moment), title=whole_title),
            self._opinion(),
            echo=echo(place),
        )
        self._kept.keep(pixels.rgb)
        if written:
            self.labelled.emit(frame.index)

    def _prediction(self) -> Prediction | None:
        return self._shown.prediction if self._shown else None

    def _opinion(self) -> ModelOpinion | None:
        prediction = self._prediction()
        if (
            prediction is None
            or self._classifier is None
            or prediction.model_version != self._classifier.version
        ):
            return None
        label = prediction.label
        return ModelOpinion(
            prediction.model_version,
            self._classifier.classes[label],
            float(prediction.probabilities[label]),
        )

    def _on_row(self, class_id: int) -> None:
        """A row of the panel: of a class that the frame has, it takes that label off again."""
        if self._marks.complete or not self._take_off(class_id):
            self.label(class_id)

    def _on_label_range(self) -> None:
        self._marks.label_again(self._last_class)

    def _on_digit(self, place: int) -> None:
        classes = self._session.panel_classes()
        if place < len(classes):
            self._paint.begin(place, classes[place].id)
            self.label(classes[place].id, DIGITS[place])
        else:
            self._window.banner.show_remark(act_wording.no_class_on_key(DIGITS[place]))
