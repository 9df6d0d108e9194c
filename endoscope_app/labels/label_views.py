"""Labels where the reader sees them: in the panel and on the timeline."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QColor

from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.labels import wording
from endoscope_app.labels.commands import DIGITS
from endoscope_app.labels.frame_states import AGREED, UNUSABLE
from endoscope_app.labels.label_panel import LabelPanel, PanelLabel
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.label_tally import LabelCounts, Tally
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.labels.library.effective_labels import GROUPS
from endoscope_app.labels.library.frame_slots import groups_of
from endoscope_app.labels.library.records import FRAME_KINDS, Changes, LabelClass
from endoscope_app.labels.model_visibility import ModelVisibility
from endoscope_app.labels.open_procedure import OpenProcedure
from endoscope_app.labels.procedure_labels import ProcedureLabels
from endoscope_app.viewing.classifier import Classifier, Prediction
from endoscope_app.viewing.inference_thread import ClassifiedFrame


class PanelView(QObject):
    """The panel: classes, counts, the label of the frame on screen beside what the model says."""

    def __init__(
        self,
        panel: LabelPanel,
        session: LabelSession,
        procedure: OpenProcedure,
        labels: ProcedureLabels,
        visibility: ModelVisibility,
        analysis: ProcedureAnalysis,
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._session, self._procedure, self._labels = session, procedure, labels
        self._visibility, self._analysis = visibility, analysis
        self._shown: ClassifiedFrame | None = None
        self._index = 0
        self._tally = Tally()
        # The library and what its classes count as, as the tally was read
        self._counted: tuple[object, ...] = ()
        session.changed.connect(self._count_elsewhere)
        session.names.changed.connect(self.show_model)
        visibility.changed.connect(self.show_model)
        labels.opened.connect(self._on_opened)
        labels.changed.connect(self._on_changed)

    def show(self, arrived: ClassifiedFrame) -> None:
        """The frame on screen: its label, beside what the model says."""
        self._index, self._shown = arrived.decoded.frame.index, arrived
        self._show_current()
        self.show_model()

    def show_model(self) -> None:
        """What the model says of the frame on screen, beside the label, where it may be seen."""
        if self._shown is None:
            return  # no procedure is open: there is nothing to compare
        prediction = self._shown.prediction
        classifier, panel = self._analysis.classifier, self._panel
        if (
            prediction is None
            or classifier is None
            or prediction.model_version != classifier.version
        ):
            panel.set_model(None, absent=wording.NO_MODEL)
        elif self._visibility.allowed(self._index):
            label = prediction.label
            name = self._session.names.shown(classifier.classes[label])
            others = self._other_groups(classifier, prediction)
            panel.set_model(
                name,
                float(prediction.probabilities[label]),
                classifier.is_unsure(prediction),
                others=tuple(self._session.names.shown(item.key) for item in others),
                rivals=self._rivals(classifier, prediction) if classifier.groups else frozenset(),
            )
        elif self._visibility.withheld:
            panel.set_model(None, absent=wording.HIDDEN_WHILE_BLIND)
        elif self._visibility.mode == "on request":
            panel.set_model(None, absent=wording.HIDDEN_UNTIL_HELD)
        else:
            panel.set_model(None)

    def _other_groups(self, classifier: Classifier, prediction: Prediction) -> list[LabelClass]:
        """What the model says of the class groups beside that of its leading class."""
        found = [
            self._session.class_of_key(classifier.classes[said.label])
            for said in classifier.said(prediction)
            if said.label is not None and said.label != prediction.label
        ]
        return [item for item in found if item is not None]

    def _rivals(self, classifier: Classifier, prediction: Prediction) -> frozenset[str]:
        """Names of the classes that what the model says contradicts: the others of its groups."""
        lead = self._session.class_of_key(classifier.classes[prediction.label])
        said = [*([lead] if lead else []), *self._other_groups(classifier, prediction)]
        groups, ids = {item.class_group for item in said}, {item.id for item in said}
        return frozenset(
            item.name
            for item in self._session.classes
            if item.class_group in groups and item.id not in ids
        )

    def _on_opened(self) -> None:
        session = self._session
        counted = session.store, *((item.id, item.merged_into) for item in session.classes)
        if self._counted != counted:
            # once: over 100,000 labels it takes longer than a label act may
            self._tally.read(session.library)
            self._counted = counted
        rows = [
            (item.id, item.name, QColor(item.colour), DIGITS[place] if place < len(DIGITS) else "")
            for place, item in enumerate(session.panel_classes())
        ]
        self._panel.set_read_only(session.read_only_because)
        self._panel.set_classes(rows)

    def _on_changed(self) -> None:
        self._show_counts()
        self._show_current()

    def _count_elsewhere(self, changes: Changes) -> None:
        elsewhere = changes.fingerprints() - {self._procedure.fingerprint}
        for fingerprint in elsewhere:
            self._tally.read_one(self._session.library, fingerprint)
        if elsewhere:
            self._show_counts()

    def _show_counts(self) -> None:
        """Of the open procedure from the states, which an act has changed already, and of the
        library from the tally.
        """
        states, classes = self._labels.states, self._session.classes
        by_class = {
            classes[place].id: int(count) for place, count in enumerate(states.counts()) if count
        }
        agreed, unusable = (int((states.kind == kind).sum()) for kind in (AGREED, UNUSABLE))
        here = LabelCounts(
            by_class, agreed, unusable, int(states.from_range.sum()), states.beside()
        )
        if self._procedure.fingerprint:
            self._tally.note(self._procedure.fingerprint, here)
        library = self._tally.library()
        self._panel.set_counts(
            here.by_class, library.by_class, (agreed, library.agreed), (unusable, library.unusable)
        )

    def _show_current(self) -> None:
        states, index, classes = self._labels.states, self._index, self._session.classes
        labels = [
            PanelLabel(FRAME_KINDS[kind], classes[code].id, from_range=from_range)
            for code, kind, from_range in states.given(index)
        ]
        if not labels and states.has_answer(index):
            labels = [PanelLabel("unusable")]
        self._panel.set_current(labels)


class TimelineLabels(QObject):
    """The lanes of labels, ranges and disagreements on the timeline, drawn once after however
    many changes.
    """

    def __init__(
        self,
        timeline: TimelineView,
        session: LabelSession,
        labels: ProcedureLabels,
        visibility: ModelVisibility,
        writer: LabelWriter,
    ) -> None:
        super().__init__(timeline)
        self._timeline = timeline
        self._session, self._labels, self._visibility = session, labels, visibility
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._draw)
        labels.changed.connect(self._soon.start)
        labels.renewed.connect(self._soon.start)
        writer.refused.connect(self._soon.start)

    def _draw(self) -> None:
        classes, labels = self._session.classes, self._labels
        colours = [QColor(item.colour) for item in classes]
        frames, codes, kinds = labels.states.own_labels()
        groups = groups_of(classes)
        by_class = [groups[item.id] for item in classes]
        names = [item.name for item in classes]
        self._timeline.set_labels(frames, codes, colours, kinds, names, by_class)
        ranges = []
        for item in labels.ranges:
            place = labels.place_of(item.class_id)
            bar = (item.id, item.first_index, item.last_index, place, classes[place].name)
            ranges.append((*bar, GROUPS.index(by_class[place])))
        self._timeline.set_ranges(ranges)
        differing = labels.states.differing() & self._visibility.frames
        self._timeline.set_disagreements(np.flatnonzero(differing))
