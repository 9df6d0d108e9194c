"""``endoscope-app report`` in a process of its own, on labels that a library holds."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Context, FrameMoment, Procedure
from endoscope_app.media.opening import open_source
from tests.endoscope_app.report.report_session import pictures_of
from tests.endoscope_app.report.tissue_clips import make_tissue_clip, number_of
from tests.model_factory import make_model_dir
from tests.places import REPOSITORY

CONTEXT = Context("Dr. Command", "hidden")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tissue_clip(tmp_path_factory.mktemp("clip") / "Miller, Anna.mp4")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Path:
    """A polyp from frame 10 to 14."""
    folder = tmp_path_factory.mktemp("data")
    with open_source(clip) as source:
        info = source.info
        first, last = (FrameMoment(source.stamp(index), index) for index in (10, 14))
    with LabelStore(folder / "labels", lambda: datetime(2026, 11, 1, tzinfo=UTC)) as store:
        store.set_reader_name("Dr. Command")
        noted = Procedure(
            info.fingerprint, info.path.name, str(info.path), info.frame_count, 2.0, "Patient 7"
        )
        polyp = store.new_id("classes")
        store.apply(class_edits.add_class(store.read, "Polyp", "#aa0000", polyp), CONTEXT)
        store.apply(edits.register_procedure(store.read, noted), CONTEXT)
        number = store.new_id("range_labels")
        act = edits.add_range(store.read, info.fingerprint, first, last, polyp, number)
        store.apply(act, CONTEXT)
    return folder


def report(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "endoscope_app", "report", *map(str, words)]
    environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    environment.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )


def test_html_and_pdf_without_a_screen(clip: Path, model: Path, data: Path, tmp_path: Path) -> None:
    words = (clip, "--data-dir", data, "--model", model)
    done = report(*words, "--out", tmp_path / "r.html", "--heat-maps")
    assert done.returncode == 0, done.stderr
    assert "1 finding." in done.stderr
    html = (tmp_path / "r.html").read_text()
    assert "1. Polyp, 0:00.4–0:00.5" in html
    assert "Patient 7" in html
    assert "hidden until the reader had answered" in html
    assert "Miller" not in html
    assert "not signed" in html
    assert number_of(pictures_of(html)[0]) in range(10, 15)
    assert len(pictures_of(html)) == 2
    done = report(*words, "--out", tmp_path / "r.pdf")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-")


def test_without_a_library_none_is_made(clip: Path, model: Path, tmp_path: Path) -> None:
    empty = tmp_path / "none"
    done = report(clip, "--data-dir", empty, "--model", model, "--out", tmp_path / "r.csv")
    assert done.returncode == 0, done.stderr
    assert "no label library yet" in done.stderr
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 1
    assert not empty.exists()


def test_another_suffix_is_refused(clip: Path, tmp_path: Path) -> None:
    done = report(clip, "--out", tmp_path / "r.docx")
    assert done.returncode == 2
    assert ".pdf, .html, .csv, .xlsx or .txt" in done.stderr
