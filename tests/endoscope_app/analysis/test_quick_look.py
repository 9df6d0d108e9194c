"""Which frames a quick look takes, what each stands for, and that it is never taken for more."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.analysis.quick_look import FEWEST_FRAMES, MOST_LOOKS, QuickLook
from endoscope_app.analysis.timeline.painter import Look, strip_pixels
from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.media.frame_times import FrameTimes
from tests.endoscope_app.frame_times import even, steady
from tests.present import present

COUNT, CLASSES = 3_000, 3
SURE = np.array([0.05, 0.9, 0.05], np.float32)
OTHER = np.array([0.9, 0.05, 0.05], np.float32)
PROCEDURE = "a" * 40


def planned(count: int = COUNT, every: int = 50, times: FrameTimes | None = None) -> QuickLook:
    keys = np.arange(0, count, every)
    return present(QuickLook.planned(keys, steady(count) if times is None else times, CLASSES))


def test_key_frames_a_second_or_more_apart_and_no_more_than_a_timeline_is_wide() -> None:
    assert planned(every=50).frames.tolist() == list(range(0, COUNT, 50))
    assert np.diff(planned(every=10).frames).min() >= 25
    assert len(planned(120_000, every=10).frames) <= MOST_LOOKS
    assert planned(every=50).one_in == 50


def test_none_of_a_short_procedure_or_one_with_hardly_any_key_frame() -> None:
    few = FEWEST_FRAMES - 1
    assert QuickLook.planned(np.arange(0, few, 25), steady(few), CLASSES) is None
    assert QuickLook.planned(np.zeros(1, np.int64), steady(COUNT), CLASSES) is None
    assert QuickLook.planned(None, steady(COUNT), CLASSES) is None


def test_the_first_stage_fills_the_timeline_and_the_finer_ones_replace_it() -> None:
    look, timeline = planned(), Timeline(COUNT, CLASSES)
    stages = look.missing(timeline.known)
    assert [stage.tolist()[:3] for stage in stages] == [
        [0, 200, 400],
        [100, 300, 500],
        [50, 150, 250],
    ]
    for frame in stages[0].tolist():
        timeline.write_quick(*present(look.put(frame, SURE)), SURE)
    assert present(timeline.quick).known.all()
    for frame in (100, 50):
        timeline.write_quick(*present(look.put(frame, OTHER)), OTHER)
    labels = present(timeline.quick).labels()
    assert (labels[25:175] == 0).all()
    assert (labels[:25] == 1).all()
    assert (labels[175:] == 1).all()
    # one that comes late does not cover what was seen more closely
    timeline.write_quick(*present(look.put(0, SURE)), SURE)
    assert (present(timeline.quick).labels() == labels).all()


def test_nothing_is_said_beyond_a_pause_of_the_recorder() -> None:
    times = FrameTimes.of(
        np.arange(COUNT) * 40.0 + 60_000.0 * (np.arange(COUNT) > 110), np.array([110])
    )
    look = planned(times=times)
    assert look.put(0, SURE) == (0, 111)
    assert look.put(150, SURE) == (111, 175)


def test_only_what_is_not_analysed_is_looked_at() -> None:
    look, known = planned(), np.zeros(COUNT, np.bool_)
    known[:2_025] = True
    assert min(int(stage.min()) for stage in look.missing(known)) == 2_050
    look.put(2_050, SURE)
    assert 2_050 not in np.concatenate(look.missing(known)).tolist()


def test_it_is_kept_apart_from_predictions_and_never_read_as_such(tmp_path: Path) -> None:
    store, look = PredictionStore(tmp_path), planned()
    look.put(100, SURE)
    store.quick.save(PROCEDURE, "m", *look.as_stored())
    assert store.load(PROCEDURE, "m", COUNT, CLASSES) is None
    kept, again = present(store.quick.load(PROCEDURE, "m", COUNT, CLASSES)), planned()
    again.restore(kept.raw, kept.known)
    np.testing.assert_array_equal(again.known, look.known)
    np.testing.assert_array_equal(again.rows, look.rows)
    # under the other one's name it is no analysis
    store.quick.path(PROCEDURE, "m").rename(store.path(PROCEDURE, "m"))
    assert store.load(PROCEDURE, "m", COUNT, CLASSES) is None


def test_what_is_analysed_covers_the_quick_look_and_what_is_not_is_drawn_pale() -> None:
    timeline = Timeline(COUNT, CLASSES)
    timeline.write_quick(0, COUNT, SURE)
    assert timeline.known_count == 0
    assert not timeline.known.any()
    timeline.write(0, np.tile(SURE, (1_000, 1)))
    columns = timeline.window(even(0, COUNT, 30))
    # what shares its column with frames that are analysed is not told apart
    assert not columns.quick[:10].any()
    assert columns.quick[11:].all()
    assert (columns.label == 1).all()
    black, classes = np.zeros(3, np.float32), np.eye(3, dtype=np.float32) * 255
    style = Look(classes, black, black, 1, 0, grid=False)
    green = (strip_pixels(columns, 40, style)[-1] >> np.uint32(8)) & np.uint32(255)
    assert int(green[15]) * 2 < int(green[5])
    assert int(green[15]) > 40


def test_of_a_model_that_tells_class_groups_apart_each_track_shows_its_own() -> None:
    timeline = Timeline(COUNT, CLASSES, None, [("Pathology", [0, 2]), ("Landmarks", [1])])
    timeline.write_quick(0, COUNT, np.array([0.1, 0.9, 0.8], np.float32))
    shown = [track.window(even(0, COUNT, 4)) for track in timeline.tracks]
    assert [columns.label.tolist() for columns in shown] == [[2] * 4, [1] * 4]
    assert all(columns.quick.all() for columns in shown)
