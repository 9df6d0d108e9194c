"""What the findings of a video say of its course: the caecum, the withdrawal, the preparation."""

from __future__ import annotations

from collections.abc import Sequence

from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.report.report_values import Finding, Milestones
from endoscope_app.segments.withdrawal import CAECAL_KEYS
from kd_core.schema.taxonomy import ALIASES


def milestones(findings: Sequence[Finding], times: FrameTimes, duration_ms: float) -> Milestones:
    """The caecum is reached when it, or the ileum, is first seen, and left when last seen.

    By the recording's own clock, pauses included; the withdrawal ends with the recording.
    """
    caecum = [
        finding
        for finding in findings
        if ALIASES.get(finding.class_key, finding.class_key) in CAECAL_KEYS
    ]
    if not caecum:
        return Milestones()
    left = float(times.times_ms[max(finding.last for finding in caecum)])
    return Milestones(min(finding.start_ms for finding in caecum), max(0.0, duration_ms - left))


def preparation(findings: Sequence[Finding]) -> tuple[tuple[str, float], ...]:
    """Class name and ms, of all classes that say how clean the bowel was, longest first."""
    spans: dict[str, float] = {}
    for finding in findings:
        if finding.group == "preparation":
            lasted = finding.end_ms - finding.start_ms
            spans[finding.class_name] = spans.get(finding.class_name, 0.0) + lasted
    return tuple(sorted(spans.items(), key=lambda item: -item[1]))
