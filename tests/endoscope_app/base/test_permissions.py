"""Who may read what the program writes.

Modes are asked of the system; the umask is the process's, so it is put back.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from endoscope_app.base.paths import DataDir
from endoscope_app.base.permissions import (
    UMASK_VARIABLE,
    keep_private,
    make_open_folder,
    open_like_folder,
)
from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.models.model_registry import ModelRegistry
from tests.endoscope_app.model_stage import A

pytestmark = pytest.mark.skipif(os.name != "posix", reason="this system has no such rights")


@pytest.fixture(autouse=True)
def _umask(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a desktop has it: what a user makes may be read by others."""
    monkeypatch.delenv(UMASK_VARIABLE, raising=False)
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def shared_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "department"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_data_folder_is_the_readers_alone(tmp_path: Path) -> None:
    data = DataDir.open(str(tmp_path / "a" / "data"))
    (data.root / "settings.json").write_text("{}")
    data.labels.mkdir()
    assert [mode(path) for path in (data.root, data.labels, data.settings_file)] == [
        0o700,
        0o700,
        0o600,
    ]


def test_one_of_an_older_version_is_closed_with_all_that_it_holds(tmp_path: Path) -> None:
    root = tmp_path / "data"
    for name in (
        "labels/labels.sqlite",
        "labels/labels.sqlite-wal",
        "labels/frames/ab.png",
        "runs/1/log",
        "endoscope-app.log.1",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    (root / "models").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    DataDir.open(str(root))
    found = {path: mode(path) for path in (root, *root.rglob("*")) if not path.is_symlink()}
    assert {found[path] for path in found if path.is_dir()} == {0o700}
    assert {found[path] for path in found if path.is_file()} == {0o600}
    assert mode(tmp_path / "elsewhere") == 0o755


def test_of_a_folder_that_is_used_for_other_things_too_only_ours_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "labels").mkdir(parents=True)
    (home / "labels" / "labels.sqlite").write_text("x")
    (home / "script.sh").write_text("x")
    (home / "script.sh").chmod(0o755)
    DataDir.open(str(home))
    assert (mode(home), mode(home / "script.sh")) == (0o755, 0o755)
    assert (mode(home / "labels"), mode(home / "labels" / "labels.sqlite")) == (0o700, 0o600)


def test_an_export_may_be_read_by_those_who_may_read_its_folder(
    shared_folder: Path, tmp_path: Path
) -> None:
    keep_private()
    files.save(shared_folder / "labels.csv", [b"x"])
    files.save(shared_folder / "new" / "labels.csv", [b"x"])
    (tmp_path / "private").mkdir()
    files.save(tmp_path / "private" / "labels.csv", [b"x"])
    assert mode(shared_folder / "labels.csv") == 0o644
    assert (mode(shared_folder / "new"), mode(shared_folder / "new" / "labels.csv")) == (
        0o755,
        0o644,
    )
    assert mode(tmp_path / "private" / "labels.csv") == 0o600


def test_an_export_is_never_more_open_than_the_users_umask(shared_folder: Path) -> None:
    os.umask(0o027)
    keep_private()
    files.save(shared_folder / "labels.csv", [b"x"])
    assert mode(shared_folder / "labels.csv") == 0o640


def test_a_second_call_does_not_take_the_private_umask_for_the_users(shared_folder: Path) -> None:
    keep_private()
    keep_private()
    make_open_folder(shared_folder / "a" / "b")
    assert [mode(shared_folder / name) for name in ("a", "a/b")] == [0o755, 0o755]


def test_an_exported_model_can_be_read_and_the_one_it_came_from_stays_private(
    two: ModelRegistry, shared_folder: Path
) -> None:
    keep_private()
    made = two.export_to(A, shared_folder)
    assert mode(made) == 0o755
    assert {mode(path) for path in made.iterdir()} == {0o644}
    two.export_onnx(A, shared_folder / "m.onnx")
    assert mode(shared_folder / "m.onnx") == 0o644


def test_what_is_gone_or_cannot_be_changed_is_no_fault(tmp_path: Path) -> None:
    open_like_folder(tmp_path / "missing" / "file")


def test_analyse_writes_with_the_users_own_umask(shared_folder: Path) -> None:
    picture = shared_folder / "stills"
    picture.mkdir()
    cv2.imwrite(str(picture / "1.png"), np.full((96, 96, 3), 90, np.uint8))
    words = [
        sys.executable,
        "-m",
        "endoscope_app",
        "analyse",
        str(picture),
        "--out",
        str(shared_folder / "r.json"),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert mode(shared_folder / "r.json") == 0o644
