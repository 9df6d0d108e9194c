"""Label Studio's tasks as this program writes them, held against files written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from endoscope_app.labels.exchange import label_studio_format
from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeRange,
    Moment,
    assemble,
)
from tests.endoscope_app.exchange_documents import SMALL_KEY, SMALL_NAME, small

PLACE = "/data/local-files/?d="


IMAGES = [
    {
        "data": {
            "image": f"{PLACE}polyps/{SMALL_NAME}-f000010-t00000.400s-p400.png",
            "procedure": SMALL_KEY,
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
            "image": f"{PLACE}cecum/{SMALL_NAME}-f000011-t00000.440s-p440.png",
            "procedure": SMALL_KEY,
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
            "image": f"{PLACE}{SMALL_NAME}-f000012-t00000.480s-p480.png",
            "procedure": SMALL_KEY,
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
            "procedure": SMALL_KEY,
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


@pytest.mark.parametrize("changed", ["polyps", "unusable"])
def test_a_choice_that_was_changed_in_label_studio_counts(tmp_path: Path, changed: str) -> None:
    tasks = json.loads(json.dumps([*IMAGES, *VIDEOS]))
    tasks[1]["annotations"][0]["result"][0]["value"]["choices"] = [changed]
    tasks[3]["annotations"][0]["result"][0]["value"]["ranges"][0]["end"] = 31
    (tmp_path / "a.json").write_text(json.dumps(tasks), encoding="utf-8")
    document = label_studio_format.read(tmp_path / "a.json")
    kind, name = ("class", "polyps") if changed == "polyps" else ("unusable", None)
    assert (document.frames[1].kind, document.frames[1].class_name) == (kind, name)
    assert document.ranges == (
        ExchangeRange(SMALL_KEY, Moment(None, 10), Moment(None, 30), "cecum"),
    )
