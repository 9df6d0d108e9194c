"""A frame that there is no memory or no thread for is not damaged, and is not left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import av
import cv2
import numpy as np
import pytest

from endoscope_app.media import decoder, image_file
from endoscope_app.media.opencv_errors import refuse_lack_of_memory
from endoscope_app.media.opening_here import open_here
from tests.endoscope_app.clips import make_clip


def test_all_frames_would_be_lost_and_none_is_said_to_be_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_context: object, _packet: object) -> list[av.VideoFrame]:
        raise av.error.MemoryError(12, "Cannot allocate memory", "avcodec_send_packet()")

    with open_here(make_clip(tmp_path / "clip.mp4", count=12)) as source:
        with monkeypatch.context() as patch:
            patch.setattr(decoder, "_from", refuses)
            with pytest.raises(MemoryError):
                list(source.small_frames(0, 12, 32))
            with pytest.raises(MemoryError):
                source.read(5)
        assert not source.corrupt_frames()
        assert len(list(source.small_frames(0, 12, 32))) == 12


def test_a_decoder_without_a_thread_has_no_memory() -> None:
    """FFmpeg gives it for every packet, and all of a recording would be left out."""

    class WithoutThread:
        def decode(self, _packet: object) -> list[av.VideoFrame]:
            raise BlockingIOError(11, "Resource temporarily unavailable")

    with pytest.raises(MemoryError, match="thread"):
        decoder._from(cast(Any, WithoutThread()), None)


def test_a_still_is_not_broken_where_opencv_has_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        error = cv2.error("Insufficient memory")
        error.code = cv2.Error.StsNoMem
        raise error

    path = tmp_path / "still.png"
    cv2.imwrite(str(path), np.zeros((20, 30, 3), np.uint8))
    monkeypatch.setattr(cv2, "imdecode", refuses)
    with pytest.raises(MemoryError):
        image_file.decode(path)


def test_what_else_opencv_says_is_of_the_file() -> None:
    error = cv2.error("Assertion failed")
    error.code = cv2.Error.StsAssert
    refuse_lack_of_memory(error)
