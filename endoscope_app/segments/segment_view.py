"""The segments of the procedure on screen in their list, in step with the analysis, the library
and the settings.
"""

from __future__ import annotations

from collections import Counter

import msgspec
from PySide6.QtCore import QObject

from endoscope_app.analysis.analysis_view import AnalysisView
from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.settings import Settings
from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.library.records import Changes
from endoscope_app.labels.procedure_labels import ProcedureLabels
from endoscope_app.segments import wording
from endoscope_app.segments.class_groups import Group, group_of, groups_of
from endoscope_app.segments.decided import DecidedSegment, read_segments
from endoscope_app.segments.segment_items import Recording, segment_items
from endoscope_app.segments.segment_rows import SegmentRow
from endoscope_app.segments.segments_panel import SegmentsPanel
from endoscope_app.segments.withdrawal import withdrawal

_TABLES = {"segments", "reviews", "range_labels", "classes"}


class SegmentView(QObject):
    """Where the settings hide the model, the list is empty and says so."""

    def __init__(
        self,
        desk: LabelDesk,
        panel: SegmentsPanel,
        analysis: ProcedureAnalysis,
        found: AnalysisView,
        labels: ProcedureLabels,
        settings: CurrentSettings,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self._panel, self._analysis, self._found = panel, analysis, found
        self._player, self._session, self._procedure = desk.player, desk.session, desk.procedure
        self._settings, self._banner = settings, desk.window.banner
        self._closed = False
        found.findings_changed.connect(self.refresh)
        labels.opened.connect(self.refresh)
        desk.session.changed.connect(self._on_changed)
        desk.session.names.changed.connect(self.refresh)
        settings.changed.connect(self._on_settings_changed)
        panel.lengths.minimum_chosen.connect(self._on_minimum)
        panel.lengths.joining_chosen.connect(self._on_joining)
        panel.quality.usable_only_chosen.connect(self._on_usable_only)
        panel.lengths.adjusting_chosen.connect(self._on_adjusting)
        self._show_lengths()

    @property
    def visible(self) -> bool:
        """Whether the reader may see what the model finds."""
        return self._found.visible

    @property
    def _why_hidden(self) -> str:
        return wording.HIDDEN_WHILE_BLIND if self._found.withheld else wording.HIDDEN

    @property
    def recording(self) -> Recording | None:
        """The procedure that is open."""
        info = self._player.info
        return None if info is None else Recording(self._player.times, info.kind == "folder")

    def say_why_not(self) -> bool:
        """Say why there is no segment to be decided; False where there are some."""
        if self.recording is None:
            self._banner.show_remark(NO_PROCEDURE_OPEN)
        elif not self.visible:
            self._banner.show_remark(f"{self._why_hidden}.")
        elif not self._panel.rows:
            self._banner.show_remark(wording.NO_SEGMENT)
        else:
            return False
        return True

    def close(self) -> None:
        """The library closes: nothing is read any more."""
        self._closed = True

    def refresh(self) -> None:
        """All rows anew."""
        if self._closed:
            return
        recording, classifier = self.recording, self._analysis.classifier
        self._panel.set_film(is_film=recording is None or not recording.stills)
        self._show_quality()
        if not self.visible:
            self._panel.hide_rows(self._why_hidden)
            self._show_figures("", "")
            return
        if recording is None or classifier is None:
            self._panel.set_rows((), finished=False)
            self._show_figures("", "")
            return
        library, fingerprint = self._session.library, self._procedure.fingerprint
        decided = read_segments(library, fingerprint) if fingerprint else []
        keys = list(classifier.classes)
        # Never those of the procedure before: they would stand on another patient
        findings = self._found.findings if self._analysis.is_of(self._player.info) else ()
        items = segment_items(findings, keys, classifier.version, decided, recording)
        finished = bool(fingerprint) and library.review(fingerprint) is not None
        colours, chosen = self._colours(), groups_of(self._session.classes)
        self._panel.set_rows(
            [self._row(item, recording, colours, chosen) for item in items],
            finished=finished,
            coverage=self._found.coverage if self._analysis.is_of(self._player.info) else "",
        )
        groups = Counter(group_of(keys[finding.label], chosen) for finding in findings)
        count = wording.how_many(len(findings), groups[Group.PATHOLOGY], recording.minutes)
        end_s = recording.seconds(len(recording.times) - 1)
        times = None if recording.stills else withdrawal(items, end_s)
        self._show_figures(count, wording.withdrawn(times))

    def _show_figures(self, count: str, withdrawn: str) -> None:
        self._panel.lengths.set_count(count)
        self._panel.set_withdrawal(withdrawn)

    def _show_quality(self) -> None:
        """No word of the model's: shown also where the settings hide that."""
        quality = self._found.quality if self._analysis.is_of(self._player.info) else None
        self._panel.quality.set_tally(None if quality is None else quality.tally)

    def _row(
        self,
        item: DecidedSegment,
        recording: Recording,
        colours: dict[str, str],
        chosen: dict[str, str],
    ) -> SegmentRow:
        names = self._session.names
        differs = item.state == "corrected" and item.model_class != item.class_key
        brief = recording.stills or item.kind == "bookmark"
        where = self._procedure.places.span(item.first_index, item.last_index)
        return SegmentRow(
            item,
            # where it was found, also when corrected
            group_of(item.model_class or item.class_key, chosen),
            wording.BOOKMARK if item.kind == "bookmark" else names.shown(item.class_key),
            names.shown(item.model_class) if differs and item.model_class else "",
            colours.get(item.class_key.casefold(), ""),
            where,
            "" if brief else wording.seconds(recording.length_s(item)),
            wording.detail(item.fields),
        )

    def _colours(self) -> dict[str, str]:
        """Of every class by its key, as #rrggbb; a merged one has that of where it went."""
        library = self._session.library
        return {
            item.key.casefold(): library.resolved_class(item.id).colour
            for item in self._session.classes
        }

    def _on_changed(self, changes: Changes) -> None:
        if changes.tables() & _TABLES:
            self.refresh()

    def _on_settings_changed(self, before: Settings, now: Settings) -> None:
        self._show_lengths()

    def _show_lengths(self) -> None:
        now = self._settings.now
        self._panel.lengths.set_lengths(now.minimum_finding_s, now.joining_s)
        self._panel.quality.set_usable_only(now.usable_only)
        self._panel.lengths.set_adjusting(now.adjusting)
        self._panel.quality.set_adjusting(now.adjusting)

    def _on_minimum(self, seconds: float) -> None:
        self._settings.take(msgspec.structs.replace(self._settings.now, minimum_finding_s=seconds))

    def _on_joining(self, seconds: float) -> None:
        self._settings.take(msgspec.structs.replace(self._settings.now, joining_s=seconds))

    def _on_usable_only(self, only: bool) -> None:
        self._settings.take(msgspec.structs.replace(self._settings.now, usable_only=only))

    def _on_adjusting(self, adjusting: bool) -> None:
        self._settings.take(msgspec.structs.replace(self._settings.now, adjusting=adjusting))
