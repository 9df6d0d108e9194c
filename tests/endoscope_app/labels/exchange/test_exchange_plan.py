"""An import: counted before it is written, written as one act, taken back by one undo."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import json_format, wording
from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    Unread,
    assemble,
)
from endoscope_app.labels.exchange.import_act import import_act
from endoscope_app.labels.exchange.import_choice import ImportChoice, ImportCounts
from endoscope_app.labels.exchange.import_plan import ImportPlan, plan_import
from endoscope_app.labels.exchange.library_document import collect
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import CLASSES_SCOPE, FrameLabel, Procedure, RangeLabel
from tests.endoscope_app.label_library import (
    CECUM,
    OTHER,
    POLYPS,
    PROCEDURE,
    READER,
    STOOL,
    everything,
    label,
    labelled,
    library,
    moment,
)

FILM = PROCEDURE.fingerprint
NEWCOMER = Procedure("ef" * 20, "base.mp4", "/videos/base.mp4", 120, 4.8)


def said(index: int, name: str | None = "polyps", film: str = FILM) -> ExchangeFrame:
    return ExchangeFrame(
        film, Moment(index * 40, index), "class" if name is not None else "unusable", name
    )


def span(first: int, last: int, name: str = "polyps", film: str = FILM) -> ExchangeRange:
    return ExchangeRange(film, Moment(first * 40, first), Moment(last * 40, last), name)


def of(
    frames: Iterable[ExchangeFrame],
    ranges: Iterable[ExchangeRange] = (),
    classes: Iterable[ExchangeClass] = (),
) -> ExchangeDocument:
    return assemble(classes, (), frames, ranges)


def stamps(film: str, index: int) -> int | None:
    """Both recordings are at hand, with 40 ticks per frame."""
    count = {one.fingerprint: one.frame_count for one in (PROCEDURE, OTHER, NEWCOMER)}[film]
    return index * 40 if 0 <= index < count else None


def planned(
    store: LabelStore, document: ExchangeDocument, opened: Procedure | None = None
) -> ImportPlan:
    return plan_import(store, document, stamps, opened=opened)


def bring_in(store: LabelStore, document: ExchangeDocument) -> str:
    plan = planned(store, document)
    return store.apply(import_act(plan, plan.choice, store), READER).title


def test_the_preview_counts_every_label_once(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        label(store, 1, POLYPS)
        label(store, 2, CECUM)
        label(store, 3, POLYPS)
        store.apply(
            edits.add_range(
                store, FILM, moment(5), moment(9), POLYPS, store.new_id("range_labels")
            ),
            READER,
        )
        frames = [
            said(1),
            said(2),
            said(3, None),
            said(4),
            said(6, "lesion"),
            said(7, film="fe" * 20),
            said(5000),
        ]
        ranges = [span(5, 9), span(5, 10), span(4990, 5001), span(0, 2, "lesion", "fe" * 20)]
        plan = planned(
            store, replace(of(frames, ranges), unread=(Unread("row 7", "it has no label"),) * 3)
        )
        assert plan.counts() == ImportCounts(
            new=3,
            same=2,
            conflicts=2,
            left_out=0,
            unknown_classes={"lesion": 2},
            unknown_procedures={"fe" * 20: 2},
            beyond_end=2,
            without_place=3,
        )
        left = ImportChoice(False, {**plan.choice.classes, "lesion": "leave out"})
        assert (plan.counts(left).new, plan.counts(left).left_out) == (2, 1)


@pytest.mark.parametrize("take_theirs", [False, True])
def test_one_undo_takes_all_back_and_nothing_is_written_before(
    tmp_path: Path, take_theirs: bool
) -> None:
    with library(tmp_path) as store:
        label(store, 2, CECUM)
        before, journal = everything(store), len(list(store.journal_rows()))
        frames = [said(1), said(2), said(3, None), said(4, "lesion")]
        document = of(frames, [span(5, 9), span(5, 9)], [ExchangeClass("lesion", "#123456", True)])
        plan = planned(store, document)
        act = import_act(plan, replace(plan.choice, take_theirs=take_theirs), store)
        assert everything(store) == before
        assert len(list(store.journal_rows())) == journal
        title = store.apply(act, READER).title
        assert (
            title
            == store.undo_title(FILM)
            == ("import 5 labels" if take_theirs else "import 4 labels")
        )
        made = next(one for one in store.classes() if one.name == "lesion")
        assert (made.colour, made.retired, made.place) == ("#123456", True, 3)
        assert labelled(store) == {
            1: POLYPS,
            2: POLYPS if take_theirs else CECUM,
            3: None,
            4: made.id,
        }
        assert [(one.first_index, one.last_index, one.class_id) for one in store.ranges(FILM)] == [
            (5, 9, POLYPS)
        ]
        assert planned(store, document).counts().new == 0
        store.undo(READER, FILM)
        store.undo(READER, CLASSES_SCOPE)
        assert everything(store) == before
        store.redo(READER, CLASSES_SCOPE)
        store.redo(READER, FILM)
        assert labelled(store)[4] == made.id


def test_an_import_into_two_procedures_is_taken_back_in_each_by_itself(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        bring_in(store, of([said(1), said(2), said(3, film=OTHER.fingerprint)]))
        assert store.undo_title(FILM).startswith("import 3 labels")
        store.undo(READER, OTHER.fingerprint)
        assert (sorted(labelled(store)), store.frame_labels(OTHER.fingerprint)) == ([1, 2], [])
        store.undo(READER, FILM)
        assert labelled(store) == {}


def test_a_label_of_no_recording_among_those_of_others_is_named(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        nameless = ExchangeFrame("name:", Moment(None, 2), "class", "polyps", where="row 3")
        plan = planned(store, of([said(1), nameless]), NEWCOMER)
        assert (plan.counts().new, plan.offered) == (1, None)
        assert [(one.where, one.reason) for one in plan.unread] == [("row 3", wording.NO_PROCEDURE)]


def test_a_title_says_how_many_labels(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        assert bring_in(store, of([said(1)])) == "import 1 label"
        assert bring_in(store, of(said(index) for index in range(2, 1206))) == "import 1,204 labels"
        entries = len(list(store.journal_rows()))
        assert bring_in(store, of([said(1)])) == ""
        assert len(list(store.journal_rows())) == entries


def test_class_names_find_theirs_by_case_alias_and_merge(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        store.apply(class_edits.merge_classes(store, [STOOL], CECUM), READER)
        names = ["POLYPS", " polyp", "Normal-Cecum", "stool", "other"]
        plan = planned(store, of([said(n, name) for n, name in enumerate(names)]))
        assert [plan.choice.classes[name] for name in names] == [
            POLYPS,
            POLYPS,
            CECUM,
            CECUM,
            "new",
        ]


def test_a_label_of_a_class_that_was_merged_is_the_same_label(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        label(store, 1, STOOL)
        store.apply(
            edits.add_range(store, FILM, moment(5), moment(9), STOOL, store.new_id("range_labels")),
            READER,
        )
        store.apply(class_edits.merge_classes(store, [STOOL], CECUM), READER)
        assert {one.class_name for one in collect(store).labels()} == {"cecum"}
        counts = planned(store, collect(store)).counts()
        assert (counts.new, counts.same, counts.conflicts) == (0, 2, 0)


def test_the_reader_maps_classes_as_they_like(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        document = of([said(1, "a"), said(2, "b"), said(3, "c"), said(4, "C "), said(5)])
        choices = ImportChoice(
            False, {"a": STOOL, "b": "leave out", "c": "new", "C ": "new", "polyps": CECUM}
        )
        store.apply(import_act(planned(store, document), choices, store), READER)
        new = store.classes()[-1]
        assert (new.name, new.id) == ("c", 4) or (new.name, new.id) == ("C", 4)
        assert labelled(store) == {1: STOOL, 3: new.id, 4: new.id, 5: CECUM}
        with pytest.raises(ValueError, match="no class 99"):
            import_act(planned(store, document), ImportChoice(False, {"a": 99}), store)
        with pytest.raises(AppError, match="already a class called polyps"):
            import_act(planned(store, document), ImportChoice(False, {"polyps": "new"}), store)


def test_a_plan_that_the_labels_have_overtaken_writes_nothing(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        plan = planned(store, of([said(1), said(2)]))
        label(store, 2, CECUM)
        before = everything(store)
        with pytest.raises(AppError, match="changed in the meantime"):
            store.apply(import_act(plan, plan.choice, store), READER)
        assert everything(store) == before


def test_procedures_are_found_by_the_start_of_a_fingerprint_or_by_name(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        names = ("Colon 2", "x", "1a2b3c4d-Colon_2")
        numbered = [
            ExchangeFrame(f"name:{name}", Moment(None, 7 + n), "class", "polyps")
            for n, name in enumerate(names)
        ]
        document = of([said(1, film="abababababab"), said(2, film="ababa"), *numbered])
        plan = planned(store, document)
        assert plan.counts().new == 3
        assert plan.counts().unknown_procedures == {"ababa": 1, "name:x": 1}
        store.apply(import_act(plan, plan.choice, store), READER)
        assert [one.pts for one in store.frame_labels(OTHER.fingerprint)] == [280, 360]
        assert list(labelled(store)) == [1]


def test_a_name_that_two_recordings_bear_names_none(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        twin = replace(NEWCOMER, name="COLON 1")
        store.apply(edits.register_procedure(store, twin), READER)
        plan = planned(
            store, of([ExchangeFrame("name:colon 1", Moment(None, 7), "class", "polyps")])
        )
        assert plan.counts().unknown_procedures == {"name:colon 1": 1}
        assert plan.notes == (
            (
                "Several procedures here have the name that the file gives for 1 label, so"
                " none was taken."
            ),
        )


@pytest.mark.parametrize(
    ("key", "taken"),
    [("ef" * 20, True), ("efefefefefef", True), ("name:base.mp4", True), ("name:Base", True)],
)
def test_the_open_procedure_is_known_although_it_was_never_labelled(
    tmp_path: Path, key: str, taken: bool
) -> None:
    with LabelStore(tmp_path) as store:
        document = of(
            [ExchangeFrame(key, Moment(None, index), "class", "polyps") for index in (3, 9)]
        )
        assert planned(store, document).counts().unknown_procedures == {key: 2}
        plan = planned(store, document, NEWCOMER)
        assert (plan.offered, plan.counts().new) == (None, 2)
        store.apply(import_act(plan, plan.choice, store), READER)
        assert [(one.pts, one.frame_index) for one in store.frame_labels(NEWCOMER.fingerprint)] == [
            (120, 3),
            (360, 9),
        ]
        assert store.procedure(NEWCOMER.fingerprint) == NEWCOMER


@pytest.mark.parametrize(
    ("key", "taken"), [("name:", True), ("name:film of another name", False), ("12" * 20, False)]
)
def test_labels_of_no_or_of_one_unknown_recording_are_offered_for_the_open_one(
    tmp_path: Path, key: str, taken: bool
) -> None:
    with LabelStore(tmp_path) as store:
        document = of(
            [ExchangeFrame(key, Moment(None, index), "class", "polyps") for index in (3, 9)]
        )
        plan = planned(store, document, NEWCOMER)
        assert (plan.offered, plan.choice.use_open) == (key, taken)
        yes, no = (plan.counts(replace(plan.choice, use_open=chosen)) for chosen in (True, False))
        assert (yes.new, yes.unknown_procedures) == (2, {})
        assert (no.new, no.unknown_procedures) == (0, {key: 2})
        two = of([*document.frames, said(1, film="34" * 20)])
        assert planned(store, two, NEWCOMER).offered is None


def test_a_time_stamp_of_no_frame_goes_by_number_and_is_said(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        frames = [
            ExchangeFrame(FILM, Moment(pts, index), "class", "polyps")
            for pts, index in ((121, 3), (400, 99), (441, -1))
        ]
        plan = planned(store, of(frames))
        assert [(one.pts, one.index) for one in plan.frames] == [(120, 3), (400, 10)]
        assert plan.notes == (
            "1 frame went by frame number, as the time stamp in the file is of no frame.",
            "1 frame went by time stamp, as the frame number in the file is of another frame.",
        )
        assert [one.reason for one in plan.unread] == ["its time stamp is of no frame"]
        stills = of(
            [
                ExchangeFrame(FILM, Moment(pts, index), "class", "polyps")
                for pts, index in ((121, 3), (-400, 99), (441, -1))
            ]
        )
        # Stamps of stills rise with nothing
        plan = plan_import(store, stills, lambda film, index: -40 * index)
        assert [(one.pts, one.index) for one in plan.frames] == [(-400, 10)]
        assert [one.reason for one in plan.unread] == [
            "no image in the folder is the one that was labelled"
        ] * 2


def test_a_time_stamp_that_fits_is_not_hidden_by_one_that_does_not(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        wrong = ExchangeFrame(FILM, Moment(121, 3), "class", "polyps", where="row 2")
        plan = planned(store, of([wrong, replace(said(3, "cecum"), where="row 3"), said(4)]))
        assert [(one.index, one.label.class_name) for one in plan.frames] == [
            (3, "cecum"),
            (4, "polyps"),
        ]
        assert [(one.where, one.reason) for one in plan.unread] == [("row 2", wording.TAKEN)]


def test_labels_of_a_recording_that_is_not_at_hand_are_not_placed_unseen(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        plan = plan_import(store, of([said(1)], [span(5, 9)]), lambda film, index: None)
        assert plan.counts().new == 0
        assert [one.reason for one in plan.unread] == [wording.FILE_NOT_AT_HAND] * 2


def test_a_file_that_contradicts_itself_offers_neither_label_and_names_both_rows(
    tmp_path: Path,
) -> None:
    with library(tmp_path) as store:
        doubled = [
            said(1),
            said(1, "cecum"),
            said(2, "POLYP"),
            said(2),
            said(3),
            said(4, film="abababababab"),
            said(4, None),
        ]
        plan = planned(
            store, of(replace(one, where=f"row {n}") for n, one in enumerate(doubled, 2))
        )
        assert [one.index for one in plan.frames] == [2, 3]
        assert {(one.where, one.reason) for one in plan.unread} == {
            ("row 2 and row 3", "they give one frame different classes"),
            ("row 7 and row 8", "they give one frame different classes"),
        }
        store.apply(import_act(plan, plan.choice, store), READER)
        assert sorted(labelled(store)) == [2, 3]


def test_classes_are_found_by_key_by_what_they_are_shown_as_and_by_other_spellings(
    tmp_path: Path,
) -> None:
    with library(tmp_path) as store:
        store.apply(class_edits.rename_class(store, CECUM, "Zökum"), READER)
        others = ("ZÖKUM", "cecum", "Caecum", "normal-cecum", "Polyp", "lesion")
        spelt = [ExchangeClass("Blinddarm", key="cecum"), *map(ExchangeClass, others)]
        plan = planned(store, of([said(n, one.name) for n, one in enumerate(spelt)], classes=spelt))
        assert [plan.choice.classes[one.name] for one in spelt] == [CECUM] * 5 + [POLYPS, "new"]


def test_a_range_that_stands_already_in_other_pieces_is_the_same(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        for first, last in ((5, 9), (10, 14)):
            store.apply(
                edits.add_range(
                    store, FILM, moment(first), moment(last), POLYPS, store.new_id("range_labels")
                ),
                READER,
            )
        spans = [span(5, 14), span(6, 8), span(6, 15), span(6, 8, "cecum")]
        plan = planned(store, of((), spans))
        assert (plan.counts().same, plan.counts().new) == (2, 2)


def test_a_kept_picture_is_named_only_where_it_is_here(tmp_path: Path) -> None:
    hashes = [hashlib.sha256(text).hexdigest() for text in (b"a", b"b")]
    with library(tmp_path) as store:
        store.apply(edits.label_frames(store, FILM, [moment(9, "mine")], CECUM), READER)
        frames = [
            replace(said(index), picture=picture)
            for index, picture in ((1, hashes[0]), (2, hashes[1]), (3, "../x"), (9, hashes[0]))
        ]
        plan = plan_import(store, of(frames), stamps, has_picture=lambda found: found == hashes[0])
        store.apply(import_act(plan, replace(plan.choice, take_theirs=True), store), READER)
        assert [one.png for one in store.frame_labels(FILM)] == [hashes[0], None, None, "mine"]


def test_a_library_moves_through_json_into_an_empty_one(tmp_path: Path) -> None:
    with library(tmp_path / "one") as store:
        label(store, 1, CECUM)
        store.apply(edits.agree(store, FILM, moment(2), POLYPS), READER)
        store.apply(edits.mark_unusable(store, OTHER.fingerprint, [moment(3)]), READER)
        store.apply(
            edits.add_range(store, FILM, moment(5), moment(9), STOOL, store.new_id("range_labels")),
            READER,
        )
        json_format.write(collect(store), tmp_path / "labels.json")
        colours = [(one.name, one.colour) for one in store.classes()]
    document = json_format.read(tmp_path / "labels.json")
    assert [one.at.seconds for one in document.frames] == [0.04, 0.08, 0.12]
    with LabelStore(tmp_path / "two") as store:
        assert planned(store, document).counts().unknown_procedures == {
            FILM: 3,
            OTHER.fingerprint: 1,
        }
        store.apply(
            edits.compound(
                "x", [edits.register_procedure(store, one) for one in (PROCEDURE, OTHER)]
            ),
            READER,
        )
        assert bring_in(store, document) == "import 4 labels"
        assert [(one.name, one.colour) for one in store.classes()] == colours
        assert store.frame_labels(FILM) == [
            FrameLabel(40, 1, "class", 2),
            FrameLabel(80, 2, "agreed", 1),
        ]
        assert store.frame_labels(OTHER.fingerprint) == [FrameLabel(120, 3, "unusable", None)]
        assert store.ranges(FILM) == [RangeLabel(1, 200, 360, 5, 9, 3)]
        assert collect(store) == document


def test_what_is_collected_holds_names_only_where_the_reader_asked_and_paths_never(
    tmp_path: Path,
) -> None:
    with library(tmp_path) as store:
        label(store, 1)
        other = ExchangeProcedure(OTHER.fingerprint, "", 4000, 160.0)
        assert collect(store).procedures == (ExchangeProcedure(FILM, "", 5000, 200.0), other)
        named = collect(store, [FILM, "ff" * 20], "name", lambda film, index: index / 10)
        assert named.procedures == (ExchangeProcedure(FILM, "colon 1", 5000, 200.0),)
        assert named.frames == (ExchangeFrame(FILM, Moment(40, 1, 0.1), "class", "polyps"),)
