"""A report in every form that it is handed over in, by the suffix of its file."""

from __future__ import annotations

from endoscope_app.base.errors import AppError
from endoscope_app.report import wording
from endoscope_app.report.finding_table import as_csv, as_xlsx
from endoscope_app.report.html_page import page
from endoscope_app.report.pdf_pages import as_pdf
from endoscope_app.report.plain_report import text
from endoscope_app.report.report_values import Pictures, Report, Signature

SUFFIXES = ("pdf", "html", "xlsx", "csv", "txt")


def content(
    suffix: str, report: Report, pictures: Pictures, signature: Signature | None = None
) -> bytes:
    """The file ``report.suffix``. AppError for a suffix that no report has; for PDF a
    QGuiApplication must be there.
    """
    match suffix:
        case "pdf":
            return as_pdf(page(report, pictures, signature))
        case "html":
            return page(report, pictures, signature).encode("utf-8", "replace")
        case "xlsx":
            return as_xlsx(report, signature)
        case "csv":
            return as_csv(report)
        case "txt":
            return text(report, signature).encode("utf-8", "replace")
    raise AppError(*wording.UNKNOWN_SUFFIX)
