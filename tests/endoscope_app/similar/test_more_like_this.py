"""More like this by real keys, over two folders, to the library and the other folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.commands import MORE_LIKE_THIS
from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.similar.similar_dialog import SimilarDialog
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.label_session import choose_mode, in_front, ready, store
from tests.endoscope_app.second_reading.reading_session import begin_blind, is_blind
from tests.endoscope_app.stills.still_session import CONTROL, SHIFT, press, still
from tests.model_factory import make_model_dir
from tests.present import present

KEY = Qt.Key
COPY = 3  # of the first still of A, in B


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders of stills: one of B is a copy of the first of A."""
    root = tmp_path_factory.mktemp("folders")
    for name, first in (("a", 0), ("b", 5)):
        (root / name).mkdir()
        for number in range(5):
            cv2.imwrite(str(root / name / f"{number}.png"), still(first + number))
    shutil.copy(root / "a" / "0.png", root / "b" / f"{COPY}.png")
    return root / "a", root / "b"


@pytest.fixture(scope="module")
def analysed(
    tmp_path_factory: pytest.TempPathFactory, folders: tuple[Path, Path]
) -> tuple[Path, Path]:
    """A data folder in which B was analysed, and the model."""
    root = tmp_path_factory.mktemp("analysed")
    model = make_model_dir(root / "m")
    QApplication.instance() or QApplication([])
    with running(root / "data", model) as session:
        opened(session, folders[1])
    return root / "data", model


@pytest.fixture
def session(
    qtbot: QtBot, tmp_path: Path, analysed: tuple[Path, Path], folders: tuple[Path, Path]
) -> Iterator[Session]:
    data = shutil.copytree(analysed[0], tmp_path / "data")
    with running(data, analysed[1]) as session:
        opened(session, folders[0])
        in_front(session, session.app.window)
        yield session


def opened(session: Session, folder: Path) -> None:
    ready(session, folder)
    session.until(session.analysed, "the analysis")
    session.until(lambda: not session.app.analysis.running, "its end")


def dialog(session: Session) -> SimilarDialog:
    return present(session.app.similar.dialog)


def searched(session: Session) -> None:
    """By the key, on the first still of A."""
    session.app.player.go_to(0)
    session.until(lambda: session.on_screen() == 0, "the first still")
    press(session, KEY.Key_S)
    session.until(lambda: dialog(session).hits.count() > 0, "what was found")
    in_front(session, dialog(session))
    dialog(session).hits.setFocus()


def labels_of(session: Session, folder: Path) -> dict[int, str]:
    read = store(session).read
    where = next(
        item.fingerprint for item in session.app.worklist.store.entries() if item.path == folder
    )
    return {
        label.frame_index: label.kind
        if label.class_id is None
        else read.label_class(label.class_id).key
        for label in read.frame_labels(where)
    }


def test_the_copy_in_the_other_folder_comes_first_with_its_image_and_opens(
    session: Session, folders: tuple[Path, Path]
) -> None:
    searched(session)
    room = dialog(session).screen().availableSize()
    assert dialog(session).width() < room.width()
    assert dialog(session).height() < room.height()
    hits = session.app.similar._found.hits
    assert (hits[0].place.path, hits[0].index) == (folders[1], COPY)
    assert hits[0].alike == pytest.approx(1.0, abs=1e-3)
    assert len(hits) == 9  # all but the one that was asked about
    assert (folders[0], 0) not in {(hit.place.path, hit.index) for hit in hits}
    said = dialog(session).hits.item(0).text()
    assert said.startswith(f"no pseudonym\nimage {COPY} · alike 100")
    assert dialog(session).state() == "9 frames of 2 procedures, most alike first."
    blank = dialog(session).hits.item(0).icon().cacheKey()
    session.until(
        lambda: dialog(session).hits.item(8).icon().cacheKey() != blank, "images of the hits"
    )
    press(session, KEY.Key_Return)
    session.until(
        lambda: present(session.app.player.info).path == folders[1] and session.on_screen() == COPY,
        "the frame in its own procedure",
    )


