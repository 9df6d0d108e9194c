"""The report through the window: what the reader labelled comes out in every form."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from endoscope_app.labels.library import class_edits
from endoscope_app.labels.library.records import Context
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.label_session import Answers, go, store
from tests.endoscope_app.report.report_session import (
    answered,
    button,
    click,
    mark,
    opened,
    pictures_of,
    saved,
    shown,
    tick,
)
from tests.endoscope_app.report.tissue_clips import NAME_BOX, TIME_BOX, box, number_of


def test_html_says_what_was_found_and_when_with_a_picture_of_each(
    session: Session, tmp_path: Path
) -> None:
    dialog = opened(session)
    html = saved(session, dialog, tmp_path / "r.html").decode()
    for said in (
        "For research and education. Not a medical device.",
        "1. Polyp, 0:00.2–0:00.3",
        "2. Caecum, 0:00.8–0:00.9",
        "3. Good preparation (BBPS 2-3), 0:01.2–0:01.5",
        "labelled by the reader",
        "Dr. Test",
        "3 acts with its answers shown",
        "Good preparation (BBPS 2-3) for 0.4 s",
        "1.0 s, from the caecum&#x27;s last frame",
        "<b>Signed by:</b> not signed",
    ):
        assert said in html, said
    pictures = pictures_of(html)
    assert len(pictures) == 3
    low, high = zip(*((5, 9), (20, 24), (30, 39)), strict=True)
    numbers = [number_of(picture) for picture in pictures]
    assert all(
        first <= number <= last for first, number, last in zip(low, numbers, high, strict=True)
    )
    assert shown(dialog).count("labelled by the reader") == 3
    for picture in pictures:
        assert box(picture, NAME_BOX).max() < 12, "the name beside the view"
        assert box(picture, TIME_BOX).min(axis=2).max() < 90, "the time inside the view"


def test_the_name_of_the_file_is_in_it_only_when_asked_for(
    session: Session, tmp_path: Path
) -> None:
    dialog = opened(session)
    assert "Miller" not in saved(session, dialog, tmp_path / "a.html").decode()
    tick(session, dialog, "File name")
    assert "Miller, Anna.mp4" in saved(session, dialog, tmp_path / "b.html").decode()
    assert "Miller, Anna.mp4" in shown(dialog)


def test_heat_maps_and_single_frames_are_there_when_asked_for(
    session: Session, tmp_path: Path
) -> None:
    go(session, 45)
    session.press("6")
    dialog = opened(session)
    tick(session, dialog, "Heat maps")
    html = saved(session, dialog, tmp_path / "a.html").decode()
    assert len(pictures_of(html)) == 6
    assert "never evidence" in html
    tick(session, dialog, "Single labelled frames")
    html = saved(session, dialog, tmp_path / "b.html").decode()
    assert len(pictures_of(html)) == 8
    assert "Ulcerative colitis, 0:01.8" in html


def test_pdf_has_the_pictures_and_the_pages(session: Session, tmp_path: Path) -> None:
    content = saved(session, opened(session), tmp_path / "r.pdf")
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Subtype\s*/Image", content)) == 3
    assert len(re.findall(rb"/Type\s*/Page\b", content)) >= 1


def test_text_is_copied(session: Session) -> None:
    dialog = opened(session)
    click(session, dialog, "Copy text")
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Endoscopy review\nFor research and education.")
    assert "1. Polyp, 0:00.2–0:00.3 (labelled by the reader)" in text
    assert "copied" in dialog.said()


def test_tables_hold_no_formula_whatever_a_class_is_called(
    session: Session, tmp_path: Path
) -> None:
    evil = "=HYPERLINK(&x)<b>"
    polyp = session.app.labels.session.panel_classes()[4]
    act = class_edits.rename_class(store(session).read, polyp.id, evil)
    session.app.labels.session.announce(store(session).apply(act, Context("Dr. Test", "always")))
    dialog = opened(session)
    content = saved(session, dialog, tmp_path / "r.xlsx")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "/sheet" in name]
        strings = book.read("xl/sharedStrings.xml").decode()
    assert not any("<f>" in sheet or "hyperlink" in sheet for sheet in sheets)
    assert "=HYPERLINK(&amp;x)&lt;b&gt;" in strings
    rows = list(
        csv.DictReader(io.StringIO(saved(session, dialog, tmp_path / "r.csv").decode("utf-8-sig")))
    )
    assert [row["class_key"] for row in rows] == ["polyps", "cecum", "bbps-2-3"]
    assert rows[0]["class"] == f"'{evil}"
    assert (rows[0]["first_frame"], rows[0]["last_frame"]) == ("5", "9")
    assert (rows[0]["start_s"], rows[0]["duration_s"]) == ("0.2", "0.2")
    html = saved(session, dialog, tmp_path / "r.html").decode()
    assert "=HYPERLINK(&amp;x)&lt;b&gt;" in html
    assert evil not in html


def test_a_label_given_meanwhile_is_in_the_report_at_once(session: Session) -> None:
    dialog = opened(session)
    mark(session, 41, 44, "6")
    session.until(lambda: "Ulcerative colitis" in shown(dialog), "the new finding")
    assert "4 findings" in dialog.said()


def test_a_report_is_of_the_procedure_that_is_open(session: Session) -> None:
    dialog = opened(session)
    session.open(Path(session.app.player.info.path).parent / "Miller, Anna.mp4")  # type: ignore[union-attr]
    assert session.app.report.dialog is dialog, "the same procedure again"


def test_no_report_without_a_procedure_or_a_finding(session: Session) -> None:
    for _ in range(3):
        session.press("Ctrl+Z")
    dialog = opened(session)
    assert "Nothing was accepted, corrected or labelled." in shown(dialog)
    assert not button(dialog, "Sign").isEnabled()


def test_what_cannot_be_written_is_said(session: Session, tmp_path: Path) -> None:
    dialog = opened(session)
    (tmp_path / "file").write_text("")
    session.app.report.files = Answers(tmp_path / "file" / "r.html")  # type: ignore[assignment]
    click(session, dialog, "HTML")
    assert dialog.said() == "Nothing can be saved there. Choose another folder."


def test_no_is_no_signature(session: Session, tmp_path: Path) -> None:
    dialog = opened(session)
    with answered(QMessageBox.StandardButton.No) as asked:
        click(session, dialog, "Sign")
    assert "cannot be changed" in asked[0]
    assert not list((tmp_path / "data").glob("reports/**/*.json"))


def test_before_a_procedure_is_open_the_key_says_so(
    qtbot: QtBot, tmp_path: Path, model: Path
) -> None:
    with running(tmp_path / "data", model) as empty:
        empty.press("Ctrl+Shift+R")
        assert "No procedure is open" in empty.message()
        assert empty.app.report.dialog is None
