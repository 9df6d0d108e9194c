"""The live view and the analysis shrink pictures with different scalers (OpenCV on BGRA, FFmpeg on
YUV): they must agree.

Required: the same class on 99.5 % of frames, mean probability difference within .01. The figures
    are printed (pytest -s -rP).
"""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream

from endoscope_app.base.paths import demo_clip, shipped_model
from endoscope_app.media.opening import open_source
from endoscope_app.viewing.classifier import Classifier

SAME_CLASS = 0.995
PROBABILITY_DIFFERENCE = 0.01
REAL_FRAMES = 400


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(shipped_model())


def compare(clip: Path, classifier: Classifier, every: int = 1) -> tuple[float, float, int]:
    """Share of frames with the same class, mean absolute probability difference of the
    predicted class, frames compared.
    """
    same, differences = 0, []
    with open_source(clip) as source:
        count = source.info.frame_count
        for index, small in source.small_frames(
            0, count, classifier.analysis_height(source.info.height)
        ):
            if index % every:
                continue
            live = classifier.classify(source.read(index).image).probabilities
            analysed = classifier.probabilities([small])[0]
            same += int(live.argmax() == analysed.argmax())
            differences.append(float(np.abs(live - analysed).mean()))
    return same / len(differences), float(np.mean(differences)), len(differences)


def require(clip: Path, classifier: Classifier, every: int = 1) -> None:
    share, difference, count = compare(clip, classifier, every)
    print(
        f"{clip.name}: same class on {share:.2%} of {count} frames, mean probability difference"
        f" {difference:.5f}"
    )
    assert share >= SAME_CLASS
    assert difference <= PROBABILITY_DIFFERENCE


def test_on_the_phantom(classifier: Classifier) -> None:
    require(demo_clip(), classifier, every=2)


@pytest.mark.timeout(180)
def test_on_real_frames_at_full_hd(
    classifier: Classifier, shared_data: Path, tmp_path: Path
) -> None:
    """Real pictures as a 1080p recording: where the two scalers have the most to do."""
    pictures = sorted((shared_data / "hyperkvasir-lower-gi").rglob("*.jpg"))
    chosen = pictures[:: max(1, len(pictures) // REAL_FRAMES)]
    assert len(chosen) >= REAL_FRAMES
    clip = tmp_path / "real.mp4"
    with av.open(str(clip), "w") as file:
        stream = file.add_stream("libx264", rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "20"}
        for path in chosen:
            picture = cv2.imread(str(path))
            assert picture is not None
            frame = np.zeros((1080, 1920, 3), np.uint8)
            frame[:, 310:1610] = cv2.resize(picture, (1300, 1080), interpolation=cv2.INTER_CUBIC)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="bgr24")))
        file.mux(stream.encode(None))
    require(clip, classifier)
