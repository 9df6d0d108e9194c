"""Readers under coverage-guided bytes (atheris, where it is installed)."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.dicom_files import jpegs, plain
from tests.endoscope_app.exchange_documents import small
from tests.endoscope_app.labels.exchange.test_exchange_bad_files import WRITERS
from tests.hostile.attack import Figures
from tests.places import REPOSITORY

#: How often each is run.
RUNS = {"labels": 40_000, "card": 40_000, "headers": 40_000, "dicom": 10_000, "index": 3_000}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(
        importlib.util.find_spec("atheris") is None,
        reason="atheris is not installed: pip install atheris (Linux, Python 3.11 to 3.13)",
    ),
]


def seeds(target: str, folder: Path, model_dir: Path) -> None:
    """Sound files to begin with."""
    folder.mkdir()
    if target == "labels":
        for name, write in WRITERS.items():
            write(small(), folder / name)
    elif target == "card":
        shutil.copy(model_dir / "card.json", folder)
    elif target == "dicom":
        images = [np.full((24, 32, 3), level, np.uint8) for level in (40, 160)]
        jpegs(folder / "a.dcm", images)
        plain(folder / "b.dcm", images)
    else:
        for name in ("a.mp4", "b.mkv", "c.avi"):
            make_clip(folder / name, 6, codec="mpeg4", size=(64, 48), gop=3, b_frames=0)


@pytest.mark.parametrize("target", RUNS)
def test_bytes_that_follow_the_code(
    target: str, tmp_path: Path, model_dir: Path, judged: Callable[[Figures, int], None]
) -> None:
    seeds(target, tmp_path / "seeds", model_dir)
    words = [target, str(RUNS[target]), str(tmp_path / "seeds")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.fuzz", *words],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    figures = Figures(f"fuzzed: {target}")
    if done.returncode:
        figures.faults.append(done.stdout[-2000:] + done.stderr[-1000:])
    figures.counts["read"] = RUNS[target]
    judged(figures, RUNS[target])
