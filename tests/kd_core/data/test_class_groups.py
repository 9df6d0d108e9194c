"""A frame that an export lists once for each group of classes is one image to learn from."""

from __future__ import annotations

from pathlib import Path

from kd_core.data.folders import read_samples

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
