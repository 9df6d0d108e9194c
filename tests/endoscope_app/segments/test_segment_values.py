"""What makes a segment: joined runs, stills, and decisions that are found again by their times."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from endoscope_app.analysis.finding_joining import join_findings
from endoscope_app.analysis.findings import Finding, still_findings
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import LabelClass
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.segments.class_groups import Group, group_of, groups_of
from endoscope_app.segments.decided import DecidedSegment, SegmentFields, read_segments
from endoscope_app.segments.segment_items import Recording, segment_items
from endoscope_app.segments.withdrawal import Withdrawal, withdrawal
from tests.endoscope_app.label_library import PROCEDURE, library
from tests.places import REPOSITORY

A, B = 0, 1
#: Ten frames a second, and a pause of the recorder after frame 49.
TIMES = FrameTimes.of(
    np.concatenate([np.arange(50) * 100.0, 60_000 + np.arange(50) * 100.0]), np.array([49])
)


def run(label: int, start: int, stop: int, mean: float = 0.9) -> Finding:
    return Finding(label, start, stop, start, mean)


def spans(found: list[Finding]) -> list[tuple[int, int, int]]:
    return [(item.label, item.start, item.stop) for item in found]


@pytest.mark.parametrize(
    ("runs", "joined"),
    [
        ([run(A, 0, 5), run(A, 8, 12)], [(A, 0, 12)]),
        ([run(A, 0, 5), run(A, 11, 14)], [(A, 0, 5)]),  # .6 s apart, and the second too short
        ([run(A, 0, 5), run(B, 5, 7), run(A, 7, 12)], [(A, 0, 12)]),  # a flicker of another class
        (
            [run(A, 0, 6), run(B, 6, 11), run(A, 11, 17)],  # a finding of another class
            [(A, 0, 6), (B, 6, 11), (A, 11, 17)],
        ),
        ([run(A, 40, 50), run(A, 50, 60)], [(A, 40, 50), (A, 50, 60)]),  # over the pause
        ([run(A, 0, 2), run(A, 4, 6), run(A, 8, 10)], [(A, 0, 10)]),
    ],
)
def test_runs_are_joined_over_short_gaps_of_nothing_worth_a_look(
    runs: list[Finding], joined: list[tuple[int, int, int]]
) -> None:
    assert spans(join_findings(runs, TIMES, 0.5, 0.5)) == joined


def test_without_joining_and_with_any_length_the_runs_stay_as_they_are() -> None:
    runs = [run(A, 0, 1), run(A, 2, 3), run(B, 3, 4)]
    assert join_findings(runs, TIMES, 0.0, 0.0) == runs


def test_the_probability_of_what_is_joined_counts_frames() -> None:
    (item,) = join_findings([run(A, 0, 6, 0.6), run(A, 7, 9, 1.0)], TIMES, 0.5, 0.5)
    assert item.mean_probability == pytest.approx((6 * 0.6 + 2 * 1.0) / 8)
    assert item.peak_index == 7, "of the surer one"


def test_every_still_that_the_model_names_is_a_finding_by_itself() -> None:
    raw = np.array([[0.9, 0.1], [0.1, 0.9], [0.5, 0.4], [0.8, 0.2], [0.9, 0.1]], np.float32)
    known = np.array([True, True, True, True, False])
    found = still_findings(raw, known, np.array([0.7, 0.7]))
    assert spans(found) == [(A, 0, 1), (B, 1, 2), (A, 3, 4)]


def decided(first_s: float, last_s: float, state: str = "accepted") -> DecidedSegment:
    return DecidedSegment(
        7,
        "segment",
        "polyps",
        state,  # type: ignore[arg-type]
        999,
        999,
        first_s,
        last_s,
        3,
        SegmentFields(),
        "polyps",
        "old",
        0.8,
    )


@pytest.mark.parametrize(
    ("found", "places"),
    [
        (run(A, 12, 28), [(10, 30)]),  # another model's, mostly within it
        (run(A, 0, 45), [(0, 44), (10, 30)]),  # mostly outside: open, beside what was decided
        (run(B, 12, 28), [(10, 30), (12, 27)]),  # of another class
    ],
)
def test_a_decision_is_found_again_by_the_overlap_of_its_times(
    found: Finding, places: list[tuple[int, int]]
) -> None:
    recording = Recording(TIMES, stills=False)
    items = segment_items([found], ["polyps", "cecum"], "new", [decided(1.0, 3.0)], recording)
    assert [(item.first_index, item.last_index) for item in items] == places
    assert [item.state for item in items if item.id == 7] == ["accepted"]


def test_groups_know_the_classes_and_take_a_readers_own_for_pathology() -> None:
    keys = ("polyps", "normal-cecum", "cecum", "bbps-0-1", "lesion", "")
    assert [group_of(key, {}) for key in keys] == [
        Group.PATHOLOGY,
        Group.LANDMARKS,
        Group.LANDMARKS,
        Group.PREPARATION,
        Group.PATHOLOGY,
        Group.BOOKMARKS,
    ]
    assert group_of("polyps", groups_of([LabelClass(1, "Polyp", "#ff0000", 0, key="polyps")])) == (
        Group.PATHOLOGY
    )
    chosen = groups_of([LabelClass(1, "Snare", "#ff0000", 0, class_group="Other")])
    assert group_of("snare", chosen) == Group.OTHER


def caecum(first_s: float, last_s: float, state: str, key: str = "cecum") -> DecidedSegment:
    return replace(decided(first_s, last_s, state), class_key=key)


def test_withdrawal_counts_from_the_last_of_the_caecum_by_the_readers_own_segments() -> None:
    found = [caecum(60.0, 65.0, "open"), decided(10.0, 12.0)]
    assert withdrawal(found, 600.0) == Withdrawal(60.0, 535.0, by_reader=False)
    own = [*found, caecum(100.0, 110.0, "accepted"), caecum(120.0, 130.0, "corrected", "ileum")]
    assert withdrawal(own, 600.0) == Withdrawal(100.0, 470.0, by_reader=True)
    assert withdrawal([caecum(60.0, 65.0, "rejected")], 600.0) is None


CRASH = """
import os, signal, sys
from pathlib import Path
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.segments import segment_acts
from tests.endoscope_app.label_library import POLYPS, PROCEDURE, READER, moment
from tests.endoscope_app.segments.test_decided import ENDS, FOUND
store = LabelStore(Path(sys.argv[1]))
chosen = store.read.label_class(POLYPS)
store.apply(segment_acts.decide(store, PROCEDURE.fingerprint, FOUND, ENDS, chosen), READER)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_decision_survives_kill_9(tmp_path: Path) -> None:
    with library(tmp_path):
        pass
    done = subprocess.run([sys.executable, "-c", CRASH, str(tmp_path)], cwd=REPOSITORY, check=False)
    assert done.returncode == -signal.SIGKILL
    with LabelStore(tmp_path) as store:
        (item,) = read_segments(store.read, PROCEDURE.fingerprint)
        assert item.state == "accepted"
        assert len(store.read.ranges(PROCEDURE.fingerprint)) == 1
