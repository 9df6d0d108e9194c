"""The thread of the timeline's small images."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.analysis import hover_thread
from endoscope_app.analysis.hover_thread import HoverThread, HoverWish
from endoscope_app.media.opening import open_source
from tests.endoscope_app.clips import make_clip


@pytest.fixture
def thread(qtbot: QtBot) -> Iterator[HoverThread]:
    thread = HoverThread()
    thread.start()
    yield thread
    thread.stop()
    assert thread.wait(60_000)


def test_a_procedure_that_is_closed_is_let_go(
    qtbot: QtBot, thread: HoverThread, tmp_path: Path
) -> None:
    frames = open_source(make_clip(tmp_path / "clip.mp4", count=10))
    frames.close()
    held = weakref.ref(frames)
    with qtbot.waitSignal(thread.made, timeout=60_000) as made:
        thread.want(HoverWish(1, frames, 4))
    assert made.args is not None
    assert made.args[:2] == [1, 4]
    del frames
    qtbot.waitUntil(lambda: held() is None, timeout=60_000)


@pytest.mark.parametrize("trouble", [MemoryError(), ValueError("a bug")])
def test_an_image_that_cannot_be_made_ends_no_others(
    qtbot: QtBot,
    thread: HoverThread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Exception,
) -> None:
    def stumbles(_image: object) -> None:
        tried.set()
        raise trouble

    tried = threading.Event()
    frames = open_source(make_clip(tmp_path / "clip.mp4", count=10))
    with monkeypatch.context() as patch:
        patch.setattr(hover_thread, "without_identity", stumbles)
        thread.want(HoverWish(1, frames, 4))
        qtbot.waitUntil(tried.is_set, timeout=60_000)
    with qtbot.waitSignal(thread.made, timeout=60_000) as made:
        thread.want(HoverWish(1, frames, 5))
    assert made.args is not None
    assert made.args[:2] == [1, 5]
    frames.close()
