"""The public formats as other programs write and read them: files by hand, and what they mean."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from endoscope_app.store.exchange import coco_format, cvat_format, label_studio_format
from endoscope_app.store.exchange.document import ExchangeClass, ExchangeDocument, ExchangeFrame, ExchangeRange, Moment, assemble
from tests.app.exchange_documents import small

FILM = "ab" * 20
NAME = "colon 1-abababababab"
COCO = {
    "info": {"description": "labels of endoscopy frames", "version": "1.0"},
    "videos": [{"id": 1, "name": "colon 1", "fingerprint": FILM, "length": 5000, "duration_s": 200.0}],
    "images": [
        {
            "id": 1, "file_name": f"{NAME}-f000010-t00000.400s-p400.png", "video_id": 1, "frame_id": 10,
            "attributes": {"pts": 400, "seconds": 0.4},
        },
        {
            "id": 2, "file_name": f"{NAME}-f000011-t00000.440s-p440.png", "video_id": 1, "frame_id": 11,
            "attributes": {"pts": 440, "seconds": 0.44},
        },
        {
            "id": 3, "file_name": f"{NAME}-f000012-t00000.480s-p480.png", "video_id": 1, "frame_id": 12,
            "attributes": {"pts": 480, "seconds": 0.48, "unusable": True},
        },
    ],
    "categories": [{"id": 1, "name": "polyps", "color": "#ff0000"}, {"id": 2, "name": "cecum", "color": "#00ff00"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "attributes": {"kind": "class", "picture": "0f" * 32}},
        {"id": 2, "image_id": 2, "category_id": 2, "attributes": {"kind": "agreed"}},
        {
            "id": 3, "image_id": 1, "category_id": 2,
            "attributes": {"range_last_frame": 20, "range_last_pts": 800, "range_last_seconds": 0.8},
        },
    ],
}  # fmt: skip
LABEL_STUDIO = [
    {
        "data": {
            "image": f"{NAME}-f000010-t00000.400s-p400.png", "procedure": FILM,
            "pts": 400, "frame": 10, "seconds": 0.4, "picture": "0f" * 32,
        },
        "annotations": [{"result": [{
            "type": "choices", "value": {"choices": ["polyps"]}, "from_name": "choice", "to_name": "image", "id": "choice",
            "meta": {"kind": "class", "choice": "polyps"},
        }]}],
    },
    {
        "data": {"image": f"{NAME}-f000011-t00000.440s-p440.png", "procedure": FILM, "pts": 440, "frame": 11, "seconds": 0.44},
        "annotations": [{"result": [{
            "type": "choices", "value": {"choices": ["cecum"]}, "from_name": "choice", "to_name": "image", "id": "choice",
            "meta": {"kind": "agreed", "choice": "cecum"},
        }]}],
    },
    {
        "data": {"image": f"{NAME}-f000012-t00000.480s-p480.png", "procedure": FILM, "pts": 480, "frame": 12, "seconds": 0.48},
        "annotations": [{"result": [{
            "type": "choices", "value": {"choices": ["unusable"]}, "from_name": "choice", "to_name": "image", "id": "choice",
            "meta": {"kind": "unusable", "choice": "unusable"},
        }]}],
    },
    {
        "data": {"video": NAME, "procedure": FILM, "procedure_name": "colon 1", "frame_count": 5000, "duration_s": 200.0},
        "annotations": [{"result": [{
            "type": "timelinelabels", "value": {"ranges": [{"start": 11, "end": 21}], "timelinelabels": ["cecum"]},
            "from_name": "timeline", "to_name": "video", "id": "range-1",
            "meta": {"first_pts": 400, "first_seconds": 0.4, "last_pts": 800, "last_seconds": 0.8, "start": 11, "end": 21},
        }]}],
    },
]  # fmt: skip
SAID = f'<attribute name="procedure">{FILM}</attribute>'
CVAT = f"""<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><name>labels</name><labels>
<label><name>polyps</name><color>#ff0000</color><type>tag</type></label>
<label><name>cecum</name><color>#00ff00</color><type>tag</type></label>
<label><name>unusable</name><type>tag</type></label></labels></task></meta>
<image id="0" name="{NAME}-f000010-t00000.400s-p400.png"><tag label="polyps" source="manual">{SAID}<attribute name="frame">10</attribute>
<attribute name="pts">400</attribute><attribute name="seconds">0.4</attribute><attribute name="kind">class</attribute>
<attribute name="picture">{"0f" * 32}</attribute></tag><tag label="cecum" source="manual">{SAID}<attribute name="frame">10</attribute>
<attribute name="pts">400</attribute><attribute name="seconds">0.4</attribute><attribute name="range_last_frame">20</attribute>
<attribute name="range_last_pts">800</attribute><attribute name="range_last_seconds">0.8</attribute></tag></image>
<image id="1" name="{NAME}-f000011-t00000.440s-p440.png"><tag label="cecum" source="manual">{SAID}<attribute name="frame">11</attribute>
<attribute name="pts">440</attribute><attribute name="seconds">0.44</attribute><attribute name="kind">agreed</attribute></tag></image>
<image id="2" name="{NAME}-f000012-t00000.480s-p480.png"><tag label="unusable" source="manual">{SAID}<attribute name="frame">12</attribute>
<attribute name="pts">480</attribute><attribute name="seconds">0.48</attribute><attribute name="kind">unusable</attribute></tag></image>
</annotations>"""


def test_coco_is_as_written_by_hand(tmp_path: Path) -> None:
    coco_format.write(small(), tmp_path / "a.json")
    found = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert found == COCO
    (tmp_path / "b.json").write_text(json.dumps(COCO, indent=1), encoding="utf-8")
    assert coco_format.read(tmp_path / "b.json") == small()


def test_label_studio_is_as_written_by_hand(tmp_path: Path) -> None:
    label_studio_format.write(small(), tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == LABEL_STUDIO
    (tmp_path / "b.json").write_text(json.dumps(LABEL_STUDIO, indent=1), encoding="utf-8")
    assert label_studio_format.read(tmp_path / "b.json") == assemble((), small().procedures, small().frames, small().ranges)


def test_cvat_is_as_written_by_hand(tmp_path: Path) -> None:
    cvat_format.write(small(), tmp_path / "a.xml")
    written = ElementTree.fromstring((tmp_path / "a.xml").read_text(encoding="utf-8"))
    for label in written.iter("label"):
        label.remove(label.find("attributes") or ElementTree.Element("none"))
    assert flat(written) == flat(ElementTree.fromstring(CVAT))
    (tmp_path / "b.xml").write_text(CVAT, encoding="utf-8")
    assert cvat_format.read(tmp_path / "b.xml") == assemble(small().classes, (), small().frames, small().ranges)


def flat(root: ElementTree.Element) -> list[tuple[str, dict[str, str], str]]:
    return [(one.tag, one.attrib, (one.text or "").strip()) for one in root.iter()]


def read_cvat(folder: Path, body: str) -> ExchangeDocument:
    (folder / "a.xml").write_text(f"<annotations><version>1.1</version>{body}</annotations>", encoding="utf-8")
    return cvat_format.read(folder / "a.xml")


def test_a_cvat_task_on_a_video_names_frames_by_number_and_the_recording_by_its_source(tmp_path: Path) -> None:
    meta = "<meta><task><labels><label><name>polyps</name></label></labels></task><source>film 3.mp4</source></meta>"
    image = '<image id="4" name="frame_000120" width="9" height="9"><tag label="polyps" source="manual"></tag></image>'
    found = read_cvat(tmp_path, meta + image)
    assert found.frames == (ExchangeFrame("name:film 3.mp4", Moment(None, 120), "class", "polyps"),)
    track = (
        '<track id="0" label="polyps"><box frame="5" outside="0"/><box frame="9" outside="0"/><box frame="12" outside="1"/>'
        '<box frame="20" outside="0"/></track>'
    )
    assert [(one.first.frame_index, one.last.frame_index) for one in read_cvat(tmp_path, meta + track).ranges] == [(5, 11), (20, 20)]


def test_exported_pictures_find_their_frames_again_by_name_alone(tmp_path: Path) -> None:
    name = "abababababab-f000010-t00000.400s-p400"
    frame = ExchangeFrame("abababababab", Moment(400, 10, 0.4), "class", "polyps")
    names = enumerate([f"some/folder/{name}.png", "x.png"])
    image = "".join(f'<image id="{number}" name="{one}"><tag label="polyps"/></image>' for number, one in names)
    expected = assemble([ExchangeClass("polyps")], (), [frame], (), unplaced=1)
    assert read_cvat(tmp_path, image) == expected
    coco = {
        "images": [{"id": 7, "file_name": f"{name}.JPG", "width": 3, "height": 3}, {"id": 8, "file_name": "x.jpg"}],
        "categories": [{"id": 3, "name": "polyps", "supercategory": "gi"}],
        "annotations": [
            {"id": 1, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1], "iscrowd": 0}, {"id": 2, "image_id": 8, "category_id": 3},
        ],
    }  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(coco), encoding="utf-8")
    assert coco_format.read(tmp_path / "a.json") == expected
    result = [{"from_name": "c", "to_name": "i", "type": "choices", "value": {"choices": ["polyps"]}}]
    tasks = [{"data": {"image": f"/data/upload/{one}"}, "annotations": [{"id": 1, "result": result}]} for one in (f"{name}.png", "x")]
    (tmp_path / "b.json").write_text(json.dumps(tasks), encoding="utf-8")
    assert label_studio_format.read(tmp_path / "b.json") == expected


@pytest.mark.parametrize("changed", ["polyps", "unusable"])
def test_a_choice_that_was_changed_in_label_studio_counts(tmp_path: Path, changed: str) -> None:
    tasks = json.loads(json.dumps(LABEL_STUDIO))
    tasks[1]["annotations"][0]["result"][0]["value"]["choices"] = [changed]
    tasks[3]["annotations"][0]["result"][0]["value"]["ranges"][0]["end"] = 31
    (tmp_path / "a.json").write_text(json.dumps(tasks), encoding="utf-8")
    found = label_studio_format.read(tmp_path / "a.json")
    kind, name = ("class", "polyps") if changed == "polyps" else ("unusable", None)
    assert (found.frames[1].kind, found.frames[1].class_name) == (kind, name)
    assert found.ranges == (ExchangeRange(FILM, Moment(None, 10), Moment(None, 30), "cecum"),)