def test_digits_label_what_is_chosen_in_closed_procedures_with_one_undo(
    session: Session, folders: tuple[Path, Path]
) -> None:
    searched(session)
    press(session, KEY.Key_Right, SHIFT)
    chosen = [session.app.similar._found.hits[number] for number in dialog(session).hits.chosen()]
    assert len(chosen) == 2
    press(session, KEY.Key_3)
    key = session.app.labels.session.panel_classes()[2].key
    found = {(folder, index) for folder in folders for index in labels_of(session, folder)}
    assert found == {(hit.place.path, hit.index) for hit in chosen}
    assert labels_of(session, folders[1])[COPY] == key
    assert dialog(session).hits.item(0).text().endswith("You: Caecum")
    press(session, KEY.Key_Z, CONTROL)
    assert labels_of(session, folders[0]) == labels_of(session, folders[1]) == {}
    assert "You:" not in dialog(session).hits.item(0).text()
    press(session, KEY.Key_X)
    assert labels_of(session, folders[1])[COPY] == "unusable"
    press(session, KEY.Key_Delete)
    assert labels_of(session, folders[1]) == {}


def test_a_label_from_the_list_is_on_its_frame_when_the_procedure_is_opened(
    session: Session, folders: tuple[Path, Path]
) -> None:
    searched(session)
    press(session, KEY.Key_2)
    press(session, KEY.Key_Return)
    session.until(
        lambda: present(session.app.player.info).path == folders[1] and session.on_screen() == COPY,
        "the frame in its own procedure",
    )
    session.until(
        lambda: session.app.labels.procedure_labels.states.has_answer(COPY), "its label there"
    )


def test_where_the_model_is_hidden_the_list_says_no_class(session: Session) -> None:
    choose_mode(session, "hidden")
    in_front(session, session.app.window)
    searched(session)
    names = [item.name for item in session.app.labels.session.panel_classes()]
    texts = [dialog(session).hits.item(number).text() for number in range(9)]
    assert not [name for name in names for text in texts if name in text]


def test_the_list_is_closed_when_a_blind_second_reading_begins(session: Session) -> None:
    """It shows the first reader's labels, and would give new ones outside that reading."""
    session.press("1")
    searched(session)
    in_front(session, session.app.window)
    begin_blind(session, "Dr. Ben")
    session.until(lambda: is_blind(session), "the second reading")
    assert not dialog(session).isVisible()
    assert not session.app.window.action(MORE_LIKE_THIS).isEnabled()


def test_procedures_that_the_model_has_not_seen_are_said_and_go_into_the_queue(
    session: Session, folders: tuple[Path, Path]
) -> None:
    classifier = present(session.app.analysis.classifier)
    entry = next(item for item in session.app.worklist.store.entries() if item.path == folders[1])
    session.app.worklist.queue.pause(True)
    kept = EmbeddingStore(session.app._data.predictions)
    kept.path(entry.fingerprint, classifier.version).unlink()
    searched(session)
    assert dialog(session).without().startswith("1 procedure of the worklist is not analysed")
    button = next(
        item for item in dialog(session).findChildren(QPushButton) if "Analyse" in item.text()
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    wanted = {item.path for item in session.app.worklist.store.entries() if item.wanted}
    assert wanted == {folders[1]}
    session.app.worklist.queue.pause(False)
    session.until(lambda: kept.load(entry.fingerprint, classifier.version) is not None, "the queue")
    in_front(session, session.app.window)
    searched(session)
    assert session.app.similar._found.hits[0].place.path == folders[1]
    assert dialog(session).without() == ""


def test_a_frame_that_was_not_analysed_says_how_it_will_be(
    qtbot: QtBot, tmp_path: Path, analysed: tuple[Path, Path], folders: tuple[Path, Path]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.json").write_text('{"analyse_on_open": false}')
    with running(tmp_path / "data", analysed[1]) as session:
        ready(session, folders[0])
        in_front(session, session.app.window)
        press(session, KEY.Key_S)
        assert session.app.similar.dialog is None
        assert "not been analysed yet" in session.app.window.banner.toast.text()


def test_the_menu_of_a_segment_searches_for_its_frame(
    session: Session, folders: tuple[Path, Path]
) -> None:
    segments = session.app.window.segments.list
    place = ("bookmark", 1, 1)
    session.app.player.go_to(1)
    session.until(lambda: session.on_screen() == 1, "the second still")
    press(session, KEY.Key_D, CONTROL)
    session.until(lambda: segments.rows.row_of(place) >= 0, "the bookmark in the list")
    at = segments.visualRect(segments.rows.index(segments.rows.row_of(place))).center()
    segments.customContextMenuRequested.emit(at)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    present(
        next(entry for entry in menu.actions() if entry.text().startswith("&More like"))
    ).trigger()
    menu.close()
    session.until(lambda: dialog(session).hits.count() > 0, "what was found")
    found = {(hit.place.path, hit.index) for hit in session.app.similar._found.hits}
    assert (folders[0], 1) not in found, "it was asked about this one"
    assert (folders[0], 0) in found
