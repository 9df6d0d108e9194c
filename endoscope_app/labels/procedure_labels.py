"""The labels of the open procedure, frame by frame, in step with the library and the analysis."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.labels.frame_states import (
    AGREED,
    CLASS,
    NONE,
    UNUSABLE,
    FrameStates,
    Span,
)
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.library.effective_labels import GROUPS
from endoscope_app.labels.library.records import Changes, FrameLabel, RangeLabel, Record
from endoscope_app.labels.open_procedure import OpenProcedure

KIND_CODES = {"class": CLASS, "agreed": AGREED, "unusable": UNUSABLE}


class ProcedureLabels(QObject):
    """``states``: of every frame what it is labelled and what the model says of it, classes as
    places in ``session.classes``; ``ranges``: those that lie within the procedure.
    """

    opened = Signal()  # another procedure, another library, or other classes: all is another
    changed = Signal()  # the same, or labels of some frames, or the history
    renewed = Signal()  # the states of all frames may be others, the model's included
    frames_changed = Signal(object)  # frame indices (M,) int64 whose label is another one

    def __init__(
        self,
        session: LabelSession,
        procedure: OpenProcedure,
        analysis: ProcedureAnalysis,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.states = FrameStates(0)
        self.ranges: list[RangeLabel] = []
        self._session, self._procedure, self._analysis = session, procedure, analysis
        self._place: dict[int, int] = {}  # class id -> place in session.classes
        # Frames that the analysis had answered when the states were last brought up to it
        self._model_frames = -1
        session.changed.connect(self._on_changed)
        analysis.finished.connect(self.refresh_model)

    def open(self) -> None:
        """Another procedure, another library, or other classes: read everything anew."""
        procedure, classes = self._procedure.noted, self._session.classes
        library = self._session.library
        groups = library.groups()
        self.states = FrameStates(
            procedure.frame_count if procedure else 0,
            [item.name for item in classes],
            [GROUPS.index(groups[item.id]) for item in classes],
        )
        order = {item.id: place for place, item in enumerate(classes)}
        # A merged class is shown as the one that it went into.
        self._place = {item.id: order[library.resolved_class(item.id).id] for item in classes}
        if procedure is not None and self._procedure.fingerprint:
            labels = library.label_arrays(procedure.fingerprint)
            # A label of no frame stands beyond the last one
            here = labels.frame_index < procedure.frame_count
            numbers, which = np.unique(labels.class_id[here], return_inverse=True)
            places = [self._place.get(int(number), NONE) for number in numbers]
            codes = np.array(places, np.int64)[which]
            self.states.set_labels(labels.frame_index[here], labels.kind[here], codes)
        self._read_ranges()
        self._model_frames = -1
        self._take_model()
        self.opened.emit()
        self.changed.emit()
        self.renewed.emit()

    def refresh_model(self) -> None:
        """Bring the states up to what the analysis knows."""
        if self._take_model():
            self.renewed.emit()

    def place_of(self, class_id: int) -> int:
        """Where a class, or the one that it was merged into, stands in ``session.classes``."""
        return self._place[class_id]

    def _take_model(self) -> bool:
        """Whether the analysis knew anything new."""
        timeline, classifier = self._analysis.timeline, self._analysis.classifier
        if (
            timeline is None
            or classifier is None
            or timeline.frame_count != len(self.states.label)
            or timeline.known_count == self._model_frames
        ):
            return False
        self._model_frames = timeline.known_count
        places = {}
        for code, key in enumerate(classifier.classes):
            item = self._session.class_of_key(key)
            if item is not None and item.id in self._place:
                places[code] = self._place[item.id]
        by_group = [track.named() for track in timeline.tracks]
        self.states.set_model(timeline.labels(), places, timeline.unsure(), by_group)
        return True

    def _on_changed(self, changes: Changes) -> None:
        if "classes" in changes.tables() or changes.are_many:
            self.open()
            return
        fingerprint = self._procedure.fingerprint
        frames = self._read_ranges().tolist() if "range_labels" in changes.tables() else []
        own = [row for row in changes.rows if row.table == "frame_labels"]
        here = [row for row in own if row.fingerprint == fingerprint]
        # What is gone first: what takes its place may stand in another row
        frames += self._changed([row.before for row in here], self._take)
        frames += self._changed([row.after for row in here], self._set)
        self.changed.emit()
        if frames:
            self.frames_changed.emit(np.unique(np.array(frames, np.int64)))

    def _read_ranges(self) -> NDArray[np.int64]:
        """The ranges anew; returns the frames that count otherwise now, or might."""
        fingerprint = self._procedure.fingerprint
        ranges = self._session.library.ranges(fingerprint) if fingerprint else []
        self.ranges = [item for item in ranges if item.last_index < len(self.states.kind)]
        return self.states.set_ranges(
            Span(item.id, item.first_index, item.last_index, self._place[item.class_id])
            for item in self.ranges
        )

    def _changed(
        self, labels: Sequence[Record | None], change: Callable[[FrameLabel], None]
    ) -> list[int]:
        """The frames whose labels these are; one of no frame stands beyond the last one."""
        count = len(self.states.kind)
        there = [item for item in labels if isinstance(item, FrameLabel)]
        for label in there:
            if label.frame_index < count:
                change(label)
        return [label.frame_index for label in there if label.frame_index < count]

    def _take(self, label: FrameLabel) -> None:
        self.states.take_label(label.frame_index, self._code(label))

    def _set(self, label: FrameLabel) -> None:
        self.states.set_label(label.frame_index, KIND_CODES[label.kind], self._code(label))

    def _code(self, label: FrameLabel) -> int:
        return NONE if label.class_id is None else self._place.get(label.class_id, NONE)
