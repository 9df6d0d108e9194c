"""The findings of a report as a table: CSV and XLSX. No Qt.

No cell is ever a formula or a link: what begins like one is text in XLSX by its type, and is
guarded by an apostrophe in CSV, which has no types.
"""

from __future__ import annotations

import io

from endoscope_app.report import wording
from endoscope_app.report.report_values import Finding, Report, Signature
from kd_core.schema.csv_text import write_table
from kd_core.schema.model_card import RESEARCH_USE

_COLUMNS = (
    "number",
    "group",
    "class",
    "class_key",
    "state",
    "first_frame",
    "last_frame",
    "start_s",
    "end_s",
    "duration_s",
    "note",
)
_FIELDS = (wording.SIZE, wording.PARIS, wording.SITE, wording.CERTAINTY, wording.CONFERENCE)
Cell = str | int | float
#: What XML 1.0, and so a sheet, has no form for.
_CONTROL = {code: None for code in range(32) if code not in (9, 10, 13)}
_LONGEST_CELL = 32_767  # characters, by Excel's limits


def rows(report: Report) -> list[list[Cell]]:
    """The header and a row for each finding; times of stills are left empty."""
    table: list[list[Cell]] = [[*_COLUMNS, *_FIELDS]]
    for number, finding in enumerate(report.findings, start=1):
        table.append(_row(number, finding, report.stills))
    return table


def as_csv(report: Report) -> bytes:
    """UTF-8 with a byte order mark, as spreadsheets save it."""
    return write_table(rows(report))


def as_xlsx(report: Report, signature: Signature | None) -> bytes:
    """Two sheets: the findings, and what the report says of itself."""
    # A second of start-up that only a saved table needs
    import xlsxwriter

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(wording.GROUPS["pathology"])
        for at, row in enumerate(rows(report)):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(at, column, _storable(cell), bold if at == 0 else None)
                else:
                    sheet.write_number(at, column, cell)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
        about = book.add_worksheet(wording.DIALOG_TITLE)
        told = [(wording.TITLE, RESEARCH_USE), *wording.facts(report, signature)]
        for at, (name, value) in enumerate(told):
            about.write_string(at, 0, name, bold)
            about.write_string(at, 1, _storable(value))
        about.autofit()
    return content.getvalue()


def _row(number: int, finding: Finding, stills: bool) -> list[Cell]:
    fields = dict(finding.fields)
    seconds = (finding.start_ms / 1000, finding.end_ms / 1000)
    times: list[Cell] = (
        ["", "", ""]
        if stills
        else [round(seconds[0], 3), round(seconds[1], 3), round(seconds[1] - seconds[0], 3)]
    )
    return [
        number,
        wording.GROUPS[finding.group],
        finding.class_name,
        finding.class_key,
        finding.state,
        finding.first,
        finding.last,
        *times,
        finding.text,
        *(fields.get(name, "") for name in _FIELDS),
    ]


def _storable(cell: str) -> str:
    plain = cell.encode("utf-8", "replace").decode().translate(_CONTROL)
    return plain[:_LONGEST_CELL]
