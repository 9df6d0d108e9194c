"""What is exported says nothing of where recordings lie: a folder is often called by a patient."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from endoscope_app.labels.exchange import (
    class_folders,
    coco_format,
    csv_format,
    cvat_format,
    json_format,
    label_studio_format,
)
from endoscope_app.labels.exchange.library_document import collect
from endoscope_app.labels.library import edits
from tests.endoscope_app.label_library import PROCEDURE, READER, label, library

FOLDER = "Doe, Jane 1950"
IMAGE = np.full((48, 64, 3), 99, np.uint8)


def test_neither_labels_nor_history_tell_of_folders(tmp_path: Path) -> None:
    here = replace(PROCEDURE, path=f"/records/{FOLDER}/colon 1.mp4")
    out = tmp_path / "out"
    with library(tmp_path / "labels") as store:
        store.apply(edits.register_procedure(store.read, here), READER)
        assert FOLDER in str(store.read.procedures())
        label(store, 3)
        store.export_history_csv(out / "history.csv")
        for name_by in ("fingerprint", "name"):
            document = collect(store.read, None, name_by)
            folder = out / name_by
            csv_format.write(document, folder / "labels.csv")
            json_format.write(document, folder / "labels.json")
            coco_format.write(document, folder / "coco.json")
            cvat_format.write(document, folder / "cvat.xml")
            label_studio_format.write_images(document, folder / "images.json")
            label_studio_format.write_videos(document, folder / "videos.json")
            class_folders.write(document, folder / "frames", lambda *_: IMAGE)
    written = [path for path in out.rglob("*") if path.is_file()]
    assert len(written) == 1 + 2 * (6 + 3)
    for path in written:
        assert FOLDER not in str(path.relative_to(out))
        assert FOLDER.encode() not in path.read_bytes(), path.name
        assert b"/records" not in path.read_bytes(), path.name
    assert "colon 1.mp4" in (out / "history.csv").read_text()
