"""COCO as this program writes it, held against a file written by hand."""

from __future__ import annotations

import json
from pathlib import Path

from endoscope_app.labels.exchange import coco_format
from endoscope_app.labels.exchange.document import (
    assemble,
)
from tests.endoscope_app.exchange_documents import SMALL_KEY, SMALL_NAME, small

COCO = {
    "info": {
        "description": "labels of endoscopy frames",
        "version": "1.0",
        "year": 0,
        "contributor": "",
        "url": "",
        "date_created": "",
    },
    "licenses": [],
    "videos": [
        {
            "id": 1,
            "name": "colon 1",
            "fingerprint": SMALL_KEY,
            "length": 5000,
            "duration_s": 200.0,
            "width": 640,
            "height": 480,
        },
    ],
    "images": [
        {
            "id": 1,
            "file_name": f"polyps/{SMALL_NAME}-f000010-t00000.400s-p400.png",
            "video_id": 1,
            "frame_id": 10,
            "width": 640,
            "height": 480,
            "license": 0,
            "attributes": {"pts": 400, "seconds": 0.4},
        },
        {
            "id": 2,
            "file_name": f"cecum/{SMALL_NAME}-f000011-t00000.440s-p440.png",
            "video_id": 1,
            "frame_id": 11,
            "width": 640,
            "height": 480,
            "license": 0,
            "attributes": {"pts": 440, "seconds": 0.44},
        },
    ],
    "categories": [
        {"id": 1, "name": "polyps", "supercategory": "", "color": "#ff0000"},
        {"id": 2, "name": "cecum", "supercategory": "", "color": "#00ff00"},
    ],
    "annotations": [
        {
            "id": 1,
            "image_id": 1,
            "category_id": 1,
            "bbox": [0.0, 0.0, 640.0, 480.0],
            "area": 307200.0,
            "iscrowd": 0,
            "segmentation": [],
            "attributes": {"kind": "class", "picture": "0f" * 32},
        },
        {
            "id": 2,
            "image_id": 2,
            "category_id": 2,
            "bbox": [0.0, 0.0, 640.0, 480.0],
            "area": 307200.0,
            "iscrowd": 0,
            "segmentation": [],
            "attributes": {"kind": "agreed"},
        },
    ],
    "unusable_images": [
        {
            "id": 1,
            "file_name": f"{SMALL_NAME}-f000012-t00000.480s-p480.png",
            "video_id": 1,
            "frame_id": 12,
            "width": 640,
            "height": 480,
            "license": 0,
            "attributes": {"pts": 480, "seconds": 0.48},
        },
    ],
}


def test_coco_is_as_written_by_hand(tmp_path: Path) -> None:
    coco_format.write(small(), tmp_path / "a.json")
    parsed = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert parsed == COCO
    (tmp_path / "b.json").write_text(json.dumps(COCO, indent=1), encoding="utf-8")
    assert coco_format.read(tmp_path / "b.json") == assemble(
        small().classes, small().procedures, small().frames, ()
    )
