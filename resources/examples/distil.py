"""Distil a small student from two fine-tuned teachers.

Usage: python distil.py DATA OUT, where DATA holds class folders or a manifest.csv.
"""

import sys
from pathlib import Path

import kd_core

data, out = sys.argv[1], Path(sys.argv[2])
teachers = [out / "teachers" / name for name in ("efficientnet_lite0", "efficientnet_lite1")]
for folder in teachers:
    kd_core.train_teacher(data, folder, backbone=folder.name, on_event=print)
student = kd_core.distil(data, teachers, out / "student", scheme="relation", on_event=print)
print(student.sentence)
print(kd_core.evaluate(out / "student", data))
