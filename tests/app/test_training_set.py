"""What retraining learns from, held against plain loops, and written so that training reads it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from endoscope_app.errors import AppError
from endoscope_app.flows.labels.recordings import Recordings
from endoscope_app.media.opening import open_source
from endoscope_app.store.exchange import near_frames
from endoscope_app.store.exchange.near_frames import THIN_BELOW, difference, thumbnail
from endoscope_app.store.exchange.training_set import TrainingSample, training_samples, write_training_set
from endoscope_app.store.labels import class_edits, edits
from endoscope_app.store.labels.frame_pngs import FramePngs
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.store.labels.reading import LabelReader
from endoscope_app.store.labels.records import FRAME_KINDS, FrameLabel, FrameMoment, LabelClass, Procedure, RangeLabel
from kd_core.datasets import preprocess
from kd_core.datasets.folders import read_samples
from tests.app.clips import make_clip
from tests.app.label_library import CECUM, POLYPS, PROCEDURE, READER, library, moment

Image = NDArray[np.uint8]
FRAMES = 24
WHERE = "ab" * 20


class Flat:
    """Frame i is a flat picture of the i-th pattern, at pts 40 i; ``missing`` frames cannot be had."""

    def __init__(self, patterns: list[int], missing: frozenset[int] = frozenset()) -> None:
        self.patterns, self.missing = patterns, missing
        self.asked: list[int] = []

    def pts(self, fingerprint: str, index: int) -> int | None:
        return None if index in self.missing else index * 40

    def picture(self, fingerprint: str, index: int, pts: int) -> Image | None:
        self.asked.append(index)
        return None if index in self.missing else pattern(self.patterns[index])


def pattern(number: int) -> Image:
    """Far apart where the numbers differ, equal where they do not."""
    picture = np.full((64, 64, 3), 60, np.uint8)
    picture[:, 20 + 5 * number : 40 + 5 * number] = 220
    return picture


class Library:
    """The few questions that sampling asks, answered from lists."""

    def __init__(self, labels: list[FrameLabel], ranges: list[RangeLabel]) -> None:
        self.labels, self.found = labels, ranges

    def classes(self) -> list[LabelClass]:
        return [LabelClass(1, "polyps", "#ff0000", 0), LabelClass(2, "cecum", "#00ff00", 1), LabelClass(3, "old", "#0000ff", 2, True, 2)]

    def resolved_class(self, class_id: int) -> LabelClass:
        return self.classes()[{1: 0, 2: 1, 3: 1}[class_id]]

    def frame_labels(self, fingerprint: str) -> list[FrameLabel]:
        return sorted(self.labels, key=lambda one: one.pts)

    def ranges(self, fingerprint: str) -> list[RangeLabel]:
        return sorted(self.found, key=lambda one: (one.first_index, one.last_index, one.id))


NAMES = {1: "polyps", 2: "cecum", 3: "cecum"}


@st.composite
def libraries(draw: st.DrawFn) -> tuple[Library, int, Flat, bool]:
    frames = draw(st.lists(st.integers(0, FRAMES - 1), max_size=6, unique=True))
    labels = []
    for index in frames:
        kind = draw(st.sampled_from(FRAME_KINDS))
        labels.append(FrameLabel(index * 40, index, kind, None if kind == "unusable" else draw(st.integers(1, 3))))
    ranges = []
    for number in range(draw(st.integers(0, 4))):
        first, last = sorted((draw(st.integers(0, FRAMES - 1)), draw(st.integers(0, FRAMES - 1))))
        ranges.append(RangeLabel(number + 1, first * 40, last * 40, first, last, draw(st.integers(1, 3))))
    patterns = draw(st.lists(st.integers(0, 2), min_size=FRAMES, max_size=FRAMES))
    missing = frozenset(draw(st.lists(st.integers(0, FRAMES - 1), max_size=3)))
    return Library(labels, ranges), draw(st.integers(1, 6)), Flat(patterns, missing), draw(st.booleans())


def by_loop(library: Library, step: int, film: Flat, thin: bool) -> dict[int, str]:
    """Frame by frame: who says what it is, and does it stay."""
    said: dict[int, str] = {}
    own = {label.frame_index: label for label in library.labels}
    for index, label in own.items():
        if label.kind != "unusable":
            assert label.class_id is not None
            said[index] = NAMES[label.class_id]
    for one in library.found:
        last_kept: int | None = None
        for index in range(one.first_index, one.last_index + 1):
            end = index in (one.first_index, one.last_index)
            if not end and (index - one.first_index) % step:
                continue
            if index in own or any(other.id > one.id and other.first_index <= index <= other.last_index for other in library.found):
                continue
            if index in film.missing:
                if end:
                    said[index] = NAMES[one.class_id]
                continue
            if thin and not end and last_kept is not None and film.patterns[index] == film.patterns[last_kept]:
                continue
            last_kept = index
            said[index] = NAMES[one.class_id]
    return said


@settings(max_examples=300, deadline=None)
@given(libraries())
def test_samples_are_those_of_a_plain_loop(case: tuple[Library, int, Flat, bool]) -> None:
    found, step, film, thin = case
    made = training_samples(cast(LabelReader, found), [WHERE], step, film, thin)
    assert {sample.frame_index: sample.class_name for sample in made} == by_loop(found, step, film, thin)
    assert [sample.pts for sample in made] == sorted(40 * sample.frame_index for sample in made)
    assert all(sample.fingerprint == WHERE for sample in made)
    if not thin:
        assert film.asked == []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_difference_is_that_of_a_plain_loop(one: int, other: int) -> None:
    pictures = [np.random.default_rng(seed).integers(40, 255, (48, 32, 3), dtype=np.uint8) for seed in (one, other)]
    seen = []
    for picture in pictures:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        cells: dict[tuple[int, int], float] = {}
        for row in range(16):
            for column in range(16):
                x, y = (column + 0.5) / 16, (row + 0.5) / 16
                inside = (x - 0.5) ** 2 + (y - 0.5) ** 2 <= 0.25
                if inside and x >= 0.2 and not (x < 0.35 and y > 0.65):
                    cells[row, column] = float(np.rint(grey[3 * row : 3 * row + 3, 2 * column : 2 * column + 2].astype(float).mean()))
        mean = sum(cells.values()) / len(cells)
        seen.append({at: value * 128 / mean for at, value in cells.items()})
    expected = sum(abs(seen[0][at] - seen[1][at]) for at in seen[0]) / len(seen[0])
    assert difference(thumbnail(pictures[0]), thumbnail(pictures[1])) == pytest.approx(expected, abs=1.0)  # cv2 rounds halves its own way


def test_what_a_thumbnail_leaves_out_is_what_no_model_sees() -> None:
    names = ("TEXT_STRIP", "INSET_WIDTH", "INSET_TOP")
    assert [getattr(near_frames, name) for name in names] == [getattr(preprocess, name) for name in names]
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


@pytest.mark.parametrize(("moving", "expected"), [(False, [0, 29]), (True, [0, 5, 10, 15, 20, 25, 29])])
def test_a_clip_that_stands_still_gives_two_frames_and_a_moving_one_all(tmp_path: Path, moving: bool, expected: list[int]) -> None:
    path = tmp_path / "clip.mp4"
    if moving:
        make_clip(path, count=30)
    else:
        import av

        still = np.random.default_rng(1).integers(40, 220, (12, 20, 3), dtype=np.uint8)
        with av.open(str(path), "w") as file:
            stream = file.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "30"})
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
        store.apply(edits.register_procedure(store, film), READER)
        store.apply(class_edits.add_class(store, "polyps", "#ff0000", store.new_id("classes")), READER)
        ends = FrameMoment(stamps[0], 0), FrameMoment(stamps[29], 29)
        store.apply(edits.add_range(store, info.fingerprint, *ends, 1, store.new_id("range_labels")), READER)
        with Recordings(store, deinterlace=False) as recordings:
            made = training_samples(store, [info.fingerprint], 5, recordings, thin=True)
            every = training_samples(store, [info.fingerprint], 5, recordings, thin=False)
    assert [sample.frame_index for sample in made] == expected
    assert [sample.frame_index for sample in every] == [0, 5, 10, 15, 20, 25, 29]
    assert [sample.pts for sample in every] == [stamps[index] for index in (0, 5, 10, 15, 20, 25, 29)]


def test_a_library_is_sampled_and_training_reads_what_was_written(tmp_path: Path) -> None:
    kept = FramePngs(tmp_path / "frames", 1 << 30)
    film = Flat([number % 3 for number in range(200)], frozenset({7}))
    seen = np.random.default_rng(3).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    with library(tmp_path / "labels") as store:
        where = PROCEDURE.fingerprint
        store.apply(edits.label_frames(store, where, [moment(3, kept.save(seen)), moment(7)], POLYPS), READER)
        store.apply(edits.label_frames(store, where, [moment(5, "0" * 64)], POLYPS), READER)  # its kept picture is gone
        store.apply(edits.mark_unusable(store, where, [moment(12)]), READER)
        store.apply(edits.add_range(store, where, moment(10), moment(16), CECUM, store.new_id("range_labels")), READER)
        samples = training_samples(store, [where], 2, film, thin=False)
    assert [sample.frame_index for sample in samples] == [3, 5, 7, 10, 14, 16]
    steps: list[tuple[int, int]] = []
    done = write_training_set(samples, tmp_path / "set", kept, film, progress=lambda *at: steps.append(at))
    assert (done.written, done.without_pixels, done.stopped) == (5, 1, False)
    assert steps == [(number, 6) for number in range(1, 7)]
    read = read_samples(tmp_path / "set")
    assert [(sample.label, sample.group) for sample in read] == [("polyps", where)] * 2 + [("cecum", where)] * 3
    pictures = [np.asarray(cv2.imread(sample.path))[:, :, ::-1] for sample in read]
    assert (pictures[0] == seen).all()
    assert all((picture == pattern(index % 3)).all() for picture, index in zip(pictures[1:], (5, 10, 14, 16), strict=True))
    with pytest.raises(AppError, match="not empty"):
        write_training_set(samples, tmp_path / "set", kept, film)


def test_a_stopped_or_failed_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, film = FramePngs(tmp_path / "frames", 0), Flat([0] * 9)
    samples = [TrainingSample(WHERE, 40 * index, index, "polyps") for index in range(9)]
    count = iter(range(100))
    done = write_training_set(samples, tmp_path / "set", kept, film, should_stop=lambda: next(count) == 4)
    assert done.stopped
    assert list((tmp_path / "set").iterdir()) == []

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(AppError, match="could not be written"):
        write_training_set(samples, tmp_path / "other", kept, film)
    assert list((tmp_path / "other").iterdir()) == []


def test_sampling_stops_when_it_is_told_to() -> None:
    found = Library([], [RangeLabel(1, 0, 40 * 23, 0, 23, 1)])
    film = Flat([0] * FRAMES)
    made = training_samples(cast(LabelReader, found), [WHERE], 1, film, True, should_stop=lambda: len(film.asked) >= 3)
    assert [sample.frame_index for sample in made] == [0]
    assert film.asked == [0, 1, 2]
    with pytest.raises(ValueError, match="0th"):
        training_samples(cast(LabelReader, found), [WHERE], 0, film, False)
