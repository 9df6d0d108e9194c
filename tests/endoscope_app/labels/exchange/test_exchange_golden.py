"""The public formats as other programs write and read them: files by hand, and what they mean."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from endoscope_app.labels.exchange import coco_format, csv_format, cvat_format, label_studio_format
from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    assemble,
)
from tests.endoscope_app.exchange_documents import small

FILM = "ab" * 20
NAME = "colon 1-abababababab"
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
            "fingerprint": FILM,
            "length": 5000,
            "duration_s": 200.0,
            "width": 640,
            "height": 480,
        },
    ],
    "images": [
        {
            "id": 1,
            "file_name": f"polyps/{NAME}-f000010-t00000.400s-p400.png",
            "video_id": 1,
            "frame_id": 10,
            "width": 640,
            "height": 480,
            "license": 0,
            "attributes": {"pts": 400, "seconds": 0.4},
        },
        {
            "id": 2,
            "file_name": f"cecum/{NAME}-f000011-t00000.440s-p440.png",
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
            "file_name": f"{NAME}-f000012-t00000.480s-p480.png",
            "video_id": 1,
            "frame_id": 12,
            "width": 640,
            "height": 480,
            "license": 0,
            "attributes": {"pts": 480, "seconds": 0.48},
        },
    ],
}
PLACE = "/data/local-files/?d="
IMAGES = [
    {
        "data": {
            "image": f"{PLACE}polyps/{NAME}-f000010-t00000.400s-p400.png",
            "procedure": FILM,
            "pts": 400,
            "frame": 10,
            "seconds": 0.4,
            "picture": "0f" * 32,
        },
        "annotations": [
            {
                "result": [
                    {
                        "type": "choices",
                        "value": {"choices": ["polyps"]},
                        "from_name": "choice",
                        "to_name": "image",
                        "id": "choice",
                        "meta": {"kind": "class", "choice": "polyps"},
                    }
                ]
            }
        ],
    },
    {
        "data": {
            "image": f"{PLACE}cecum/{NAME}-f000011-t00000.440s-p440.png",
            "procedure": FILM,
            "pts": 440,
            "frame": 11,
            "seconds": 0.44,
        },
        "annotations": [
            {
                "result": [
                    {
                        "type": "choices",
                        "value": {"choices": ["cecum"]},
                        "from_name": "choice",
                        "to_name": "image",
                        "id": "choice",
                        "meta": {"kind": "agreed", "choice": "cecum"},
                    }
                ]
            }
        ],
    },
    {
        "data": {
            "image": f"{PLACE}{NAME}-f000012-t00000.480s-p480.png",
            "procedure": FILM,
            "pts": 480,
            "frame": 12,
            "seconds": 0.48,
        },
        "annotations": [
            {
                "result": [
                    {
                        "type": "choices",
                        "value": {"choices": ["unusable"]},
                        "from_name": "choice",
                        "to_name": "image",
                        "id": "choice",
                        "meta": {"kind": "unusable", "choice": "unusable"},
                    }
                ]
            }
        ],
    },
]
VIDEOS = [
    {
        "data": {
            "video": f"{PLACE}colon 1",
            "procedure": FILM,
            "procedure_name": "colon 1",
            "frame_count": 5000,
            "duration_s": 200.0,
        },
        "annotations": [
            {
                "result": [
                    {
                        "type": "timelinelabels",
                        "value": {
                            "ranges": [{"start": 11, "end": 21}],
                            "timelinelabels": ["cecum"],
                        },
                        "from_name": "timeline",
                        "to_name": "video",
                        "id": "range-1",
                        "meta": {
                            "first_pts": 400,
                            "first_seconds": 0.4,
                            "last_pts": 800,
                            "last_seconds": 0.8,
                            "start": 11,
                            "end": 21,
                        },
                    }
                ]
            }
        ],
    },
]
SAID = f'<attribute name="procedure">{FILM}</attribute>'
CVAT = f"""<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><name>labels</name><size>5000</size><mode>interpolation</mode>
<start_frame>0</start_frame><stop_frame>4999</stop_frame><labels>
<label><name>polyps</name><color>#ff0000</color><type>tag</type></label>
<label><name>cecum</name><color>#00ff00</color><type>tag</type></label>
<label><name>unusable</name><type>tag</type></label></labels><original_size><width>640</width><height>480</height></original_size>
<source>colon 1</source></task></meta>
<image id="10" name="{NAME}-f000010-t00000.400s-p400.png" width="640" height="480"><tag label="polyps" source="manual">{SAID}
<attribute name="frame">10</attribute><attribute name="pts">400</attribute><attribute name="seconds">0.4</attribute>
<attribute name="kind">class</attribute><attribute name="picture">{"0f" * 32}</attribute></tag></image>
<image id="11" name="{NAME}-f000011-t00000.440s-p440.png" width="640" height="480"><tag label="cecum" source="manual">{SAID}
<attribute name="frame">11</attribute><attribute name="pts">440</attribute><attribute name="seconds">0.44</attribute>
<attribute name="kind">agreed</attribute></tag></image>
<image id="12" name="{NAME}-f000012-t00000.480s-p480.png" width="640" height="480"><tag label="unusable" source="manual">{SAID}
<attribute name="frame">12</attribute><attribute name="pts">480</attribute><attribute name="seconds">0.48</attribute>
<attribute name="kind">unusable</attribute></tag></image>
</annotations>"""


def test_coco_is_as_written_by_hand(tmp_path: Path) -> None:
    coco_format.write(small(), tmp_path / "a.json")
    found = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert found == COCO
    (tmp_path / "b.json").write_text(json.dumps(COCO, indent=1), encoding="utf-8")
    assert coco_format.read(tmp_path / "b.json") == assemble(
        small().classes, small().procedures, small().frames, ()
    )


def test_label_studio_is_as_written_by_hand(tmp_path: Path) -> None:
    label_studio_format.write_images(small(), tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == IMAGES
    label_studio_format.write_videos(small(), tmp_path / "b.json")
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8")) == VIDEOS
    (tmp_path / "c.json").write_text(json.dumps(IMAGES, indent=1), encoding="utf-8")
    assert label_studio_format.read(tmp_path / "c.json") == assemble((), (), small().frames, ())


def test_label_studios_configuration_asks_for_what_the_tasks_answer(tmp_path: Path) -> None:
    classes = [
        ExchangeClass('say "polyp" & <x>'),
        ExchangeClass("old", retired=True),
        ExchangeClass("polyps", retired=True),
    ]
    named = assemble(classes, (), small().frames, small().ranges)
    for videos, control, element, data in (
        (False, "Choices", "Choice", "$image"),
        (True, "TimelineLabels", "Label", "$video"),
    ):
        label_studio_format.write_configuration(named, tmp_path / "a.xml", videos=videos)
        root = ElementTree.parse(tmp_path / "a.xml").getroot()
        asked, shown = root.find(control), root.find("Video" if videos else "Image")
        assert asked is not None
        assert shown is not None
        assert (asked.get("toName"), shown.get("value")) == (shown.get("name"), data)
        values = [one.get("value") for one in asked.iter(element)]
        assert values == ['say "polyp" & <x>', "cecum", "polyps", *([] if videos else ["unusable"])]


def test_cvat_is_as_written_by_hand(tmp_path: Path) -> None:
    cvat_format.write(small(), tmp_path / "a.xml")
    written = ElementTree.fromstring((tmp_path / "a.xml").read_text(encoding="utf-8"))
    for label in written.iter("label"):
        label.remove(label.find("attributes") or ElementTree.Element("none"))
    assert flat(written) == flat(ElementTree.fromstring(CVAT))
    (tmp_path / "b.xml").write_text(CVAT, encoding="utf-8")
    assert cvat_format.read(tmp_path / "b.xml") == assemble(small().classes, (), small().frames, ())


def test_cvat_puts_each_label_on_its_own_frame_by_cvats_own_rule(tmp_path: Path) -> None:
    """For a task on a video CVAT takes an image's id for the number of the frame, and its name
    for nothing that it knows.
    """
    expected = {3: "polyps", 15: "cecum", 16: "polyps", 4711: "cecum"}
    frames = [
        ExchangeFrame(FILM, Moment(512 * index, index), "class", name)
        for index, name in reversed(expected.items())
    ]
    cvat_format.write(
        assemble((), [ExchangeProcedure(FILM, "", 5000, 200.0, 640, 480)], frames, ()),
        tmp_path / "a.xml",
    )
    images = ElementTree.parse(tmp_path / "a.xml").getroot().findall("image")
    assert {
        int(image.get("id", "")): [tag.get("label") for tag in image.findall("tag")]
        for image in images
    } == {index: [name] for index, name in expected.items()}
    assert {(image.get("width"), image.get("height")) for image in images} == {("640", "480")}
    two = [ExchangeFrame(film, Moment(0, 0), "class", "polyps") for film in (FILM, "cd" * 20)]
    with pytest.raises(ValueError, match="one procedure"):
        cvat_format.write(assemble((), (), two, ()), tmp_path / "b.xml")


def flat(root: ElementTree.Element) -> list[tuple[str, dict[str, str], str]]:
    return [(one.tag, one.attrib, (one.text or "").strip()) for one in root.iter()]


def read_cvat(folder: Path, body: str) -> ExchangeDocument:
    (folder / "a.xml").write_text(
        f"<annotations><version>1.1</version>{body}</annotations>", encoding="utf-8"
    )
    return cvat_format.read(folder / "a.xml")


def test_a_cvat_task_on_a_video_names_frames_by_number_and_the_recording_by_its_source(
    tmp_path: Path,
) -> None:
    meta = (
        "<meta><task><labels><label><name>polyps</name></label></labels></task><source>film"
        " 3.mp4</source></meta>"
    )
    image = (
        '<image id="4" name="frame_000120" width="9" height="9"><tag label="polyps"'
        ' source="manual"></tag></image>'
    )
    found = read_cvat(tmp_path, meta + image)
    assert found.frames == (ExchangeFrame("name:film 3.mp4", Moment(None, 120), "class", "polyps"),)
    assert found.frames[0].where == "image 4"
    track = (
        '<track id="0" label="polyps"><box frame="5" outside="0"/><box frame="9" outside="0"/><box'
        ' frame="12" outside="1"/><box frame="20" outside="0"/></track>'
    )
    assert [
        (one.first.frame_index, one.last.frame_index)
        for one in read_cvat(tmp_path, meta + track).ranges
    ] == [(5, 11), (20, 20)]


PROJECT = (
    "<meta><project><tasks><task><id>1</id><source>a.mp4</source></task><task><id>2</id><source>\n "
    " dir/b.mp4\n"
    " </source></task></tasks><labels><label><name>x</name></label></labels></project></meta>"
)


def test_a_cvat_project_names_the_recording_of_each_image_and_track(tmp_path: Path) -> None:
    tagged = '<tag label="x"/>'
    body = (
        f'<image id="3" name="frame_000003" task_id="1">{tagged}</image><image id="3"'
        f' name="frame_000003" task_id="2">{tagged}</image><image id="9" name="odd"'
        f' task_id="2">{tagged}<box label="x"/><polygon label="x"/><box label="x"/></image><image'
        f' id="4" name="frame_000004">{tagged}</image><track id="7" task_id="2" label="x"><box'
        ' frame="5" outside="0"/></track>'
    )
    found = read_cvat(tmp_path, PROJECT + body)
    places = [(one.fingerprint, one.at.frame_index) for one in found.frames]
    assert places == [("name:a.mp4", 3), ("name:b.mp4", 3), ("name:b.mp4", 9)]
    assert [
        (one.fingerprint, one.first.frame_index, one.last.frame_index) for one in found.ranges
    ] == [("name:b.mp4", 5, 5)]
    assert [(one.where, one.reason) for one in found.unread] == [
        ("image 4", "it does not say which of the file's procedures it is of"),
    ]
    assert found.notes[0] == "2 boxes and 1 polygon are not read: labels here are of whole frames."


def test_attributes_that_cvat_carried_to_another_frame_do_not_move_the_label(
    tmp_path: Path,
) -> None:
    said = "".join(
        f'<attribute name="{n}">{v}</attribute>'
        for n, v in (("procedure", FILM), ("frame", 10), ("pts", 400))
    )
    tagged = f'<tag label="x">{said}</tag>'
    images = "".join(
        f'<image id="{n}" name="{name}">{tagged}</image>'
        for n, name in ((10, "frame_000010"), (11, "frame_000011"))
    )
    found = read_cvat(tmp_path, images)
    assert [(one.fingerprint, one.at.pts, one.at.frame_index) for one in found.frames] == [
        (FILM, 400, 10),
        (FILM, None, 11),
    ]


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
        f"images/polyps/{NAME}-f000010-t00000.400s-p400.png,polyps",
        "other.png,polyps",
    ]
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = csv_format.read(tmp_path / "a.csv")
    assert [(one.fingerprint, one.at, one.class_name) for one in found.frames] == [
        (FILM[:12], Moment(400, 10, 0.4), "polyps")
    ]
    assert [(one.where, one.reason) for one in found.unread] == [
        ("row 3", "it has neither a frame number nor a time stamp")
    ]


@pytest.mark.parametrize("changed", ["polyps", "unusable"])
def test_a_choice_that_was_changed_in_label_studio_counts(tmp_path: Path, changed: str) -> None:
    tasks = json.loads(json.dumps([*IMAGES, *VIDEOS]))
    tasks[1]["annotations"][0]["result"][0]["value"]["choices"] = [changed]
    tasks[3]["annotations"][0]["result"][0]["value"]["ranges"][0]["end"] = 31
    (tmp_path / "a.json").write_text(json.dumps(tasks), encoding="utf-8")
    found = label_studio_format.read(tmp_path / "a.json")
    kind, name = ("class", "polyps") if changed == "polyps" else ("unusable", None)
    assert (found.frames[1].kind, found.frames[1].class_name) == (kind, name)
    assert found.ranges == (ExchangeRange(FILM, Moment(None, 10), Moment(None, 30), "cecum"),)


def answer(choice: str, control: str = "choice", **more: object) -> dict[str, object]:
    return {
        "result": [
            {
                "type": "choices",
                "from_name": control,
                "to_name": "i",
                "value": {"choices": [choice]},
            }
        ],
        **more,
    }


def read_tasks(folder: Path, *tasks: dict[str, object]) -> ExchangeDocument:
    (folder / "a.json").write_text(json.dumps(tasks), encoding="utf-8")
    return label_studio_format.read(folder / "a.json", lambda name: name in ("polyp", "cecum"))


def test_cancelled_annotations_of_label_studio_do_not_count_and_hide_nothing(
    tmp_path: Path,
) -> None:
    image = {"image": "/data/upload/3/1a2b3c4d-frame_000003.png"}
    for given, expected in (
        ([answer("polyp", was_cancelled=True)], []),
        ([answer("polyp"), {"result": [], "was_cancelled": True}], ["polyp"]),
        ([answer("polyp"), answer("cecum", was_cancelled=True)], ["polyp"]),
        ([answer("polyp"), {"result": [], "was_cancelled": False}], ["polyp"]),
        ([answer("polyp", was_cancelled=None), answer("cecum")], ["cecum"]),
        (
            [
                {"result": None},
                {"result": [{"type": "choices", "value": None}, {"type": "relation"}]},
            ],
            [],
        ),
    ):
        found = read_tasks(tmp_path, {"data": image, "annotations": given})
        assert [(one.at.frame_index, one.class_name) for one in found.frames] == [
            (3, name) for name in expected
        ]
        assert not found.unread


def test_of_several_questions_that_with_the_classes_counts_and_shapes_are_counted(
    tmp_path: Path,
) -> None:
    results = [*answer("good", "quality")["result"], *answer("polyp")["result"]]  # type: ignore[misc]
    results += [
        {"type": "rectanglelabels", "value": {"x": 1}},
        {"type": "videorectangle", "value": {"sequence": []}},
    ]
    found = read_tasks(
        tmp_path,
        {
            "data": {"picture": None, "any": "frame_000003.png"},
            "annotations": [{"result": results}],
        },
    )
    assert [one.class_name for one in found.frames] == ["polyp"]
    assert found.notes == (
        "2 boxes are not read: labels here are of whole frames.",
        "Not read: 1 answer to the question “quality”.",
    )


def test_a_video_that_was_uploaded_to_label_studio_keeps_its_name(tmp_path: Path) -> None:
    value = {"ranges": [{"start": 11, "end": 20}], "timelinelabels": ["polyp"]}
    result = [{"type": "timelinelabels", "value": value}]
    task: dict[str, object] = {
        "data": {"video": "/data/upload/3/1a2b3c4d-base.mp4"},
        "annotations": [{"result": result}],
    }
    assert [
        (one.fingerprint, one.first.frame_index, one.last.frame_index)
        for one in read_tasks(tmp_path, task).ranges
    ] == [
        # That the eight digits may be the upload's is for the matching to know
        ("name:1a2b3c4d-base.mp4", 10, 19)
    ]
