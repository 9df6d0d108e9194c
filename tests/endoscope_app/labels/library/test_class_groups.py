"""Every class is in a group, in libraries of before too, and the reader may change it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from endoscope_app.labels.library import class_edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import CLASSES_SCOPE
from kd_core.schema.class_groups import ClassGroup
from tests.endoscope_app.label_library import CECUM, POLYPS, READER, STOOL, library
from tests.endoscope_app.older_library import take_back


def groups(store: LabelStore) -> dict[int, str]:
    return {item.id: item.class_group for item in store.read.classes()}


def test_classes_have_a_group_and_can_be_put_into_another(
    tmp_path: Path,
) -> None:
    with library(tmp_path, grouped=True) as store:
        usual = {POLYPS: "Pathology", CECUM: "Landmarks", STOOL: "Preparation"}
        assert groups(store) == usual
        act = class_edits.regroup_class(store.read, STOOL, ClassGroup.OTHER)
        store.apply(act, READER)
        store.apply(class_edits.rename_class(store.read, STOOL, "residue"), READER)
    with LabelStore(tmp_path) as store:
        assert groups(store) == {**usual, STOOL: "Other"}
        assert store.undo(READER, CLASSES_SCOPE).title == "rename stool to residue"
        assert store.undo(READER, CLASSES_SCOPE).title == "put stool into Other"
        assert groups(store) == usual


def test_a_library_from_before_groups_gets_the_usual_ones_and_its_undo_goes_on(
    tmp_path: Path,
) -> None:
    with library(tmp_path, grouped=True) as store:
        store.apply(class_edits.rename_class(store.read, CECUM, "pole of the caecum"), READER)
    path = tmp_path / "labels.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER journal_rows_stay")
    connection.execute(
        "UPDATE journal_rows SET before = json_remove(before, '$.class_group'),"
        " after = json_remove(after, '$.class_group')"
    )
    connection.commit()
    connection.close()
    take_back(path, 4)
    with LabelStore(tmp_path) as store:
        assert groups(store)[CECUM] == "Landmarks"
        store.undo(READER, CLASSES_SCOPE)
        store.undo(READER, CLASSES_SCOPE)
        assert CECUM not in groups(store) or store.read.label_class(CECUM).name == "cecum"
