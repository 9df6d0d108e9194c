"""A frame that an export lists once for each group of classes is one image to learn from."""

from __future__ import annotations

from pathlib import Path

import pytest

from kd_core.data.folders import read_samples
from kd_core.data.head_labels import head_labels
from kd_core.data.parted import read_parted
from kd_core.schema.class_heads import NO_LABEL
from kd_core.schema.errors import DataError

ROWS = """file,label,procedure,time_seconds,frame,class_group
images/prep/f7.png,bbps-2-3,aa,0.2,7,
images/polyps/f7.png,polyps,aa,0.2,7,
images/snare/f7.png,snare,aa,0.2,7,Other
images/prep/f8.png,bbps-2-3,aa,0.3,8,
images/polyps/f8.png,polyps,bb,0.3,8,
images/cecum/f9.png,cecum,bb,0.4,9,
images/cecum/f9b.png,snare,bb,0.4,9,
"""


def test_the_first_group_of_a_frame_is_learnt_and_other_frames_stay(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text(ROWS, encoding="utf-8")
    found = [(sample.group, sample.label) for sample in read_samples(tmp_path)]
    assert found == [
        ("aa", "polyps"),
        ("aa", "bbps-2-3"),
        ("bb", "polyps"),
        ("bb", "snare"),  # a class that is not known is pathology
    ]


def test_all_groups_of_a_frame_are_read_where_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text(ROWS, encoding="utf-8")
    found = [(sample.label, sample.labels) for sample in read_samples(tmp_path, all_groups=True)]
    assert found == [
        ("polyps", (("Pathology", "polyps"), ("Preparation", "bbps-2-3"), ("Other", "snare"))),
        ("bbps-2-3", (("Preparation", "bbps-2-3"),)),
        ("polyps", (("Pathology", "polyps"),)),
        ("snare", (("Pathology", "snare"), ("Landmarks", "cecum"))),
    ]


def test_a_column_for_each_group_says_what_is_known_of_it(tmp_path: Path) -> None:
    """An empty cell is not known; "none" is that the image shows none of the group."""
    (tmp_path / "manifest.csv").write_text(
        "file,Pathology,landmarks,PREPARATION,group\n"
        "a.png,polyps,,bbps-2-3,p1\n"
        "b.png,None,cecum,,p1\n"
        "c.png,none,,,p2\n",
        encoding="utf-8",
    )
    found = [(sample.label, sample.labels) for sample in read_samples(tmp_path, all_groups=True)]
    assert found == [
        ("polyps", (("Pathology", "polyps"), ("Preparation", "bbps-2-3"))),
        ("cecum", (("Landmarks", "cecum"), ("Pathology", "none"))),
        ("none", (("Pathology", "none"),)),
    ]
    assert [sample.label for sample in read_samples(tmp_path)] == ["polyps", "cecum", "none"]


def test_a_file_is_listed_once_for_each_class_group_and_no_more(tmp_path: Path) -> None:
    table = tmp_path / "manifest.csv"
    table.write_text(
        "file,label,class_group\na.png,polyps,\na.png,bbps-2-3,\na.png,none,Landmarks\n"
    )
    (found,) = read_samples(tmp_path, all_groups=True)
    assert found.labels == (
        ("Pathology", "polyps"),
        ("Preparation", "bbps-2-3"),
        ("Landmarks", "none"),
    )
    table.write_text("file,label,class_group\na.png,polyps,\na.png,colitis,\n")
    with pytest.raises(DataError, match="a second time"):
        read_samples(tmp_path)
    table.write_text("file,label\na.png,polyps\na.png,bbps-2-3\n")
    with pytest.raises(DataError, match="a second time"):
        read_samples(tmp_path)


def test_heads_are_made_of_what_the_data_says_and_labels_are_placed_in_them(
    tmp_path: Path,
) -> None:
    (tmp_path / "manifest.csv").write_text(
        "file,Pathology,Landmarks,Preparation,group\n"
        "a.png,polyps,,bbps-2-3,p1\n"
        "b.png,none,normal-cecum,,p2\n"
        "c.png,,ileum,bbps-0-1,p3\n",
        encoding="utf-8",
    )
    parted = read_parted(tmp_path, None, None, class_groups=True)
    assert [(head.classes, head.none) for head in parted.heads] == [
        (("polyps",), True),
        (("cecum", "ileum"), True),
        (("bbps-0-1", "bbps-2-3"), False),
    ]
    unknown = NO_LABEL
    assert head_labels(parted.samples, parted.heads).tolist() == [
        [0, unknown, 1],
        [1, 0, unknown],
        [unknown, 1, 0],
    ]
    assert head_labels(parted.samples, parted.heads, complete=True).tolist() == [
        [0, 2, 1],
        [1, 0, unknown],  # no view of the bowel is without a preparation
        [1, 1, 0],
    ]


def test_a_class_of_two_groups_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text(
        "file,Pathology,Other\na.png,snare,\nb.png,,snare\nc.png,polyps,\n", encoding="utf-8"
    )
    with pytest.raises(DataError, match="of the class groups Pathology and Other"):
        read_parted(tmp_path, None, None, class_groups=True)
