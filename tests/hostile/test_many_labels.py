"""A file of very many labels comes in, and goes again by one undo, in a stated time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from endoscope_app.labels.exchange.import_work import ImportWork, LargeImport
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.large_undo import take_back
from endoscope_app.labels.library.records import Procedure
from tests.endoscope_app.label_library import PROCEDURE, READER, library
from tests.hostile.attack import Figures

KEYS = ("polyps", "cecum")
LONG = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(1200)]


def of_length(frames: int) -> Procedure:
    """A recording of its own."""
    name = PROCEDURE.fingerprint.replace("ab", "ba")
    return Procedure(name, "long.mp4", "/videos/long.mp4", frames, frames / 25)


@pytest.mark.parametrize("rows", [10_000, pytest.param(1_000_000, marks=LONG)])
def test_a_file_of_so_many_rows(
    rows: int, tmp_path: Path, judged: Callable[[Figures, int], None]
) -> None:
    procedure, table = of_length(rows), tmp_path / "labels.csv"
    with library(tmp_path / "labels") as store:
        store.apply(edits.register_procedure(store.read, procedure), READER)
    with table.open("w") as file:
        file.write("label,procedure,frame\n")
        file.writelines(f"{KEYS[row % 2]},{procedure.fingerprint},{row}\n" for row in range(rows))
    figures = Figures(f"{rows:,} labels imported")
    begun = time.process_time()
    stamps = {procedure.fingerprint: np.arange(rows, dtype=np.int64) * 40}
    work = ImportWork(table, tmp_path / "labels", False, None, stamps)
    with LabelStore(tmp_path / "labels"):  # as the window holds it meanwhile
        plan, _ = work.run(lambda: False)
        large = LargeImport(tmp_path / "labels", plan, plan.choice, READER)
        written = large.run(lambda done, total: None, lambda: False)
    figures.cpu_s = time.process_time() - begun
    assert (written.done, written.total, written.problem) == (rows, rows, None)
    figures.counts["read"] = written.done
    judged(figures, rows)
    begun = time.process_time()
    scope, folder = procedure.fingerprint, tmp_path / "labels"
    with LabelStore(folder) as store:
        undone = Figures(f"{rows:,} labels undone")
        take_back(folder, "undo", scope, READER, datetime.now(UTC), lambda: False)
        undone.cpu_s = time.process_time() - begun
        assert store.read.frame_labels(scope) == []
    undone.counts["read"] = rows
    judged(undone, rows)
