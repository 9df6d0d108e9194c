"""What retraining learns from, held against plain loops, and written so that training reads it."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.training_selection import (
    RangeSampling,
    TrainingSelection,
    select,
)
from endoscope_app.labels.exchange.training_set import MANIFEST, write_training_set
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.effective_labels import effective
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import (
    FRAME_KINDS,
    FrameLabel,
    FrameMoment,
    RangeLabel,
)
from kd_core.data.folders import read_samples
from kd_core.schema.reader_labels import NONE_OF_THESE
from tests.endoscope_app.label_library import CECUM, POLYPS, PROCEDURE, READER, library, moment
from tests.endoscope_app.training_frames import FRAMES, Flat, Library, pattern

NAMES = {1: "polyps", 2: "cecum", 3: "cecum"}


@st.composite
def libraries(draw: st.DrawFn) -> tuple[Library, int, Flat, bool]:
    frames = draw(st.lists(st.integers(0, FRAMES - 1), max_size=6, unique=True))
    labels = []
    for index in frames:
        kind = draw(st.sampled_from(FRAME_KINDS))
        labels.append(
            FrameLabel(
                index * 40, index, kind, None if kind == "unusable" else draw(st.integers(1, 3))
            )
        )
    ranges = []
    for number in range(draw(st.integers(0, 4))):
        first, last = sorted((draw(st.integers(0, FRAMES - 1)), draw(st.integers(0, FRAMES - 1))))
        ranges.append(
            RangeLabel(number + 1, first * 40, last * 40, first, last, draw(st.integers(1, 3)))
        )
    patterns = draw(st.lists(st.integers(0, 2), min_size=FRAMES, max_size=FRAMES))
    missing = frozenset(draw(st.lists(st.integers(0, FRAMES - 1), max_size=3)))
    return (
        Library(labels, ranges),
        draw(st.integers(1, 6)),
        Flat(patterns, missing),
        draw(st.booleans()),
    )


def by_loop(library: Library, step: int, film: Flat, thin: bool) -> dict[int, str]:
    """Frame by frame: who says what it is, and is it written."""
    said: dict[int, str] = {}
    own = {label.frame_index: label for label in library.labels}
    for index, label in own.items():
        if index not in film.missing:
            said[index] = NONE_OF_THESE if label.class_id is None else NAMES[label.class_id]
    for one in library.found:
        last_kept: int | None = None
        for index in range(one.first_index, one.last_index + 1):
            end = index in (one.first_index, one.last_index)
            if not end and (index - one.first_index) % step:
                continue
            if index in own or any(
                other.id > one.id and other.first_index <= index <= other.last_index
                for other in library.found
            ):
                continue
            if index in film.missing:
                continue
            if (
                thin
                and not end
                and last_kept is not None
                and film.patterns[index] == film.patterns[last_kept]
            ):
                continue
            last_kept = index
            said[index] = NAMES[one.class_id]
    return said


@settings(max_examples=200, deadline=None)
@given(libraries())
def test_what_is_written_is_that_of_a_plain_loop(case: tuple[Library, int, Flat, bool]) -> None:
    found, step, film, thin = case
    selection = select(cast(LabelReader, found), RangeSampling(step, thin))
    assert film.asked == []  # no image is looked at for the counts
    expected = by_loop(found, step, film, thin)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "set"
        done = write_training_set(selection, folder, FramePngs(Path(name) / "none", 0), film)
        rows = list(csv.DictReader((folder / MANIFEST).read_text().splitlines()))
        written = {int(Path(row["file"]).name[1:7]): row["label"] for row in rows}
        assert all((folder / row["file"]).is_file() for row in rows)
    assert written == expected
    assert list(written) == sorted(written)
    assert (done.written, done.written + done.near + done.missing) == (
        len(expected),
        selection.count,
    )
    if not thin:
        assert selection.count == len(by_loop(found, step, Flat([0] * FRAMES), thin=False))


@pytest.mark.parametrize(("step", "per_range"), [(1, 1000), (5, 201), (10, 101), (1000, 2)])
def test_two_ranges_of_a_thousand_frames_give_every_nth_of_each(
    tmp_path: Path, step: int, per_range: int
) -> None:
    with library(tmp_path / "labels") as store:
        for first, class_id in ((0, POLYPS), (2000, CECUM)):
            ends = moment(first), moment(first + 999)
            store.apply(
                edits.add_range(
                    store.read, PROCEDURE.fingerprint, *ends, class_id, store.new_id("range_labels")
                ),
                READER,
            )
        selection = select(store.read, RangeSampling(step))
        labels_of_frames = effective(store.read, PROCEDURE.fingerprint, 5000)
        names = {label_class.id: label_class.key for label_class in store.read.classes()}
    (chosen,) = selection.procedures
    places = chosen.label.tolist()
    assert [places.count(selection.labels.index(key)) for key in ("polyps", "cecum")] == [
        per_range,
        per_range,
    ]
    keys = [selection.labels[place] for place in chosen.label.tolist()]
    said = labels_of_frames.class_id.max(axis=0)  # of one group
    assert keys == [names[int(said[index])] for index in chosen.index.tolist()]


def test_a_range_that_an_import_put_beyond_the_recording_costs_nothing(tmp_path: Path) -> None:
    with library(tmp_path / "labels") as store:
        ends = moment(4990), FrameMoment(1 << 60, 1 << 60)
        store.apply(
            edits.add_range(
                store.read, PROCEDURE.fingerprint, *ends, POLYPS, store.new_id("range_labels")
            ),
            READER,
        )
        (chosen,) = select(store.read, RangeSampling(5)).procedures
    assert chosen.index.tolist() == [4990, 4995]


def test_training_reads_what_was_written(tmp_path: Path) -> None:
    kept = FramePngs(tmp_path / "frames", 1 << 30)
    film = Flat([number % 3 for number in range(200)], frozenset({7}))
    seen = np.random.default_rng(3).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    with library(tmp_path / "labels") as store:
        where = PROCEDURE.fingerprint
        store.apply(
            edits.label_frames(store.read, where, [moment(3, kept.save(seen)), moment(7)], POLYPS),
            READER,
        )
        # Its kept picture is gone
        store.apply(edits.label_frames(store.read, where, [moment(5, "0" * 64)], POLYPS), READER)
        store.apply(edits.mark_unusable(store.read, where, [moment(12)]), READER)
        store.apply(
            edits.add_range(
                store.read, where, moment(10), moment(16), CECUM, store.new_id("range_labels")
            ),
            READER,
        )
        store.apply(edits.set_patient(store.read, [where], "P7"), READER)
        selection = select(store.read, RangeSampling(2, thin=False))
    assert [procedure.index.tolist() for procedure in selection.procedures] == [
        [3, 5, 7, 10, 12, 14, 16]
    ]
    steps: list[tuple[int, int]] = []
    done = write_training_set(
        selection, tmp_path / "set", kept, film, progress=lambda *at: steps.append(at)
    )
    assert (done.written, done.missing, done.lost, done.stopped) == (
        6,
        1,
        (f"{where}:280:polyps",),
        False,
    )
    assert steps == [(number, 7) for number in range(1, 8)]
    read = read_samples(tmp_path / "set")
    labels = ["polyps", "polyps", "cecum", NONE_OF_THESE, "cecum", "cecum"]
    assert [(sample.label, sample.group, sample.patient) for sample in read] == [
        (label, where, "P7") for label in labels
    ]
    pictures = [np.asarray(cv2.imread(sample.path))[:, :, ::-1] for sample in read]
    assert (pictures[0] == seen).all()
    assert all(
        (picture == pattern(index % 3)).all()
        for picture, index in zip(pictures[1:], (5, 10, 12, 14, 16), strict=True)
    )
    with pytest.raises(AppError, match="not empty"):
        write_training_set(selection, tmp_path / "set", kept, film)
    (tmp_path / "set" / MANIFEST).unlink()  # as kill -9 leaves it
    assert write_training_set(selection, tmp_path / "set", kept, film).written == 6


def test_a_kept_image_is_handed_on_as_it_is_and_a_damaged_one_is_not(tmp_path: Path) -> None:
    kept = FramePngs(tmp_path / "frames", 1 << 30)
    content = kept.save(np.random.default_rng(4).integers(0, 255, (40, 50, 3), dtype=np.uint8))
    data = kept.path(content).read_bytes()
    assert kept.place(content, tmp_path / "copy.png")
    assert (tmp_path / "copy.png").read_bytes() == data
    for number, at in enumerate((0, 20, len(data) // 2, len(data) - 6)):
        kept.path(content).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert not kept.place(content, tmp_path / f"{number}.png")
        kept.path(content).write_bytes(data[:at])
        assert not kept.place(content, tmp_path / f"{number}.png")
    kept.path(content).unlink()
    assert not kept.place(content, tmp_path / "gone.png")


def ten_frames(step: int = 1) -> TrainingSelection:
    return select(
        cast(LabelReader, Library([], [RangeLabel(1, 0, 40 * 9, 0, 9, 1)])),
        RangeSampling(step, thin=False),
    )


def test_a_stopped_or_failed_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, film = FramePngs(tmp_path / "frames", 0), Flat([0] * FRAMES)
    count = iter(range(100))
    done = write_training_set(
        ten_frames(), tmp_path / "set", kept, film, should_stop=lambda: next(count) == 4
    )
    assert done.stopped
    assert len(film.asked) == 4
    assert not (tmp_path / "set").exists()

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(AppError, match="could not be written"):
        write_training_set(ten_frames(), tmp_path / "other", kept, film)
    assert not (tmp_path / "other").exists()


def test_a_step_below_one_means_nothing() -> None:
    with pytest.raises(ValueError, match="0th"):
        RangeSampling(0)
