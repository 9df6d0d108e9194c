"""Which frame an imported label is on, and what is said of one that has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from endoscope_app.labels.exchange import reading_wording
from endoscope_app.labels.exchange.document import (
    ExchangeFrame,
    Moment,
)
from endoscope_app.labels.exchange.import_act import import_act
from endoscope_app.labels.exchange.import_plan import plan_import
from tests.endoscope_app.import_plans import (
    KEY,
    NEWCOMER,
    document_of,
    frame_of,
    planned,
    range_of,
)
from tests.endoscope_app.label_library import (
    READER,
    labelled,
    library,
)


def test_a_label_of_no_recording_among_those_of_others_is_named(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        nameless = ExchangeFrame("name:", Moment(None, 2), "class", "polyps", where="row 3")
        plan = planned(store, document_of([frame_of(1), nameless]), NEWCOMER)
        assert (plan.counts().new, plan.offered) == (1, None)
        assert [(one.where, one.reason) for one in plan.unread] == [
            ("row 3", reading_wording.NO_PROCEDURE)
        ]


def test_a_time_stamp_that_fits_is_not_hidden_by_one_that_does_not(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        wrong = ExchangeFrame(KEY, Moment(121, 3), "class", "polyps", where="row 2")
        plan = planned(
            store, document_of([wrong, replace(frame_of(3, "cecum"), where="row 3"), frame_of(4)])
        )
        assert [(frame.index, frame.label.class_name) for frame in plan.frames] == [
            (3, "cecum"),
            (4, "polyps"),
        ]
        assert [(one.where, one.reason) for one in plan.unread] == [
            ("row 2", reading_wording.TAKEN)
        ]


def test_labels_of_a_recording_that_is_not_at_hand_are_not_placed_unseen(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        plan = plan_import(
            store.read, document_of([frame_of(1)], [range_of(5, 9)]), lambda film, index: None
        )
        assert plan.counts().new == 0
        assert [one.reason for one in plan.unread] == [reading_wording.FILE_NOT_AT_HAND] * 2


def test_a_file_that_contradicts_itself_offers_neither_label_and_names_both_rows(
    tmp_path: Path,
) -> None:
    with library(tmp_path) as store:
        doubled = [
            frame_of(1),
            frame_of(1, "cecum"),
            frame_of(2, "POLYP"),
            frame_of(2),
            frame_of(3),
            frame_of(4, film="abababababab"),
            frame_of(4, None),
        ]
        plan = planned(
            store, document_of(replace(one, where=f"row {n}") for n, one in enumerate(doubled, 2))
        )
        assert [frame.index for frame in plan.frames] == [2, 3]
        assert {(one.where, one.reason) for one in plan.unread} == {
            ("row 2 and row 3", "they give one frame different classes"),
            ("row 7 and row 8", "they give one frame different classes"),
        }
        store.apply(import_act(plan, plan.choice, store), READER)
        assert sorted(labelled(store)) == [2, 3]


def test_a_time_stamp_of_no_frame_goes_by_number_and_is_said(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        frames = [
            ExchangeFrame(KEY, Moment(pts, index), "class", "polyps")
            for pts, index in ((121, 3), (400, 99), (441, -1))
        ]
        plan = planned(store, document_of(frames))
        assert [(frame.pts, frame.index) for frame in plan.frames] == [(120, 3), (400, 10)]
        assert plan.notes == (
            "1 frame went by frame number, as the time stamp in the file is of no frame.",
            "1 frame went by time stamp, as the frame number in the file is of another frame.",
        )
        assert [one.reason for one in plan.unread] == ["its time stamp is of no frame"]
        stills = document_of(
            [
                ExchangeFrame(KEY, Moment(pts, index), "class", "polyps")
                for pts, index in ((121, 3), (-400, 99), (441, -1))
            ]
        )
        # Stamps of stills rise with nothing
        plan = plan_import(store.read, stills, lambda film, index: -40 * index)
        assert [(frame.pts, frame.index) for frame in plan.frames] == [(-400, 10)]
        assert [one.reason for one in plan.unread] == [
            "no image in the folder is the one that was labelled"
        ] * 2
