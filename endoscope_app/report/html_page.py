"""A report as one page of HTML that needs nothing beside it. No Qt.

Written for both readers of HTML at hand: browsers, and Qt's rich text with its small part of it.
Every text is escaped: a class, a pseudonym or a note may hold anything.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape

from endoscope_app.report import wording
from endoscope_app.report.report_values import (
    GROUPS,
    Finding,
    Pair,
    Picture,
    Pictures,
    Report,
    Signature,
)
from kd_core.schema.model_card import RESEARCH_USE

#: How a page names a picture: by its place among the pictures of the report.
Source = Callable[[str, Picture], str]

#: px on the page: what is looked for large, what only tells where and how clean smaller.
PICTURE_COLUMNS, SMALL_COLUMNS = 260, 170
_STYLE = (
    "body{font-family:'Helvetica Neue',Arial,'DejaVu Sans',sans-serif;font-size:10pt;color:#1b1d22;"
    "background:#ffffff}"
    "h1{font-size:17pt;margin-bottom:2px}h2{font-size:12.5pt;margin-top:16px;margin-bottom:4px}"
    "h3{font-size:10.5pt;margin:0}p{margin-top:3px;margin-bottom:3px}"
    ".muted{color:#5b606b}td{vertical-align:top}"
)


def embedded(_name: str, picture: Picture) -> str:
    """The picture itself in its place, so that the page is one file."""
    return "data:image/jpeg;base64," + base64.b64encode(picture.jpeg).decode()


def page(
    report: Report, pictures: Pictures, signature: Signature | None, source: Source = embedded
) -> str:
    """The whole document."""
    body = [
        f"<h1>{escape(wording.TITLE)}</h1>",
        f'<p class="muted"><b>{escape(RESEARCH_USE)}</b></p>',
        _facts(report, signature),
    ]
    numbered = list(enumerate(report.findings, start=1))
    if not numbered:
        body.append(f"<p>{escape(wording.NO_FINDINGS)}</p>")
    for group in GROUPS:
        rows = [(number, finding) for number, finding in numbered if finding.group == group]
        if rows:
            body.append(f"<h2>{escape(wording.GROUPS[group])}</h2>")
            body += [_finding(number, finding, pictures, source) for number, finding in rows]
    if report.pairs:
        body.append(f"<h2>{escape(wording.PAIRS)}</h2>")
        body += [_pair(pair, pictures, source) for pair in report.pairs]
    if pictures.heat_maps and report.options.heat_maps:
        body.append(f'<p class="muted">{escape(wording.HEAT_MAP_NOTE)}</p>')
    if numbered or report.pairs:
        body.append(f'<p class="muted">{escape(wording.MASKED_NOTE)}</p>')
    body.append(
        f"<p><b>{escape(wording.SIGNED_BY)}:</b> {escape(wording.signed(signature))}</p>"
        f'<p class="muted">{escape(RESEARCH_USE)}</p>'
    )
    head = (
        f'<head><meta charset="utf-8"><title>{escape(wording.TITLE)}</title>'
        f"<style>{_STYLE}</style></head>"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">{head}<body bgcolor="#ffffff">'
        f"{''.join(body)}</body></html>\n"
    )


def _facts(report: Report, signature: Signature | None) -> str:
    rows = "".join(
        f'<tr><td width="32%" class="muted">{escape(name)}</td><td>{escape(value)}</td></tr>'
        for name, value in wording.facts(report, signature)
    )
    return f'<table width="100%" cellpadding="3" cellspacing="0">{rows}</table>'


def _finding(number: int, finding: Finding, pictures: Pictures, source: Source) -> str:
    said = [
        f"<h3>{escape(wording.heading(number, finding))}</h3>",
        f'<p class="muted">{escape(wording.STATES[finding.state])}</p>',
    ]
    said += [f"<p>{escape(name)}: {escape(value)}</p>" for name, value in finding.fields]
    if finding.text:
        said.append(f"<p>{_lines(finding.text)}</p>")
    columns = PICTURE_COLUMNS if finding.group == "pathology" else SMALL_COLUMNS
    still = pictures.stills.get(finding.shown_frame)
    heat_map = pictures.heat_maps.get((finding.shown_frame, finding.class_key))
    cells = (
        f'<p class="muted">{escape(wording.NO_PICTURE)}</p>'
        if still is None
        else _image(f"still:{finding.shown_frame}", still, source, columns)
    )
    if heat_map is not None:
        name = f"heat:{finding.shown_frame}:{finding.class_key}"
        said.append(f"<p>{_image(name, heat_map, source, columns)}</p>")
    return (
        '<table width="100%" cellpadding="4" cellspacing="0"><tr>'
        f'<td width="{columns + 12}">{cells}</td><td>{"".join(said)}</td></tr></table>'
    )


def _pair(pair: Pair, pictures: Pictures, source: Source) -> str:
    cells = ""
    for which, index, place in (
        (wording.BEFORE, pair.before, pair.before_place),
        (wording.AFTER, pair.after, pair.after_place),
    ):
        still = pictures.stills.get(index)
        image = (
            escape(wording.NO_PICTURE)
            if still is None
            else _image(f"still:{index}", still, source, PICTURE_COLUMNS)
        )
        cells += f'<td width="50%"><h3>{escape(which)}: {escape(place)}</h3><p>{image}</p></td>'
    text = f"<p>{_lines(pair.text)}</p>" if pair.text else ""
    return f'<table width="100%" cellpadding="4" cellspacing="0"><tr>{cells}</tr></table>{text}'


def _image(name: str, picture: Picture, source: Source, columns: int) -> str:
    rows = max(1, round(columns * picture.height / picture.width))
    return f'<img src="{escape(source(name, picture))}" width="{columns}" height="{rows}" alt="">'


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())
