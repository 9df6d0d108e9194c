"""What the attacks came to, as one table at the end of the run; and the attacks that stand with the
rooms that they are on.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.attack import Figures
from tests.model_factory import make_model_dir
from tests.places import REPOSITORY
from tests.window.conftest import display

__all__ = ["display"]

ROW = "hostile row"
HEADING = ("attack", "tried", "refused", "read", "faults", "most MB", "longest s")
_ROOMS = "tests/endoscope_app/"
#: Modules with attacks of their own: `pytest -m hostile` runs them too.
IN_THE_ROOMS = {
    "labels/library/test_label_crash.py": "kill -9 of the library, 200 times (tests)",
    "labels/library/test_acts_in_pieces.py": "kill -9 of a large import (tests)",
    "labels/library/test_label_disk.py": "disk full, read-only, clock jumps (tests)",
    "labels/library/test_label_damage.py": "damaged library (tests)",
    "labels/library/test_label_opening.py": "two windows (tests)",
    "models/test_model_registry_faults.py": "registry: kill -9, disk full, strangers (tests)",
    "base/test_damaged_state.py": "damaged data folder, the window opens (tests)",
    "media/test_media_damage.py": "damaged recordings (tests)",
    "media/test_dicom_damage.py": "damaged DICOM (tests)",
    "labels/exchange/test_exchange_bad_files.py": "files of labels (tests)",
    "retraining/test_training_process.py": "retraining killed, two at once (tests)",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the attacks that stand elsewhere."""
    rooms = {REPOSITORY / _ROOMS / name for name in IN_THE_ROOMS}
    for item in items:
        if item.path in rooms or Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.hostile)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table: of attacks with files by what became of each, of others by their tests."""
    rows: list[tuple[object, ...]] = []
    tests: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            rows += [row for name, row in report.user_properties if name == ROW]
            name = report.nodeid.partition("::")[0].removeprefix(_ROOMS)
            if name in IN_THE_ROOMS:
                tests[IN_THE_ROOMS[name]] += 1
                failed[IN_THE_ROOMS[name]] += outcome == "failed"
    rows += [(name, number, "", "", failed[name], "", "") for name, number in tests.items()]
    if rows:
        terminalreporter.write_sep("=", "what the attacks came to")
        for row in (HEADING, ("---",) * len(HEADING), *rows):
            terminalreporter.write_line("| " + " | ".join(map(str, row)) + " |")


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound model folder."""
    return make_model_dir(tmp_path_factory.mktemp("hostile") / "model")


@pytest.fixture
def judged(record_property: Any) -> Any:
    """Take the figures of one kind of attack into the table; a fault fails the test."""

    def take(figures: Figures, least: int) -> None:
        record_property(ROW, figures.row())
        assert not figures.faults, "\n\n".join(figures.faults[:5])
        assert sum(figures.counts.values()) >= least

    return take
