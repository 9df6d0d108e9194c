"""What of a library becomes a finding: decided segments first, then what no segment has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from endoscope_app.labels.frame_places import FramePlaces
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.report.finding_rows import FindingRows
from endoscope_app.report.html_page import page
from endoscope_app.report.milestones import milestones, preparation
from endoscope_app.report.plain_report import text
from endoscope_app.report.report_values import (
    Conditions,
    Finding,
    Milestones,
    Pictures,
    Report,
    ReportOptions,
)
from endoscope_app.segments import segment_acts as decisions
from endoscope_app.segments.decided import DecidedSegment, SegmentFields
from tests.endoscope_app.label_library import (
    CECUM,
    POLYPS,
    PROCEDURE,
    READER,
    library,
    moment,
)

HERE = PROCEDURE.fingerprint
TIMES = FrameTimes.of(np.arange(1000) * 40.0, np.zeros(0, np.int64))
FOUND = DecidedSegment(
    0, "segment", "polyps", "open", 100, 150, 4.0, 6.0, 120, SegmentFields(), "polyps", "m1", 0.9
)


def rows(store: LabelStore, *, single_frames: bool = False) -> tuple[Finding, ...]:
    places = FramePlaces(TIMES.times_ms, False)
    found = FindingRows(store.read, HERE, TIMES, places, lambda first, last, _: (first + last) // 2)
    return found.all(single_frames=single_frames)


def test_a_decided_segment_is_one_finding_with_its_words_not_two(tmp_path: Path) -> None:
    ends = (moment(100), moment(150))
    fields = SegmentFields("near the fold", 6.0, "0-IIa", "ascending", "high", True)
    with library(tmp_path) as store:
        polyp = store.read.label_class(POLYPS)
        store.apply(decisions.decide(store, HERE, FOUND, ends, polyp), READER)
        (kept,) = store.read.segments(HERE)
        decided = DecidedSegment(kept.id, *[getattr(FOUND, name) for name in FOUND.__slots__[1:]])
        store.apply(decisions.describe(store, HERE, decided, ends, fields), READER)
        (finding,) = rows(store)
    assert (finding.first, finding.last, finding.shown_frame) == (100, 150, 120)
    assert (finding.state, finding.group, finding.place) == (
        "accepted",
        "pathology",
        "0:04.0–0:06.0",
    )
    assert (finding.start_ms, finding.end_ms) == (4000.0, 6040.0)
    assert finding.text == "near the fold"
    assert dict(finding.fields) == {
        "Size": "6 mm",
        "Paris": "0-IIa",
        "Site": "ascending",
        "Certainty": "high",
        "Show at conference": "yes",
    }


def test_rejected_and_open_ones_are_none_and_ranges_beside_them_are(tmp_path: Path) -> None:
    with library(tmp_path, grouped=True) as store:
        ends = (moment(100), moment(150))
        store.apply(decisions.decide(store, HERE, FOUND, ends, None), READER)
        number = store.new_id("range_labels")
        span = edits.add_range(store.read, HERE, moment(200), moment(220), CECUM, number)
        store.apply(span, READER)
        # a polyp in the caecum is a finding of its own; a second label of the caecum is none
        polyp = edits.label_frames(store.read, HERE, [moment(210), moment(300)], POLYPS)
        store.apply(polyp, READER)
        store.apply(edits.label_frames(store.read, HERE, [moment(211)], CECUM), READER)
        assert [(one.class_key, one.state) for one in rows(store)] == [("cecum", "labelled")]
        both = [(one.class_key, one.first) for one in rows(store, single_frames=True)]
    assert both == [("polyps", 210), ("polyps", 300), ("cecum", 200)]


def finding(key: str, group: str, first: int, last: int, words: str = "") -> Finding:
    return Finding(
        key,
        key.title(),
        group,  # type: ignore[arg-type]
        "labelled",
        first,
        last,
        first * 40.0,
        last * 40.0 + 40.0,
        "here",
        first,
        words,
    )


def test_the_caecum_is_reached_when_first_seen_and_left_when_last_seen() -> None:
    found = [finding("cecum", "landmark", 500, 520), finding("cecum", "landmark", 300, 310)]
    assert milestones(found, TIMES, 40_000.0) == Milestones(12_000.0, 40_000.0 - 20_800.0)
    assert milestones([finding("polyps", "pathology", 1, 2)], TIMES, 40_000.0) == Milestones()


def test_preparation_is_added_up_by_class() -> None:
    found = [
        finding("bbps-2-3", "preparation", 0, 24),
        finding("bbps-0-1", "preparation", 30, 34),
        finding("bbps-2-3", "preparation", 50, 74),
    ]
    assert preparation(found) == (("Bbps-2-3", 2000.0), ("Bbps-0-1", 200.0))


@pytest.mark.parametrize("evil", ["<img src=x onerror=1>", "a&b", '"quoted"', "two\nlines"])
def test_no_word_of_the_reader_is_markup(evil: str) -> None:
    report = Report(
        procedure=evil,
        patient=evil,
        reader=evil,
        made_utc="2026-11-30T12:00:00+00:00",
        stills=False,
        frame_count=1000,
        duration_ms=40_000.0,
        model_version=evil,
        options=ReportOptions(),
        conditions=Conditions((evil,), {"hidden": 2}, (evil,)),
        findings=(finding("polyps", "pathology", 1, 2, evil),),
        milestones=Milestones(),
        preparation=((evil, 1.0),),
    )
    html = page(report, Pictures(), None)
    assert "<img" not in html
    assert evil not in html or evil == "two\nlines"
    assert evil.splitlines()[0] in text(report, None)
