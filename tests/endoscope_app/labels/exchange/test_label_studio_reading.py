"""What comes back from Label Studio after people have worked on the tasks there."""

from __future__ import annotations

import json
from pathlib import Path

from endoscope_app.labels.exchange import label_studio_format
from endoscope_app.labels.exchange.document import (
    ExchangeDocument,
)


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
        document = read_tasks(tmp_path, {"data": image, "annotations": given})
        assert [(frame.at.frame_index, frame.class_name) for frame in document.frames] == [
            (3, name) for name in expected
        ]
        assert not document.unread


def test_of_several_questions_that_with_the_classes_counts_and_shapes_are_counted(
    tmp_path: Path,
) -> None:
    results = [*answer("good", "quality")["result"], *answer("polyp")["result"]]  # type: ignore[misc]
    results += [
        {"type": "rectanglelabels", "value": {"x": 1}},
        {"type": "videorectangle", "value": {"sequence": []}},
    ]
    document = read_tasks(
        tmp_path,
        {
            "data": {"picture": None, "any": "frame_000003.png"},
            "annotations": [{"result": results}],
        },
    )
    assert [frame.class_name for frame in document.frames] == ["polyp"]
    assert document.notes == (
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
        (span.fingerprint, span.first.frame_index, span.last.frame_index)
        for span in read_tasks(tmp_path, task).ranges
    ] == [
        # That the eight digits may be the upload's is for the matching to know
        ("name:1a2b3c4d-base.mp4", 10, 19)
    ]
