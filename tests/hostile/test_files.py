"""Files that nobody should have to trust: each ends in time and in a sentence, or is read."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile import folder_cases, label_cases, media_cases, model_cases
from tests.hostile.attack import Figures, attack
from tests.places import REPOSITORY

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        sys.platform == "win32", reason="the limits of the attacked process are POSIX"
    ),
]
Judged = Callable[[Figures, int], None]
LONG = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(3000)]
LABELS_THERE = "24 labels"


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return media_cases.originals(tmp_path_factory.mktemp("sound") / "media")


@pytest.mark.parametrize("count", [60, pytest.param(300, marks=LONG)])
def test_damaged_recordings(
    recordings: list[Path], tmp_path: Path, judged: Judged, count: int
) -> None:
    cases = media_cases.damaged(recordings, tmp_path / "media", count)
    judged(attack("damaged recordings", "media", cases, Path.unlink), count)


@pytest.mark.parametrize("count", [60, pytest.param(1500, marks=LONG)])
def test_mutated_recordings(
    recordings: list[Path], tmp_path: Path, judged: Judged, count: int
) -> None:
    cases = media_cases.mutated(recordings, tmp_path / "media", count)
    judged(attack("mutated recordings", "media", cases, Path.unlink), count)


def test_what_fuzzing_found(tmp_path: Path, judged: Judged) -> None:
    """Each was an error of a library that nobody had heard of."""
    kept = sorted((REPOSITORY / "tests" / "fixtures" / "fuzzed").iterdir())
    cases = [(path.name, Path(shutil.copy(path, tmp_path / path.name))) for path in kept]
    judged(attack("what fuzzing found", "media", cases, Path.unlink), 2)


def test_files_of_labels(tmp_path: Path, judged: Judged) -> None:
    cases = label_cases.label_files(tmp_path / "labels")
    judged(attack("files of labels", "labels", cases, Path.unlink), 49)


def test_models_of_strangers(model_dir: Path, tmp_path: Path, judged: Judged) -> None:
    cases = model_cases.model_folders(model_dir, tmp_path)
    judged(attack("models", "models", cases, shutil.rmtree), 46)


@pytest.mark.parametrize("contents", [1, pytest.param(15, marks=LONG)])
def test_a_damaged_file_of_the_data_folder(tmp_path: Path, judged: Judged, contents: int) -> None:
    """No label is lost where the library itself is sound."""
    library = [folder_cases.LIBRARY]
    others = [kind for kind in folder_cases.KINDS if kind not in library]
    forget = folder_cases.without
    cases = folder_cases.damaged_folders(tmp_path, contents, library)
    judged(attack("library damaged", "data folder", cases, forget), contents)
    cases = folder_cases.damaged_folders(tmp_path, contents, others)
    figures = attack("16 other files of the data folder", "data folder", cases, forget, _all_there)
    judged(figures, len(others) * contents)


def _all_there(text: str) -> str:
    return "" if text == LABELS_THERE else f"labels were lost: {text}"
