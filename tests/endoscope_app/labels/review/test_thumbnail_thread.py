"""The thread of the review list's small images."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.labels.review import thumbnail_thread
from endoscope_app.labels.review.thumbnail_thread import ThumbnailThread, ThumbnailWish
from tests.endoscope_app.clips import make_clip


@pytest.fixture
def thread(qtbot: QtBot) -> Iterator[ThumbnailThread]:
    thread = ThumbnailThread()
    thread.start()
    yield thread
    thread.stop()
    assert thread.wait(60_000)


@pytest.mark.parametrize("what", ["open_source", "_read"])
@pytest.mark.parametrize("trouble", [MemoryError(), ValueError("a bug")])
def test_an_image_that_cannot_be_made_ends_no_others(
    qtbot: QtBot,
    thread: ThumbnailThread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    trouble: Exception,
) -> None:
    def stumbles(*_args: object, **_named: object) -> None:
        tried.set()
        raise trouble

    tried, clip = threading.Event(), make_clip(tmp_path / "clip.mp4", count=10)
    with monkeypatch.context() as patch:
        patch.setattr(thumbnail_thread, what, stumbles)
        thread.want(ThumbnailWish(1, clip, deinterlace=True, frames=(4,)))
        qtbot.waitUntil(tried.is_set, timeout=60_000)
    with qtbot.waitSignal(thread.image_made, timeout=60_000) as made:
        thread.want(ThumbnailWish(2, clip, deinterlace=True, frames=(5,)))
    assert made.args is not None
    assert made.args[:2] == [2, 5]
