"""Distil a small student from two fine-tuned teachers.

Usage: python distil.py DATA OUT, where DATA holds class folders or a manifest.csv.
"""

import sys
from pathlib import Path

import kd_core
from kd_core.api.labelled_data import LabelledSource
from kd_core.api.splitting import split_data

data, out = sys.argv[1], Path(sys.argv[2])
teachers = [out / "teachers" / name for name in ("efficientnet_lite0", "efficientnet_lite1")]
# Teachers and student share a split; scores are of its validation part, the test part stays closed.
split_data(data, out.parent / "split.json")
parted = LabelledSource(source=data, split=out.parent / "split.json")
for folder in teachers:
    kd_core.train_teacher(parted, folder, backbone=folder.name, on_event=print)
student = kd_core.distil(parted, teachers, out / "student", scheme="relation", on_event=print)
print(student.sentence)
print(kd_core.evaluate(out / "student", data, split=parted.split))
