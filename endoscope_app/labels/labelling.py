"""A key becomes a label: the frame on screen is captured at the press, written with its journal
entry, and every view is told.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.background_task import Tasks
from endoscope_app.labels.act_text import NONE_OF_THESE, Echo, by_key
from endoscope_app.labels.commands import (
    AGREE,
    CLASS_KEYS,
    CLEAR_LABEL,
    DIGITS,
    LABEL_RANGE,
    REDO,
    REDO_CLASSES,
    UNDO,
    UNDO_CLASSES,
    UNUSABLE,
)
from endoscope_app.labels.label_writer import Writing
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.frame_pngs import FramePngs, content_hash
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act, AiVisible, FrameMoment, ModelOpinion
from endoscope_app.labels.range_marks import Marking
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing.class_names import ClassNames
from endoscope_app.viewing.classifier import Classifier, Prediction
from endoscope_app.viewing.inference_thread import ClassifiedFrame
from endoscope_app.viewing.viewing_flow import Viewing


class Labelling(Writing):
    """The only place that builds acts from what the reader does to frames and ranges."""

    def __init__(
        self,
        window: MainWindow,
        viewing: Viewing,
        tasks: Tasks,
        ai_visible: Callable[[], AiVisible],
        names: ClassNames,
    ) -> None:
        """``ai_visible``: what the reader can see of the model at this instant."""
        super().__init__(window, viewing, ai_visible, names)
        self._pngs: FramePngs | None = None
        self._tasks = tasks
        self._classifier: Classifier | None = None
        self._shown: ClassifiedFrame | None = None
        self._last_class: int | None = None
        # Whether the model's answer for a frame is on screen
        self.may_see: Callable[[int], bool] = lambda _: True
        self.marking = Marking(window, viewing, self)
        self._connect()

    def _connect(self) -> None:
        window = self._window
        for place, command in enumerate(CLASS_KEYS):
            window.action(command).triggered.connect(
                lambda _=False, place=place: self._on_digit(place)
            )
        window.action(AGREE).triggered.connect(lambda: self.agree(AGREE.keys[0]))
        window.action(UNUSABLE).triggered.connect(lambda: self.mark_unusable(UNUSABLE.keys[0]))
        window.action(CLEAR_LABEL).triggered.connect(lambda: self.clear(CLEAR_LABEL.keys[0]))
        window.action(LABEL_RANGE).triggered.connect(
            lambda: self.marking.label_again(self._last_class)
        )
        window.action(UNDO).triggered.connect(lambda: self.take_back("undo"))
        window.action(REDO).triggered.connect(lambda: self.take_back("redo"))
        window.action(UNDO_CLASSES).triggered.connect(lambda: self.take_back_classes("undo"))
        window.action(REDO_CLASSES).triggered.connect(lambda: self.take_back_classes("redo"))
        panel = window.label_panel
        panel.class_chosen.connect(lambda class_id: self.label(class_id))
        panel.agreed.connect(lambda: self.agree())
        panel.unusable.connect(lambda: self.mark_unusable())
        panel.cleared.connect(lambda: self.clear())
        panel.order_changed.connect(
            lambda ids: self.do(lambda store: class_edits.reorder_classes(store, ids))
        )

    def use_library(self, store: LabelStore, pngs: FramePngs) -> None:
        """Write into this library from now on."""
        self.store, self._pngs = store, pngs
        self._window.label_panel.set_read_only(store.read_only_because)
        self.reload_classes()

    def use(self, classifier: Classifier, colours: list[str]) -> None:
        """The model whose classes a new library begins with, and whose answers are put beside
        labels; colours as #rrggbb.
        """
        self._classifier = classifier
        store = self.store
        if store is None or store.read_only_because:
            return
        known = {found.key.casefold() for found in self.classes}
        lacking = [
            (key, colour)
            for key, colour in zip(classifier.classes, colours, strict=True)
            if key.casefold() not in known
        ]
        if lacking:
            missing = [(key, colour, store.new_id("classes")) for key, colour in lacking]
            self.do(
                lambda library: class_edits.add_model_classes(library, missing), by_reader=False
            )

    def keep_pictures_in(self, pngs: FramePngs) -> None:
        """Keep the pixels of labelled frames there from now on."""
        self._pngs = pngs

    def show(self, arrived: ClassifiedFrame) -> None:
        """The frame on screen, with its prediction."""
        before = self._shown
        if before is None or before.decoded.frame.index != arrived.decoded.frame.index:
            self._shown_at = time.monotonic()
        self._shown = arrived
        self.marking.show(arrived.decoded.frame.index)

    def forget(self) -> None:
        """Another procedure is being opened."""
        self._shown, self._noted = None, ""
        self.withhold("")
        self.marking.forget()

    def label(self, class_id: int, key: str = "") -> None:
        """Give the marked range, or else the frame on screen, this class; ``key``: what was
        pressed for it, empty for the mouse.
        """
        self._last_class = class_id
        if self.marking.complete:
            self.marking.label(class_id, key)
            return
        name = self.name_of(class_id)
        self._act(
            lambda store, where, frame: edits.label_frames(store, where, [frame], class_id),
            title=lambda place: f"{name} at {place}",
            echo=lambda place: Echo(f"{name} · {place}{by_key(key)}", self.colour_of(class_id)),
        )

    def agree(self, key: str = "") -> None:
        """Reviewed: the model is right about the frame on screen."""
        prediction = self._prediction()
        model = (
            None
            if prediction is None or self._classifier is None
            else self.class_of_key(self._classifier.classes[prediction.label])
        )
        if self._shown is not None and not self.may_see(self._shown.decoded.frame.index):
            self._window.show_remark(
                "The model's answer is hidden, so there is nothing yet to agree with."
            )
            return
        if model is None:
            self._window.show_remark("There is no answer of the model to agree with.")
            return
        self._act(
            lambda store, where, frame: edits.agree(store, where, frame, model.id),
            title=lambda place: f"reviewed {model.name} at {place}",
            echo=lambda place: Echo(
                f"Reviewed, the model is right: {model.name} · {place}{by_key(key)}", model.colour
            ),
        )

    def mark_unusable(self, key: str = "") -> None:
        """None of the classes, or nothing to be seen on the frame on screen."""
        self._act(
            lambda store, where, frame: edits.mark_unusable(store, where, [frame]),
            title=lambda place: f"{NONE_OF_THESE} at {place}",
            echo=lambda place: Echo(f"{NONE_OF_THESE} · {place}{by_key(key)}"),
        )

    def clear(self, key: str = "") -> None:
        """Take the label off the frame on screen; where it has none of its own, remove the
        newest range that covers it.
        """
        shown, store = self._shown, self.store
        if shown is None or store is None:
            return
        index, where = shown.decoded.frame.index, self.fingerprint
        pts, place = int(self._viewing.stamps[index]), self.places.at(index)
        own = store.frame_label_at(where, pts)
        if own is not None:
            what = NONE_OF_THESE if own.class_id is None else self.name_of(own.class_id)
            self.do(
                lambda library: replace(
                    edits.clear_frames(library, where, [pts]), title=f"clear {what} at {place}"
                ),
                self._opinion(),
                echo=Echo(f"Label cleared: {what} · {place}{by_key(key)}"),
            )
            return
        if not self.marking.remove_at(index):
            self._window.show_remark(f"There is no label at {place} to clear.")

    def _act(
        self,
        build: Callable[[LabelStore, str, FrameMoment], Act],
        *,
        title: Callable[[str], str],
        echo: Callable[[str], Echo],
    ) -> None:
        """On the frame that is on screen at this instant, playing or not, with its pixels;
        named by its place.
        """
        shown, store = self._shown, self.store
        if (
            shown is None
            or store is None
            or store.read_only_because
            or not self.note_procedure(store)
        ):
            if store is None or store.read_only_because:
                self._window.show_message(
                    store.read_only_because if store else "The label library is not open."
                )
            return
        frame = shown.decoded.frame
        rgb = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGRA2RGB), np.uint8)
        moment = FrameMoment(int(self._viewing.stamps[frame.index]), frame.index, content_hash(rgb))
        # captured now: an act that waits for a name must not end in another procedure
        where, place = self.fingerprint, self.places.at(frame.index)
        self.do(
            lambda library: replace(build(library, where, moment), title=title(place)),
            self._opinion(),
            echo=echo(place),
        )
        self._keep(rgb)

    def _keep(self, rgb: NDArray[np.uint8]) -> None:
        """The pixels, in the background: encoding them takes longer than a key press may."""
        pngs = self._pngs
        if pngs is not None:
            self._tasks.run(
                lambda: pngs.save(rgb), None, lambda error: self._window.show_message(str(error))
            )

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

    def _on_digit(self, place: int) -> None:
        classes = self.panel_classes()
        if place < len(classes):
            self.label(classes[place].id, DIGITS[place])
        else:
            self._window.show_remark(f"There is no class on the key {DIGITS[place]}.")
