"""Settings, paths, the log and the screen check: what happens when the world is not as it
should be.
"""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.base.log import start_logging, stop_logging
from endoscope_app.base.paths import DataDir
from endoscope_app.base.screen import require_screen
from endoscope_app.base.settings import Settings, load_settings, save_settings
from endoscope_app.run_window import log_thread_fault


def test_settings_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    save_settings(path, Settings(theme="light", overlay_opacity=0.2))
    assert load_settings(path) == (Settings(theme="light", overlay_opacity=0.2), "")
    assert [p.name for p in tmp_path.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"theme": "\xff"}', b"[" * 100_000, b'{"a":' * 5000],
)
def test_damaged_settings_are_kept_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    settings, sentence = load_settings(path)
    assert settings == Settings()
    (aside,) = tmp_path.iterdir()
    assert aside.read_bytes() == content
    assert re.fullmatch(r"settings\.json\.damaged-\d{8}T\d{6}Z", aside.name)
    assert aside.name in sentence


#: A setting and what it cannot be.
WRONG = [
    ("theme", "sepia"),
    ("theme", 3),
    ("overlay_visible", "yes"),
    ("overlay_opacity", 1.5),
    ("overlay_opacity", -1),
    ("colour_map", "jet"),
    ("deinterlace", None),
    ("minimum_finding_s", -0.1),
    ("minimum_finding_s", 1e9),
    ("smoothing_s", []),
    ("analyse_on_open", 1),
    ("reader_mode", "never"),
    ("kept_pictures_gb", -4),
    ("kept_pictures_gb", 10**30),
    ("range_step", 0),
    ("range_step", 2.5),
    ("range_step", 10**30),
    ("thin_ranges", {}),
]


@pytest.mark.parametrize(
    ("name", "value"), WRONG, ids=[f"{name}-{number}" for number, (name, _) in enumerate(WRONG)]
)
def test_a_setting_that_cannot_be_is_back_at_its_default_and_the_others_stay(
    tmp_path: Path, name: str, value: object
) -> None:
    path = tmp_path / "settings.json"
    good: dict[str, Any] = {
        "theme": "light",
        "smoothing_s": 1.5,
        "thin_ranges": False,
        "of a later version": 3,
    }
    path.write_text(json.dumps(good | {name: value}))
    written = path.read_bytes()
    kept = {key: good[key] for key in ("theme", "smoothing_s", "thin_ranges") if key != name}
    settings, sentence = load_settings(path)
    assert settings == Settings(**kept)
    assert name.replace("_", " ") in sentence
    (aside,) = tmp_path.glob("settings.json.damaged-*Z")
    assert aside.read_bytes() == written
    assert load_settings(path) == (Settings(**kept), "")


def test_a_second_damage_in_the_same_second_loses_neither_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    for content in (b"1", b"2", b"3"):
        path.write_bytes(content)
        load_settings(path)
    assert sorted(aside.read_bytes() for aside in tmp_path.iterdir()) == [b"1", b"2", b"3"]


def test_a_file_in_place_of_the_data_folder_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(AppError, match=r"is a file\. Name a folder with --data-dir"):
        DataDir.open(str(tmp_path / "data"))


def test_a_folder_that_cannot_be_made_is_used_read_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert not DataDir.open(str(tmp_path / "file" / "below")).writable


def _fail(path: str) -> None:
    try:
        raise FileNotFoundError(2, f"No such file\n    {path}", path)
    except FileNotFoundError as error:
        raise OSError(f"{path} is gone") from error


def test_a_fault_of_a_plain_thread_is_logged_with_its_lines_and_without_names(
    tmp_path: Path,
) -> None:
    start_logging(tmp_path / "log.txt")
    threading.excepthook, before = log_thread_fault, threading.excepthook
    try:
        thread = threading.Thread(
            target=_fail, args=("/media/Müller, Eva/1961.mp4",), name="reader"
        )
        thread.start()
        thread.join()
    finally:
        threading.excepthook = before
        stop_logging()
    report = (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert "Müller" not in report
    assert "fault in the thread reader" in report
    assert "FileNotFoundError" in report
    assert "OSError" in report
    assert 'raise OSError(f"{path} is gone") from error' in report


def test_without_a_screen_it_says_so_and_names_the_way_out() -> None:
    with pytest.raises(AppError, match="endoscope-app analyse"):
        require_screen({})
    with pytest.raises(AppError, match="No screen answers at DISPLAY=:9876"):
        require_screen({"DISPLAY": ":9876"})
    require_screen({"QT_QPA_PLATFORM": "offscreen"})
