"""A key becomes a label: the frame on screen is captured at the press, written with its journal entry, and every view is told."""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.engine.classifier import Classifier, Prediction
from endoscope_app.engine.inference_thread import ClassifiedFrame
from endoscope_app.engine.tasks import Tasks
from endoscope_app.flows.labels.writing import Writing, procedure_of
from endoscope_app.flows.viewing import Viewing
from endoscope_app.main_window import MainWindow
from endoscope_app.store.labels import class_edits, edits
from endoscope_app.store.labels.frame_pngs import FramePngs, content_hash
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.store.labels.records import Act, AiVisible, FrameMoment, ModelOpinion

DIGITS = "1234567890"


class Labelling(Writing):
    """The only place that builds acts from what the reader does to frames and ranges."""

    def __init__(self, window: MainWindow, viewing: Viewing, tasks: Tasks, ai_visible: Callable[[], AiVisible]) -> None:
        """``ai_visible``: what the reader can see of the model at this instant."""
        super().__init__(window, viewing, ai_visible)
        self._pngs: FramePngs | None = None
        self._tasks = tasks
        self._classifier: Classifier | None = None
        self._shown: ClassifiedFrame | None = None
        self._last_class: int | None = None
        self.mark: tuple[int | None, int | None] = (None, None)
        self._noted = ""  # the procedure that is noted in the library
        self.may_see: Callable[[int], bool] = lambda _: True  # whether the model's answer for a frame is on screen
        self._connect()
        self.drop_mark()

    def _connect(self) -> None:
        window, command = self._window, self._window.command
        for place, digit in enumerate(DIGITS):
            command[f"class_{digit}"].triggered.connect(lambda _=False, place=place: self._on_digit(place))
        command["agree"].triggered.connect(self.agree)
        command["unusable"].triggered.connect(self.mark_unusable)
        command["clear_label"].triggered.connect(self.clear)
        command["mark_in"].triggered.connect(lambda: self._set_mark(0))
        command["mark_out"].triggered.connect(lambda: self._set_mark(1))
        command["label_range"].triggered.connect(self._on_enter)
        command["drop_mark"].triggered.connect(self.drop_mark)
        command["undo"].triggered.connect(lambda: self.take_back("undo"))
        command["redo"].triggered.connect(lambda: self.take_back("redo"))
        panel = window.label_panel
        panel.class_chosen.connect(self.label)
        panel.agreed.connect(self.agree)
        panel.unusable.connect(self.mark_unusable)
        panel.cleared.connect(self.clear)
        panel.order_changed.connect(lambda ids: self.do(lambda store: class_edits.reorder_classes(store, ids)))
        timeline = window.timeline
        timeline.mark_changed.connect(lambda first, last: self._show_mark((first, last)))
        timeline.range_changed.connect(self._on_range_changed)
        timeline.range_split_requested.connect(self._on_range_split)
        timeline.range_delete_requested.connect(lambda one: self.do(lambda store: edits.delete_range(store, one)))

    def use_library(self, store: LabelStore, pngs: FramePngs) -> None:
        """Write into this library from now on."""
        self.store, self._pngs = store, pngs
        self._window.label_panel.set_read_only(store.read_only_because)
        self.reload_classes()

    def use(self, classifier: Classifier, colours: list[str]) -> None:
        """The model whose classes a new library begins with, and whose answers are put beside labels; colours as #rrggbb."""
        self._classifier = classifier
        store = self.store
        if store is None or store.read_only_because:
            return
        known = {found.name.casefold() for found in self.classes}
        missing = [(name, colour) for name, colour in zip(classifier.classes, colours, strict=True) if name.casefold() not in known]
        if missing:
            acts = [class_edits.add_class(store, name, colour, store.new_id("classes")) for name, colour in missing]
            self.do(lambda _: edits.compound("classes of the model", acts), by_reader=False)

    def keep_pictures_in(self, pngs: FramePngs) -> None:
        """Keep the pixels of labelled frames there from now on."""
        self._pngs = pngs

    def show(self, arrived: ClassifiedFrame) -> None:
        """The frame on screen, with its prediction."""
        before = self._shown
        if before is None or before.decoded.frame.index != arrived.decoded.frame.index:
            self._shown_at = time.monotonic()
        self._shown = arrived

    def forget(self) -> None:
        """Another procedure is being opened."""
        self._shown, self._noted = None, ""
        self.drop_mark()

    def label(self, class_id: int) -> None:
        """Give the marked range, or else the frame on screen, this class."""
        self._last_class = class_id
        if None not in self.mark:
            self._label_range(class_id)
            return
        self._act(lambda store, where, frame: edits.label_frames(store, where, [frame], class_id))

    def agree(self) -> None:
        """Reviewed: the model is right about the frame on screen."""
        prediction = self._prediction()
        model = None if prediction is None or self._classifier is None else self.class_named(self._classifier.classes[prediction.label])
        if self._shown is not None and not self.may_see(self._shown.decoded.frame.index):
            self._window.show_message("The model's answer is hidden, so there is nothing yet to agree with.")
            return
        if model is None:
            self._window.show_message("There is no answer of the model to agree with.")
            return
        self._act(lambda store, where, frame: edits.agree(store, where, frame, model.id))

    def mark_unusable(self) -> None:
        """None of the classes, or nothing to be seen on the frame on screen."""
        self._act(lambda store, where, frame: edits.mark_unusable(store, where, [frame]))

    def clear(self) -> None:
        """Take the label off the frame on screen."""
        shown, store = self._shown, self.store
        if shown is not None and store is not None:
            pts, where = int(self._viewing.stamps[shown.decoded.frame.index]), self.fingerprint
            if store.frame_label_at(where, pts) is not None:
                self.do(lambda library: edits.clear_frames(library, where, [pts]), self._opinion())

    def _act(self, build: Callable[[LabelStore, str, FrameMoment], Act]) -> None:
        """On the frame that is on screen at this instant, playing or not, with its pixels."""
        shown, store = self._shown, self.store
        if shown is None or store is None or store.read_only_because or not self._note_procedure(store):
            if store is None or store.read_only_because:
                self._window.show_message(store.read_only_because if store else "The label library is not open.")
            return
        frame = shown.decoded.frame
        rgb = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGRA2RGB), np.uint8)
        moment = FrameMoment(int(self._viewing.stamps[frame.index]), frame.index, content_hash(rgb))
        where = self.fingerprint  # an act that waits for a name must not end in another procedure
        self.do(lambda library: build(library, where, moment), self._opinion())
        self._keep(rgb)

    def _keep(self, rgb: NDArray[np.uint8]) -> None:
        """The pixels, in the background: encoding them takes longer than a key press may."""
        pngs = self._pngs
        if pngs is not None:
            self._tasks.run(lambda: pngs.save(rgb), None, lambda error: self._window.show_message(str(error)))

    def _note_procedure(self, store: LabelStore) -> bool:
        info = self._viewing.info
        if info is None:
            return False
        if self._noted != info.fingerprint:
            procedure = procedure_of(info)
            self.do(lambda library: edits.register_procedure(library, procedure), by_reader=False)
            self._noted = info.fingerprint if store.procedure(info.fingerprint) else ""
        return bool(self._noted)

    def _prediction(self) -> Prediction | None:
        return self._shown.prediction if self._shown else None

    def _opinion(self) -> ModelOpinion | None:
        prediction = self._prediction()
        if prediction is None or self._classifier is None or prediction.model_version != self._classifier.version:
            return None
        label = prediction.label
        return ModelOpinion(prediction.model_version, self._classifier.classes[label], float(prediction.probabilities[label]))

    def _on_digit(self, place: int) -> None:
        classes = self.panel_classes()
        if place < len(classes):
            self.label(classes[place].id)
        else:
            self._window.show_message(f"There is no class on the key {DIGITS[place]}.")

    def _on_enter(self) -> None:
        if None in self.mark:
            self._window.show_message("Mark a range first: I sets its first frame, O its last.")
        elif self._last_class is None:
            self._window.show_message("Which class? Press its digit.")
        else:
            self._label_range(self._last_class)

    def _label_range(self, class_id: int) -> None:
        first, last = self.mark
        store = self.store
        if store is None or first is None or last is None or not self._note_procedure(store):
            return
        ends = self._moment(first), self._moment(last)
        where = self.fingerprint
        self.do(lambda library: edits.add_range(library, where, *ends, class_id, store.new_id("range_labels")))
        self.drop_mark()

    def _moment(self, index: int) -> FrameMoment:
        return FrameMoment(int(self._viewing.stamps[index]), index)

    def _set_mark(self, end: int) -> None:
        if self._shown is not None:
            made = list(self.mark)
            made[end] = self._shown.decoded.frame.index
            self._show_mark((made[0], made[1]))

    def _show_mark(self, mark: tuple[int | None, int | None]) -> None:
        first, last = mark
        if first is not None and last is not None:
            first, last = min(first, last), max(first, last)
        self.mark = (first, last)
        self._window.timeline.set_mark(first, last)
        # Where nothing is marked, Esc belongs to the window on top.
        self._window.command["drop_mark"].setEnabled(self.mark != (None, None))

    def drop_mark(self) -> None:
        """No range is being marked."""
        self._show_mark((None, None))

    def _on_range_changed(self, range_id: int, first: int, last: int) -> None:
        ends = self._moment(first), self._moment(last)
        self.do(lambda store: edits.change_range(store, range_id, *ends))

    def _on_range_split(self, range_id: int, index: int) -> None:
        if index > 0:
            ends = self._moment(index - 1), self._moment(index)
            self.do(lambda store: edits.split_range(store, range_id, *ends, store.new_id("range_labels")))
