"""What a model with one answer learns from frames with labels of several groups: each frame once,
by the first group that has a label, and the other labels go with it.
"""

from __future__ import annotations

import csv
from pathlib import Path

from endoscope_app.labels.exchange.training_selection import RangeSampling, select
from endoscope_app.labels.exchange.training_set import write_training_set
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.retraining.plan import wording
from kd_core.data.folders import read_samples
from tests.endoscope_app.label_library import (
    CECUM,
    POLYPS,
    PROCEDURE,
    READER,
    STOOL,
    label,
    library,
    moment,
)
from tests.endoscope_app.training_frames import Flat

KEY = PROCEDURE.fingerprint


def test_a_frame_is_learnt_once_by_its_first_group_and_its_other_labels_are_written_beside(
    tmp_path: Path,
) -> None:
    with library(tmp_path / "labels", grouped=True) as store:
        for first, last, class_id in ((0, 20, STOOL), (10, 14, POLYPS)):
            number = store.new_id("range_labels")
            ends = moment(first), moment(last)
            store.apply(edits.add_range(store.read, KEY, *ends, class_id, number), READER)
        label(store, 3, CECUM)
        label(store, 4, STOOL)
        store.apply(edits.mark_unusable(store.read, KEY, [moment(5)]), READER)
        selection = select(store.read, RangeSampling(1, thin=False))
    (chosen,) = selection.procedures
    names = [selection.labels[place] for place in chosen.label.tolist()]
    said = dict(zip(chosen.index.tolist(), names, strict=True))
    polyps = dict.fromkeys(range(10, 15), "polyps")
    rest = dict.fromkeys([*range(5), *range(6, 10), *range(15, 21)], "stool")
    assert said == {**rest, **polyps, 3: "cecum", 5: "none-of-these"}
    assert len(chosen.index) == 21
    assert selection.several == 6
    assert "6 frames have labels of several groups." in wording.several_groups(selection.several)
    film = Flat([0] * 400)
    done = write_training_set(selection, tmp_path / "set", FramePngs(tmp_path / "f", 0), film)
    assert done.written == 21
    with (tmp_path / "set" / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = {int(row["file"][-16:].split("f")[1][:6]): row for row in csv.DictReader(file)}
    groups = ("label", "pathology", "landmarks", "preparation", "other")
    assert [rows[12][name] for name in groups] == ["polyps", "polyps", "", "stool", ""]
    assert [rows[3][name] for name in groups] == ["cecum", "", "cecum", "stool", ""]
    assert [rows[4][name] for name in groups] == ["stool", "", "", "stool", ""]
    assert [rows[5][name] for name in groups] == ["none-of-these", "", "", "", ""]
    read = {
        int(Path(sample.path).name[-16:].split("f")[1][:6]): sample.labels
        for sample in read_samples(tmp_path / "set", all_groups=True)
    }
    assert read[12] == (("Pathology", "polyps"), ("Preparation", "stool"))
    assert read[3] == (("Landmarks", "cecum"), ("Preparation", "stool"))
    assert read[5] == ()  # none of these is of the whole frame


def test_the_plan_says_whether_all_groups_are_learnt() -> None:
    assert "by the first of pathology" in wording.several_groups(2)
    assert "it learns all of them" in wording.several_groups(2, all_learnt=True)
