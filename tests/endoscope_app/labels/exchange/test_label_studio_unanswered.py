"""Tasks that no reader has answered give no label, and it is said what they hold instead:
predictions of a model, drafts.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from endoscope_app.labels.exchange import label_studio_reading

RANGE = {
    "type": "timelinelabels",
    "from_name": "label",
    "to_name": "video",
    "value": {"ranges": [{"start": 11, "end": 20}], "timelinelabels": ["polyps"]},
}
PREDICTED = "Not counted: 2 tasks that a model has predicted and nobody has answered."
DRAFTED = "Not counted: 1 task whose answer was never submitted."


def task(**more: object) -> dict[str, object]:
    return {"id": 1, "data": {"video": "/data/upload/3/ab12cd34-base.mp4"}, **more}


@pytest.mark.parametrize(
    ("tasks", "ranges", "notes"),
    [
        (
            [
                task(annotations=[], predictions=[{"result": [RANGE], "score": 0.9}]),
                task(predictions=[{"result": [RANGE]}]),
            ],
            0,
            (PREDICTED,),
        ),
        (
            [task(annotations=[], drafts=[{"result": [RANGE]}], predictions=[{"result": [RANGE]}])],
            0,
            (DRAFTED,),
        ),
        (
            [
                task(
                    annotations=[{"result": [RANGE]}],
                    predictions=[{"result": [RANGE]}],
                    drafts=[{"result": [RANGE]}],
                )
            ],
            1,
            (),
        ),
        ([task(annotations=[], predictions=None, drafts=None)], 0, ()),
    ],
)
def test_what_nobody_answered_is_said(
    tmp_path: Path, tasks: list[object], ranges: int, notes: tuple[str, ...]
) -> None:
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    document = label_studio_reading.read(path)
    assert (len(document.ranges), document.frames, document.unread, document.notes) == (
        ranges,
        (),
        (),
        notes,
    )
