"""Settings, paths, the log and the screen check: what happens when the world is not as it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from endoscope_app.errors import AppError
from endoscope_app.log import LOG, start_logging, stop_logging, without_names
from endoscope_app.paths import DataDir
from endoscope_app.screen import require_screen
from endoscope_app.settings import Settings, load_settings, save_settings


def test_settings_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    save_settings(path, Settings(theme="light", overlay_opacity=0.2))
    assert load_settings(path) == Settings(theme="light", overlay_opacity=0.2)
    assert [p.name for p in tmp_path.iterdir()] == ["settings.json"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"theme": 3}', b"\xff\xfe"])
def test_damaged_settings_are_kept_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    assert load_settings(path) == Settings()
    assert (tmp_path / "settings.json.damaged").read_bytes() == content


def test_a_file_in_place_of_the_data_folder_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(AppError, match=r"is a file\. Name a folder with --data-dir"):
        DataDir.open(str(tmp_path / "data"))


def test_a_folder_that_cannot_be_made_is_used_read_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert not DataDir.open(str(tmp_path / "file" / "below")).writable


def test_the_log_holds_no_names(tmp_path: Path) -> None:
    report = without_names(
        'Traceback (most recent call last):\n  File "app.py", line 3, in open\n    read(path)\n'
        "FileNotFoundError: [Errno 2] No such file: '/media/Müller, Eva/1961.mp4'\nOSError: /media/Müller/x is gone"
    )
    assert "Müller" not in report
    assert "FileNotFoundError" in report
    assert 'File "app.py", line 3' in report
    start_logging(tmp_path / "log.txt")
    LOG.info("opened")
    stop_logging()
    assert "opened" in (tmp_path / "log.txt").read_text()


def test_without_a_screen_it_says_so_and_names_the_way_out() -> None:
    with pytest.raises(AppError, match="endoscope-app analyse"):
        require_screen({})
    with pytest.raises(AppError, match="No screen answers at DISPLAY=:9876"):
        require_screen({"DISPLAY": ":9876"})
    require_screen({"QT_QPA_PLATFORM": "offscreen"})
