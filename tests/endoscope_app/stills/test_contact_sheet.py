"""The contact sheet by real keys, to the rows of the library."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from endoscope_app.labels.frame_states import State
from endoscope_app.labels.review.review_rows import RowFilter
from endoscope_app.stills import sheet_model
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import choose_mode, in_front, ready
from tests.endoscope_app.stills.still_session import (
    CONTROL,
    COUNT,
    SHIFT,
    keep_analysis,
    labelled,
    make_stills,
    press,
    sheet,
)

KEY = Qt.Key


def test_g_leads_to_the_sheet_and_back_to_the_still_that_the_keyboard_is_on(
    session: Session,
) -> None:
    press(session, KEY.Key_G)
    assert sheet(session).isVisible()
    assert sheet(session).list.chosen() == [0]
    press(session, KEY.Key_Right)
    press(session, KEY.Key_Right)
    session.until(lambda: session.on_screen() == 2, "the still beside the sheet")
    press(session, KEY.Key_G)
    assert not sheet(session).isVisible()
    assert session.on_screen() == 2
    # The picture has its keyboard again
    press(session, KEY.Key_Right)
    session.until(lambda: session.on_screen() == 3, "the next still")


def test_arrows_go_through_lines_home_and_end_to_the_ends_and_enter_opens(
    session: Session,
) -> None:
    press(session, KEY.Key_G)
    stills = sheet(session).list
    across = stills.viewport().width() // stills.gridSize().width()
    assert 1 < across < COUNT
    for _ in range(across):  # over the end of the first line
        press(session, KEY.Key_Right)
    assert stills.current() == across
    press(session, KEY.Key_Up)
    assert stills.current() == 0
    press(session, KEY.Key_Down)
    assert stills.current() == across
    press(session, KEY.Key_End)
    assert stills.current() == COUNT - 1
    press(session, KEY.Key_Home)
    assert stills.current() == 0
    press(session, KEY.Key_Right)
    press(session, KEY.Key_Return)
    assert not sheet(session).isVisible()
    session.until(lambda: session.on_screen() == 1, "the still that was opened")
    press(session, KEY.Key_G)
    press(session, KEY.Key_Escape)
    assert not sheet(session).isVisible()


def test_a_digit_labels_all_that_are_chosen_in_one_act_and_goes_on(session: Session) -> None:
    press(session, KEY.Key_G)
    press(session, KEY.Key_Right)
    press(session, KEY.Key_Right, SHIFT)
    press(session, KEY.Key_Right, SHIFT)
    assert sheet(session).list.chosen() == [1, 2, 3]
    press(session, KEY.Key_3)
    key = session.app.labels.session.panel_classes()[2].key
    assert labelled(session) == {1: key, 2: key, 3: key}
    session.until(lambda: sheet(session).list.chosen() == [4], "the next still")
    assert session.app.window.frame_view.echo.act().startswith("Caecum · 3 stills")
    press(session, KEY.Key_Z, CONTROL)
    assert labelled(session) == {}
    press(session, KEY.Key_Z, CONTROL | SHIFT)
    assert labelled(session) == {1: key, 2: key, 3: key}


def test_a_label_meant_for_a_cell_never_lands_on_the_still_that_is_left(session: Session) -> None:
    press(session, KEY.Key_G)
    press(session, KEY.Key_Right)
    # At once: the screen still shows the first one
    press(session, KEY.Key_1)
    assert set(labelled(session)) == {1}
    session.until(lambda: session.on_screen() == 2, "the next still")
    press(session, KEY.Key_2)
    assert set(labelled(session)) == {1, 2}


def test_cells_that_are_made_anew_do_not_lead_back_from_the_next_still(session: Session) -> None:
    press(session, KEY.Key_G)
    press(session, KEY.Key_Right, SHIFT)
    press(session, KEY.Key_1)
    # At once: the next one is on its way, and an analysis that ends now renews all cells
    session.app.labels.procedure_labels.renewed.emit()
    session.until(lambda: sheet(session).list.chosen() == [2], "the next still")
    assert session.on_screen() == 2


def test_the_picture_of_one_still_goes_on_after_a_label_and_undo_leads_back(
    session: Session,
) -> None:
    press(session, KEY.Key_1)
    session.until(lambda: session.on_screen() == 1, "the next still")
    press(session, KEY.Key_X)
    session.until(lambda: session.on_screen() == 2, "the next still")
    assert labelled(session)[1] == "unusable"
    press(session, KEY.Key_Z, CONTROL)
    session.until(lambda: session.on_screen() == 1, "the still that changed")
    assert set(labelled(session)) == {0}


def test_agreeing_and_clearing_act_on_all_that_are_chosen(session: Session) -> None:
    press(session, KEY.Key_G)
    press(session, KEY.Key_A, CONTROL)
    assert len(sheet(session).list.chosen()) == COUNT
    press(session, KEY.Key_R)
    assert labelled(session)[0] == "polyps"
    assert labelled(session)[4] == "cecum"
    assert len(labelled(session)) == COUNT
    press(session, KEY.Key_A, CONTROL)
    press(session, KEY.Key_Delete)
    assert labelled(session) == {}


def test_a_cell_says_name_class_certainty_and_label(session: Session) -> None:
    press(session, KEY.Key_G)
    cells = sheet(session).list.cells
    first, unsure = cells.cell(0), cells.cell(8)
    assert first.name == "still_00.png"
    assert (first.model.words, first.model.aside) == ("Polyp", "90\N{NO-BREAK SPACE}%")
    assert unsure.model.words == "unsure: Polyp"
    assert not first.reader.words
    press(session, KEY.Key_3)
    said = cells.cell(0).reader
    assert (said.words, said.aside) == ("You: Caecum", "differs")
    spoken = cells.data(cells.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "still_00.png. Polyp 90\N{NO-BREAK SPACE}%. You: Caecum differs"


def test_filters_show_some_and_choose_among_them(session: Session) -> None:
    press(session, KEY.Key_G)
    stills = sheet(session).list
    sheet(session).filters.set_wanted(RowFilter(state=State.UNSURE))
    assert stills.cells.shown().tolist() == [8, 9]
    assert sheet(session).count() == "2 of 12 stills"
    stills.setFocus()
    session.until(lambda: stills.current() == 8, "a still that is shown")
    press(session, KEY.Key_1)
    session.until(lambda: stills.current() == 9, "the next of those shown")
    assert set(labelled(session)) == {8}
    sheet(session).filters.reset()
    assert stills.cells.rowCount() == COUNT


def test_the_model_is_hidden_on_the_sheet_where_the_settings_hide_it(session: Session) -> None:
    choose_mode(session, "hidden")
    in_front(session, session.app.window)
    press(session, KEY.Key_G)
    cells = sheet(session).list.cells
    assert {cells.cell(row).model.words for row in range(COUNT)} == {""}
    press(session, KEY.Key_3)
    session.until(lambda: cells.cell(0).model.words == "Polyp", "the model after the answer")
    assert cells.cell(1).model.words == ""


def test_where_identity_is_blanked_no_file_name_is_shown(session: Session) -> None:
    press(session, KEY.Key_G)
    press(session, KEY.Key_I, CONTROL)
    assert sheet(session).list.cells.cell(3).name == "image 3"
    press(session, KEY.Key_I, CONTROL)
    assert sheet(session).list.cells.cell(3).name == "still_03.png"


def test_the_menu_labels_what_is_chosen(session: Session) -> None:
    press(session, KEY.Key_G)
    press(session, KEY.Key_Right, SHIFT)
    stills = sheet(session).list
    stills.customContextMenuRequested.emit(stills.visualRect(stills.currentIndex()).center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    classes = next(entry.menu() for entry in menu.actions() if entry.menu() is not None)
    assert isinstance(classes, QMenu)
    classes.actions()[0].trigger()
    menu.close()
    assert set(labelled(session)) == {0, 1}


def test_a_click_in_the_panel_labels_what_is_chosen_on_the_sheet(session: Session) -> None:
    press(session, KEY.Key_G)
    press(session, KEY.Key_Right, SHIFT)
    panel = session.app.window.label_panel
    panel.class_chosen.emit(session.app.labels.session.panel_classes()[0].id)
    assert set(labelled(session)) == {0, 1}


def test_a_video_has_no_sheet_and_says_so(qtbot: QtBot, data: Path, model: Path) -> None:
    clip = make_clip(data.parent / "clip.mp4", count=10)
    with running(data, model) as session:
        ready(session, clip)
        in_front(session, session.app.window)
        press(session, KEY.Key_G)
        assert not sheet(session).isVisible()
        assert "for folders of stills" in session.app.window.banner.toast.text()


def test_opening_a_video_leaves_the_sheet(session: Session, tmp_path: Path) -> None:
    press(session, KEY.Key_G)
    session.open(make_clip(tmp_path / "clip.mp4", count=10))
    assert not sheet(session).isVisible()
    QTest.keyClick(session.app.window.frame_view, KEY.Key_Right)
    session.until(lambda: session.on_screen() == 1, "the picture has the keyboard")


def test_labels_from_the_sheet_are_there_after_a_restart(
    qtbot: QtBot, tmp_path: Path, model: Path, folder: Path
) -> None:
    data = tmp_path / "other"
    keep_analysis(data, model, folder)
    with running(data, model) as session:
        ready(session, folder)
        in_front(session, session.app.window)
        press(session, KEY.Key_G)
        press(session, KEY.Key_Right, SHIFT)
        press(session, KEY.Key_2)
        before = labelled(session)
    with running(data, model) as session:
        ready(session, folder)
        assert labelled(session) == before
        assert set(before) == {0, 1}


def test_thumbnails_are_bounded_and_only_those_seen_are_made(
    qtbot: QtBot, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = 30
    monkeypatch.setattr(sheet_model, "IMAGES_KEPT", kept)
    folder = make_stills(tmp_path / "many", 60)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.json").write_text('{"analyse_on_open": false}')
    with running(tmp_path / "data", model) as session:
        ready(session, folder)
        in_front(session, session.app.window)
        press(session, KEY.Key_G)
        stills = sheet(session).list
        session.until(lambda: seen_are_shown(session), "the images that are seen")
        assert len(stills.cells._images) < kept
        press(session, KEY.Key_End)
        session.until(lambda: seen_are_shown(session), "the last images")
        for _ in range(5):
            press(session, KEY.Key_PageUp)
            session.until(lambda: seen_are_shown(session), "the images that are seen")
        assert len(stills.cells._images) == kept


def seen_are_shown(session: Session) -> bool:
    stills = sheet(session).list
    return not stills.cells.missing_images(*stills.seen_rows())


def test_in_a_low_window_a_line_of_cells_is_whole_with_what_is_said_of_them(
    session: Session,
) -> None:
    press(session, KEY.Key_G)
    stills = sheet(session).list
    session.app.window.resize(1366, 1000)
    session.until(lambda: stills.viewport().height() > 300, "a high sheet")
    tall = stills.gridSize().height()
    session.app.window.resize(911, 485)
    session.until(lambda: stills.viewport().height() < tall, "a low sheet")
    assert stills.gridSize().height() <= stills.viewport().height()
    rect = stills.visualRect(stills.model().index(0, 0))
    assert stills.viewport().rect().contains(rect)
    session.app.window.resize(1366, 1000)
    session.until(lambda: stills.gridSize().height() == tall, "large images again")
