"""Whole-file analysis: every frame once and right, cancelled and resumed without loss, an end
in words where the file is damaged.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.analysis import frame_analysis as analysis
from endoscope_app.analysis.frame_analysis import pieces_to_do, usable_cores, worker_count
from endoscope_app.base.errors import AppError
from endoscope_app.media.opening import open_source
from tests.endoscope_app import clips
from tests.endoscope_app.analysis_tools import (
    COUNT,
    WAIT_S,
    Table,
    WatchedClassifier,
    analysis_of,
    one_by_one,
)
from tests.model_factory import make_model_dir


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many workers on every machine, because tests count what they had in hand."""
    monkeypatch.setattr(analysis, "usable_cores", lambda: 2)


@pytest.fixture
def classifier(tmp_path: Path) -> WatchedClassifier:
    return WatchedClassifier(make_model_dir(tmp_path / "model"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", COUNT)


@pytest.mark.parametrize("frames_per_piece", [750, 24])
def test_every_frame_once_with_the_probabilities_of_one_by_one(
    clip: Path,
    classifier: WatchedClassifier,
    monkeypatch: pytest.MonkeyPatch,
    frames_per_piece: int,
) -> None:
    monkeypatch.setattr(analysis, "FRAMES_PER_PIECE", frames_per_piece)
    table = Table(len(classifier.classes))
    analysis_of(clip, classifier, background=False).run(table.add)
    assert table.times.tolist() == [1] * COUNT
    expected = one_by_one(clip, classifier)
    np.testing.assert_allclose(table.rows, expected, atol=1e-5)
    # Rows in the wrong place would be seen: neighbours differ by more than the tolerance.
    assert (np.abs(np.diff(expected, axis=0)).max(axis=1) > 1e-5).mean() > 0.5


def test_analysis_and_the_live_view_agree(tmp_path: Path, classifier: WatchedClassifier) -> None:
    path = clips.make_clip(tmp_path / "large.mp4", 24, size=(640, 512))
    table = Table(len(classifier.classes), 24)
    analysis_of(path, classifier, background=False).run(table.add)
    with open_source(path) as source:
        live = np.stack(
            [classifier.classify(source.read(index).image).probabilities for index in range(24)]
        )
    assert np.abs(table.rows - live).max() < 0.1
    top_two = np.sort(live, axis=1)[:, -2:]
    clear = top_two[:, 1] - top_two[:, 0] > 0.2
    assert clear.sum() > 6
    assert (table.rows.argmax(axis=1) == live.argmax(axis=1))[clear].all()


def test_cancel_keeps_what_is_done_and_resuming_computes_only_what_is_missing(
    clip: Path, classifier: WatchedClassifier
) -> None:
    table = Table(len(classifier.classes))
    classifier.allowed = 40
    run = analysis_of(clip, classifier, background=False)
    worker = threading.Thread(target=run.run, args=(table.add,))
    worker.start()
    assert classifier.held.wait(WAIT_S)
    run.stop()
    classifier.go_on.set()
    worker.join(WAIT_S)
    assert not worker.is_alive()
    known = table.times > 0
    assert 40 - 2 * analysis.BATCH <= known.sum() < COUNT
    done = table.rows[known].copy()
    classifier.allowed, classifier.pictures = 10**9, 0
    analysis_of(clip, classifier, background=False).run(table.add, known)
    assert classifier.pictures == (~known).sum()
    assert table.times.tolist() == [1] * COUNT
    np.testing.assert_array_equal(table.rows[known], done)
    np.testing.assert_allclose(table.rows, one_by_one(clip, classifier), atol=1e-5)


def test_nothing_is_computed_when_all_is_known(clip: Path, classifier: WatchedClassifier) -> None:
    table = Table(len(classifier.classes))
    analysis_of(clip, classifier).run(table.add, np.ones(COUNT, np.bool_))
    assert classifier.pictures == 0
    with open_source(clip) as source:
        assert pieces_to_do(source, np.ones(COUNT, np.bool_), 2) == []
        known = np.ones(COUNT, np.bool_)
        known[[5, 9, COUNT - 1]] = False
        assert pieces_to_do(source, known, 2) == [(5, 10), (COUNT - 1, COUNT)]


def test_a_stop_in_the_middle_of_giving_way_leaves_no_worker_waiting(
    clip: Path, classifier: WatchedClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = analysis_of(clip, classifier, background=False)
    clear = run._queue._full_speed.clear

    def stop_then_clear() -> None:
        run.stop()  # by another thread, at the worst moment
        clear()

    monkeypatch.setattr(run._queue._full_speed, "clear", stop_then_clear)
    run.give_way(True)
    assert run.stopped
    assert run._queue._full_speed.wait(0)


def test_one_worker_goes_on_while_the_others_give_way(
    clip: Path, classifier: WatchedClassifier
) -> None:
    run = analysis_of(clip, classifier, background=False)
    run.give_way(True)
    table = Table(len(classifier.classes))
    worker = threading.Thread(target=run.run, args=(table.add,))
    worker.start()
    assert table.reached(analysis.BATCH)
    run.give_way(False)
    worker.join(WAIT_S)
    assert not worker.is_alive()
    assert table.times.tolist() == [1] * COUNT


def test_all_is_done_by_one_worker_while_the_reader_plays_on(
    clip: Path, classifier: WatchedClassifier
) -> None:
    """The second worker begins, is asked to give way in the middle of its piece, and never gets
    its turn back.
    """
    run = analysis_of(clip, classifier, background=False)
    classifier.allowed = 2 * analysis.BATCH
    table = Table(len(classifier.classes))
    worker = threading.Thread(target=run.run, args=(table.add,))
    worker.start()
    assert classifier.held.wait(WAIT_S)
    run.give_way(True)
    classifier.allowed = 10**9
    classifier.go_on.set()
    worker.join(WAIT_S)
    assert not worker.is_alive()
    assert table.times.tolist() == [1] * COUNT


def test_the_fault_of_one_worker_ends_the_other_and_is_told_once(
    clip: Path, classifier: WatchedClassifier
) -> None:
    classifier.allowed, classifier.fault = 40, AppError("The drive is gone.", "Plug it in.")
    classifier.go_on.set()
    table = Table(len(classifier.classes))
    with pytest.raises(AppError, match="The drive is gone"):
        analysis_of(clip, classifier, background=False).run(table.add)
    assert 0 < (table.times > 0).sum() <= 40
    assert table.times.max() == 1


def test_a_truncated_video_gives_what_can_be_decoded(
    tmp_path: Path, classifier: WatchedClassifier
) -> None:
    path = clips.make_clip(tmp_path / "cut.mp4", 75, container_options={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with open_source(path) as source:
        count = source.info.frame_count
        assert "damaged after" in source.info.notes[0]
    table = Table(len(classifier.classes), count)
    analysis_of(path, classifier, background=False).run(table.add)
    assert 20 < count < 75
    assert table.times.tolist() == [1] * count


def test_a_frame_that_cannot_be_decoded_leaves_a_hole_and_shifts_no_other(
    tmp_path: Path, classifier: WatchedClassifier
) -> None:
    for number in range(12):
        pixels = np.ascontiguousarray(clips.numbered_picture(number)[..., ::-1])
        cv2.imencode(".png", pixels)[1].tofile(tmp_path / f"{number}.png")
    single = [one_by_one(tmp_path / f"{number}.png", classifier)[0] for number in range(12)]
    torn = (tmp_path / "3.png").read_bytes()[:60]
    (tmp_path / "3.png").write_bytes(torn)
    table = Table(len(classifier.classes), 12)
    analysis_of(tmp_path, classifier, background=False).run(table.add)
    assert table.times.tolist() == [1, 1, 1, 0, *[1] * 8]
    single[3] = np.zeros_like(single[3])
    np.testing.assert_allclose(table.rows, np.stack(single), atol=1e-5)


@pytest.mark.parametrize(
    ("cores", "in_the_window", "alone"),
    [(1, 2, 2), (2, 2, 2), (3, 2, 3), (4, 3, 4), (8, 7, 8), (64, 8, 8)],
)
def test_workers_follow_the_cores_and_leave_one_to_the_window(
    monkeypatch: pytest.MonkeyPatch, cores: int, in_the_window: int, alone: int
) -> None:
    monkeypatch.setattr(analysis, "usable_cores", lambda: cores)
    assert worker_count(background=True) == in_the_window
    assert worker_count(background=False) == alone


def test_more_workers_come_to_the_same(
    clip: Path, classifier: WatchedClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis, "usable_cores", lambda: 5)
    table = Table(len(classifier.classes))
    workers: set[int] = set()

    def add(start: int, rows: NDArray[np.float32]) -> None:
        workers.add(threading.get_ident())
        table.add(start, rows)

    analysis_of(clip, classifier, background=False).run(add)
    assert table.times.tolist() == [1] * COUNT
    np.testing.assert_allclose(table.rows, one_by_one(clip, classifier), atol=1e-5)
    assert 1 <= len(workers) <= 5


def test_the_cores_are_those_that_this_process_may_use() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
