"""What ``endoscope-app analyse`` writes: typed rows, as JSON and as CSV."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.finding_joining import join_findings
from endoscope_app.analysis.findings import find_findings, still_findings
from endoscope_app.analysis.quality.frame_measures import FrameMeasures
from endoscope_app.analysis.quality.image_quality import judged
from endoscope_app.analysis.quality.kinds import Kind, kinds_of
from endoscope_app.analysis.quality.wording import NAMES
from endoscope_app.analysis.quick_look import QuickLook
from endoscope_app.base.settings import Settings
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.source import SourceInfo
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.csv_text import write_table
from kd_core.schema.model_card import RESEARCH_USE
from kd_core.vision.head_probabilities import leading_classes


@dataclass(frozen=True)
class AnalysedProcedure:
    """A procedure of N frames after its analysis.

    ``probabilities`` (N, C); ``known`` (N,): which frames were analysed; ``damaged`` (N,): which
    came out damaged, or not at all; ``measures`` of their images; ``look``: where nothing but a
    quick look was taken.
    """

    info: SourceInfo
    times: FrameTimes
    probabilities: NDArray[np.float32]
    known: NDArray[np.bool_]
    damaged: NDArray[np.bool_]
    measures: FrameMeasures
    look: QuickLook | None = None

    @property
    def coverage(self) -> str:
        """How much of it was looked at."""
        if self.look is not None:
            return f"quick look, one frame in {self.look.one_in}: no findings are searched in it"
        return "complete" if self.known.all() else "incomplete"

    @property
    def clock(self) -> FrameTimes | None:
        """None for stills, which have no times."""
        return None if self.info.kind == "folder" else self.times


class GapRow(msgspec.Struct, frozen=True):
    """A pause of the recorder; ``paused_ms`` 0: the next part begins there, and nothing says how
    much later.
    """

    after: int
    time_ms: float
    paused_ms: float


class PartRow(msgspec.Struct, frozen=True):
    """A file of several; ``continued``: its clock goes on from the one before."""

    path: str
    first: int
    frames: int
    begin_ms: float
    continued: bool


class SourceFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was analysed; ``parts``: its files, where there are several."""

    path: str
    kind: str
    frames: int
    fps: float
    width: int
    height: int
    duration_ms: float
    fingerprint: str
    notes: list[str]
    gaps: list[GapRow]
    damaged: list[int]
    parts: list[PartRow] = []


class ModelFacts(msgspec.Struct, frozen=True):
    """With which model."""

    version: str
    name: str
    classes: list[str]
    temperature: float


class FrameRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A frame that was analysed.

    ``groups``: of a model that tells class groups apart, the class that it names of each.
    """

    index: int
    time_ms: float
    label: str
    probability: float
    unsure: bool
    damaged: bool
    quality: str = ""
    groups: dict[str, str] = {}
    """What the image is estimated to be: usable, blurred, too dark..."""


class FindingRow(msgspec.Struct, frozen=True):
    """Frames ``start`` to ``stop`` (exclusive) of one class."""

    label: str
    start: int
    stop: int
    start_ms: float
    stop_ms: float
    duration_ms: float
    peak: int
    mean_probability: float


class AnalysisResult(msgspec.Struct, frozen=True):
    """The whole document; ``coverage``: how much of the procedure was looked at."""

    notice: str
    coverage: str
    source: SourceFacts
    model: ModelFacts
    frames: list[FrameRow]
    findings: list[FindingRow]


def result_of(
    procedure: AnalysedProcedure,
    classifier: Classifier,
    settings: Settings,
    *,
    full_paths: bool = False,
) -> AnalysisResult:
    """The document of a procedure; findings by the reader's ``settings``.

    Files are named without their folders, which may be called by a patient, unless ``full_paths``.
    """
    card = classifier.card
    model = ModelFacts(card.version, card.name, list(card.classes), card.temperature)
    return AnalysisResult(
        RESEARCH_USE,
        procedure.coverage,
        _source_facts(procedure, full_paths),
        model,
        _frames(procedure, classifier),
        [] if procedure.look is not None else _findings(procedure, classifier, settings),
    )


def as_json(result: AnalysisResult) -> bytes:
    """A file name that is no UTF-8 holds surrogates: escaped as \\udcXX, which JSON reads back as
    it was.
    """
    text = json.dumps(msgspec.to_builtins(result), ensure_ascii=False, indent=1)
    return text.encode(errors="backslashreplace")


def as_csv(result: AnalysisResult, procedure: AnalysedProcedure) -> bytes:
    """One row per frame, with a column for each class."""
    header = ["frame", "time_ms", "label", "probability", "unsure", "damaged"]
    rows: list[list[object]] = [[*header, *result.model.classes]]
    for frame in result.frames:
        probability, flags = f"{frame.probability:.5f}", (int(frame.unsure), int(frame.damaged))
        values = [f"{value:.5f}" for value in procedure.probabilities[frame.index]]
        rows.append([frame.index, frame.time_ms, frame.label, probability, *flags, *values])
    return write_table(rows)


def _source_facts(procedure: AnalysedProcedure, full_paths: bool) -> SourceFacts:
    info, times = procedure.info, procedure.times

    def said(path: Path) -> str:
        return str(path) if full_paths else path.name

    return SourceFacts(
        path=said(info.path),
        kind=info.kind,
        frames=info.frame_count,
        fps=round(info.fps, 5),
        width=info.width,
        height=info.height,
        duration_ms=round(info.duration_ms, 3),
        fingerprint=info.fingerprint,
        notes=list(info.notes),
        gaps=[
            GapRow(
                int(gap),
                round(float(times.times_ms[gap]), 3),
                round(times.pause_ms(int(gap)), 3),
            )
            for gap in times.gaps
        ],
        damaged=np.flatnonzero(procedure.damaged).tolist(),
        parts=[
            PartRow(
                said(part.path),
                part.first,
                part.frame_count,
                round(part.begin_ms, 3),
                part.is_continued,
            )
            for part in info.parts
        ],
    )


def _frames(procedure: AnalysedProcedure, classifier: Classifier) -> list[FrameRow]:
    thresholds = classifier.thresholds
    labels = leading_classes(procedure.probabilities, thresholds, classifier.columns)
    best = procedure.probabilities[np.arange(len(labels)), labels]
    unsure = best < thresholds[labels]
    named = _named_by_group(procedure, classifier)
    kinds = kinds_of(procedure.measures.rows, procedure.measures.known, procedure.clock)
    return [
        FrameRow(
            index=index,
            time_ms=round(float(procedure.times.times_ms[index]), 3),
            label=classifier.classes[labels[index]],
            probability=round(float(best[index]), 5),
            unsure=bool(unsure[index]),
            damaged=bool(procedure.damaged[index]),
            quality=NAMES[Kind(int(kinds[index]))],
            groups=named[index] if named else {},
        )
        for index in np.flatnonzero(procedure.known).tolist()
    ]


def _named_by_group(procedure: AnalysedProcedure, classifier: Classifier) -> list[dict[str, str]]:
    """Of every frame; nothing of a model with one softmax."""
    rows: list[dict[str, str]] = [{} for _ in procedure.known] if classifier.groups else []
    for group in classifier.groups:
        own = procedure.probabilities[:, list(group.columns)]
        labels = np.array(group.columns)[own.argmax(axis=1)]
        for index in np.flatnonzero(own.max(axis=1) >= classifier.thresholds[labels]).tolist():
            rows[index][group.name] = classifier.classes[labels[index]]
    return rows


def _findings(
    procedure: AnalysedProcedure, classifier: Classifier, settings: Settings
) -> list[FindingRow]:
    times = procedure.times
    probabilities, known = procedure.probabilities, procedure.known
    stills = procedure.info.kind == "folder"
    if settings.usable_only and not stills:
        kinds = kinds_of(procedure.measures.rows, procedure.measures.known, procedure.clock)
        probabilities, known = judged(probabilities, known, kinds, classifier.classes)
    seen = probabilities, known, classifier.thresholds
    if stills:
        findings = still_findings(*seen, classifier.columns)
    else:
        groups = classifier.columns
        runs = find_findings(*seen, times, settings.smoothing_s, 0.0, groups)
        findings = join_findings(
            runs, times, settings.joining_s, settings.minimum_finding_s, groups
        )
    return [
        FindingRow(
            label=classifier.classes[finding.label],
            start=finding.start,
            stop=finding.stop,
            start_ms=round(float(times.times_ms[finding.start]), 3),
            stop_ms=round(float(times.times_ms[finding.stop - 1]), 3),
            duration_ms=round(times.span_ms(finding.start, finding.stop), 3),
            peak=finding.peak_index,
            mean_probability=round(finding.mean_probability, 5),
        )
        for finding in findings
    ]
