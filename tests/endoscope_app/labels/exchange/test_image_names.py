"""Images that this program named find their frames again, whatever program lists them."""

from __future__ import annotations

import json
from pathlib import Path

from endoscope_app.labels.exchange import coco_format, csv_format, label_studio_format
from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeFrame,
    Moment,
    assemble,
)
from tests.endoscope_app.exchange_documents import SMALL_KEY, SMALL_NAME, read_cvat


def test_exported_pictures_find_their_frames_again_by_name_alone(tmp_path: Path) -> None:
    name = "abababababab-f000010-t00000.400s-p400"
    frame = ExchangeFrame("abababababab", Moment(400, 10, 0.4), "class", "polyps")
    names = enumerate([f"some/folder/{name}.png", "x.png"])
    image = "".join(
        f'<image id="{number}" name="{one}"><tag label="polyps"/></image>' for number, one in names
    )
    expected = assemble([ExchangeClass("polyps")], (), [frame], ())
    assert read_cvat(tmp_path, image).frames == expected.frames
    assert [one.reason for one in read_cvat(tmp_path, image).unread] == [
        "it names no frame of a procedure"
    ]
    coco = {
        "images": [
            {"id": 7, "file_name": f"{name}.JPG", "width": 3, "height": 3},
            {"id": 8, "file_name": "x.jpg"},
        ],
        "categories": [{"id": 3, "name": "polyps", "supercategory": "gi"}],
        "annotations": [
            {"id": 1, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1], "iscrowd": 0},
            {"id": 2, "image_id": 8, "category_id": 3},
        ],
    }
    (tmp_path / "a.json").write_text(json.dumps(coco), encoding="utf-8")
    read = coco_format.read(tmp_path / "a.json")
    assert (read.frames, [one.where for one in read.unread]) == (expected.frames, ["annotation 2"])
    assert read.notes == ("1 box counts as a label of its whole frame; where it lies is not read.",)
    result = [
        {"from_name": "c", "to_name": "i", "type": "choices", "value": {"choices": ["polyps"]}}
    ]
    uploaded = (f"1a2b3c4d-{name}.png", "x")
    tasks = [
        {"data": {"image": f"/data/upload/{one}"}, "annotations": [{"id": 1, "result": result}]}
        for one in uploaded
    ]
    (tmp_path / "b.json").write_text(json.dumps(tasks), encoding="utf-8")
    answered = label_studio_format.read(tmp_path / "b.json")
    assert (answered.frames, [one.where for one in answered.unread]) == (
        expected.frames,
        ["task 2"],
    )


def test_a_table_of_pictures_that_this_program_wrote_names_their_frames(tmp_path: Path) -> None:
    rows = [
        "file,label",
        f"images/polyps/{SMALL_NAME}-f000010-t00000.400s-p400.png,polyps",
        "other.png,polyps",
    ]
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    document = csv_format.read(tmp_path / "a.csv")
    assert [(frame.fingerprint, frame.at, frame.class_name) for frame in document.frames] == [
        (SMALL_KEY[:12], Moment(400, 10, 0.4), "polyps")
    ]
    assert [(one.where, one.reason) for one in document.unread] == [
        ("row 3", "it has neither a frame number nor a time stamp")
    ]
