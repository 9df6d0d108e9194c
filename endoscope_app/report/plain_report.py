"""A report as text to paste into another system. No Qt."""

from __future__ import annotations

from endoscope_app.report import wording
from endoscope_app.report.report_values import Finding, Report, Signature
from kd_core.schema.model_card import RESEARCH_USE


def text(report: Report, signature: Signature | None) -> str:
    """Lines of facts, then one paragraph a finding."""
    lines = [wording.TITLE, RESEARCH_USE, ""]
    lines += [f"{name}: {value}" for name, value in wording.facts(report, signature)]
    lines.append("")
    if not report.findings:
        lines.append(wording.NO_FINDINGS)
    for number, finding in enumerate(report.findings, start=1):
        lines += _finding(number, finding)
    for pair in report.pairs:
        lines.append(wording.pair_line(pair))
        lines += [f"   {line}" for line in pair.text.splitlines()]
    return "\n".join(lines).rstrip() + "\n"


def _finding(number: int, finding: Finding) -> list[str]:
    lines = [f"{wording.heading(number, finding)} ({wording.STATES[finding.state]})"]
    lines += [f"   {name}: {value}" for name, value in finding.fields]
    lines += [f"   {line}" for line in finding.text.splitlines()]
    return lines
