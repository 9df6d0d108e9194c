"""What is loaded before the window is there, and what is not."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

#: Loaded when they are needed; FFmpeg by the process that decodes, where there is one.
NOT_YET = {"onnxruntime", "torch", "pyqtgraph", "xml.sax", "urllib.request", "http.client"}
APART = {"av"}
PROGRAM = """
import gc, json, sys
from endoscope_app.early_start import begin
begin()
import endoscope_app.run_window
from endoscope_app.media.opening import decodes_apart
decoding = None
if decodes_apart():
    from endoscope_app.media.apart import apart_opening
    decoding = apart_opening._OPENING._nursery is not None
print(json.dumps([sorted(sys.modules), gc.isenabled(), decoding]))
"""


@pytest.fixture(scope="module")
def loaded() -> tuple[set[str], bool, bool | None]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=110
    )
    modules, collects, decoding = json.loads(done.stdout)
    return set(modules), collects, decoding


def test_the_window_is_loaded_without_what_it_needs_later(
    loaded: tuple[set[str], bool, bool | None],
) -> None:
    modules, _, decoding = loaded
    assert "endoscope_app.app" in modules
    assert not (NOT_YET | (APART if decoding is not None else set())) & modules


def test_another_process_loads_the_decoders_meanwhile(
    loaded: tuple[set[str], bool, bool | None],
) -> None:
    assert loaded[2] is not False


def test_nothing_looks_for_garbage_meanwhile(loaded: tuple[set[str], bool, bool | None]) -> None:
    assert not loaded[1]
