"""Two stills side by side by real keys, to the library and the report."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.cli.report import run_report
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.stills.pair_view import PairView
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.label_session import in_front, ready, store
from tests.endoscope_app.older_library import take_back
from tests.endoscope_app.stills.still_session import (
    CONTROL,
    SHIFT,
    keep_analysis,
    labelled,
    press,
    sheet,
)
from tests.present import present

KEY = Qt.Key


def pair(session: Session) -> PairView:
    return session.app.window.pair


def pairs(session: Session) -> list[tuple[int, int, str]]:
    """Before, after and text of every pair in the library."""
    kept = store(session).read.pairs(session.app.labels.procedure.fingerprint)
    return [(item.before_index, item.after_index, item.text) for item in kept]


def compare_two(session: Session) -> None:
    """Stills 1 and 2, chosen on the sheet."""
    press(session, KEY.Key_G)
    press(session, KEY.Key_Right)
    press(session, KEY.Key_Right, SHIFT)
    press(session, KEY.Key_C)
    images_shown(session)


def images_shown(session: Session) -> None:
    views = pair(session).before, pair(session).after
    session.until(lambda: all(view._image is not None for view in views), "both images")


def test_two_chosen_stills_lie_side_by_side_and_esc_leads_back_to_the_sheet(
    session: Session,
) -> None:
    compare_two(session)
    assert pair(session).isVisible()
    assert session.app.stills.pairs.both == (1, 2)
    assert pair(session).before._caption == "Before: still_01.png"
    assert pair(session).after._caption == "After: still_02.png"
    press(session, KEY.Key_Escape)
    assert not pair(session).isVisible()
    assert sheet(session).isVisible()
    press(session, KEY.Key_Right)
    assert sheet(session).list.current() == 3  # the sheet has its keyboard again


def test_the_still_on_screen_is_compared_with_one_that_is_chosen_then(session: Session) -> None:
    press(session, KEY.Key_C)
    assert sheet(session).isVisible()
    assert sheet(session)._ask.text().startswith("Compare still_00.png with")
    press(session, KEY.Key_Return)
    assert not pair(session).isVisible()  # not with itself
    press(session, KEY.Key_End)
    press(session, KEY.Key_Return)
    images_shown(session)
    assert session.app.stills.pairs.both == (0, 11)
    press(session, KEY.Key_C)
    assert sheet(session)._ask.text() == ""
    press(session, KEY.Key_C)
    press(session, KEY.Key_Escape)
    assert not sheet(session).isVisible()
    press(session, KEY.Key_G)
    press(session, KEY.Key_Return)
    assert not pair(session).isVisible(), "what was asked before Esc is forgotten"


def test_zoom_and_moving_are_the_same_in_both(session: Session) -> None:
    compare_two(session)
    before, after = pair(session).before, pair(session).after
    press(session, KEY.Key_Plus)
    assert before._zoom > 1
    assert (after._zoom, after._centre) == (before._zoom, before._centre)
    after.zoom_by(2.0, QPointF(5, 5))
    assert (before._zoom, before._centre) == (after._zoom, after._centre)
    press(session, KEY.Key_F)
    assert before._zoom == after._zoom == 1.0


def test_enter_puts_the_pair_into_the_report_with_its_text_and_out_of_it(session: Session) -> None:
    compare_two(session)
    press(session, KEY.Key_T)
    QTest.keyClicks(present(QApplication.focusWidget()), "after banding")
    press(session, KEY.Key_Return)  # leads back
    assert pairs(session) == []
    press(session, KEY.Key_Return)
    assert pairs(session) == [(1, 2, "after banding")]
    press(session, KEY.Key_T)
    QTest.keyClicks(present(QApplication.focusWidget()), ", day 2")
    press(session, KEY.Key_Return)
    assert pairs(session) == [(1, 2, "after banding, day 2")]
    press(session, KEY.Key_Return)
    assert pairs(session) == []
    press(session, KEY.Key_Z, CONTROL)
    assert pairs(session) == [(1, 2, "after banding, day 2")]
    assert pair(session)._keep.isChecked()


def test_swapping_turns_before_and_after_and_stays_so(session: Session) -> None:
    compare_two(session)
    press(session, KEY.Key_Return)
    swap = next(
        button for button in pair(session).findChildren(QPushButton) if "Swap" in button.text()
    )
    QTest.mouseClick(swap, Qt.MouseButton.LeftButton)
    assert pairs(session) == [(2, 1, "")]
    press(session, KEY.Key_Escape)
    press(session, KEY.Key_C)
    assert session.app.stills.pairs.both == (2, 1)


def test_while_two_are_on_screen_a_digit_labels_neither(session: Session) -> None:
    compare_two(session)
    press(session, KEY.Key_1)
    assert labelled(session) == {}
    assert "Esc leads back" in session.app.window.banner.toast.text()
    press(session, KEY.Key_G)
    assert not pair(session).isVisible()
    press(session, KEY.Key_1)
    assert set(labelled(session)) == {1, 2}


def test_a_pair_is_in_the_report_with_both_pictures(
    qtbot: QtBot, tmp_path: Path, model: Path, folder: Path
) -> None:
    data, out = tmp_path / "data", tmp_path / "report.html"
    keep_analysis(data, model, folder)
    with running(data, model) as session:
        ready(session, folder)
        in_front(session, session.app.window)
        compare_two(session)
        press(session, KEY.Key_Return)
    arguments = [str(folder), "--out", str(out), "--model", str(model), "--data-dir", str(data)]
    assert run_report(arguments) == 0
    html = out.read_text(encoding="utf-8")
    assert "Before: image 1" in html
    assert "After: image 2" in html
    assert html.count("<img") == 2
    assert "still_01" not in html  # a file's name may be the patient's


def test_a_library_without_pairs_becomes_one_with_pairs(
    tmp_path: Path,
) -> None:
    LabelStore(tmp_path / "labels").close()
    file = tmp_path / "labels" / "labels.sqlite"
    take_back(file, 5)
    library = LabelStore(tmp_path / "labels")
    assert library.read.pairs("0" * 40) == []
    assert library.new_id("still_pairs") == 1
    library.close()
