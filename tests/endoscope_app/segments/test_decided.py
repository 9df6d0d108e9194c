"""Decisions about segments in the label library: with their range, their undo and their reading."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library import label_placing as placing
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.migrations import STEPS
from endoscope_app.labels.library.records import FrameMoment
from endoscope_app.labels.library.segment_migration import add_segments
from endoscope_app.segments import segment_acts
from endoscope_app.segments.decided import DecidedSegment, SegmentFields, read_segments
from tests.endoscope_app.label_library import (
    CECUM,
    OTHER,
    POLYPS,
    PROCEDURE,
    READER,
    Clock,
    library,
    moment,
)
from tests.endoscope_app.older_library import take_back

HERE = PROCEDURE.fingerprint
FOUND = DecidedSegment(
    0,
    "segment",
    "polyps",
    "open",
    100,
    150,
    4.0,
    6.0,
    120,
    SegmentFields(),
    "polyps",
    "2026.1-abc",
    0.9,
)
ENDS = (moment(100), moment(150))


def test_accepting_makes_a_range_and_one_undo_takes_both_back(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        polyps = store.read.label_class(POLYPS)
        store.apply(segment_acts.decide(store, HERE, FOUND, ENDS, polyps), READER)
        (item,) = read_segments(store.read, HERE)
        assert replace(item, id=0) == replace(FOUND, state="accepted")
        (span,) = store.read.ranges(HERE)
        assert (span.first_index, span.last_index, span.class_id) == (100, 150, POLYPS)
        store.undo(READER, HERE)
        assert read_segments(store.read, HERE) == []
        assert store.read.ranges(HERE) == []
        store.redo(READER, HERE)
        assert read_segments(store.read, HERE) == [item]
        assert store.read.ranges(HERE) == [span]


def test_correcting_rejecting_and_reopening_move_the_same_range(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        polyps, cecum = (store.read.label_class(number) for number in (POLYPS, CECUM))
        store.apply(segment_acts.decide(store, HERE, FOUND, ENDS, polyps), READER)
        (item,) = read_segments(store.read, HERE)
        store.apply(segment_acts.decide(store, HERE, item, ENDS, cecum, corrected=True), READER)
        (now,) = read_segments(store.read, HERE)
        assert (now.state, now.class_key, now.model_class) == ("corrected", cecum.key, "polyps")
        assert [span.class_id for span in store.read.ranges(HERE)] == [CECUM]
        store.apply(segment_acts.decide(store, HERE, now, ENDS, None), READER)
        (now,) = read_segments(store.read, HERE)
        assert (now.state, now.class_key, store.read.ranges(HERE)) == ("rejected", "polyps", [])
        store.apply(segment_acts.reopen(store, HERE, now, ENDS), READER)
        assert read_segments(store.read, HERE) == []


def test_what_is_written_beside_it_outlives_the_decision(tmp_path: Path) -> None:
    fields = SegmentFields("flat, on a fold", 6.5, "0-IIa", "ascending colon", "probable", True)
    with library(tmp_path) as store:
        store.apply(segment_acts.describe(store, HERE, FOUND, ENDS, fields), READER)
        (item,) = read_segments(store.read, HERE)
        assert (item.state, item.fields) == ("open", fields)
        polyps = store.read.label_class(POLYPS)
        store.apply(segment_acts.decide(store, HERE, item, ENDS, polyps), READER)
        (item,) = read_segments(store.read, HERE)
        assert (item.state, item.fields) == ("accepted", fields)
        store.apply(segment_acts.reopen(store, HERE, item, ENDS), READER)
    with LabelStore(tmp_path) as store:
        (item,) = read_segments(store.read, HERE)
        assert (item.state, item.fields, store.read.ranges(HERE)) == ("open", fields, [])


def test_a_decision_stands_as_long_as_its_range_and_follows_a_merge(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        polyps = store.read.label_class(POLYPS)
        store.apply(segment_acts.decide(store, HERE, FOUND, ENDS, polyps), READER)
        (span,) = store.read.ranges(HERE)
        store.apply(edits.delete_range(store.read, span.id), READER)
        assert [item.state for item in read_segments(store.read, HERE)] == ["open"]
        store.undo(READER, HERE)
        assert [item.state for item in read_segments(store.read, HERE)] == ["accepted"]
        store.apply(class_edits.merge_classes(store.read, [POLYPS], CECUM), READER)
        key = store.read.label_class(CECUM).key
        assert [item.class_key for item in read_segments(store.read, HERE)] == [key]


def test_a_library_from_before_segments_gets_their_tables(tmp_path: Path) -> None:
    with library(tmp_path, Clock()) as store:
        store.apply(edits.add_range(store.read, HERE, *ENDS, POLYPS, 1), READER)
    before = next(number for number, step in STEPS.items() if step is add_segments)
    take_back(tmp_path / "labels.sqlite", before)
    with LabelStore(tmp_path) as store:
        assert len(store.read.ranges(HERE)) == 1
        polyps = store.read.label_class(POLYPS)
        store.apply(segment_acts.decide(store, HERE, FOUND, ENDS, polyps), READER)
        store.apply(segment_acts.finish(store, HERE, "2026.1-abc", 40, 3), READER)
        assert len(read_segments(store.read, HERE)) == 1
        review = store.read.review(HERE)
        assert review is not None
        assert (review.segments, review.left_open) == (40, 3)


def test_segments_go_with_the_labels_to_changed_content(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        polyps = store.read.label_class(POLYPS)
        store.apply(segment_acts.decide(store, HERE, FOUND, ENDS, polyps), READER)

        def ten_later(pts: int, index: int) -> FrameMoment:
            return moment(index + 10)

        result = placing.carry_over(store.read, HERE, OTHER, ten_later, lambda index: index / 25)
        store.apply(result.act, READER)
        assert result.carried == 1, "labels are counted: the range"
        assert read_segments(store.read, HERE) == []
        (item,) = read_segments(store.read, OTHER.fingerprint)
        assert (item.first_index, item.last_index, item.thumbnail_index) == (110, 160, 130)
        assert (item.first_s, item.last_s, item.state) == (4.4, 6.4, "accepted")
        store.undo(READER, OTHER.fingerprint)
        assert [item.state for item in read_segments(store.read, HERE)] == ["accepted"]


def test_a_trimmed_range_trims_its_segment(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        polyps = store.read.label_class(POLYPS)
        store.apply(segment_acts.decide(store, HERE, FOUND, ENDS, polyps), READER)
        (span,) = store.read.ranges(HERE)
        store.apply(edits.change_range(store.read, span.id, moment(125), moment(160)), READER)
        (item,) = read_segments(store.read, HERE)
        assert (item.first_index, item.last_index, item.thumbnail_index) == (125, 160, 125)
        assert (item.first_s, item.last_s) == (pytest.approx(5.0), pytest.approx(6.4))
        assert item.state == "accepted"
