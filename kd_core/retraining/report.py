"""The report of a run: one page without script or link that can be read where no program of
ours is, in a dark room too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from kd_core.data.labelled import DataSet
from kd_core.retraining.report_curves import curves
from kd_core.retraining.report_pictures import BOTH_WRONG, BROKEN, CORRECTED, FrameShown, Said
from kd_core.retraining.report_tables import comparison, listed, settings
from kd_core.schema.card_text import as_markdown
from kd_core.schema.events import EpochEnded
from kd_core.schema.evidence import Evidence
from kd_core.schema.model_card import ModelCard
from kd_core.schema.taxonomy import display_name

PRIVATE = (
    "This page holds pictures of the procedures. Keep it where patient data may be, and do not send"
    " it on."
)
_HEADS = {
    CORRECTED: "Corrected: wrong before, right now",
    BROKEN: "Broken: right before, wrong now",
    BOTH_WRONG: "Wrong in another way",
}
_STYLE = """
:root{color-scheme:dark light;--page:#14171a;--ink:#d8dcdf;--muted:#8b949c;--line:#2f353b;--curve:#56b4e9;--right:#0b6fa8;--wrong:#b4571a}
@media (prefers-color-scheme:light){:root{--page:#fff;--ink:#1c2024;--muted:#59636b;--line:#cfd6db;--curve:#0072b2;--right:#7dbde6;
--wrong:#f0a36b}}
@media print{:root{--page:#fff;--ink:#000;--muted:#444;--line:#bbb;--curve:#0072b2;--right:#7dbde6;--wrong:#f0a36b}}
body{background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2.2rem;border-top:1px solid var(--line);padding-top:1rem}h3{font-size:1rem}
.sentence{font-size:1.15rem;border-left:4px solid var(--curve);padding:.3rem .8rem}.muted,figcaption{color:var(--muted);font-size:.85rem}
table{border-collapse:collapse;margin:.6rem 0}th,td{border-bottom:1px solid var(--line);padding:.2rem .7rem;text-align:left;
font-weight:400;vertical-align:top}td{font-variant-numeric:tabular-nums}thead th{color:var(--muted);font-size:.85rem}
.pair,.charts,.frames{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}.confusion td{text-align:right;min-width:2rem}
.confusion thead th{vertical-align:bottom}.confusion thead span{writing-mode:vertical-rl;transform:rotate(180deg)}
svg path{stroke:var(--muted);fill:none}svg polyline{stroke:var(--curve);fill:none;stroke-width:1.5}svg circle{fill:var(--curve)}
svg text{fill:var(--muted);font-size:10px}svg text.name{fill:var(--ink);font-size:12px}
.frame{border:1px solid var(--line);padding:.5rem}.frame div{display:flex;gap:.4rem}.frame figure{width:160px;overflow-wrap:anywhere}
.frame img{width:160px;height:160px;display:block}pre{overflow:auto;font-size:.8rem;border:1px solid var(--line);padding:.8rem}
"""


@dataclass(frozen=True)
class Report:
    """What a page is made of: the candidate's card, the active model's version, the evidence, what was
    learnt from, what each epoch said, and frames on which the models differ.
    """

    card: ModelCard
    active: str
    evidence: Evidence
    data: DataSet
    epochs: Sequence[EpochEnded]
    frames: Sequence[FrameShown]


def report_html(report: Report) -> str:
    """The whole page.

    It asks nothing of a network: pictures and drawings lie inside, and it forbids the browser to
    load anything.
    """
    card = report.card
    title = f"Retraining: {report.active} → {card.version}"
    sections = [
        f'<p class="sentence">{escape(report.evidence.sentence)}</p>',
        _needs_reason(report.evidence),
        _section("Held-out procedures", _held_out(report)),
        _section(
            "Old knowledge",
            _known_before(report),
        ),
        _section("Frames on which the models differ", _frames(report)),
        _section("Curves", curves(report.epochs)),
        _section("Data", _data(report)),
        _section("Settings", settings(card.training)),
        _section("Card", f"<pre>{escape(as_markdown(card, display_name))}</pre>"),
    ]
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    head = (
        '<meta charset="utf-8"><meta name="viewport"'
        f' content="width=device-width"><title>{escape(title)}</title><meta'
        f' http-equiv="Content-Security-Policy" content="{policy}"><style>{_STYLE}</style>'
    )
    top = (
        f"<h1>{escape(title)}</h1>"
        f'<p class="muted">The active model {escape(report.active)} and the candidate'
        f" {escape(card.name)} {escape(card.version)},"
        f" made {escape(card.created)}.</p>"
        f"<p><strong>{escape(card.notice)}</strong></p><p>{PRIVATE}</p>"
    )
    return (
        "<!DOCTYPE html>\n<html"
        f' lang="en"><head>{head}</head><body>{top}{"".join(sections)}</body></html>\n'
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>\n"


def _needs_reason(evidence: Evidence) -> str:
    names = ", ".join(display_name(name) for name in evidence.needs_reason)
    return (
        f"<p>Promoting it needs a reason: it lost recall of {escape(names)}.</p>" if names else ""
    )


def _known_before(report: Report) -> str:
    part = report.evidence.known_before
    if part is None:
        return ""
    return comparison(part, report.data.classes, (report.active, report.card.version))


def _held_out(report: Report) -> str:
    part = report.evidence.held_out
    if part is None:
        return (
            "<p>No procedure is held out yet: label a second one, so that a model can be proved on"
            " it.</p>"
        )
    return comparison(part, report.data.classes, (report.active, report.card.version))


def _data(report: Report) -> str:
    warnings = "".join(f"<li>{escape(sentence)}</li>" for sentence in report.data.warnings)
    return listed(report.card.data) + (f"<h3>Warnings</h3><ul>{warnings}</ul>" if warnings else "")


def _frames(report: Report) -> str:
    if not report.frames:
        return "<p>There is none among the held-out frames.</p>"
    words = (
        "Beside each frame, black where no model looks, is where each model finds the evidence for"
        " the class it names (Grad-CAM). A heat map shows what an answer rests on, not whether it"
        " is right."
    )
    made = [f'<p class="muted">{words}</p>']
    for kind, head in _HEADS.items():
        shown = [frame for frame in report.frames if frame.change == kind]
        if shown:
            made.append(
                f"<h3>{head}</h3><div"
                f' class="frames">{"".join(_frame(frame) for frame in shown)}</div>'
            )
    return "".join(made)


def _frame(frame: FrameShown) -> str:
    figures = [
        _figure(frame.picture, f"Reader: {display_name(frame.truth)}"),
        _figure(frame.active.heat, _said("Active", frame.active)),
        _figure(frame.candidate.heat, _said("Candidate", frame.candidate)),
    ]
    return (
        f'<div class="frame"><div>{"".join(figures)}</div><span'
        f' class="muted">{escape(frame.name)}</span></div>'
    )


def _figure(picture: str, words: str) -> str:
    return (
        f'<figure><img src="{picture}"'
        f' alt="{escape(words)}"><figcaption>{escape(words)}</figcaption></figure>'
    )


def _said(who: str, said: Said) -> str:
    return f"{who}: {display_name(said.called)} {said.probability:.0%}"
