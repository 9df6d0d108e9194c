"""What is made of a report in the background: its pictures and its page, its files, its signature.

No widget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtGui import QImage

from endoscope_app.report.html_page import page
from endoscope_app.report.plain_report import text
from endoscope_app.report.report_files import SUFFIXES, content
from endoscope_app.report.report_values import Picture, Pictures, Report, Signature
from endoscope_app.report.saved_file import save
from endoscope_app.report.signed_reports import SignedReport, SignedReports
from endoscope_app.report.stills import PictureMaker


@dataclass(frozen=True)
class Draft:
    """A report with its pictures; ``html`` calls them by the names of ``images``. ``whole``: it was
    not cancelled.
    """

    report: Report
    pictures: Pictures
    html: str = field(repr=False)
    images: Mapping[str, QImage] = field(repr=False)
    whole: bool

    def text(self) -> str:
        """As it is copied."""
        return text(self.report, None)


def make_draft(
    report: Report,
    maker: PictureMaker,
    progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> Draft:
    """Its pictures, and the page for the screen. AppError where the recording cannot be read."""
    pictures = maker.make(report, progress, should_stop)
    images: dict[str, QImage] = {}

    def by_name(name: str, picture: Picture) -> str:
        images[name] = QImage.fromData(picture.jpeg)
        return name

    html = page(report, pictures, None, by_name)
    return Draft(report, pictures, html, images, not should_stop())


def write_draft(draft: Draft, suffix: str, target: Path) -> str:
    """Write the unsigned report; the name of its file. AppError where it cannot be written."""
    save(target, content(suffix, draft.report, draft.pictures))
    return target.name


def write_signed(signed: SignedReport, suffix: str, target: Path) -> str:
    """Write the file as it was signed; its name. AppError as above, and where it was changed."""
    save(target, signed.content(suffix))
    return target.name


def sign(draft: Draft, fingerprint: str, name: str, kept: SignedReports) -> SignedReport:
    """Freeze the draft as the next version, signed by ``name``.

    AppError where it cannot be kept.
    """
    when = datetime.now(UTC).isoformat(timespec="seconds")
    signature = Signature(kept.next_version(fingerprint), name, when)
    files = {
        suffix: content(suffix, draft.report, draft.pictures, signature) for suffix in SUFFIXES
    }
    report = draft.report
    return kept.keep(fingerprint, signature, report.digest, report.model_version, files)
