"""What a procedure is chosen by, and how the heat map's settings reach the window and come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.paths import demo_clip
from endoscope_app.base.settings import Settings
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing.commands import OPEN_DEMO, OPEN_FILE, OPEN_FOLDER, TOGGLE_OVERLAY
from endoscope_app.viewing.heat_map_settings import HeatMapSettings
from endoscope_app.viewing.procedure_choice import ProcedureChoice
from endoscope_app.viewing.recent import RecentFiles


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    made = MainWindow()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def recent(tmp_path: Path) -> RecentFiles:
    return RecentFiles(tmp_path / "recent.json")


def chosen_by(opening: ProcedureChoice) -> list[Path]:
    chosen: list[Path] = []
    opening.chosen.connect(chosen.append)
    opening.folder_chosen.connect(chosen.append)
    return chosen


def test_file_folder_and_demo_are_handed_on_and_no_choice_is_none(
    window: MainWindow, recent: RecentFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = chosen_by(ProcedureChoice(window, recent, recent_menu=window.recent_menu))
    patterns: list[str] = []
    monkeypatch.setattr(
        QFileDialog,
        "getOpenFileNames",
        lambda *words: (patterns.append(words[-1]), (["/a/film.mp4"], ""))[1],
    )
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/a/stills")
    for command in (OPEN_FILE, OPEN_FOLDER, OPEN_DEMO):
        window.action(command).trigger()
    assert chosen == [Path("/a/film.mp4"), Path("/a/stills"), demo_clip()]
    assert "*.mp4 *.MP4" in patterns[0]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([], ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    window.action(OPEN_FILE).trigger()
    window.action(OPEN_FOLDER).trigger()
    assert len(chosen) == 3


def test_the_menu_of_recent_procedures_is_filled_when_it_is_opened(
    window: MainWindow, recent: RecentFiles, tmp_path: Path
) -> None:
    chosen = chosen_by(ProcedureChoice(window, recent, recent_menu=window.recent_menu))
    window.recent_menu.aboutToShow.emit()
    assert [(action.text(), action.isEnabled()) for action in window.recent_menu.actions()] == [
        ("Nothing yet", False)
    ]
    film = tmp_path / "film.mp4"
    film.write_bytes(b"")
    recent.add(film, "fingerprint", 7)
    window.recent_menu.aboutToShow.emit()
    (only,) = window.recent_menu.actions()
    assert only.text() == "film.mp4"
    only.trigger()
    assert chosen == [film]


def test_settings_of_the_heat_map_reach_the_window_and_changes_come_back(
    window: MainWindow,
) -> None:
    settings = CurrentSettings(
        Settings(overlay_visible=False, overlay_opacity=0.25, colour_map="cividis")
    )
    HeatMapSettings(window, settings, panel=window.heat_map_panel, frame_view=window.frame_view)
    view = window.frame_view
    assert (view._heat_map_visible, view._layers._opacity, view._layers._colour_map) == (
        False,
        0.25,
        "cividis",
    )
    assert not window.action(TOGGLE_OVERLAY).isChecked()
    window.action(TOGGLE_OVERLAY).trigger()
    window.heat_map_panel.opacity_changed.emit(0.5)
    window.heat_map_panel.colour_map_changed.emit("viridis")
    assert settings.now == Settings(overlay_visible=True, overlay_opacity=0.5, colour_map="viridis")
    assert view._heat_map_visible
    assert (view._layers._opacity, view._layers._colour_map) == (0.5, "viridis")
