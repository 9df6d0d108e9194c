"""When two frames are nearly the same image, held against a plain loop and real clips."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endoscope_app.labels.exchange.near_frames import THIN_BELOW, difference, thumbnail
from endoscope_app.labels.exchange.training_selection import (
    RangeSampling,
    select,
)
from endoscope_app.labels.exchange.training_set import write_training_set
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import (
    FrameMoment,
    Procedure,
)
from endoscope_app.labels.recordings import Recordings
from endoscope_app.media.opening import open_source
from kd_core.data.folders import read_samples
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_library import READER


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_difference_is_that_of_a_plain_loop(one: int, other: int) -> None:
    pictures = [
        np.random.default_rng(seed).integers(40, 255, (48, 32, 3), dtype=np.uint8)
        for seed in (one, other)
    ]
    seen = []
    for picture in pictures:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        cells: dict[tuple[int, int], float] = {}
        for row in range(16):
            for column in range(16):
                x, y = (column + 0.5) / 16, (row + 0.5) / 16
                inside = (x - 0.5) ** 2 + (y - 0.5) ** 2 <= 0.25
                if inside and x >= 0.2 and not (x < 0.35 and y > 0.65):
                    cells[row, column] = float(
                        np.rint(
                            grey[3 * row : 3 * row + 3, 2 * column : 2 * column + 2]
                            .astype(float)
                            .mean()
                        )
                    )
        mean = sum(cells.values()) / len(cells)
        seen.append({at: value * 128 / mean for at, value in cells.items()})
    expected = sum(abs(seen[0][at] - seen[1][at]) for at in seen[0]) / len(seen[0])
    # Cv2 rounds halves its own way
    assert difference(thumbnail(pictures[0]), thumbnail(pictures[1])) == pytest.approx(
        expected, abs=1.0
    )


def test_what_a_thumbnail_leaves_out_is_what_no_model_sees() -> None:
    coarse = np.random.default_rng(0).integers(60, 200, (8, 8, 3), dtype=np.uint8)
    picture = coarse.repeat(20, axis=0).repeat(20, axis=1)
    written = picture.copy()
    written[:, :30] = 255  # text
    written[110:, :50] = 0  # the inset, painted over
    assert difference(thumbnail(picture), thumbnail(written)) == 0
    assert difference(thumbnail(picture), thumbnail(np.roll(picture, 40, axis=1))) > THIN_BELOW
    lighter = (picture * 1.2).astype(np.uint8)
    assert difference(thumbnail(picture), thumbnail(lighter)) < 1
    black = np.zeros_like(picture)
    assert difference(thumbnail(black), thumbnail(black + 3)) < 25  # finite, and no noise blown up


@pytest.mark.parametrize(
    ("moving", "expected"), [(False, [0, 29]), (True, [0, 5, 10, 15, 20, 25, 29])]
)
def test_a_clip_that_stands_still_gives_two_frames_and_a_moving_one_all(
    tmp_path: Path, moving: bool, expected: list[int]
) -> None:
    path = tmp_path / "clip.mp4"
    if moving:
        make_clip(path, count=30)
    else:
        import av

        still = np.random.default_rng(1).integers(40, 220, (12, 20, 3), dtype=np.uint8)
        with av.open(str(path), "w") as file:
            stream = file.add_stream(
                "libx264", rate=25, options={"preset": "ultrafast", "crf": "30"}
            )
            stream.width, stream.height, stream.pix_fmt = 320, 192, "yuv420p"
            noise = np.random.default_rng(2)
            for _ in range(30):
                big = cv2.resize(still, (320, 192), interpolation=cv2.INTER_CUBIC).astype(np.int16)
                grain = noise.integers(-4, 5, big.shape)
                picture = np.clip(big + grain, 0, 255).astype(np.uint8)
                file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            file.mux(stream.encode(None))
    with open_source(path) as source:
        info, stamps = source.info, [source.stamp(index) for index in range(30)]
    with LabelStore(tmp_path / "labels") as store:
        film = Procedure(info.fingerprint, info.path.name, str(path), 30, 1.2)
        store.apply(edits.register_procedure(store.read, film), READER)
        store.apply(
            class_edits.add_class(store.read, "polyps", "#ff0000", store.new_id("classes")), READER
        )
        ends = FrameMoment(stamps[0], 0), FrameMoment(stamps[29], 29)
        store.apply(
            edits.add_range(store.read, info.fingerprint, *ends, 1, store.new_id("range_labels")),
            READER,
        )
        with Recordings(store.read, deinterlace=False) as recordings:
            written = {}
            for thin in (True, False):
                folder = tmp_path / f"set {thin}"
                write_training_set(
                    select(store.read, RangeSampling(5, thin)),
                    folder,
                    FramePngs(tmp_path / "none", 0),
                    recordings,
                )
                written[thin] = [
                    Path(read_sample.path).name for read_sample in read_samples(folder)
                ]
    names = {index: f"f{index:06d}-p{stamps[index]}.png" for index in range(30)}
    assert written == {
        True: [names[index] for index in expected],
        False: [names[index] for index in (0, 5, 10, 15, 20, 25, 29)],
    }
