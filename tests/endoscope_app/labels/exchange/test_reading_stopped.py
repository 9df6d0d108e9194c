"""Reading a file of labels ends when it is not wanted any more, in every format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import class_folders, format_detection, import_wording
from endoscope_app.labels.exchange.import_work import ImportWork
from tests.endoscope_app.exchange_documents import small
from tests.endoscope_app.import_plans import document_of, frame_of
from tests.endoscope_app.label_library import library
from tests.endoscope_app.labels.exchange.test_exchange_bad_files import WRITERS


class Stop:
    """Is wanted for so many calls."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise AppError(import_wording.IMPORT_STOPPED)


@pytest.mark.parametrize("name", [*WRITERS, "class folders"])
def test_in_every_format(name: str, tmp_path: Path) -> None:
    path = tmp_path / "labels"
    if name == "class folders":
        image = np.full((48, 64, 3), 99, np.uint8)
        class_folders.write(small(), path, lambda film, pts: image, blank=None)
    else:
        WRITERS[name](small(), path)
    whole = Stop(10_000)
    document = format_detection.read(path, go_on=whole)
    assert document.label_count()
    asked = 10_000 - whole.left
    assert asked
    for calls in (0, asked - 1):
        with pytest.raises(AppError, match="The import was stopped"):
            format_detection.read(path, go_on=Stop(calls))


def test_an_import_that_is_cancelled_reads_no_further(tmp_path: Path) -> None:
    """It is asked again and again, so that closing the window never waits for a large file."""
    library(tmp_path / "labels").close()
    WRITERS["csv"](document_of(frame_of(index) for index in range(5000)), tmp_path / "labels.csv")
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) > 30

    work = ImportWork(tmp_path / "labels.csv", tmp_path / "labels", False, None, {})
    with pytest.raises(AppError, match="The import was stopped"):
        work.run(should_stop)
    assert len(asked) == 31
