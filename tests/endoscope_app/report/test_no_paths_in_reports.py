"""A report, in every form, says nothing of where its recording lies: a folder is often called by a
patient, and a home by a reader.
"""

from __future__ import annotations

import io
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.label_session import ready
from tests.endoscope_app.report.report_session import mark, opened, saved, sign

FOLDER, HOME = "Wintermarker, Jane 1950", "homemarker"
SUFFIXES = ("pdf", "html", "xlsx", "csv", "txt")
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    """The recording, and the data folder too, lie below folders with marked names."""
    folder = tmp_path / HOME / FOLDER
    folder.mkdir(parents=True)
    with running(folder / "data", model) as session:
        ready(session, Path(shutil.copy(clip, folder / "colon 1.mp4")))
        mark(session, 5, 9, "5")
        session.until(session.analysed, "every frame analysed")
        yield session


def whole(content: bytes) -> bytes:
    """With what it holds compressed: the parts of a workbook, the streams of a PDF."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return b"\n".join((name.encode() + parts.read(name)) for name in parts.namelist())
    streams = []
    for stream in _STREAM.findall(content) if content.startswith(b"%PDF") else ():
        with suppress(zlib.error):
            streams.append(zlib.decompress(stream))
    return b"\n".join((content, *streams))


def test_no_form_of_a_report_holds_a_path(session: Session, tmp_path: Path) -> None:
    dialog = opened(session)
    out = tmp_path / "out"
    found = {suffix: whole(saved(session, dialog, out / f"a.{suffix}")) for suffix in SUFFIXES[:4]}
    sign(session, dialog)
    for path in (tmp_path / HOME / FOLDER / "data" / "reports").rglob("version-*/*"):
        found[path.name] = whole(path.read_bytes())
    assert {f"report.{suffix}" for suffix in SUFFIXES} < found.keys()
    for name in ("html", "xlsx", "csv", "report.txt"):
        assert b"polyp" in found[name].lower(), "what is looked for would be found"
    for name, content in found.items():
        for marker in ("Wintermarker", HOME, str(tmp_path), str(Path.home()) + "/"):
            for text in (marker.encode(), marker.encode("utf-16-be")):
                assert text not in content, f"{name} holds {marker}"
