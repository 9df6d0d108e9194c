"""What the library says as a document, and a library that moves through one."""

from __future__ import annotations

from pathlib import Path

from endoscope_app.labels.exchange import json_format
from endoscope_app.labels.exchange.document import (
    ExchangeFrame,
    ExchangeProcedure,
    Moment,
)
from endoscope_app.labels.exchange.library_document import collect
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import FrameLabel, RangeLabel
from tests.endoscope_app.import_plans import (
    KEY,
    bring_in,
    planned,
)
from tests.endoscope_app.label_library import (
    CECUM,
    OTHER,
    POLYPS,
    PROCEDURE,
    READER,
    STOOL,
    label,
    library,
    moment,
)


def test_a_library_moves_through_json_into_an_empty_one(tmp_path: Path) -> None:
    with library(tmp_path / "one") as store:
        label(store, 1, CECUM)
        store.apply(edits.agree(store.read, KEY, moment(2), POLYPS), READER)
        store.apply(edits.mark_unusable(store.read, OTHER.fingerprint, [moment(3)]), READER)
        store.apply(
            edits.add_range(
                store.read, KEY, moment(5), moment(9), STOOL, store.new_id("range_labels")
            ),
            READER,
        )
        json_format.write(collect(store.read), tmp_path / "labels.json")
        colours = [(label_class.name, label_class.colour) for label_class in store.read.classes()]
    document = json_format.read(tmp_path / "labels.json")
    assert [frame.at.seconds for frame in document.frames] == [0.04, 0.08, 0.12]
    with LabelStore(tmp_path / "two") as store:
        assert planned(store, document).counts().unknown_procedures == {
            KEY: 3,
            OTHER.fingerprint: 1,
        }
        store.apply(
            edits.compound(
                "x", [edits.register_procedure(store.read, one) for one in (PROCEDURE, OTHER)]
            ),
            READER,
        )
        assert bring_in(store, document) == "import 4 labels"
        assert [
            (label_class.name, label_class.colour) for label_class in store.read.classes()
        ] == colours
        assert store.read.frame_labels(KEY) == [
            FrameLabel(40, 1, "class", 2),
            FrameLabel(80, 2, "agreed", 1),
        ]
        assert store.read.frame_labels(OTHER.fingerprint) == [FrameLabel(120, 3, "unusable", None)]
        assert store.read.ranges(KEY) == [RangeLabel(1, 200, 360, 5, 9, 3)]
        assert collect(store.read) == document


def test_what_is_collected_holds_names_only_where_the_reader_asked_and_paths_never(
    tmp_path: Path,
) -> None:
    with library(tmp_path) as store:
        label(store, 1)
        other = ExchangeProcedure(OTHER.fingerprint, "", 4000, 160.0)
        assert collect(store.read).procedures == (ExchangeProcedure(KEY, "", 5000, 200.0), other)
        named = collect(store.read, [KEY, "ff" * 20], "name", lambda film, index: index / 10)
        assert named.procedures == (ExchangeProcedure(KEY, "colon 1", 5000, 200.0),)
        assert named.frames == (ExchangeFrame(KEY, Moment(40, 1, 0.1), "class", "polyps"),)
