"""Files that once failed, read into a fresh library that knows the two videos they are about.

What each gives was worked out by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from endoscope_app.labels.exchange import format_detection as detect
from endoscope_app.labels.exchange.document import ExchangeClass
from endoscope_app.labels.exchange.import_act import import_act
from endoscope_app.labels.exchange.import_plan import plan_import
from endoscope_app.labels.exchange.library_matching import class_finder
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Procedure
from endoscope_app.media.opening import open_source
from endoscope_app.media.source import FrameSource
from kd_core.schema.taxonomy import LOWER_GI, display_name
from tests.endoscope_app.label_library import READER

TICKS = 512
"""Of one frame, in both videos."""


@dataclass(frozen=True)
class Given:
    """What a file gives: class by frame of each video (several joined by " + "), ranges of the
    first, and what is said beside.
    """

    base: dict[int, str]
    other: dict[int, str]
    ranges: tuple[tuple[int, int, str], ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


POLYP, CAECUM = "polyps", "cecum"
CASES = {
    "csv_min.csv": Given({3: POLYP, 9: CAECUM}, {}),
    "csv_sep_line.csv": Given({3: POLYP, 9: CAECUM}, {}),
    "csv_cp1252.csv": Given({3: "Blutung größer"}, {}),
    "csv_ragged_more.csv": Given({}, {}, unread=("row 2: it has 5 cells, 1 more than the header",)),
    "csv_empty_label.csv": Given({9: POLYP}, {}, unread=("row 2: it has no label",)),
    # One of pathology, one of landmarks: a frame may have both
    "csv_dup_conflict.csv": Given({3: f"{CAECUM} + {POLYP}", 9: POLYP}, {}),
    "csv_wrong_pts.csv": Given(
        {3: POLYP},
        {},
        notes=("1 frame went by frame number, as the time stamp in the file is of no frame.",),
    ),
    "cvat_task.xml": Given({3: POLYP, 15: CAECUM}, {}),
    "cvat_project_no_collision.xml": Given({3: POLYP, 4: POLYP}, {50: CAECUM, 51: CAECUM}),
    "cvat_project_two_videos.xml": Given({3: POLYP, 4: POLYP}, {3: CAECUM, 50: CAECUM}),
    "cvat_source_spaces.xml": Given({3: POLYP}, {}),
    "cvat_boxes.xml": Given(
        {}, {}, notes=("1 box and 1 polygon are not read: labels here are of whole frames.",)
    ),
    "ls_cancelled_counts.json": Given({}, {}, notes=("Not counted: 1 cancelled annotation.",)),
    "ls_video.json": Given({}, {}, ranges=((10, 19, POLYP),)),
    "ls_null_result_value.json": Given({3: POLYP}, {}),
    "ls_two_choices_controls.json": Given(
        {3: POLYP}, {}, notes=("Not read: 1 answer to the question “quality”.",)
    ),
    "coco_version_6.json": Given(
        {3: POLYP},
        {},
        notes=("1 box counts as a label of its whole frame; where it lies is not read.",),
    ),
    "coco_info_list.json": Given(
        {3: POLYP},
        {},
        notes=("1 box counts as a label of its whole frame; where it lies is not read.",),
    ),
    "coco_two_boxes_two_classes.json": Given(
        {3: f"{CAECUM} + {POLYP}", 9: POLYP},
        {},
        notes=("3 boxes count as labels of their whole frame; where they lie is not read.",),
    ),
}


@pytest.fixture(scope="module")
def films(shared_cases: Path) -> Iterator[list[FrameSource]]:
    """base.mp4 and other.mp4."""
    with (
        closing(open_source(shared_cases / "base.mp4")) as base,
        closing(open_source(shared_cases / "other.mp4")) as other,
    ):
        yield [base, other]


@pytest.mark.parametrize("name", CASES)
def test_each_case_gives_what_it_must(
    tmp_path: Path, shared_cases: Path, films: list[FrameSource], name: str
) -> None:
    sources = {film.info.fingerprint: film for film in films}
    with LabelStore(tmp_path) as store:
        for film in films:
            info = film.info
            noted = Procedure(
                info.fingerprint,
                info.path.name,
                str(info.path),
                info.frame_count,
                info.duration_ms / 1000,
            )
            store.apply(edits.register_procedure(store.read, noted), READER)
        for key in LOWER_GI:
            store.apply(
                class_edits.add_class(
                    store.read, display_name(key), "#ff0000", store.new_id("classes")
                ),
                READER,
            )
        find = class_finder(store.read)
        document = detect.read(
            shared_cases / name, lambda text: find(ExchangeClass(text)) is not None
        )
        plan = plan_import(store.read, document, lambda film, index: sources[film].stamp(index))
        store.apply(import_act(plan, plan.choice, store), READER)
        keys = {label_class.id: label_class.key for label_class in store.read.classes()}
        found = [store.read.frame_labels(film.info.fingerprint) for film in films]
        assert all(label.pts == TICKS * label.frame_index for one in found for label in one)
        base, other = (
            {
                frame: " + ".join(
                    sorted(keys[one.class_id or 0] for one in labels if one.frame_index == frame)
                )
                for frame in {label.frame_index for label in labels}
            }
            for labels in found
        )
        spans = [
            (span.first_index, span.last_index, keys[span.class_id])
            for span in store.read.ranges(films[0].info.fingerprint)
        ]
        unread = tuple(f"{one.where}: {one.reason}" for one in plan.unread)
        assert Given(base, other, tuple(spans), unread, plan.notes) == CASES[name]
        named = [
            [name for text in one.values() for name in text.split(" + ")] for one in (base, other)
        ]
        assert all(len(one) == len(names) for one, names in zip(found, named, strict=True))
        for one in found:  # and no label twice
            assert len({(label.pts, label.class_id) for label in one}) == len(one)
