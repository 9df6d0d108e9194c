"""Which procedure and which class of the library an imported file means."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeFrame,
    Moment,
)
from endoscope_app.labels.exchange.import_act import import_act
from endoscope_app.labels.exchange.library_document import collect
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.label_store import LabelStore
from tests.endoscope_app.import_plans import (
    KEY,
    NEWCOMER,
    document_of,
    frame_of,
    planned,
)
from tests.endoscope_app.label_library import (
    CECUM,
    OTHER,
    POLYPS,
    READER,
    STOOL,
    label,
    labelled,
    library,
    moment,
)


def test_class_names_find_theirs_by_case_alias_and_merge(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        store.apply(class_edits.merge_classes(store.read, [STOOL], CECUM), READER)
        names = ["POLYPS", " polyp", "Normal-Cecum", "stool", "other"]
        plan = planned(store, document_of([frame_of(n, name) for n, name in enumerate(names)]))
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
            edits.add_range(
                store.read, KEY, moment(5), moment(9), STOOL, store.new_id("range_labels")
            ),
            READER,
        )
        store.apply(class_edits.merge_classes(store.read, [STOOL], CECUM), READER)
        assert {label.class_name for label in collect(store.read).labels()} == {"cecum"}
        counts = planned(store, collect(store.read)).counts()
        assert (counts.new, counts.same, counts.conflicts) == (0, 2, 0)


def test_procedures_are_found_by_the_start_of_a_fingerprint_or_by_name(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        names = ("Colon 2", "x", "1a2b3c4d-Colon_2")
        numbered = [
            ExchangeFrame(f"name:{name}", Moment(None, 7 + n), "class", "polyps")
            for n, name in enumerate(names)
        ]
        document = document_of(
            [frame_of(1, film="abababababab"), frame_of(2, film="ababa"), *numbered]
        )
        plan = planned(store, document)
        assert plan.counts().new == 3
        assert plan.counts().unknown_procedures == {"ababa": 1, "name:x": 1}
        store.apply(import_act(plan, plan.choice, store), READER)
        assert [label.pts for label in store.read.frame_labels(OTHER.fingerprint)] == [280, 360]
        assert list(labelled(store)) == [1]


def test_a_name_that_two_recordings_bear_names_none(tmp_path: Path) -> None:
    with library(tmp_path) as store:
        twin = replace(NEWCOMER, name="COLON 1")
        store.apply(edits.register_procedure(store.read, twin), READER)
        plan = planned(
            store, document_of([ExchangeFrame("name:colon 1", Moment(None, 7), "class", "polyps")])
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
        document = document_of(
            [ExchangeFrame(key, Moment(None, index), "class", "polyps") for index in (3, 9)]
        )
        assert planned(store, document).counts().unknown_procedures == {key: 2}
        plan = planned(store, document, NEWCOMER)
        assert (plan.offered, plan.counts().new) == (None, 2)
        store.apply(import_act(plan, plan.choice, store), READER)
        assert [
            (label.pts, label.frame_index)
            for label in store.read.frame_labels(NEWCOMER.fingerprint)
        ] == [
            (120, 3),
            (360, 9),
        ]
        assert store.read.procedure(NEWCOMER.fingerprint) == NEWCOMER


@pytest.mark.parametrize(
    ("key", "taken"), [("name:", True), ("name:film of another name", False), ("12" * 20, False)]
)
def test_labels_of_no_or_of_one_unknown_recording_are_offered_for_the_open_one(
    tmp_path: Path, key: str, taken: bool
) -> None:
    with LabelStore(tmp_path) as store:
        document = document_of(
            [ExchangeFrame(key, Moment(None, index), "class", "polyps") for index in (3, 9)]
        )
        plan = planned(store, document, NEWCOMER)
        assert (plan.offered, plan.choice.use_open) == (key, taken)
        yes, no = (plan.counts(replace(plan.choice, use_open=chosen)) for chosen in (True, False))
        assert (yes.new, yes.unknown_procedures) == (2, {})
        assert (no.new, no.unknown_procedures) == (0, {key: 2})
        two = document_of([*document.frames, frame_of(1, film="34" * 20)])
        assert planned(store, two, NEWCOMER).offered is None


def test_classes_are_found_by_key_by_what_they_are_shown_as_and_by_other_spellings(
    tmp_path: Path,
) -> None:
    with library(tmp_path) as store:
        store.apply(class_edits.rename_class(store.read, CECUM, "Zökum"), READER)
        others = ("ZÖKUM", "cecum", "Caecum", "normal-cecum", "Polyp", "lesion")
        spelt = [ExchangeClass("Blinddarm", key="cecum"), *map(ExchangeClass, others)]
        plan = planned(
            store,
            document_of([frame_of(n, one.name) for n, one in enumerate(spelt)], classes=spelt),
        )
        assert [plan.choice.classes[one.name] for one in spelt] == [CECUM] * 5 + [POLYPS, "new"]
