"""What is measured of an image, and what is made of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.analysis.quality.frame_measures import FrameMeasures
from endoscope_app.analysis.quality.image_quality import ImageQuality, judged
from endoscope_app.analysis.quality.kinds import FAULTS, Kind, kinds_of
from endoscope_app.analysis.quality.lane_columns import LaneColumns
from endoscope_app.analysis.quality.measure_store import MeasureStore
from endoscope_app.analysis.quality.measures import COUNT, UNKNOWN, FrameMeter, Measure
from endoscope_app.analysis.quality.tally import QualityTally
from endoscope_app.analysis.quality.wording import NOT_MEASURED, estimate, shares, usable
from endoscope_app.media.frame_times import FrameTimes
from tests.endoscope_app.image_faults import DRAWN, FAULTY, Image, blurred, tissue

FINGERPRINT = "ab" * 20
REAL = Path(os.environ.get("ENDOSCOPE_TEST_DATA", "missing")) / "hyperkvasir-lower-gi"


def measures_of(images: Sequence[Image]) -> FrameMeasures:
    """In order, as one run of a decoder."""
    meter, measures = FrameMeter(), FrameMeasures.none(len(images))
    for number, image in enumerate(images):
        measures.write(number, meter.measure(image)[None])
    return measures


def kinds(images: Sequence[Image]) -> list[str]:
    """Of single images that have nothing to do with one another."""
    measures = measures_of(images)
    return [Kind(kind).name for kind in kinds_of(measures.rows, measures.known, None).tolist()]


def steady(count: int) -> FrameTimes:
    return FrameTimes.of(np.arange(count) * 40.0, np.zeros(0, np.int64))


def test_drawn_tissue_is_usable_and_each_fault_is_told() -> None:
    good = [tissue(number) for number in range(9)]
    assert kinds(good) == ["USABLE"] * 9
    for name, kind, spoil in FAULTY:
        assert kinds([*good, spoil(good[0])])[-1] == kind, name
    for name, kind, image in DRAWN:
        assert kinds([*good, image])[-1] == kind, name


@pytest.mark.parametrize("rows", [64, 192, 256, 540])
def test_a_black_border_and_the_size_change_nothing(rows: int) -> None:
    image = cv2.resize(tissue(0, 512, 640), (rows * 5 // 4, rows), interpolation=cv2.INTER_AREA)
    framed = np.zeros((rows * 5 // 4, rows * 5 // 3, 3), np.uint8)
    framed[rows // 8 : rows // 8 + rows, rows // 3 : rows // 3 + image.shape[1]] = image
    soft = blurred(framed, 0.02)
    assert kinds([framed, soft]) == ["USABLE", "BLURRED"]


def test_the_mean_colour_is_that_of_the_field_of_view() -> None:
    framed = np.zeros((256, 256, 3), np.uint8)
    framed[32:224, 64:224] = (180, 100, 40)
    row = FrameMeter().measure(framed)
    assert np.abs(row[: Measure.LIGHT].astype(int) - (180, 100, 40)).max() <= 2
    assert row[Measure.CHANGE] == UNKNOWN


def test_a_picture_that_stands_for_a_second_is_still_and_the_first_of_it_is_not() -> None:
    moving = [tissue(number) for number in range(20)]
    images = [*moving, *([moving[-1]] * 25), *[tissue(number) for number in range(30, 40)]]
    measures = measures_of(images)
    found = kinds_of(measures.rows, measures.known, steady(len(images)))
    assert np.flatnonzero(found == Kind.STILL).tolist() == list(range(20, 45))
    # Half as long, and stills, which have no time
    short = measures_of([*moving, *([moving[-1]] * 12)])
    assert not (kinds_of(short.rows, short.known, steady(32)) == Kind.STILL).any()
    assert not (kinds_of(measures.rows, measures.known, None) == Kind.STILL).any()


def test_a_recording_without_colour_is_not_outside_the_body() -> None:
    grey = [np.repeat(tissue(n).mean(axis=2, keepdims=True), 3, axis=2) for n in range(4)]
    assert kinds([image.astype(np.uint8) for image in grey]) == ["USABLE"] * 4


def test_narrow_band_light_and_dye_are_inside_the_body() -> None:
    image = tissue(0).astype(np.float32)
    narrow = np.clip(image * (0.55, 1.15, 1.1), 0, 255).astype(np.uint8)
    dyed = np.clip(image * (0.5, 0.9, 1.8), 0, 255).astype(np.uint8)
    assert kinds([tissue(1), narrow, dyed]) == ["USABLE"] * 3


def test_frames_that_cannot_be_judged_count_for_nothing_but_bubbles_for_the_preparation() -> None:
    classes = ("polyps", "bbps-0-1")
    found = np.array([Kind.USABLE, Kind.BLURRED, Kind.BUBBLES, Kind.NOT_MEASURED], np.int8)
    raw = np.full((4, 2), 0.5, np.float32)
    plain, counted = judged(raw, np.array([True, True, True, True]), found, classes)
    assert counted.tolist() == [True, False, True, True]
    assert plain.tolist() == [[0.5, 0.5], [0.5, 0.5], [0.0, 0.5], [0.5, 0.5]]
    assert raw.min() == 0.5, "what the model said is not touched"


def test_columns_show_the_most_frequent_fault_and_the_mean_colour() -> None:
    found = np.array([0, 0, 1, 1, 2, -1, -1, 0], np.int8)
    colours = np.arange(24, dtype=np.uint8).reshape(8, 3)
    lanes = LaneColumns(found, colours)
    shown = lanes.faults(np.array([0.0, 2.0, 5.0, 7.0, 8.0]))
    assert shown.kind.tolist() == [Kind.USABLE, Kind.BLURRED, Kind.NOT_MEASURED, Kind.USABLE]
    assert shown.share.tolist() == [0, 1, 0, 0]
    mean, known = lanes.colours(np.array([0.0, 2.0, 7.0]))
    assert mean.tolist() == [[1.5, 2.5, 3.5], [9.0, 10.0, 11.0]]
    assert known.tolist() == [True, True]


def test_shares_are_of_what_is_measured() -> None:
    tally = QualityTally.of(np.array([0] * 6 + [1, 1] + [-1] * 2, np.int8))
    assert usable(tally) == "75\N{NO-BREAK SPACE}% of frames usable (estimate), 8 of 10 measured"
    assert shares(tally) == [
        ("Usable", "75\N{NO-BREAK SPACE}%"),
        ("Blurred", "25\N{NO-BREAK SPACE}%"),
    ]
    assert usable(QualityTally.of(np.full(3, -1, np.int8))) == NOT_MEASURED
    assert estimate(Kind.DARK) == "Estimate: too dark"
    rare = QualityTally.of(np.array([0] * 999 + [1], np.int8))
    assert [share for _, share in shares(rare)] == ["over 99 %", "under 1 %"]


def test_measures_come_back_as_they_went(tmp_path: Path) -> None:
    store, measures = MeasureStore(tmp_path / "kept"), FrameMeasures.none(11)
    assert store.load(FINGERPRINT, 11) is None
    measures.write(2, np.arange(5 * COUNT, dtype=np.uint8).reshape(5, COUNT))
    store.save(FINGERPRINT, measures)
    back = store.load(FINGERPRINT, 11)
    assert back is not None
    assert np.array_equal(back.rows, measures.rows)
    assert np.array_equal(back.known, measures.known)
    back.write(0, np.zeros((1, COUNT), np.uint8))


@pytest.mark.parametrize("damage", ["flipped", "cut", "another procedure's", "of another version"])
def test_a_file_that_cannot_be_theirs_counts_as_not_measured(tmp_path: Path, damage: str) -> None:
    store, measures = MeasureStore(tmp_path), FrameMeasures.none(11)
    measures.write(0, np.ones((11, COUNT), np.uint8))
    store.save(FINGERPRINT, measures)
    path = store.path(FINGERPRINT)
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[-1] ^= 1
    elif damage == "cut":
        data = data[:30]
    elif damage == "of another version":
        data[7] += 1
    wanted = "cd" * 20 if damage == "another procedure's" else FINGERPRINT
    store.path(wanted).write_bytes(data)
    assert store.load(wanted, 11) is None
    assert not store.path(wanted).exists(), "it is kept aside"


def _real(every: int) -> list[Image]:
    paths = sorted((REAL / "images").glob("*/*.jpg"))[::every]
    if not paths:
        pytest.skip("real frames are not beside this checkout")
    read = (cv2.imread(str(path)) for path in paths)
    return [np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8) for image in read]


def test_real_frames_stay_usable_and_the_same_ones_spoilt_do_not() -> None:
    images = _real(every=12)
    found = kinds(images)
    share = found.count("USABLE") / len(found)
    print(f"{len(images)} real frames, usable {share:.3f}")
    assert share >= 0.98, "readers had found these good enough to label"
    for name, kind, spoil in FAULTY:
        seen = kinds([spoil(image) for image in images])
        told = seen.count(kind) / len(seen)
        print(
            f"{name}: as {kind} {told:.3f}, not usable {1 - seen.count('USABLE') / len(seen):.3f}"
        )
        assert told >= 0.88, name


def test_real_frames_as_recorded_with_border_and_text() -> None:
    paths = sorted((REAL / "native").glob("*.jpg"))
    if not paths:
        pytest.skip("real frames are not beside this checkout")
    images = [cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) for path in paths]
    assert kinds(images).count("USABLE") >= 0.95 * len(images)
    assert kinds([blurred(image) for image in images]).count("BLURRED") >= 0.95 * len(images)


def test_every_fault_has_a_name_and_quality_says_so() -> None:
    measures = measures_of([tissue(0), blurred(tissue(1), 0.02)])
    quality = ImageQuality.of(measures, None)
    assert quality.tally.counts == ((Kind.USABLE, 1), (Kind.BLURRED, 1))
    names: NDArray[np.str_] = np.array([estimate(kind) for kind in FAULTS])
    assert len(set(names.tolist())) == len(FAULTS)
