"""What the findings of a video say of its course: the caecum, the withdrawal, the preparation."""

from __future__ import annotations

from collections.abc import Sequence

from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.report.class_groups import is_caecum
from endoscope_app.report.report_values import Finding, Milestones


def milestones(findings: Sequence[Finding], times: FrameTimes) -> Milestones:
    """The caecum is reached when it is first seen, and left when it was last seen.

    By the recording's own clock, pauses included; the withdrawal ends with the recording.
    """
    caecum = [finding for finding in findings if is_caecum(finding.class_key)]
    if not caecum:
        return Milestones()
    left = max(finding.end_ms for finding in caecum)
    end = float(times.times_ms[-1] + times.durations_ms[-1])
    return Milestones(min(finding.start_ms for finding in caecum), max(0.0, end - left))


def preparation(findings: Sequence[Finding]) -> tuple[tuple[str, float], ...]:
    """Class name and ms, of all classes that say how clean the bowel was, longest first."""
    spans: dict[str, float] = {}
    for finding in findings:
        if finding.group == "preparation":
            lasted = finding.end_ms - finding.start_ms
            spans[finding.class_name] = spans.get(finding.class_name, 0.0) + lasted
    return tuple(sorted(spans.items(), key=lambda item: -item[1]))
