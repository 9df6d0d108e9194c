"""Labels where the reader sees them: panel, timeline lanes, review list, and the jumps from one
frame worth a look to the next.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QColor

from endoscope_app.analysis.analysis_flow import Analysing
from endoscope_app.labels.commands import (
    DIGITS,
    NEXT_DOUBT,
    NEXT_LABEL,
    PREVIOUS_DOUBT,
    PREVIOUS_LABEL,
    REDO,
    REDO_CLASSES,
    UNDO,
    UNDO_CLASSES,
)
from endoscope_app.labels.label_tally import LabelCounts, Tally
from endoscope_app.labels.labelling import Labelling
from endoscope_app.labels.library.records import (
    CLASSES_SCOPE,
    FRAME_KINDS,
    Changes,
    FrameLabel,
    RangeLabel,
)
from endoscope_app.labels.model_visibility import Seeing
from endoscope_app.labels.review.frame_states import (
    AGREED,
    CLASS,
    NONE,
    UNUSABLE,
    FrameStates,
    Span,
)
from endoscope_app.labels.review.review_queues import next_in
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing.inference_thread import ClassifiedFrame
from endoscope_app.viewing.viewing_flow import Viewing

KIND_CODES = {"class": CLASS, "agreed": AGREED, "unusable": UNUSABLE}


class LabelViews(QObject):
    """Keeps ``states`` of the open procedure in step with the library and the analysis, and redraws
    what shows them.

    ``queue`` gives the frames in the order in which the reader goes through them, or None for the
    frames worth a look by time.
    """

    renewed = Signal()  # states, classes or what may be seen of the model: all anew
    frames_changed = Signal(object)  # frame indices (M,) int64 whose label is another one

    def __init__(
        self,
        window: MainWindow,
        viewing: Viewing,
        labelling: Labelling,
        analysing: Analysing,
        seeing: Seeing,
    ) -> None:
        super().__init__(window)
        self.states = FrameStates(0)
        self.queue: Callable[[], NDArray[np.int64] | None] = lambda: None
        self._window, self._viewing, self._labelling, self._analysing = (
            window,
            viewing,
            labelling,
            analysing,
        )
        self._place: dict[int, int] = {}  # class id -> place in states.names
        # Frames that the analysis had answered when the states were last brought up to it
        self._model_frames = -1
        self._seeing = seeing
        self._shown: ClassifiedFrame | None = None
        self._index = 0
        self._ranges: list[RangeLabel] = []
        self._tally = Tally()
        # The library and what its classes count as, as the tally was read
        self._counted: tuple[object, ...] = ()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._draw_timeline)
        labelling.changed.connect(self._on_changed)
        labelling.refused.connect(self._soon.start)
        labelling.names.changed.connect(self.show_model)
        analysing.finished.connect(self.refresh_model)
        window.action(NEXT_LABEL).triggered.connect(lambda: self._go(self._next_label(1)))
        window.action(PREVIOUS_LABEL).triggered.connect(lambda: self._go(self._next_label(-1)))
        window.action(NEXT_DOUBT).triggered.connect(lambda: self._go_to_doubt(1))
        window.action(PREVIOUS_DOUBT).triggered.connect(lambda: self._go_to_doubt(-1))
        self._show_history()

    def open(self) -> None:
        """Another procedure, another library, or other classes: read everything anew."""
        info = self._viewing.info
        classes = self._labelling.classes
        self.states = FrameStates(
            info.frame_count if info else 0, [found.name for found in classes]
        )
        store = self._labelling.store
        order = {found.id: place for place, found in enumerate(classes)}
        # A merged class is shown as the one that it went into.
        self._place = (
            {found.id: order[store.resolved_class(found.id).id] for found in classes}
            if store
            else {}
        )
        if store is not None and info is not None and self._labelling.fingerprint:
            found = store.label_arrays(info.fingerprint)
            # A label of no frame stands beyond the last one
            here = found.frame_index < info.frame_count
            codes = np.array(
                [self._place.get(int(one), NONE) for one in found.class_id[here]], np.int64
            )
            self.states.set_labels(found.frame_index[here], found.kind[here], codes)
        self._read_ranges()
        counted = store, *((one.id, one.merged_into) for one in classes)
        if store is not None and self._counted != counted:
            # once: over 100,000 labels it takes longer than a label act may
            self._tally.read(store)
            self._counted = counted
        self._model_frames = -1
        self.refresh_model()
        self._show_panel()
        self._show_history()
        self.renew()

    def renew(self) -> None:
        """The states, or what of them may be seen, are others: draw all anew."""
        self._soon.start()
        self.renewed.emit()

    @property
    def visible(self) -> NDArray[np.bool_]:
        """(N,) True for the frames whose model answer may be shown in a list or on the timeline."""
        return self._seeing.mask(self.states.kind != NONE)

    def show(self, arrived: ClassifiedFrame) -> None:
        """The frame on screen: its label, beside what the model says."""
        self._index, self._shown = arrived.decoded.frame.index, arrived
        self._show_current()
        self.show_model()

    def show_model(self) -> None:
        """What the model says of the frame on screen, beside the label, where it may be seen."""
        prediction = self._shown.prediction if self._shown else None
        classifier, panel = self._analysing.classifier, self._window.label_panel
        if (
            prediction is None
            or classifier is None
            or prediction.model_version != classifier.version
        ):
            panel.set_model(None, absent="no model")
        elif self._seeing.allowed(self._index):
            label = prediction.label
            name = self._labelling.names.shown(classifier.classes[label])
            panel.set_model(
                name, float(prediction.probabilities[label]), classifier.is_unsure(prediction)
            )
        elif self._seeing.mode() == "on request":
            panel.set_model(None, absent="model hidden: hold M")
        else:
            panel.set_model(None)

    def refresh_model(self) -> None:
        """Bring the states up to what the analysis knows."""
        timeline, classifier = self._analysing.timeline, self._analysing.classifier
        if timeline is None or classifier is None or timeline.frame_count != len(self.states.label):
            return
        if timeline.known_count != self._model_frames:
            self._model_frames = timeline.known_count
            places = {}
            for code, name in enumerate(classifier.classes):
                found = self._labelling.class_of_key(name)
                if found is not None and found.id in self._place:
                    places[code] = self._place[found.id]
            self.states.set_model(timeline.labels(), places, timeline.unsure())
            self.renew()

    def _on_changed(self, changes: Changes) -> None:
        store, fingerprint = self._labelling.store, self._labelling.fingerprint
        for elsewhere in changes.fingerprints() - {fingerprint}:
            if store is not None:
                self._tally.read_one(store, elsewhere)
        if "classes" in changes.tables():
            self.open()
            return
        frames = self._read_ranges().tolist() if "range_labels" in changes.tables() else []
        for row in changes.rows:
            if row.table == "frame_labels" and row.fingerprint == fingerprint:
                label = row.after or row.before
                assert isinstance(label, FrameLabel)
                if label.frame_index >= len(self.states.kind):
                    continue
                self._set(label if row.after is not None else None, label.frame_index)
                frames.append(label.frame_index)
        self._show_counts()
        self._show_current()
        self._show_history()
        self._soon.start()
        if frames:
            self.frames_changed.emit(np.unique(np.array(frames, np.int64)))

    def _read_ranges(self) -> NDArray[np.int64]:
        """The ranges anew; returns the frames that count otherwise now, or might."""
        store, fingerprint = self._labelling.store, self._labelling.fingerprint
        found = store.ranges(fingerprint) if store is not None and fingerprint else []
        self._ranges = [one for one in found if one.last_index < len(self.states.kind)]
        return self.states.set_ranges(
            Span(one.id, one.first_index, one.last_index, self._place[one.class_id])
            for one in self._ranges
        )

    def _set(self, label: FrameLabel | None, frame: int) -> None:
        if label is None:
            self.states.set_label(frame, NONE, NONE)
        else:
            code = NONE if label.class_id is None else self._place.get(label.class_id, NONE)
            self.states.set_label(frame, KIND_CODES[label.kind], code)

    def _show_panel(self) -> None:
        classes = self._labelling.panel_classes()
        rows = [
            (one.id, one.name, QColor(one.colour), DIGITS[place] if place < len(DIGITS) else "")
            for place, one in enumerate(classes)
        ]
        self._window.label_panel.set_classes(rows)
        self._show_counts()
        self._show_current()

    def _show_counts(self) -> None:
        """Of the open procedure from the states, which an act has changed already, and of the
        library from the tally.
        """
        states, classes, fingerprint = (
            self.states,
            self._labelling.classes,
            self._labelling.fingerprint,
        )
        if self._labelling.store is None:
            return
        by_class = {
            classes[place].id: int(count) for place, count in enumerate(states.counts()) if count
        }
        agreed, unusable = (int((states.kind == kind).sum()) for kind in (AGREED, UNUSABLE))
        here = LabelCounts(by_class, agreed, unusable, int(states.from_range.sum()))
        if fingerprint:
            self._tally.note(fingerprint, here)
        library = self._tally.library()
        panel = self._window.label_panel
        panel.set_counts(
            here.by_class, library.by_class, (agreed, library.agreed), (unusable, library.unusable)
        )

    def _show_current(self) -> None:
        panel, states, index = self._window.label_panel, self.states, self._index
        if not states.has_answer(index):
            panel.set_current(None)
            return
        code = int(states.label[index])
        class_id = None if code == NONE else self._labelling.classes[code].id
        panel.set_current(
            FRAME_KINDS[int(states.kind[index])],
            class_id,
            from_range=bool(states.from_range[index]),
        )

    def _show_history(self) -> None:
        """The menu says what would be undone.

        It stays enabled: the key answers in words where there is nothing.
        """
        store, here = self._labelling.store, self._labelling.fingerprint
        for command, scope in (
            (UNDO, here),
            (REDO, here),
            (UNDO_CLASSES, CLASSES_SCOPE),
            (REDO_CLASSES, CLASSES_SCOPE),
        ):
            ask = (
                None
                if store is None or not scope
                else store.undo_title
                if command in (UNDO, UNDO_CLASSES)
                else store.redo_title
            )
            title = ask(scope) if ask is not None else ""
            shown = title.replace("&", "&&")  # a class may be called "A & B"
            self._window.action(command).setText(
                f"{command.text}: {shown}" if title else command.text
            )

    def _draw_timeline(self) -> None:
        timeline = self._window.timeline
        colours = [QColor(one.colour) for one in self._labelling.classes]
        frames, labels, kinds = self.states.own_labels()
        timeline.set_labels(frames, labels, colours, kinds)
        timeline.set_ranges(
            [
                (
                    one.id,
                    one.first_index,
                    one.last_index,
                    self._place[one.class_id],
                    self._name(one),
                )
                for one in self._ranges
            ]
        )
        timeline.set_disagreements(np.flatnonzero(self.states.differing() & self.visible))

    def _name(self, one: RangeLabel) -> str:
        return self._labelling.classes[self._place[one.class_id]].name

    def _next_label(self, direction: int) -> int | None:
        store, fingerprint = self._labelling.store, self._labelling.fingerprint
        if store is None or not fingerprint:
            return None
        ask = store.next_label if direction > 0 else store.previous_label
        found = ask(fingerprint, self._viewing.index)
        return None if found is None or found >= len(self.states.kind) else found

    def _go_to_doubt(self, direction: int) -> None:
        self.refresh_model()
        queue = self.queue()
        found = next_in(
            self.states.worth_a_look() & self.visible if queue is None else queue,
            self._viewing.index,
            direction,
        )
        if found is None and queue is not None:
            self._window.show_remark(
                f"This is the {'last' if direction > 0 else 'first'} frame of the review list."
            )
        elif found is None:
            after = "after" if direction > 0 else "before"
            self._window.show_remark(
                f"No frame {after} this one is unsure or differs from your label."
            )
        self._go(found)

    def _go(self, index: int | None) -> None:
        if index is not None:
            self._viewing.pause()
            self._viewing.go_to(index)
