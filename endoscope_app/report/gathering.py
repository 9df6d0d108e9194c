"""A report gathered from the library and the recording, before any picture is made. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.quality.frame_measures import FrameMeasures
from endoscope_app.analysis.quality.kinds import kinds_of
from endoscope_app.analysis.quality.tally import QualityTally
from endoscope_app.analysis.quality.wording import shares
from endoscope_app.labels.frame_places import FramePlaces
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.source import SourceInfo
from endoscope_app.report.finding_rows import FindingRows
from endoscope_app.report.milestones import milestones, preparation
from endoscope_app.report.report_values import (
    Conditions,
    Milestones,
    Pair,
    Report,
    ReportOptions,
)

SHORT = 12  # digits of a fingerprint, as exports write it


@dataclass(frozen=True)
class ModelAnswers:
    """What the model in use says of the procedure: ``probabilities`` (N, C) of the frames that
    are ``known`` (N,).
    """

    version: str
    classes: tuple[str, ...]
    probabilities: NDArray[np.float16] = field(repr=False)
    known: NDArray[np.bool_] = field(repr=False)

    def best_frame(self, first: int, last: int, key: str) -> int:
        """The frame of first..last that looks most like the class; the middle one where the model
        does not know it.
        """
        inside = slice(first, last + 1)
        if key not in self.classes or not self.known[inside].any():
            return (first + last) // 2
        column = self.probabilities[inside, self.classes.index(key)].astype(np.float32)
        return first + int(np.where(self.known[inside], column, -1.0).argmax())


@dataclass(frozen=True)
class OpenRecording:
    """The procedure that a report is about."""

    info: SourceInfo
    times: FrameTimes

    @property
    def stills(self) -> bool:
        """Images without times."""
        return self.info.kind == "folder"


def gather(
    library: LabelReader,
    recording: OpenRecording,
    model: ModelAnswers | None,
    options: ReportOptions,
    measures: FrameMeasures | None = None,
) -> Report:
    """All but the pictures. ``model`` None: none is in use, or nothing is known of it;
    ``measures`` None: nothing is known of the images' quality.
    """
    info, times = recording.info, recording.times
    key = info.fingerprint
    rows = FindingRows(
        library,
        key,
        times,
        FramePlaces(times.times_ms, recording.stills),
        _middle if model is None else model.best_frame,
    )
    findings = rows.all(single_frames=options.single_frames)
    noted = library.procedure(key)
    kinds = None
    if measures is not None:
        clock = None if recording.stills else times
        kinds = kinds_of(measures.rows, measures.known, clock)
    return Report(
        quality=() if kinds is None else tuple(shares(QualityTally.of(kinds))),
        procedure=info.path.name if options.file_name else key[:SHORT],
        patient="" if noted is None else noted.patient,
        reader=library.reader_name(),
        made_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        stills=recording.stills,
        frame_count=info.frame_count,
        duration_ms=info.duration_ms,
        model_version="" if model is None else model.version,
        options=options,
        conditions=_conditions(library, key),
        findings=findings,
        milestones=Milestones()
        if recording.stills
        else milestones(findings, times, info.duration_ms),
        preparation=() if recording.stills else preparation(findings),
        reading=tuple(library.reading_times(key).items()),
        pairs=_pairs(library, key, FramePlaces(times.times_ms, recording.stills)),
    )


def _pairs(library: LabelReader, key: str, places: FramePlaces) -> tuple[Pair, ...]:
    """What lies beyond the recording's frames is left out."""
    count = len(places.times_ms)
    return tuple(
        Pair(
            pair.before_index,
            pair.after_index,
            places.at(pair.before_index),
            places.at(pair.after_index),
            pair.text,
        )
        for pair in library.pairs(key)
        if max(pair.before_index, pair.after_index) < count
    )


def _middle(first: int, last: int, _key: str) -> int:
    return (first + last) // 2


def _conditions(library: LabelReader, key: str) -> Conditions:
    read, review = library.conditions(key), library.review(key)
    second = library.second_reading(key)
    is_read_twice = second is not None and second.state == "finished"
    return Conditions(
        library.labellers(key) if is_read_twice else read.readers,
        read.acts,
        read.model_versions,
        library.labelled_at(key),
        None if review is None else review.left_open,
        second.reader if second is not None and is_read_twice else "",
        library.adjudicators(key),
    )
